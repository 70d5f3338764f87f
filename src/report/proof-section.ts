import type {GpuStatus} from '../model/gpu-report.ts'
import type {Products} from '../model/report.ts'
import {code, escaped, table} from './markdown.ts'

const MARKS: Readonly<Record<GpuStatus, string>> = {pass: '✅', warn: '⚠️', fail: '❌', skip: '➖'}
const MOST_CHARACTERS = 300

/** The part of the summary that tells what was found in the image without a GPU. */
export function proofSection({proof}: Products): readonly string[] {
  if (proof === undefined) return []
  const what = proof.kind === 'runtime' ? 'the runtime' : 'the image'
  const heading = `#### Proof without a GPU: ${MARKS[proof.result]} ${what} ${code(proof.subject.slice(0, 19))}`
  if (proof.origin === 'found') return [heading, `Proven before, and not run again: ${escaped(proof.provenBy ?? '')}`]
  const rows = proof.checks.map(({id, status, message, code: found}) => [
    `${MARKS[status]}&nbsp;${code(id)}`,
    `${found === undefined ? '' : `${code(found)} `}${escaped(message.slice(0, MOST_CHARACTERS))}`
  ])
  return [heading, table(['check', 'found'], rows)]
}
