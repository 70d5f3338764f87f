import type {LockedFile} from '../model/lock.ts'

/** A wheel to lay, with the project that it is. */
export interface ChosenWheel {
  /** Normalized (PEP 503). */
  readonly project: string
  readonly file: LockedFile
}

/** Wheels that share a layer. */
export interface LayerGroup {
  /** What people see: a project, or what the projects have in common. */
  readonly title: string
  /** Sorted by name. */
  readonly wheels: readonly ChosenWheel[]
}

/** A wheel of this size has a layer of its own: it is worth being found alone. */
const LARGE_BYTES = 48 * 1024 ** 2
/** Container engines take 127 layers; the base and the code need some, and each one costs a request. */
const MOST_LAYERS = 40

/**
 * What PyTorch's own packages need, whoever builds upon them, and pip and an init, which every image has: they move with its
 * releases, not with the user's code.
 */
const COMPANIONS: ReadonlySet<string> = new Set([
  'cuda-bindings',
  'cuda-pathfinder',
  'cuda-toolkit',
  'dumb-init',
  'filelock',
  'fsspec',
  'jinja2',
  'markupsafe',
  'mpmath',
  'networkx',
  'numpy',
  'pillow',
  'pip',
  'setuptools',
  'sympy',
  'typing-extensions'
])

/** The families, those first that change least often: engines unpack in this order, and reuse what lies below. */
const FAMILIES: readonly {readonly title: string; readonly has: (project: string) => boolean}[] = [
  {title: 'CUDA libraries', has: project => project.startsWith('nvidia-')},
  {title: 'PyTorch family', has: project => /^(?:torch|torchvision|torchaudio|triton|pytorch-triton)$/.test(project)},
  {title: 'what PyTorch needs', has: project => COMPANIONS.has(project)},
  {title: 'requirements', has: () => true}
]

/** Whether a project is PyTorch's or one that PyTorch needs, by its normalized name: its layers are apart from the requirements'. */
export function isPyTorchs(project: string): boolean {
  return FAMILIES.slice(0, -1).some(({has}) => has(project))
}

/**
 * Groups wheels into layers: large ones alone, small ones with their family, at most forty in all.
 *
 * The same wheels give the same groups, in whatever order they come.
 */
export function groupWheels(wheels: readonly ChosenWheel[]): readonly LayerGroup[] {
  const sorted = wheels.toSorted((one, other) =>
    one.project < other.project ? -1 : one.project > other.project ? 1 : 0
  )
  for (let largeBytes = LARGE_BYTES; ; largeBytes *= 2) {
    const groups = FAMILIES.flatMap(({title}, at) => groupsOf(title, {wheels: ofFamily(sorted, at), largeBytes}))
    if (groups.length <= MOST_LAYERS) return groups
  }
}

function ofFamily(wheels: readonly ChosenWheel[], at: number): readonly ChosenWheel[] {
  return wheels.filter(({project}) => FAMILIES.findIndex(({has}) => has(project)) === at)
}

function groupsOf(
  title: string,
  {wheels, largeBytes}: {wheels: readonly ChosenWheel[]; largeBytes: number}
): readonly LayerGroup[] {
  const isLarge = ({file}: ChosenWheel) => (file.sizeBytes ?? 0) >= largeBytes
  const alone = wheels.filter(isLarge).map(wheel => ({title: wheel.project, wheels: [wheel]}))
  const small = wheels.filter(wheel => !isLarge(wheel))
  return small.length === 0 ? alone : [...alone, {title, wheels: small}]
}
