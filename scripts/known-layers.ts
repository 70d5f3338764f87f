import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {openTransport} from '../src/host/registry-transport.ts'
import type {KnownLayer} from '../src/wheels/known-layers.ts'
import {LAYOUT} from '../src/wheels/layout.ts'
import {deriveDiffId} from './layers/derive.ts'
import {lockSet, type PypiSet, parseSet, pypiSetText, tabledGroups} from './layers/torch-set.ts'
import {UsageError} from './runner/options.ts'

// `npm run layers -- 2.8.0/3.12 2.15.0/3.12/arm64`: makes the layers of those sets of PyTorch from what PyPI serves, and
// writes wheel hashes and diffIDs to src/wheels/known-layers.json. A set without a platform is for linux/amd64. Rows that
// are there are not made again; rows of another layout go. It needs uv on PATH, and fetches gigabytes for each set. Without
// a set it only takes the old rows out.
// With `--check` it writes nothing, makes the rows of the sets once more, and ends with 1 where one differs or is missing.

const FILE = resolve(fileURLToPath(new URL('..', import.meta.url)), 'src/wheels/known-layers.json')

const say = (line: string) => process.stdout.write(`${line}\n`)

function write(rows: readonly KnownLayer[]): void {
  const name = ({wheels}: KnownLayer) => wheels.map(([wheel]) => wheel).join(' ')
  const sorted = rows.toSorted((one, other) => (name(one) < name(other) ? -1 : name(one) > name(other) ? 1 : 0))
  writeFileSync(FILE, `[\n${sorted.map(row => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`)
}

/** Ends where there is no such set. */
function chooseSets(named: readonly string[]): readonly PypiSet[] {
  try {
    return named.map(parseSet)
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown
    process.stderr.write(`${thrown.message}\n`)
    process.exit(2)
  }
}

const words = process.argv.slice(2)
const isCheck = words.includes('--check')
const kept = JSON.parse(readFileSync(FILE, 'utf8')) as readonly KnownLayer[]
const sets = chooseSets(words.filter(word => word !== '--check'))
const rows: KnownLayer[] = kept.filter(({layout}) => layout === LAYOUT.version)
const folder = mkdtempSync(join(tmpdir(), 'known-layers-'))
const transport = openTransport({environment: process.env, cancelled: new AbortController().signal})
let differences = 0
try {
  if (!isCheck) write(rows)
  for (const set of sets) {
    for (const group of tabledGroups(lockSet(set), set)) {
      const wheels = group.wheels.map(({file}) => [file.name, file.sha256] as const)
      const row = rows.find(one => JSON.stringify(one.wheels) === JSON.stringify(wheels))
      if (row !== undefined && !isCheck) continue
      const files = group.wheels.map(({file}) => file)
      const diffId = await deriveDiffId(files, {folder, transport})
      const isSame = row?.diffId === diffId
      if (!isSame) differences += 1
      const verdict = !isCheck ? '' : isSame ? ', as in the table' : `, and the table says ${row?.diffId ?? 'nothing'}`
      say(`${pypiSetText(set)}: ${group.title} ${diffId}${verdict}`)
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
