import {spawnSync} from 'node:child_process'
import {nearestOf} from '../../src/model/nearest.ts'
import type {TorchPlatform} from '../../src/model/pytorch.ts'
import {MATRIX, type Release} from '../../src/pytorch/matrix.ts'
import {chooseWheels} from '../../src/wheels/choice.ts'
import {groupWheels, type LayerGroup} from '../../src/wheels/grouping.ts'
import {parseLock} from '../../src/wheels/lock.ts'
import {UsageError} from '../runner/options.ts'

/** A set of PyTorch as PyPI serves it: what the table of known layers has rows for. */
export interface PypiSet {
  readonly torch: string
  /** `3.12`. */
  readonly python: string
  readonly platform: TorchPlatform
  /** As an installer is asked for them. */
  readonly packages: readonly string[]
}

/** Platforms by the word that names them in a set, with uv's own name for each. */
const PLATFORMS: Readonly<Record<string, {readonly platform: TorchPlatform; readonly uv: string}>> = {
  amd64: {platform: 'linux/amd64', uv: 'x86_64-manylinux_2_28'},
  arm64: {platform: 'linux/arm64', uv: 'aarch64-manylinux_2_28'}
}
const USUAL_PLATFORM = 'amd64'

/** Of the others the versions move with the day, so a row would soon be for nobody. */
const TABLED = /^(?:nvidia-|torch$|torchvision$|torchaudio$|triton$)/

/** Reads `2.15.0/3.12` or `2.15.0/3.12/arm64`. Throws `UsageError` for what the matrix does not have. */
export function parseSet(word: string): PypiSet {
  const [torch = '', python = '', name = USUAL_PLATFORM, ...rest] = word.split('/')
  if (python === '' || rest.length > 0) throw new UsageError(`${word} is no set. Write for example 2.15.0/3.12/arm64.`)
  const row = releaseOf(torch)
  const named = Object.hasOwn(PLATFORMS, name) ? PLATFORMS[name] : undefined
  if (named === undefined) throw new UsageError(`There is no platform ${name}: ${Object.keys(PLATFORMS).join(' or ')}.`)
  const {platform} = named
  const served = platform === 'linux/arm64' ? row.pythonsArm64 : row.pythons
  // The image's Python is never a free-threaded one.
  const pythons = served.filter(one => !one.endsWith('t'))
  if (!pythons.includes(python)) {
    throw new UsageError(`torch ${torch} has wheels on ${platform} for Python ${pythons.join(', ')}, not ${python}.`)
  }
  return {torch, python, platform, packages: packagesOf(torch)}
}

/** What belongs to a release, each as `name==version`. Throws `UsageError` for one that the matrix does not have. */
export function packagesOf(torch: string): readonly string[] {
  const {torchvision, torchaudio, installsAudio} = releaseOf(torch)
  return [`torch==${torch}`, `torchvision==${torchvision}`, ...(installsAudio ? [`torchaudio==${torchaudio}`] : [])]
}

function releaseOf(torch: string): Release {
  const row = MATRIX.releases.find(release => release.torch === torch)
  if (row !== undefined) return row
  const known = MATRIX.releases.map(release => release.torch)
  throw new UsageError(`The matrix has no torch ${torch}. The nearest is ${nearestOf(torch, known) ?? known.at(-1)}.`)
}

/** `torch 2.15.0 for Python 3.12 on linux/arm64`. */
export function pypiSetText({torch, python, platform}: PypiSet): string {
  return `torch ${torch} for Python ${python} on ${platform}`
}

/** Asks uv which wheels the set is today, as the text of a lock. Throws where uv is absent or finds none. */
export function lockSet({python, platform, packages}: PypiSet): string {
  const uvPlatform = Object.values(PLATFORMS).find(row => row.platform === platform)?.uv ?? ''
  const args = ['pip', 'compile', '-', '--quiet', '--no-header', '--format', 'pylock.toml', '--only-binary', ':all:']
  const target = ['--python-version', python, '--python-platform', uvPlatform]
  const ran = spawnSync('uv', [...args, ...target], {input: packages.join('\n'), encoding: 'utf8'})
  if (ran.error !== undefined || ran.status !== 0) throw new Error(`uv: ${ran.error?.message ?? ran.stderr}`)
  return ran.stdout
}

/** The layers of a locked set that the table is for, as the action lays them. Throws where a package has no wheel. */
export function tabledGroups(lock: string, {python, platform}: PypiSet): readonly LayerGroup[] {
  const {wheels, hindrances} = chooseWheels(parseLock(lock, 'the lock'), {platform, python: `${python}.0`})
  if (hindrances.length > 0) throw new Error(hindrances.join('; '))
  return groupWheels(wheels).filter(group => group.wheels.every(({project}) => TABLED.test(project)))
}
