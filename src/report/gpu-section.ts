import type {GpuCheck, GpuReport, GpuStatus} from '../model/gpu-report.ts'
import type {Products} from '../model/report.ts'
import {block, code, escaped, first, prose, table} from './markdown.ts'
import {bar, durationText, share} from './quantity.ts'

const MARKS: Readonly<Record<GpuStatus, string>> = {pass: '✅', warn: '⚠️', fail: '❌', skip: '➖'}

/** Where nobody outside of the container could look whether it held the GPU. */
const PLACES: Readonly<Record<GpuReport['host']['place'], string | undefined>> = {
  engine: undefined,
  container: 'inside the job’s own container, without a witness',
  cluster: 'in a Job of the cluster, without a witness'
}

const MOST_CAUSES = 10
const MOST_ROWS = 60

/** The part of the summary that tells what the image did on a GPU. */
export function gpuSection({gpu}: Products, docs: string): readonly string[] {
  if (gpu === undefined) return []
  const {report} = gpu
  return [
    `#### GPU: ${MARKS[report.result]} ${escaped(report.result)} on ${escaped(namesOf(report))}`,
    hostLine(report),
    tierTable(report),
    causeTable(report, docs),
    numericsPicture(report),
    throughputPicture(report)
  ]
}

function namesOf({devices}: GpuReport): string {
  const names = devices.map(({name, mig_profile}) => (mig_profile === undefined ? name : `${name} (${mig_profile})`))
  const kinds = [...new Set(names)].map(name => `${names.filter(other => other === name).length} × ${name}`)
  return kinds.length === 0 ? 'no GPU' : kinds.join(', ')
}

function hostLine({host, torch, witnessed, level}: GpuReport): string {
  const version = typeof torch?.version === 'string' ? `torch ${torch.version}` : undefined
  const seen = witnessed.length > 0 ? 'seen on the GPU by the host' : undefined
  const place = PLACES[host.place]
  const facts = [`tiers ${level}`, host.driver && `driver ${host.driver}`, version, host.injection, seen, place]
  return facts.flatMap(fact => (fact === undefined || fact === '' ? [] : [escaped(fact)])).join(' · ')
}

function tierTable({tiers}: GpuReport): string {
  const rows = tiers.map(tier => {
    const failed = tier.checks.filter(({status}) => status === 'fail' || status === 'warn')
    const {shown, left} = first(failed, 5)
    const said = shown.map(check => `${code(nameOf(check))} ${escaped(check.message.slice(0, 200))}`)
    const applying = tier.checks.filter(({status}) => status !== 'skip')
    const count = applying.filter(({status}) => status === 'pass').length
    const head = [`${MARKS[tier.status]}&nbsp;${escaped(tier.id)}`, escaped(tier.title)]
    if (tier.blocked_by !== undefined) return [...head, '', '', `not run: ${escaped(tier.blocked_by)} failed`]
    return [
      ...head,
      `${count}&nbsp;of&nbsp;${applying.length}`,
      escaped(durationText(tier.duration_ms)).replaceAll(' ', '&nbsp;'),
      [...said, ...(left === 0 ? [] : [`and ${left} more`])].join('<br>')
    ]
  })
  return table(['tier', 'what', 'passed', 'took', ''], rows)
}

function nameOf({id, device}: GpuCheck): string {
  return device === undefined ? id : `${id}@${device}`
}

function causeTable({diagnosis}: GpuReport, docs: string): string {
  if (diagnosis.length === 0) return ''
  const {shown, left} = first(diagnosis, MOST_CAUSES)
  const rows = shown.map(({check, code: name, cause, fix, docs: anchor}) => [
    `[${code(name)}](${docs}${anchor})`,
    code(check),
    prose(cause),
    prose(fix)
  ])
  const more = left === 0 ? '' : `\n\n… and ${left} more in the report file`
  const unknown = shown.find(({code: name}) => name === 'UNKNOWN')
  const words = unknown === undefined ? '' : `\n\n${block(unknown.evidence.map(line => line.slice(0, 500)))}`
  return `#### Why\n\n${table(['cause', 'check', 'what', 'fix'], rows)}${more}${words}`
}

/** How much of its tolerance each computation used up: a full bar is at the limit. Of several GPUs the worst is drawn. */
function numericsPicture({numerics, devices}: GpuReport): string {
  if (numerics.length === 0) return ''
  const worst = new Map<string, GpuReport['numerics'][number]>()
  for (const row of numerics) {
    const name = `${row.op} ${row.dtype}`
    const other = worst.get(name)
    if (other === undefined || usedOf(row) > usedOf(other)) worst.set(name, row)
  }
  const {shown, left} = first([...worst], MOST_ROWS)
  const lines = shown.map(([name, row]) => {
    const {device, rel, tol, ok} = row
    const place = devices.length > 1 ? ` GPU ${device}` : ''
    return `${name.padEnd(16)} ${rel.toExponential(1)} of ${tol.toExponential(0)} ${share(usedOf(row), 1)}${ok ? '' : ' ✗'}${place}`
  })
  const heading = `#### Numerics, error against tolerance${devices.length > 1 ? ' (of the GPUs, the worst)' : ''}`
  return `${heading}\n\n${block(left === 0 ? lines : [...lines, `… and ${left} more`])}`
}

function usedOf({rel, tol}: GpuReport['numerics'][number]): number {
  return tol > 0 ? Math.min(1, rel / tol) : 1
}

/** Speed, drawn where there is a floor or an earlier report to hold it against. */
function throughputPicture({throughput, tiers}: GpuReport): string {
  const figures = Object.entries(throughput)
  if (figures.length === 0) return ''
  const thresholds = Object.assign(
    {},
    ...tiers.flatMap(({checks}) => checks.map(({threshold}) => threshold))
  ) as Record<string, unknown>
  const lines = figures.flatMap(([name, value]) => {
    const rivals = ['floor', 'last'].flatMap(kind => {
      const rival = thresholds[`${kind}_${name}`]
      return typeof rival === 'number' ? [{kind, rival}] : []
    })
    const greatest = Math.max(value, ...rivals.map(({rival}) => rival))
    const row = (text: string, figure: number) => `${text.padEnd(16)} ${String(figure).padStart(9)}`
    if (rivals.length === 0) return [row(name, value)]
    return [
      `${row(name, value)}  ${bar(value, greatest)}`,
      ...rivals.map(
        ({kind, rival}) => `${row(`  ${kind}`, rival)}  ${bar(rival, greatest)} ${changeText(value, rival)}`
      )
    ]
  })
  return `#### Throughput\n\n${block(lines)}`
}

/** `+3 %`: how the figure is to its rival. */
function changeText(value: number, rival: number): string {
  const percent = Math.round(Math.abs(value / rival - 1) * 100)
  return `${value < rival ? '−' : '+'}${percent} %`
}
