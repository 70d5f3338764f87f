import type {GpuReport, GpuStatus} from '../model/gpu-report.ts'
import type {Products} from '../model/report.ts'
import {block, code, escaped, first, prose, table} from './markdown.ts'
import {bar, durationText} from './quantity.ts'

const MARKS: Readonly<Record<GpuStatus, string>> = {pass: '✅', warn: '⚠️', fail: '❌', skip: '➖'}

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
  const place = host.place === 'container' ? 'inside the job’s own container, without a witness' : undefined
  const facts = [`tiers ${level}`, host.driver && `driver ${host.driver}`, version, host.injection, seen, place]
  return facts.flatMap(fact => (fact === undefined || fact === '' ? [] : [escaped(fact)])).join(' · ')
}

function tierTable({tiers}: GpuReport): string {
  const rows = tiers.map(tier => {
    const failed = tier.checks.filter(({status}) => status === 'fail' || status === 'warn')
    const {shown, left} = first(failed, 5)
    const said = shown.map(check => `${code(check.id)} ${escaped(check.message.slice(0, 200))}`)
    const count = tier.checks.filter(({status}) => status === 'pass').length
    const what = tier.blocked_by === undefined ? said.join('<br>') : `not run: ${escaped(tier.blocked_by)} failed`
    return [
      `${MARKS[tier.status]}&nbsp;${escaped(tier.id)}`,
      escaped(tier.title),
      `${count} of ${tier.checks.length}`,
      escaped(durationText(tier.duration_ms)),
      left === 0 ? what : `${what}<br>and ${left} more`
    ]
  })
  return table(['tier', 'what', 'passed', 'took', ''], rows)
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

/** How much of its tolerance each computation used up. A full bar is at the limit. */
function numericsPicture({numerics}: GpuReport): string {
  if (numerics.length === 0) return ''
  const {shown, left} = first(numerics, MOST_ROWS)
  const lines = shown.map(({op, dtype, device, rel, tol, ok}) => {
    const share = Math.min(1, tol > 0 ? rel / tol : 1)
    const name = `${op} ${dtype} #${device}`.padEnd(22)
    return `${name} ${rel.toExponential(1).padStart(8)} of ${tol.toExponential(0)} ${ok ? ' ' : '✗'} ${bar(share, 1)}`
  })
  return `#### Numerics, error against tolerance\n\n${block(left === 0 ? lines : [...lines, `… and ${left} more`])}`
}

/** Speed beside its floor and the last report's. */
function throughputPicture({throughput, tiers}: GpuReport): string {
  const names = Object.keys(throughput)
  if (names.length === 0) return ''
  const thresholds = Object.assign(
    {},
    ...tiers.flatMap(({checks}) => checks.map(({threshold}) => threshold))
  ) as Record<string, unknown>
  const lines = names.map(name => {
    const value = throughput[name] ?? 0
    const rivals = [thresholds[`floor_${name}`], thresholds[`last_${name}`]].map(Number).filter(Number.isFinite)
    const [floor, last] = [thresholds[`floor_${name}`], thresholds[`last_${name}`]]
    const beside = [floor === undefined ? '' : `floor ${floor}`, last === undefined ? '' : `last ${last}`]
    const picture = bar(value, Math.max(value, ...rivals))
    return `${name.padEnd(16)} ${String(value).padStart(9)}  ${picture} ${beside.filter(text => text !== '').join(', ')}`.trimEnd()
  })
  return `#### Throughput\n\n${block(lines)}`
}
