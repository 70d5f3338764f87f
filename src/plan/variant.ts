import type {Facts} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'
import type {DriverNeed, GpuTarget, TorchSet} from '../model/pytorch.ts'
import {coverageOf} from '../pytorch/coverage.ts'
import {driverNeed} from '../pytorch/driver.ts'
import {isElsewhere} from '../pytorch/gpus.ts'
import {problemOf} from '../pytorch/refusal.ts'
import {gpuText, listed, type SetRequest} from '../pytorch/request.ts'
import {resolveSet} from '../pytorch/resolve.ts'
import {type MatrixSet, pypiVariant, setFor} from '../pytorch/sets.ts'
import {isDriverEnough, pythonParts} from '../pytorch/versions.ts'
import {choosesPackages} from './own-runtime.ts'
import {
  askedCuda,
  checkBase,
  isForkCpu,
  requestForBuiltIn,
  requestForOwn,
  USUAL_TORCH,
  variantOfIndex
} from './set-request.ts'

/** Which PyTorch an image is for, as far as it is known. */
export interface Variant {
  readonly torch?: string
  /** `cu128`, `cpu`. */
  readonly cuda?: string
  readonly python?: string
  /** All that belongs to this torch; with the user's own Dockerfile what would belong to it. */
  readonly set?: TorchSet
  readonly driver?: DriverNeed
  readonly gpuTargets: readonly GpuTarget[]
  /** The base image of the built-in Dockerfile, where it is not the one that stands there. */
  readonly baseImage?: string
  /** `-cu128-py312-torch2.8`: what tells this image from its siblings; empty where nothing of it was said. */
  readonly suffix: string
  /**
   * Whether the image may bear names without the suffix: its CUDA is the one that PyPI serves for its torch, its flavour
   * `runtime`.
   *
   * So one leg of a matrix over `cuda` or `flavor` gets the bare names. A matrix over `torch` gives its legs `tags` or `image`.
   */
  readonly isDefault: boolean
}

/** What was found out about the variant, with everything that is wrong with the request. */
export interface VariantRead {
  readonly variant: Variant
  readonly problems: readonly Problem[]
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
}

const NOTHING_KNOWN: Variant = {suffix: '', isDefault: true, gpuTargets: []}

/** The variant that the inputs ask for. The built-in Dockerfile always has one; the user's own where inputs say so. */
export function readVariant(facts: Facts): VariantRead {
  return choosesPackages(facts) ? readBuiltIn(facts) : readOwn(facts)
}

function readBuiltIn(facts: Facts): VariantRead {
  const request = requestForBuiltIn(facts)
  const resolution = resolveSet(request)
  const problems = [...checkBase(facts), ...checkIndex(facts)]
  if ('refusal' in resolution) {
    return {variant: NOTHING_KNOWN, problems: [...problems, problemOf(resolution.refusal)], notices: [], warnings: []}
  }
  const {set} = resolution
  const {inputs} = facts
  const isPythonTold = request.python !== undefined || inputs.baseImage === undefined
  const python = isPythonTold ? set.python : undefined
  const driver = driverNeed(set.cuda, request.gpus)
  const baseImage = inputs.baseImage ?? baseFor(facts, inputs.python ?? set.python)
  const variant: Variant = {
    torch: set.torch,
    cuda: set.cuda,
    ...(python === undefined ? {} : {python}),
    set: withoutUntold(setFor(set, request.platforms ?? []), isPythonTold),
    ...(driver === undefined ? {} : {driver}),
    gpuTargets: request.gpus ?? [],
    ...(baseImage === undefined ? {} : {baseImage}),
    suffix: suffixOf([
      set.cuda,
      pythonTag(python),
      torchTag(set.torch),
      inputs.flavor === 'runtime' ? undefined : inputs.flavor
    ]),
    isDefault: set.cuda === usualCuda(set, request) && inputs.flavor === 'runtime'
  }
  return {variant, problems, notices: noticesOf(facts, set), warnings: warningsOf(set, request)}
}

/** With the user's own Dockerfile only what they asked for is known, and whether it holds shows later. */
function readOwn(facts: Facts): VariantRead {
  const {inputs} = facts
  const {request, unknown} = requestForOwn(facts)
  const resolution = resolveSet(request)
  const problems = [...checkBase(facts), ...('refusal' in resolution ? [problemOf(resolution.refusal)] : [])]
  const set = 'set' in resolution ? resolution.set : undefined
  const cuda = askedCuda(facts)
  const isTorchGiven = inputs.torch !== undefined && inputs.torch !== 'auto'
  const torch = isTorchGiven ? (request.torch === undefined ? inputs.torch : set?.torch) : undefined
  const python = inputs.python === undefined ? undefined : pythonParts(inputs.python).series
  const known = cuda === undefined || set === undefined || request.cuda === undefined ? undefined : set.cuda
  const driver = known === undefined ? undefined : driverNeed(known, request.gpus)
  const variant: Variant = {
    ...(torch === undefined ? {} : {torch}),
    ...(cuda === undefined ? {} : {cuda: known ?? cuda}),
    ...(python === undefined ? {} : {python}),
    ...(set === undefined || request.torch === undefined
      ? {}
      : {set: withoutUntold(setFor(set, set.platforms), python !== undefined)}),
    ...(driver === undefined ? {} : {driver}),
    gpuTargets: request.gpus ?? [],
    suffix: suffixOf([known ?? cuda, pythonTag(python), torch === undefined ? undefined : torchTag(torch)]),
    isDefault:
      cuda === undefined || set === undefined || request.torch === undefined || set.cuda === usualCuda(set, request)
  }
  const warnings = set === undefined || request.torch === undefined ? [] : warningsOf(set, request)
  return {variant, problems, notices: [], warnings: [...unknown, ...warnings]}
}

function withoutUntold({python, ...set}: TorchSet, isPythonTold: boolean): TorchSet {
  return isPythonTold && python !== undefined ? {...set, python} : set
}

/** The CUDA that someone gets who asks PyPI for this torch. */
function usualCuda({release}: MatrixSet, {platforms = []}: SetRequest): string {
  const isArmOnly = platforms.length > 0 && platforms.every(platform => platform === 'linux/arm64')
  return pypiVariant(release, isArmOnly ? 'linux/arm64' : 'linux/amd64')
}

/** The base image for a Python, where it is not the one that the built-in Dockerfile begins with anyway. */
function baseFor({source}: Facts, python: string): string | undefined {
  const declared = source.dockerfile.globals.find(({kind, name}) => kind === 'ARG' && name === 'BASE_IMAGE')
  const image = `python:${python}-slim`
  return declared?.value === image ? undefined : image
}

function noticesOf(facts: Facts, {torch, cuda}: MatrixSet): readonly string[] {
  const {inputs} = facts
  const isOther = inputs.torch === undefined && torch !== USUAL_TORCH
  return [
    ...(isOther
      ? [`PyTorch ${torch} is taken and not the usual ${USUAL_TORCH}, which the other inputs rule out.`]
      : []),
    ...(isForkCpu(facts) ? ['This pull request comes from a fork: it is built for CPU, as `fork-cuda` says.'] : []),
    ...(!isForkCpu(facts) && inputs.cuda === 'auto' && cuda === 'cpu' ? ['The CPU build of PyTorch is taken.'] : [])
  ]
}

function warningsOf(
  set: MatrixSet,
  {gpus = [], driverFloor, platforms = set.platforms}: SetRequest
): readonly string[] {
  const unread = gpus.filter(gpu => coverageOf(set, gpu) === 'unknown')
  const compiled = gpus.filter(gpu => coverageOf(set, gpu) === 'ptx')
  const driver = driverNeed(set.cuda)
  const isOldDriver = driver !== undefined && driverFloor !== undefined && !isDriverEnough(driverFloor, driver.complete)
  const name = `PyTorch ${set.torch}+${set.cuda}`
  const elsewhere = gpus.filter(({capability}) => isElsewhere(capability, platforms))
  return [
    ...(unread.length === 0
      ? []
      : [`Whether ${name} has code for ${listed(unread.map(gpuText))} is not known to this version of the action.`]),
    ...(elsewhere.length === 0
      ? []
      : [`${listed(elsewhere.map(gpuText))}: such GPUs are in arm64 machines; add \`platforms: linux/arm64\`.`]),
    ...(compiled.length === 0
      ? []
      : [
          `${name} has no machine code for ${listed(compiled.map(gpuText))}, only PTX: the driver compiles it at the first start, which takes minutes, and must be ${driver?.complete} or newer.`
        ]),
    ...(isOldDriver
      ? [
          `On driver ${driverFloor} what is compiled where the image runs may fail (torch.compile, PTX): CUDA ${set.cuda} came with ${driver.complete}.`
        ]
      : []),
    ...(set.cuda !== 'cpu' && set.triton === undefined
      ? [
          `torch.compile will not work on GPUs: the wheels of PyTorch ${set.torch} bring no triton for Python ${set.python}.`
        ]
      : [])
  ]
}

function checkIndex(facts: Facts): readonly Problem[] {
  const asked = askedCuda(facts)
  const ofIndex = variantOfIndex(facts.inputs.indexUrl)
  if (asked === undefined || ofIndex === undefined || isForkCpu(facts)) return []
  const isSame = asked === ofIndex || asked === 'latest' || (/^cu\d\d$/.test(asked) && ofIndex.startsWith(asked))
  return isSame ? [] : [otherIndex(asked, ofIndex)]
}

function torchTag(torch: string): string {
  return `torch${torch.split('.').slice(0, 2).join('.')}`
}

function pythonTag(python: string | undefined): string | undefined {
  return python === undefined ? undefined : `py${python.replace('.', '')}`
}

function suffixOf(parts: readonly (string | undefined)[]): string {
  return parts.flatMap(part => (part === undefined ? [] : [`-${part}`])).join('')
}

function otherIndex(asked: string, ofIndex: string): Problem {
  return new Problem('input-conflict', {
    what: `The input \`cuda\` asks for ${asked}, and the input \`index-url\` names an index of ${ofIndex}.`,
    why: 'The image would bear the name of one variant and hold the other.',
    fix: `Set \`cuda: ${ofIndex}\`, or give the index of ${asked}.`
  })
}
