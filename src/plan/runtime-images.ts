import {parseReference, type Reference} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageName} from '../model/inputs.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {BytecodeWork, FlavorWork, FoundationWork, PartWork, RuntimeImageWork} from '../model/work-runtime.ts'
import {FOUNDATION_CONTEXT} from '../wheels/bytecode.ts'
import {pushAccess} from './access.ts'
import {argumentsOf} from './arguments.ts'
import type {BuilderChoice} from './builder.ts'
import {buildxArgsOf} from './buildx-args.ts'
import type {LayerUse} from './compression.ts'
import {attributes} from './csv.ts'
import {isForeign} from './emulation.ts'
import {lockFile, lockFolder} from './lock.ts'
import {trustOf} from './permit.ts'
import {contextIn, outputInto} from './runtime-place.ts'
import {machinePlatform} from './stages.ts'
import type {Variant} from './variant.ts'

/** How long what apt has given is taken as it is: a distribution's fixes come every few days. */
const FLAVOR_DAYS = 7

/** In place of a base image that is none of a registry: nothing is laid upon one, and the plan says so. */
export const NOWHERE: ImageName = {registry: '', repository: ''}

interface ImageChoices {
  readonly variant: Variant
  readonly builder: BuilderChoice
  readonly platform: string
  readonly into: ImageAccess | null
}

/** What is done for one platform: the base image's foundation, the flavour upon it, and the bytecode of the wheels. */
export function imageWork(facts: Facts, choices: ImageChoices): RuntimeImageWork {
  const {platform} = choices
  return {
    platform,
    isForeign: isForeign(facts, platform),
    lock: `${lockFolder(facts)}/${lockFile(facts, platform)}`,
    foundation: foundationWork(facts, choices),
    flavor: hasFlavor(facts) ? flavorWork(facts, choices) : null,
    bytecode: bytecodeWork(facts, choices)
  }
}

/** What sets the build of a part apart from that of another one. */
interface Part {
  /** Of its folder. */
  readonly name: string
  /** What its layers are for, where that is not this build alone. */
  readonly use?: LayerUse
  /** Arguments that say what is built. */
  readonly asked: readonly string[]
  /** What it is handed of what lies in the place of the runtime, as `--build-context` takes it. */
  readonly handed: (into: ImageAccess) => readonly string[]
  /** The folder whose files it reads, where that is not its own. */
  readonly reads?: string
  /** The folder that gets what was built, where that is no image. */
  readonly gives?: string
}

/** A build whose result goes where the runtime lies, known by its digest alone, or into a folder. */
function partWork(
  facts: Facts,
  {builder, platform, into}: ImageChoices,
  {name, use, asked, handed, reads, gives}: Part
): PartWork {
  const directory = `${facts.paths.run}/${name}/${folderOf(platform)}`
  const metadataFile = `${directory}.json`
  const places =
    into === null
      ? []
      : [
          ...handed(into).flatMap(context => ['--build-context', context]),
          ...[
            '--output',
            gives === undefined
              ? outputInto(facts, into, {builder, use})
              : attributes([
                  ['type', 'local'],
                  ['dest', gives]
                ])
          ]
        ]
  return {
    argv: [
      ...['buildx', 'build', '--builder', builder.name, '--progress=rawjson', '--file', `${directory}/Dockerfile`],
      ...asked,
      ...['--provenance=false', '--metadata-file', metadataFile],
      ...apartFlags(facts),
      ...places,
      reads ?? directory
    ],
    directory,
    metadataFile
  }
}

function foundationWork(facts: Facts, choices: ImageChoices): FoundationWork {
  const base = baseOf(facts, choices.variant)
  const access = pushAccess(facts, base?.reference.image ?? NOWHERE)
  const asked = ['--platform', choices.platform, '--build-arg', 'BASE_IMAGE={base}']
  return {
    base: {
      ...access,
      text: base?.text ?? '',
      reference: base?.reference.digest ?? base?.reference.tag ?? 'latest'
    },
    isPublic: access.credential === null,
    dockerfile: `${facts.paths.action}/dockerfiles/foundation.Dockerfile`,
    ...partWork(facts, choices, {name: 'foundation', asked, handed: () => []})
  }
}

/** `linux/arm64` → `arm64`. */
function folderOf(platform: string): string {
  return platform.split('/').slice(1).join('-')
}

/** Whether an image has more than wheels: of a flavour, or packages of the distribution. */
export function hasFlavor({inputs}: Facts): boolean {
  return inputs.flavor !== 'runtime' || inputs.aptPackages.length > 0
}

/** Its stage of the built-in Dockerfile, in which the foundation takes the place of the stage that they all begin with. */
function flavorWork(facts: Facts, choices: ImageChoices): FlavorWork {
  const {FLAVOR = facts.inputs.flavor, APT_PACKAGES = '', PYPI_URL} = argumentsOf(facts, choices.variant)
  const flags = buildxArgsOf(facts)
  const args = {FLAVOR, APT_PACKAGES, ...(PYPI_URL === undefined ? {} : {PYPI_URL})}
  return {
    arguments: args,
    keptDays: FLAVOR_DAYS,
    isAskedAnew: flags.some(flag => flag.startsWith('--no-cache')),
    dockerfile: `${facts.paths.action}/dockerfiles/pytorch-cuda.Dockerfile`,
    ...partWork(facts, choices, {
      name: 'flavor',
      use: 'flavor',
      asked: [
        ...['--target', `flavor-${FLAVOR}`, '--platform', choices.platform],
        ...flags,
        ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`])
      ],
      handed: into => [`base=${contextIn(into, '{foundation}')}`]
    })
  }
}

/** The folder that gets the Python sources of new layers, of all platforms. */
export function sourcesFolder({paths}: Facts): string {
  return `${paths.run}/sources`
}

/** What cannot run compiles nothing: this machine's own base image has the same Python. */
function bytecodeWork(facts: Facts, choices: ImageChoices): BytecodeWork {
  const isElsewhere = isForeign(facts, choices.platform)
  const archives = `${facts.paths.run}/bytecode-of/${folderOf(choices.platform)}`
  const work = partWork(facts, choices, {
    name: 'bytecode',
    asked: ['--platform', isElsewhere ? machinePlatform(facts) : choices.platform],
    handed: into => [
      `${FOUNDATION_CONTEXT}=${isElsewhere ? 'docker-image://{base}' : contextIn(into, '{foundation}')}`
    ],
    reads: sourcesFolder(facts),
    gives: archives
  })
  return {...work, archives}
}

/** As with the build itself: nothing that other code left in the builder is answered from. */
function apartFlags(facts: Facts): readonly string[] {
  return trustOf(facts) === 'none' ? ['--no-cache'] : []
}

/** The base of the built-in image: the chosen one, else what its Dockerfile says. */
export function baseOf(
  {source}: Facts,
  {baseImage}: Variant
): {readonly text: string; readonly reference: Reference} | undefined {
  const declared = source.dockerfile.globals.find(({kind, name}) => kind === 'ARG' && name === 'BASE_IMAGE')
  const text = baseImage ?? declared?.value
  const reference = text === undefined ? undefined : parseReference(text)
  return text === undefined || reference === undefined ? undefined : {text, reference}
}
