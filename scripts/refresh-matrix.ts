import {spawnSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {MATRIX} from '../src/pytorch/matrix.ts'
import {differencesOf, type Recorded, withNewReleases} from './matrix/compare.ts'
import {readShelves, recordRelease, stableReleases} from './matrix/pypi.ts'
import {weigh} from './matrix/weigh.ts'

// `npm run matrix` reads PyPI, records what it says of releases that are not recorded yet (`-- --all`: of every one), and
// adds a row for each new one to src/pytorch/matrix.json. It says where recorded rows and PyPI differ and changes none:
// that is for a person to look at. With uv on PATH it also weighs the wheels of new releases.
const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const MATRIX_FILE = 'src/pytorch/matrix.json'
const RECORD_FILE = '__tests__/pytorch/pypi.json'
const isAll = process.argv.includes('--all')

const recorded: Recorded = JSON.parse(readFileSync(resolve(root, RECORD_FILE), 'utf8'))
const shelves = await readShelves()
const found: Record<string, Recorded[string]> = {}
for (const torch of stableReleases(shelves)) {
  const before = recorded[torch]
  if (before !== undefined && !isAll) {
    found[torch] = before
    continue
  }
  const release = await recordRelease(torch, shelves)
  const packages = [`torch==${torch}`, `torchvision==${release.torchvision}`]
  const set = before?.set ?? weigh(packages, release.pythons)
  found[torch] = {...release, ...(set === undefined ? {} : {set})}
  process.stdout.write(`torch ${torch} read: PyPI since ${release.released}, torchvision ${release.torchvision}\n`)
}
const matrix = withNewReleases(MATRIX, found, new Date().toISOString().slice(0, 'YYYY-MM-DD'.length))
const differences = matrix.releases.flatMap(release =>
  differencesOf(release, found[release.torch]).map(line => `torch ${release.torch}: ${line}`)
)
for (const line of differences) process.stdout.write(`${line}\n`)
writeFileSync(resolve(root, RECORD_FILE), JSON.stringify(found, undefined, 2))
writeFileSync(resolve(root, MATRIX_FILE), JSON.stringify(matrix, undefined, 2))
const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
spawnSync(process.execPath, [biome, 'format', '--write', MATRIX_FILE, RECORD_FILE], {cwd: root, stdio: 'ignore'})
const fresh = matrix.releases.filter(({torch}) => recorded[torch] === undefined).map(({torch}) => torch)
process.stdout.write(
  `${fresh.length === 0 ? 'Nothing new.' : `New: ${fresh.join(', ')}.`} ${differences.length} differences.\n`
)
if (differences.length > 0) process.exitCode = 1
