import type {GpuReportFile} from '../../model/inputs.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'
import {parseLines} from './lists.ts'

/** Figures that a floor can be set for, with their units; the validator measures them in T7 and T8. */
export const FLOOR_NAMES = [
  'bf16_tflops',
  'fp16_tflops',
  'h2d_gbps',
  'd2h_gbps',
  'steps_per_s',
  'nccl_busbw_gbps'
] as const

/** Nothing that docker or the toolkit would take for more than one name. */
const DEVICE = /^(?:\d{1,3}|(?:GPU|MIG)-[\w-]{1,80})$/
const DIGEST = /^sha256:[0-9a-f]{64}$/

/** `gpu-floors`: `name=number`, one per line. */
export function parseFloors(text: string, desk: Desk): Readonly<Record<string, number>> {
  const floors: Record<string, number> = {}
  for (const line of parseLines(text)) {
    const [, name = '', number = ''] = /^([\w-]+)\s*=\s*([\d.]+)$/.exec(line) ?? []
    const known = FLOOR_NAMES.find(floor => floor === name)
    if (known !== undefined && Number(number) > 0) floors[known] = Number(number)
    else {
      desk.fault({
        what: `\`${desk.input}\` has the line \`${shownValue(line, desk)}\`, which is not understood.`,
        why: `A line is a name and a number above zero, such as \`bf16_tflops=200\`; the names are ${FLOOR_NAMES.join(', ')}.`,
        fix: 'Write one floor on each line.'
      })
    }
  }
  return floors
}

/** `gpu-devices`: numbers and UUIDs, between spaces, commas or lines; empty for all. */
export function parseDevices(text: string, desk: Desk): readonly string[] {
  const names = [...new Set(text.split(/[\s,]+/).filter(name => name !== ''))]
  if (names.includes('all')) return []
  return names.filter(name => {
    if (DEVICE.test(name)) return true
    desk.fault({
      what: `\`${desk.input}\` has \`${shownValue(name, desk)}\`, which names no GPU.`,
      why: 'A GPU is named by its number or its UUID, as `nvidia-smi -L` tells them: `0`, `GPU-8f6b…`, `MIG-2c5d…`.',
      fix: 'Name one or several, separated by commas, or leave the input out for all.'
    })
    return false
  })
}

/** `digest`: what a registry calls an image, `sha256:` and 64 digits. A whole reference is understood as well. */
export function parseDigest(text: string, desk: Desk): string | undefined {
  const digest = text.slice(text.lastIndexOf('@') + 1).toLowerCase()
  if (DIGEST.test(digest)) return digest
  desk.fault({
    what: `\`${desk.input}: ${shownValue(text, desk)}\` is no digest.`,
    why: 'A digest is `sha256:` and 64 hexadecimal digits; a tag may point to another image by the time it is used.',
    fix: 'Hand over the output `digest` of the job that built the image.'
  })
  return undefined
}

/** `gpu-report`: a path, and the SHA-256 of the file where it came by another way, one per line. */
export function parseReports(text: string, desk: Desk): readonly GpuReportFile[] {
  return parseLines(text).flatMap(line => {
    const [, path = '', sha256 = ''] = /^(.+?)(?:\s+(sha256:\S+))?$/.exec(line) ?? []
    if (sha256 === '') return [{path}]
    if (DIGEST.test(sha256)) return [{path, sha256}]
    desk.fault({
      what: `\`${desk.input}\` has \`${shownValue(sha256, desk)}\` after ${shownValue(path, desk)}, which is no SHA-256.`,
      why: 'The output `gpu-report-sha256` of the validation has the form `sha256:` and 64 digits.',
      fix: 'Hand that output over as it is, or leave it out.'
    })
    return []
  })
}
