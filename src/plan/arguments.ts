import type {Facts} from '../model/facts.ts'
import type {TorchSet} from '../model/pytorch.ts'
import {choosesPackages} from './own-runtime.ts'
import {trustOf} from './permit.ts'
import {isForkCpu, isGiven, namedIndex, variantOfIndex} from './set-request.ts'
import type {Variant} from './variant.ts'

/** Values for `ARG`s by name. */
export type BuildArguments = Readonly<Record<string, string>>

/** Wheels for another CUDA than PyPI's (https://pytorch.org/get-started/locally/). */
const PYTORCH_INDEX = 'https://download.pytorch.org/whl'

/**
 * Names under which a value in buildx's environment would change buildx itself, its proxies or its programs.
 *
 * Their values stand on the command line; no build argument is secret.
 */
const MEANT_FOR_PROGRAMS =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_.*|TZ|TMPDIR|PWD|XDG_.*|DOCKER_.*|BUILDX_.*|BUILDKIT_.*|SSL_CERT_.*|SSH_.*|GIT_.*|LD_.*|GO.*|NODE_.*|ACTIONS_.*|.*_proxy)$/i

/** All build arguments: ours, then the user's, which win. */
export function argumentsOf(facts: Facts, variant: Variant): BuildArguments {
  const ours = facts.source.dockerfile.source === 'built-in' ? forBuiltIn(facts, variant) : forOwn(facts, variant)
  const asked = facts.inputs.buildArgs.filter(({name}) => !isWithheld(name, facts))
  return {...ours, ...Object.fromEntries(asked.map(({name, value}) => [name, value])), ...keptApart(facts)}
}

/** Code without trust names no frontend of its own and steers none: BuildKit reads these arguments itself. */
function isWithheld(name: string, facts: Facts): boolean {
  return name.startsWith('BUILDKIT_') && trustOf(facts) === 'none'
}

/** In a builder that others use, their cache mounts stand under the same names, but for this. */
function keptApart(facts: Facts): BuildArguments {
  const {run} = facts.paths
  return trustOf(facts) === 'none' ? {BUILDKIT_CACHE_MOUNT_NS: run.slice(run.lastIndexOf('/') + 1)} : {}
}

/** The values that are handed over in buildx's environment, where other users of the machine do not see them. */
export function argumentsByEnvironment(all: BuildArguments): BuildArguments {
  return Object.fromEntries(Object.entries(all).filter(([name]) => goesByEnvironment(name)))
}

/** Values of `--build-arg`: the name alone where the value comes by environment. */
export function argumentTexts(all: BuildArguments): readonly string[] {
  return Object.entries(all).map(([name, value]) => (goesByEnvironment(name) ? name : `${name}=${value}`))
}

/** Inputs that have no effect with the user's own Dockerfile, because it declares no `ARG` that takes them. */
export function idleInputs(facts: Facts, variant: Variant): readonly string[] {
  if (choosesPackages(facts)) return []
  const declared = declaredIn(facts)
  return OWN.filter(({input, argument}) => input !== undefined && isGiven(facts, input) && !declared.has(argument))
    .filter(row => row.valueOf(facts, variant) !== undefined && row.warns)
    .map(
      ({input, argument}) =>
        `The input \`${input}\` has no effect: ${facts.source.dockerfile.shown} declares no \`ARG ${argument}\`.`
    )
}

function goesByEnvironment(name: string): boolean {
  return !MEANT_FOR_PROGRAMS.test(name)
}

/** What the user's own Dockerfile gets where it declares the `ARG`. Only what was asked for: its own defaults stand. */
const OWN: readonly {
  readonly argument: string
  readonly input: string
  /** Without the `ARG` the input does nothing at all. */
  readonly warns: boolean
  readonly valueOf: (facts: Facts, variant: Variant) => string | undefined
}[] = [
  {argument: 'TORCH_VERSION', input: 'torch', warns: false, valueOf: (_, {torch}) => torch},
  {argument: 'TORCHVISION_VERSION', input: 'torch', warns: false, valueOf: (_, {set}) => set?.torchvision},
  {argument: 'TORCHAUDIO_VERSION', input: 'torch', warns: false, valueOf: (_, {set}) => set?.torchaudio},
  {argument: 'CUDA_VARIANT', input: 'cuda', warns: false, valueOf: (_, {cuda}) => cuda},
  {argument: 'PYTHON_VERSION', input: 'python', warns: false, valueOf: ({inputs}) => inputs.python},
  {argument: 'INDEX_URL', input: 'index-url', warns: true, valueOf: facts => namedIndex(facts)},
  {argument: 'BASE_IMAGE', input: 'base-image', warns: true, valueOf: ({inputs}) => inputs.baseImage},
  {argument: 'REQUIREMENTS', input: 'requirements', warns: true, valueOf: ({inputs}) => inputs.requirements.join(' ')},
  {argument: 'FLAVOR', input: 'flavor', warns: true, valueOf: ({inputs}) => inputs.flavor},
  {argument: 'APT_PACKAGES', input: 'apt-packages', warns: true, valueOf: ({inputs}) => inputs.aptPackages.join(' ')},
  {argument: 'CUDA_DEVEL', input: 'cuda-devel', warns: true, valueOf: ({inputs}) => inputs.cudaDevel},
  {argument: 'EXTENSIONS', input: 'extensions', warns: true, valueOf: ({inputs}) => listed(inputs.extensions.folders)},
  {
    argument: 'EXTENSION_PACKAGES',
    input: 'extensions',
    warns: true,
    valueOf: ({inputs}) => listed(inputs.extensions.packages)
  }
]

function forOwn(facts: Facts, variant: Variant): BuildArguments {
  const declared = declaredIn(facts)
  return collect(
    OWN.filter(({input, argument}) => isAsked(facts, input) && declared.has(argument)).map(row => [
      row.argument,
      row.valueOf(facts, variant)
    ])
  )
}

/** PyTorch's packages and where all packages come from; indexes are absent where it is PyPI. */
export interface PackageSources {
  /** `torch==2.8.0`; empty where the release is not known. */
  readonly packages: readonly string[]
  readonly torchIndex?: string
  readonly othersIndex?: string
}

/** What `build-args` says of them wins, as it does in the build. */
export function packageSources(facts: Facts, variant: Variant): PackageSources {
  const given = facts.source.dockerfile.source === 'built-in' ? facts.inputs.buildArgs : []
  const said = (name: string) => given.findLast(argument => argument.name === name)?.value
  const {packages, torchIndex, othersIndex} = askedSources(facts, variant)
  const torch = said('INDEX_URL') ?? torchIndex
  const others = said('PYPI_URL') ?? othersIndex
  const chosen = said('TORCH_PACKAGES')?.split(/\s+/)
  return {
    packages: chosen?.filter(name => name !== '') ?? packages,
    ...(torch === undefined || torch === '' ? {} : {torchIndex: torch}),
    ...(others === undefined || others === '' ? {} : {othersIndex: others})
  }
}

/** An index of one CUDA variant serves PyTorch alone; any other takes the place of PyPI. */
function askedSources(facts: Facts, {set}: Variant): PackageSources {
  const index = namedIndex(facts)
  const ofIndex = variantOfIndex(index)
  if (set !== undefined && index !== undefined && ofIndex === undefined && isForkCpu(facts)) {
    return {packages: packagesOf(set, cpuLabel(set)), othersIndex: index}
  }
  const torchIndex = ofIndex !== undefined && ofIndex === set?.cuda ? index : ownIndexOf(set)
  return {
    packages: set === undefined ? [] : packagesOf(set),
    ...(torchIndex === undefined ? {} : {torchIndex}),
    ...(ofIndex !== undefined || index === undefined ? {} : {othersIndex: index})
  }
}

/**
 * What tells the CPU build in an index that has others beside it: `2.8.0` alone would be the highest label, `2.8.0+cu128`.
 *
 * Wheels for arm64 bear it on some packages and not on others, so nothing is said where they are wanted as well.
 */
function cpuLabel({platforms}: TorchSet): string {
  return platforms.every(platform => platform === 'linux/amd64') ? '+cpu' : ''
}

/** The built-in Dockerfile's own `ARG`s. */
function forBuiltIn(facts: Facts, variant: Variant): BuildArguments {
  const {requirements, flavor, aptPackages} = facts.inputs
  const {baseImage, cuda, gpuTargets} = variant
  const {folders, packages: compiled} = facts.inputs.extensions
  const compiles = cuda !== 'cpu' && folders.length + compiled.length > 0
  const {packages, torchIndex, othersIndex} = askedSources(facts, variant)
  return collect([
    ['BASE_IMAGE', baseImage],
    ['INDEX_URL', torchIndex],
    ['PYPI_URL', othersIndex],
    ['TORCH_PACKAGES', listed(packages)],
    ['REQUIREMENTS', listed(requirements)],
    ['FLAVOR', flavor === 'runtime' ? undefined : flavor],
    ['APT_PACKAGES', listed(aptPackages)],
    ['EXTENSIONS', compiles ? listed(folders) : undefined],
    ['EXTENSION_PACKAGES', compiles ? listed(compiled) : undefined],
    ['CUDA_DEVEL', compiles ? facts.inputs.cudaDevel : undefined],
    ['TORCH_CUDA_ARCH_LIST', compiles ? architecturesOf(gpuTargets) : undefined]
  ])
}

/** One word for each; undefined where there is none, so that a Dockerfile's own default stands. */
function listed(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(' ')
}

/** As `torch.utils.cpp_extension` reads it: `8.0;9.0`. */
function architecturesOf(targets: Variant['gpuTargets']): string | undefined {
  const capabilities = new Set(targets.map(({capability}) => capability))
  return capabilities.size === 0 ? undefined : [...capabilities].join(';')
}

/** PyTorch's own index, where PyPI does not serve the variant. */
function ownIndexOf(set: TorchSet | undefined): string | undefined {
  return set === undefined || set.isOnPypi ? undefined : `${PYTORCH_INDEX}/${set.cuda}`
}

/** A fork's build for CPU asks for that CUDA although no one gave it. */
function isAsked(facts: Facts, input: string): boolean {
  return isGiven(facts, input) || (input === 'cuda' && isForkCpu(facts))
}

/** `label` stands behind each version of PyTorch's own: `+cpu`. */
function packagesOf({torch, torchvision, torchaudio, numpy}: TorchSet, label = ''): readonly string[] {
  const audio = torchaudio === undefined ? [] : [`torchaudio==${torchaudio}${label}`]
  // torchvision requires NumPy of any version; torch, which needs an older one, does not say so.
  const limited = numpy === undefined ? [] : [`numpy${numpy}`]
  return [`torch==${torch}${label}`, `torchvision==${torchvision}${label}`, ...audio, ...limited]
}

function declaredIn({source}: Facts): ReadonlySet<string> {
  const {globals, stages} = source.dockerfile
  const variables = [...globals, ...stages.flatMap(stage => stage.variables)]
  return new Set(variables.filter(({kind}) => kind === 'ARG').map(({name}) => name))
}

function collect(entries: readonly (readonly [string, string | undefined])[]): BuildArguments {
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
