import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'

/** `torch`: `2.8.0`, `2.8` or `latest`. */
export function parseTorch(text: string, desk: Desk): string | undefined {
  const version = text.replace(/^v/i, '')
  if (/^\d{1,3}\.\d{1,3}(?:\.\d{1,3})?$/.test(version)) return version
  if (text.toLowerCase() === 'latest') return 'latest'
  const [, bare, variant] = /^(\d+\.\d+(?:\.\d+)?)\+(\w+)$/.exec(version) ?? []
  return void desk.fault({
    what: `\`torch: ${shownValue(text, desk)}\` is no version of PyTorch.`,
    why: 'It is a release such as 2.8.0, a line of releases such as 2.8, or latest.',
    fix: bare === undefined ? 'Write for example `torch: 2.8.0`.' : `Write \`torch: ${bare}\` and \`cuda: ${variant}\`.`
  })
}

/** `cuda`: `auto`, `cpu`, or a CUDA release as `12.8` or `cu128`; gives `cu128` for both. */
export function parseCuda(text: string, desk: Desk): string | undefined {
  const lower = text.toLowerCase()
  if (lower === 'auto' || lower === 'cpu') return lower
  const [, major, minor] = /^(?:cuda-?|cu)?(\d{2})\.?(\d)(?:\.\d+)?$/.exec(lower) ?? []
  if (major !== undefined) return `cu${major}${minor}`
  return void desk.fault({
    what: `\`cuda: ${shownValue(text, desk)}\` is no CUDA release.`,
    why: 'It is auto, cpu, or a release such as 12.8, which is also written cu128.',
    fix: 'Write for example `cuda: 12.8`, in quotes where YAML would make 12.10 into 12.1.'
  })
}
