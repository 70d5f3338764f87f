import {isMusl, pythonOfImage} from '../image/base-image.ts'
import {lowestImageOf} from '../image/stages.ts'
import type {Facts} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'
import {knownPartOf} from '../pytorch/known.ts'
import type {SetRequest} from '../pytorch/request.ts'
import {pythonMinor, pythonParts} from '../pytorch/versions.ts'
import {choosesPackages} from './own-runtime.ts'
import {stagesBuilt} from './stages.ts'

/** Python of the built-in Dockerfile: it needs `venv` as of 3.9. */
const OLDEST_BUILT_IN_PYTHON = 9

/** The torch that is taken where nobody asks for one, as far as everything else allows it. */
export const USUAL_TORCH = '2.8.0'

/** Whether the user gave an input, rather than leaving it at its default. */
export function isGiven(facts: Facts, input: string): boolean {
  return facts.inputs.given?.includes(input) ?? false
}

/** Whether this is a pull request from a fork that is to be built for CPU alone. */
export function isForkCpu({event, inputs}: Facts): boolean {
  return event.origin === 'fork-pull-request' && inputs.forkCuda === 'cpu'
}

/** The CUDA that is asked for, if one is. */
export function askedCuda(facts: Facts): string | undefined {
  if (isForkCpu(facts)) return 'cpu'
  const {cuda} = facts.inputs
  return cuda === 'auto' ? undefined : cuda
}

/** The variant that an index address names: `https://download.pytorch.org/whl/cu126` is for `cu126`. */
export function variantOfIndex(indexUrl: string | undefined): string | undefined {
  return /\b(cu\d{3}|cpu)\b/.exec(indexUrl ?? '')?.[1]
}

/**
 * The index that the user named, or what stands for it where a fork is built for CPU.
 *
 * An address that ends in a variant (`…/whl/cu126`) has a sibling for CPU, as PyTorch's own and its mirrors do. One that
 * names a variant elsewhere tells nothing of CPU builds, and one that names none may have them all.
 */
export function namedIndex(facts: Facts): string | undefined {
  const {indexUrl} = facts.inputs
  if (indexUrl === undefined || !isForkCpu(facts)) return indexUrl
  return indexUrl.replace(/\/(?:cu\d{3}|cpu)(\/?)$/, '/cpu$1')
}

/** What is asked of PyTorch for the built-in image, where everything is ours to choose. */
export function requestForBuiltIn(facts: Facts): SetRequest {
  const {inputs} = facts
  const cuda = askedCuda(facts) ?? variantOfIndex(inputs.indexUrl)
  const python = inputs.python ?? (inputs.baseImage === undefined ? undefined : pythonOfImage(inputs.baseImage))
  return {
    ...(inputs.torch === undefined ? {preferred: {torch: USUAL_TORCH}} : versionAsked(inputs.torch)),
    ...(cuda === undefined ? {} : {cuda}),
    ...(python === undefined ? {} : {python}),
    ...targetsOf(facts, cuda),
    platforms: inputs.platforms.length > 0 ? inputs.platforms : [ownPlatform(facts)]
  }
}

/**
 * What is expected of PyTorch in the image of the user's own Dockerfile: what the inputs say, as far as it can be known.
 *
 * What is newer than the matrix may exist; it is left out, and told in `unknown`.
 */
export function requestForOwn(facts: Facts): {readonly request: SetRequest; readonly unknown: readonly string[]} {
  const {inputs} = facts
  const cuda = askedCuda(facts)
  const {request, newer} = knownPartOf({
    torch: inputs.torch === 'auto' ? undefined : inputs.torch,
    cuda,
    python: inputs.python
  })
  const unknown = newer.map(
    ({input, value}) =>
      `\`${input}: ${value}\` is newer than what this version of the action knows of PyTorch: nothing could be checked about it.`
  )
  return {request: {...request, ...targetsOf(facts, cuda)}, unknown}
}

/** What is wrong with the base image for what is asked: known by its name, before anything is pulled. */
export function checkBase(facts: Facts): readonly Problem[] {
  return choosesPackages(facts) ? checkBuiltInBase(facts) : checkOwnBases(facts)
}

function checkBuiltInBase({inputs}: Facts): readonly Problem[] {
  const {baseImage, python} = inputs
  const told = baseImage === undefined ? undefined : pythonOfImage(baseImage)
  const asked = python === undefined ? told : pythonParts(python).series
  return [
    ...(baseImage !== undefined && isMusl(baseImage) ? [muslBase(`The input \`base-image\` names ${baseImage}`)] : []),
    ...(python !== undefined && told !== undefined && told !== asked
      ? [otherPython(python, `the input \`base-image\` names ${baseImage}`, `\`base-image: python:${python}-slim\``)]
      : []),
    ...(asked !== undefined && pythonMinor(asked) < OLDEST_BUILT_IN_PYTHON ? [tooOldPython(asked)] : []),
    ...(python?.endsWith('t') && baseImage === undefined ? [freeThreaded(python)] : [])
  ]
}

function checkOwnBases(facts: Facts): readonly Problem[] {
  return [...otherPythonBelow(facts), ...muslBelow(facts)]
}

/** The image that stands on musl in the end, where the inputs say which PyTorch it shall have. */
function muslBelow(facts: Facts): readonly Problem[] {
  const {inputs, source} = facts
  const isExpected = inputs.torch !== undefined || inputs.gpuTargets.length > 0 || isGiven(facts, 'cuda')
  const last = stagesBuilt(facts).at(-1)
  if (!isExpected || last === undefined) return []
  const args = Object.fromEntries(inputs.buildArgs.map(({name, value}) => [name, value]))
  const base = lowestImageOf(last, source.dockerfile, args)
  return base !== undefined && isMusl(base) ? [muslBase(`${source.dockerfile.shown} ends upon ${base}`)] : []
}

function otherPythonBelow(facts: Facts): readonly Problem[] {
  const {python} = facts.inputs
  if (python === undefined) return []
  const bases = stagesBuilt(facts).flatMap(({from, line}) => {
    const told = pythonOfImage(from)
    return told === undefined ? [] : [{from, line, told}]
  })
  const [first] = bases
  if (first === undefined || bases.some(({told}) => told === pythonParts(python).series)) return []
  const {shown} = facts.source.dockerfile
  return [
    otherPython(python, `${shown}, line ${first.line}, begins with ${first.from}`, `\`FROM python:${python}-slim\``)
  ]
}

function versionAsked(torch: string): {readonly torch?: string} {
  return torch === 'auto' ? {} : {torch}
}

/** GPUs and drivers mean nothing to a CPU build that a fork gets in place of what was asked for. */
function targetsOf(facts: Facts, cuda: string | undefined): SetRequest {
  const {gpuTargets, driverFloor} = facts.inputs
  if (cuda === 'cpu' && isForkCpu(facts)) return {}
  return {
    ...(gpuTargets.length === 0 ? {} : {gpus: gpuTargets}),
    ...(driverFloor === undefined ? {} : {driverFloor})
  }
}

function ownPlatform({machine}: Facts): string {
  return machine.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64'
}

function otherPython(python: string, place: string, instead: string): Problem {
  return new Problem('input-conflict', {
    what: `The input \`python\` asks for ${python}, and ${place}.`,
    why: 'Wheels are for one Python each; those of another would not be found when the image runs.',
    fix: `Use ${instead}, or leave \`python\` out.`
  })
}

function muslBase(place: string): Problem {
  return new Problem('input-conflict', {
    what: `${place}, whose C library is musl.`,
    why: 'PyTorch has no wheels for musl; all of them need glibc.',
    fix: 'Use a Debian one, such as `python:3.12-slim`.'
  })
}

function tooOldPython(python: string): Problem {
  return new Problem('input-invalid', {
    what: `The image would have Python ${python}.`,
    why: 'The built-in Dockerfile needs Python 3.9 or newer.',
    fix: 'Ask for a newer one, or bring a Dockerfile of your own.'
  })
}

function freeThreaded(python: string): Problem {
  return new Problem('input-conflict', {
    what: `The input \`python\` asks for the free-threaded ${python}, and \`base-image\` is left out.`,
    why: 'The base images that are taken by default have no free-threaded Python.',
    fix: `Name a \`base-image\` that has Python ${python}.`
  })
}
