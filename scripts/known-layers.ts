import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {openTransport} from '../src/host/registry-transport.ts'
import {MATRIX} from '../src/pytorch/matrix.ts'
import {chooseWheels} from '../src/wheels/choice.ts'
import {groupWheels, type LayerGroup} from '../src/wheels/grouping.ts'
import type {KnownLayer} from '../src/wheels/known-layers.ts'
import {LAYOUT} from '../src/wheels/layout.ts'
import {parseLock} from '../src/wheels/lock.ts'
import {deriveDiffId} from './layers/derive.ts'

// `npm run layers -- 2.8.0/3.12 2.9.1/3.12`: makes the layers of those sets of PyTorch from what PyPI serves, and writes
// wheel hashes and diffIDs to src/wheels/known-layers.json. Rows that are there are not made again; rows of another
// layout go. It needs uv on PATH, and fetches gigabytes for each set. Without a set it only takes the old rows out.
// With `--check` it writes nothing, makes the rows of the sets once more, and ends with 1 where one differs or is missing.

const FILE = resolve(fileURLToPath(new URL('..', import.meta.url)), 'src/wheels/known-layers.json')
const PLATFORM = {ours: 'linux/amd64', uv: 'x86_64-manylinux_2_28'} as const
/** Of the others the versions move with the day, so a row would soon be for nobody. */
const FAMILIES = /^(?:nvidia-|torch$|torchvision$|torchaudio$|triton$)/

const say = (line: string) => process.stdout.write(`${line}\n`)

/** The groups of a set that the table is for. */
function groupsOf(torch: string, python: string): readonly LayerGroup[] {
  const row = MATRIX.releases.find(release => release.torch === torch)
  if (row === undefined) throw new Error(`The matrix has no torch ${torch}.`)
  const audio = row.installsAudio && row.torchaudio !== null ? [`torchaudio==${row.torchaudio}`] : []
  const packages = [`torch==${torch}`, `torchvision==${row.torchvision}`, ...audio]
  const args = ['pip', 'compile', '-', '--quiet', '--no-header', '--format', 'pylock.toml', '--only-binary', ':all:']
  const target = ['--python-version', python, '--python-platform', PLATFORM.uv]
  const ran = spawnSync('uv', [...args, ...target], {input: packages.join('\n'), encoding: 'utf8'})
  if (ran.error !== undefined || ran.status !== 0) throw new Error(`uv: ${ran.error?.message ?? ran.stderr}`)
  const lock = parseLock(ran.stdout, 'the lock')
  const {wheels, hindrances} = chooseWheels(lock, {platform: PLATFORM.ours, python: `${python}.0`})
  if (hindrances.length > 0) throw new Error(hindrances.join('; '))
  return groupWheels(wheels).filter(group => group.wheels.every(({project}) => FAMILIES.test(project)))
}

function write(rows: readonly KnownLayer[]): void {
  const name = ({wheels}: KnownLayer) => wheels.map(([wheel]) => wheel).join(' ')
  const sorted = rows.toSorted((one, other) => (name(one) < name(other) ? -1 : name(one) > name(other) ? 1 : 0))
  writeFileSync(FILE, `[\n${sorted.map(row => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`)
}

const words = process.argv.slice(2)
const isCheck = words.includes('--check')
const kept = JSON.parse(readFileSync(FILE, 'utf8')) as readonly KnownLayer[]
const rows: KnownLayer[] = kept.filter(({layout}) => layout === LAYOUT.version)
const folder = mkdtempSync(join(tmpdir(), 'known-layers-'))
const transport = openTransport({environment: process.env, cancelled: new AbortController().signal})
let differences = 0
try {
  if (!isCheck) write(rows)
  for (const set of words.filter(word => word !== '--check')) {
    const [torch = '', python = ''] = set.split('/')
    for (const group of groupsOf(torch, python)) {
      const wheels = group.wheels.map(({file}) => [file.name, file.sha256] as const)
      const row = rows.find(one => JSON.stringify(one.wheels) === JSON.stringify(wheels))
      if (row !== undefined && !isCheck) continue
      const files = group.wheels.map(({file}) => file)
      const diffId = await deriveDiffId(files, {folder, transport})
      const isSame = row?.diffId === diffId
      if (!isSame) differences += 1
      const verdict = !isCheck ? '' : isSame ? ', as in the table' : `, and the table says ${row?.diffId ?? 'nothing'}`
      say(`${torch} for Python ${python}: ${group.title} ${diffId}${verdict}`)
      if (isCheck) continue
      rows.push({layout: LAYOUT.version, wheels, diffId})
      write(rows)
    }
  }
} finally {
  transport.close()
  rmSync(folder, {recursive: true, force: true})
}
if (isCheck && differences > 0) process.exitCode = 1
