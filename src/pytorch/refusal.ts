import {Problem} from '../model/problem.ts'
import {DIMENSION_TABLE, type DimensionName, gpuText, listed, missedBy, type SetRequest} from './request.ts'
import {type Contradiction, type Neighbour, type Refusal, setsWith} from './resolve.ts'
import {setText} from './sets.ts'

/** The refusal in words: what contradicts, what exists instead, and the exact lines that lead there. */
export function problemOf(refusal: Refusal): Problem {
  const {request, contradictions, nearest} = refusal
  const groups = contradictions.map(names => listed(names.map(name => DIMENSION_TABLE[name].asked(request))))
  return new Problem('no-such-set', {
    what: `There is no PyTorch with ${groups.join(', and none with ')}.`,
    why: contradictions.map(names => whyNot(names, request)).join(' '),
    fix: `Nearest that exist: ${nearest.map(neighbour => changeText(neighbour, request)).join('; or ')}. All sets are in docs/versions.md.`,
    evidence: nearest.map(({set}) => setText(set))
  })
}

/** For each part of a contradiction, what there is with the others. */
function whyNot(names: Contradiction, request: SetRequest): string {
  const sentences = names.map(name => {
    const others = names.filter(other => other !== name)
    const {offers, asked} = DIMENSION_TABLE[name]
    if (others.length === 0) return `Not known: ${asked(request)}. Known: ${offers(setsWith(request, []), request)}.`
    const sets = setsWith(request, others)
    if (sets.length === 0) return ''
    const given = listed(others.map(other => DIMENSION_TABLE[other].asked(request)))
    return `With ${given}: ${offers(sets, request)}.`
  })
  const told = [...new Set(sentences.filter(sentence => sentence !== ''))]
  return [...told, ...unknownNotes(names, request)].join(' ')
}

/** Where a release may have variants that nobody has read, the refusal says that it does not know better. */
function unknownNotes(names: Contradiction, request: SetRequest): readonly string[] {
  if (!names.includes('torch') || !names.includes('cuda')) return []
  const releases = new Map(setsWith(request, ['torch']).map(({release}) => [release.torch, release]))
  return [...releases.values()].flatMap(({torch, otherVariants, unconfirmed}) => [
    ...(otherVariants === 'unknown'
      ? [
          `Of PyTorch ${torch} this version of the action knows PyPI’s variant only; whether there are others is unknown to it.`
        ]
      : []),
    ...unconfirmed
      .filter(cuda => cuda === request.cuda)
      .map(cuda => `One source lists ${cuda} for PyTorch ${torch}, and no other confirms it.`)
  ])
}

/** What to write instead, as lines of the workflow where there is an input for it. */
function changeText({set, changes}: Neighbour, request: SetRequest): string {
  const lines = changes.map(name => CHANGES[name](set, request))
  return `${listed(lines)} (${setText(set)})`
}

const CHANGES: {readonly [D in DimensionName]: (set: Neighbour['set'], request: SetRequest) => string} = {
  torch: ({torch}) => `\`torch: ${torch}\``,
  torchvision: ({torchvision}) => `torchvision ${torchvision}`,
  torchaudio: ({release}) => `torchaudio ${release.torchaudio}`,
  cuda: ({cuda}) => `\`cuda: ${cuda}\``,
  python: ({python}) => `\`python: "${python}"\``,
  'gpu-targets': (set, {gpus = []}) => `\`gpu-targets\` without ${listed(missedBy(set, gpus).map(gpuText))}`,
  'driver-floor': (set, request) =>
    `\`driver-floor: ${DIMENSION_TABLE['driver-floor'].towards(set, request).driverFloor ?? ''}\``,
  platforms: ({platforms}) => `\`platforms: ${platforms.join(', ')}\``
}
