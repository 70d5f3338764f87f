import type {Plan} from '../model/plan.ts'
import type {TorchSet} from '../model/pytorch.ts'
import {type Coverage, coverageOf} from '../pytorch/coverage.ts'
import {GPUS, isElsewhere} from '../pytorch/gpus.ts'
import {block, code, escaped, folded, table} from './markdown.ts'
import {bar, sizeText} from './quantity.ts'

const MOST_NAMES = 5

/** How each kind of coverage is drawn and said. */
const MARKS: Readonly<Record<Coverage, {readonly mark: string; readonly word: string}>> = {
  'machine-code': {mark: '█', word: 'runs'},
  ptx: {mark: '▒', word: 'runs, compiled at the first start'},
  unknown: {mark: '?', word: 'not known'},
  none: {mark: '·', word: 'does not run'}
}

/** The set, the driver it needs, and the GPUs that it runs on and those it does not. */
export function torchSection(plan: Plan): readonly string[] {
  const {torch, cuda, python, set, driver, gpuTargets} = plan
  if (torch === undefined && cuda === undefined) return []
  const cells = [
    ...cellOf('torch', torch === undefined || cuda === undefined ? torch : `${torch}+${cuda}`),
    ...cellOf('CUDA', torch === undefined ? cuda : undefined),
    ...cellOf('Python', python),
    ...cellOf('torchvision', set?.torchvision),
    ...cellOf('torchaudio', set?.torchaudio),
    ...cellOf('triton', set?.triton),
    ...cellOf('cuDNN', set?.cudnn),
    ...cellOf('NCCL', set?.nccl),
    ...cellOf('NVIDIA driver', driver === undefined ? undefined : `${driver.oldest} or newer`)
  ]
  const head = cells.map(([name]) => name)
  return [
    `#### PyTorch\n\n${table(head, [cells.map(([, value]) => code(value))])}`,
    ...(driver === undefined ? [] : [escaped(driver.because)]),
    ...askedFor(set, gpuTargets),
    ...(set === undefined ? [] : [coverageSection(set)])
  ]
}

function askedFor(set: TorchSet | undefined, gpus: Plan['gpuTargets']): readonly string[] {
  if (set === undefined || gpus.length === 0) return []
  const said = gpus.map(gpu => `${code(gpu.name)} ${MARKS[coverageOf(set, gpu)].word}`)
  return [`Asked for: ${said.join(', ')}.`]
}

/** What the build will take on the disk, beside what is free there. */
export function diskSection({disk}: Plan): string {
  if (disk === undefined) return ''
  const {parts, neededBytes, freeBytes, isEstimate} = disk
  const rows = [
    ...parts.map(({what, bytes}) => ({what, bytes})),
    {what: isEstimate ? 'needed, estimated' : 'needed', bytes: neededBytes},
    {what: 'free', bytes: freeBytes}
  ]
  const width = Math.max(...rows.map(({what}) => what.length))
  const greatest = Math.max(neededBytes, freeBytes)
  const lines = rows.map(
    ({what, bytes}) => `${what.padEnd(width)} ${sizeText(bytes).padStart(9)}  ${bar(bytes, greatest)}`
  )
  return folded('Disk: what the build takes, and what is free', block(lines))
}

/** One line for each compute capability: a strip that shows at a glance where the code begins and ends. */
function coverageSection(set: TorchSet): string {
  const rows = GPUS.map(({capability, generation, names}) => {
    const shown = names.slice(0, MOST_NAMES).join(', ')
    const more = names.length > MOST_NAMES ? ', …' : ''
    const isOut = isElsewhere(capability, set.platforms)
    const place = isOut ? ' (arm64 machines)' : ''
    const coverage: Coverage = isOut ? 'none' : coverageOf(set, {capability})
    return {capability, generation, names: `${shown}${more}${place}`, coverage}
  })
  const lines = rows.map(
    ({capability, generation, names, coverage}) =>
      `${MARKS[coverage].mark} ${capability.padStart(4)}  ${generation.padEnd(12)}  ${names}`
  )
  const used = (Object.keys(MARKS) as Coverage[]).filter(kind => rows.some(({coverage}) => coverage === kind))
  const legend = used.map(kind => `${MARKS[kind].mark} ${MARKS[kind].word}`).join('   ')
  return folded(headOf(set, rows), block([...lines, '', legend]))
}

/** The picture in one sentence, by generation. */
function headOf({cuda}: TorchSet, rows: readonly {readonly generation: string; readonly coverage: Coverage}[]): string {
  if (cuda === 'cpu') return 'GPUs: none, it is the CPU build'
  const generations = [...new Set(rows.map(({generation}) => generation))].map(generation => {
    const kinds = rows.filter(row => row.generation === generation).map(({coverage}) => coverage)
    const running = kinds.filter(kind => kind === 'machine-code' || kind === 'ptx').length
    return {generation, running, isWhole: running === kinds.length, isShut: kinds.every(kind => kind === 'none')}
  })
  const runs = generations
    .filter(({running}) => running > 0)
    .map(({generation, isWhole}) => (isWhole ? generation : `${generation} in part`))
  const shut = generations.filter(({isShut}) => isShut).map(({generation}) => generation)
  const parts = [
    ...(runs.length === 0 ? [] : [`runs on ${runs.join(', ')}`]),
    ...(shut.length === 0 ? [] : [`not on ${shut.join(', ')}`]),
    ...(runs.length === 0 ? ['for the others nobody has read it yet'] : [])
  ]
  return `GPUs: ${parts.join('; ')}`
}

function cellOf(name: string, value: string | undefined): readonly (readonly [string, string])[] {
  return value === undefined ? [] : [[name, value]]
}
