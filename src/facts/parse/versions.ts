import {nearestOf} from '../../model/nearest.ts'
import type {GpuTarget} from '../../model/pytorch.ts'
import {GPU_NAMES, gpuOf, likeliestGpu} from '../../pytorch/gpus.ts'
import {isVersionRequest} from '../../pytorch/versions.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'

/** `torch`: `2.8.0`, `2.8`, a specifier, `latest` or `auto`. */
export function parseTorch(text: string, desk: Desk): string | undefined {
  const lower = text.toLowerCase()
  if (lower === 'latest' || lower === 'auto') return lower
  const version = text.replace(/^v(?=\d)/i, '').replaceAll(/\s+/g, '')
  if (isVersionRequest(version)) return version
  const [, bare, variant] = /^(?:torch)?=*(\d+\.\d+(?:\.\d+)?)\+(\w+)$/.exec(version) ?? []
  const isEarly = /^\d+\.\d+(?:\.\d+)?\.?(?:a|b|rc|dev|nightly)/.test(version)
  return void desk.fault({
    what: `\`torch: ${shownValue(text, desk)}\` is no ${isEarly ? 'stable ' : ''}version of PyTorch.`,
    why: isEarly
      ? 'What belongs to a version that is not released yet is not known.'
      : 'It is a release such as 2.8.0, a line of releases such as 2.8, a range such as >=2.7,<2.9, latest or auto.',
    fix: bare === undefined ? 'Write for example `torch: 2.8.0`.' : `Write \`torch: ${bare}\` and \`cuda: ${variant}\`.`
  })
}

/** `cuda`: `auto`, `latest`, `cpu`, a CUDA release as `12.8` or `cu128`, or a major; gives `cu128`, `cu12`. */
export function parseCuda(text: string, desk: Desk): string | undefined {
  const lower = text.toLowerCase()
  if (lower === 'auto' || lower === 'cpu' || lower === 'latest') return lower
  const [, major, minor = ''] = /^(?:cuda-?|cu)?(\d{2})(?:\.?(\d)(?:\.\d+)?)?$/.exec(lower) ?? []
  if (major !== undefined) return `cu${major}${minor}`
  return void desk.fault({
    what: `\`cuda: ${shownValue(text, desk)}\` is no CUDA release.`,
    why: 'It is auto, latest, cpu, or a release such as 12.8, which is also written cu128.',
    fix: 'Write for example `cuda: 12.8`, in quotes where YAML would make 12.10 into 12.1.'
  })
}

/** `python`: `3.12`, `3.12.4`, or `3.13t` for the free-threaded build. */
export function parsePython(text: string, desk: Desk): string | undefined {
  const version = text.toLowerCase().replace(/^(?:cp|py(?:thon)?)?[ -]?/, '')
  const [, minor, rest = ''] = /^3\.(\d{1,2})(t|\.\d{1,2})?$/.exec(version) ?? /^3(\d{1,2})(t)?$/.exec(version) ?? []
  // YAML reads 3.10 as the number 3.1, and no PyTorch 2 ever ran on that.
  if (minor === '1' && rest === '') return void desk.fault(notQuoted(text, desk))
  if (minor !== undefined) return `3.${minor}${rest}`
  return void desk.fault({
    what: `\`python: ${shownValue(text, desk)}\` is no Python that PyTorch runs on.`,
    why: 'It is a release of Python 3 such as 3.12, or 3.12.4.',
    fix: 'Write for example `python: "3.12"`.'
  })
}

/** `gpu-targets`: names or compute capabilities, separated by commas, semicolons or lines. */
export function parseGpuTargets(text: string, desk: Desk): readonly GpuTarget[] {
  const entries = text
    .split(/[,;\n]/)
    .map(entry => entry.trim())
    .filter(entry => entry !== '')
  const found = entries.flatMap(entry => {
    const gpu = gpuOf(entry)
    if (gpu === undefined) desk.fault(unknownGpu(entry, desk))
    return gpu ?? []
  })
  return found.filter((gpu, at) => at === found.findIndex(({name}) => name === gpu.name))
}

/** `driver-floor`: `535`, `535.104`, `535.104.05`. */
export function parseDriver(text: string, desk: Desk): string | undefined {
  const version = text.replace(/^(?:driver )?[v>=\s]*/i, '')
  if (/^\d{3}(?:\.\d{1,3}){0,2}$/.test(version)) return version
  return void desk.fault({
    what: `\`driver-floor: ${shownValue(text, desk)}\` is no version of NVIDIA's Linux driver.`,
    why: 'It is a branch such as 535, or a release such as 535.104.05; `nvidia-smi` shows it as Driver Version.',
    fix: 'Write for example `driver-floor: 535`.'
  })
}

function notQuoted(text: string, desk: Desk) {
  return {
    what: `\`python: ${shownValue(text, desk)}\` is Python 3.1.`,
    why: 'YAML reads 3.10 without quotes as a number, which ends as 3.1.',
    fix: 'Write `python: "3.10"`.'
  }
}

function unknownGpu(entry: string, desk: Desk) {
  const nearest = likeliestGpu(entry) ?? nearestOf(entry, GPU_NAMES)
  return {
    what: `\`gpu-targets\` names ${shownValue(entry, desk)}, which is no GPU that is known here.`,
    why: 'Whether PyTorch has code for a GPU follows from its compute capability.',
    fix:
      nearest === undefined
        ? 'Give its compute capability, such as `9.0`; https://developer.nvidia.com/cuda-gpus lists them.'
        : `Did you mean ${nearest}? A compute capability such as \`9.0\` will do as well.`
  }
}
