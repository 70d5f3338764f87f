import {createHash} from 'node:crypto'
import {parse} from 'smol-toml'
import type {Lock, LockedFile, LockedPackage, LockedSource} from '../model/lock.ts'
import {Problem} from '../model/problem.ts'

/**
 * Reads a `pylock.toml` (PEP 751, lock version 1).
 *
 * Throws `lock-invalid` with everything that is wrong with it: no TOML, a package without a source, a file without a
 * SHA-256, a git source that names no whole commit. `shown` is how messages name the file.
 */
export function parseLock(text: string, shown: string): Lock {
  const table = tableOf(text, shown)
  const faults: string[] = []
  const version = table['lock-version']
  if (typeof version !== 'string' || !/^1\.\d+$/.test(version)) {
    faults.push(`lock-version is ${version === undefined ? 'missing' : JSON.stringify(version)}, and 1.0 is understood`)
  }
  const entries = table.packages
  if (!Array.isArray(entries) || entries.length === 0) faults.push('it has no [[packages]]')
  const packages = (Array.isArray(entries) ? entries : []).flatMap((entry: unknown, at) => {
    const read = readPackage(isTable(entry) ? entry : {}, `[[packages]] number ${at + 1}`)
    faults.push(...read.faults)
    return read.found === undefined ? [] : [read.found]
  })
  if (faults.length > 0) throw invalid(shown, faults)
  const requiresPython = textAt(table, 'requires-python')
  return {
    createdBy: textAt(table, 'created-by') ?? 'unknown',
    ...(requiresPython === undefined ? {} : {requiresPython}),
    packages
  }
}

/** SHA-256 of a lock's text, 64 digits; of several locks, of one after another. */
export function lockHash(...texts: readonly string[]): string {
  return texts.reduce((hash, text) => hash.update(text), createHash('sha256')).digest('hex')
}

/** A project's name as indexes compare it (PEP 503). */
export function normalizedName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

type Table = Readonly<Record<string, unknown>>

/** What was made of an entry, or why nothing could be. */
interface Read<T> {
  readonly found?: T
  readonly faults: readonly string[]
}

function tableOf(text: string, shown: string): Table {
  try {
    return parse(text) as Table
  } catch (thrown) {
    const said = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown)
    throw invalid(shown, [said])
  }
}

function readPackage(entry: Table, place: string): Read<LockedPackage> {
  const written = textAt(entry, 'name')
  if (written === undefined) return {faults: [`${place} has no name`]}
  const name = normalizedName(written)
  const {found: source, faults} = readSource(entry, name)
  if (source === undefined) return {faults}
  const version = textAt(entry, 'version')
  const marker = textAt(entry, 'marker')
  const index = textAt(entry, 'index')
  return {
    found: {
      name,
      ...(version === undefined ? {} : {version}),
      ...(marker === undefined ? {} : {marker}),
      ...(index === undefined ? {} : {index}),
      source
    },
    faults
  }
}

/** The source that an installer would take: PEP 751 names the order. */
function readSource(entry: Table, name: string): Read<LockedSource> {
  const {vcs, directory, archive, sdist, wheels} = entry
  if (isTable(vcs)) return readVcs(vcs, name)
  if (isTable(directory)) {
    const path = textAt(directory, 'path')
    if (path === undefined) return {faults: [`${name}: its directory has no path`]}
    return {found: {kind: 'directory', path, editable: directory.editable === true}, faults: []}
  }
  if (isTable(archive)) return readArchive(archive, name)
  if (Array.isArray(wheels) && wheels.length > 0) {
    const files = wheels.map((wheel: unknown) => readFile(isTable(wheel) ? wheel : {}, name))
    const found = files.flatMap(file => (file.found === undefined ? [] : [file.found]))
    return {found: {kind: 'wheels', wheels: found}, faults: files.flatMap(file => file.faults)}
  }
  if (isTable(sdist)) {
    const {found, faults} = readFile(sdist, name)
    return found === undefined ? {faults} : {found: {kind: 'sdist', sdist: found}, faults}
  }
  return {faults: [`${name} has no wheels, no sdist, no archive, no vcs and no directory`]}
}

function readVcs(vcs: Table, name: string): Read<LockedSource> {
  const type = textAt(vcs, 'type')
  const url = textAt(vcs, 'url')
  const commit = textAt(vcs, 'commit-id')
  if (type !== 'git') return {faults: [`${name}: only git is understood, and its vcs is ${type ?? 'not named'}`]}
  if (url === undefined) return {faults: [`${name}: its vcs has no url`]}
  if (commit === undefined || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
    return {faults: [`${name}: its commit-id is ${commit ?? 'missing'}, and a whole commit is needed`]}
  }
  const requestedRevision = textAt(vcs, 'requested-revision')
  const subdirectory = textAt(vcs, 'subdirectory')
  return {
    found: {
      kind: 'git',
      url,
      commit,
      ...(requestedRevision === undefined ? {} : {requestedRevision}),
      ...(subdirectory === undefined ? {} : {subdirectory})
    },
    faults: []
  }
}

/** A file that a requirement named by its address: a wheel, or source to be built. */
function readArchive(archive: Table, name: string): Read<LockedSource> {
  const {found, faults} = readFile(archive, name)
  if (found === undefined) return {faults}
  const isWheel = found.name.endsWith('.whl')
  return {found: isWheel ? {kind: 'wheels', wheels: [found]} : {kind: 'sdist', sdist: found}, faults}
}

function readFile(file: Table, name: string): Read<LockedFile> {
  const url = textAt(file, 'url')
  if (url === undefined) return {faults: [`${name}: a file has no url`]}
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return {faults: [`${name}: ${url} is no web address`]}
  const fileName = textAt(file, 'name') ?? lastPart(url)
  const sha256 = isTable(file.hashes) ? textAt(file.hashes, 'sha256')?.toLowerCase() : undefined
  if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return {faults: [`${name}: ${fileName} has no SHA-256`]}
  const {size} = file
  return {
    found: {url, name: fileName, ...(typeof size === 'number' ? {sizeBytes: size} : {}), sha256},
    faults: []
  }
}

function lastPart(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textAt(table: Table, key: string): string | undefined {
  const value = table[key]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function invalid(shown: string, faults: readonly string[]): Problem {
  return new Problem('lock-invalid', {
    what: `${shown} is not a lock that can be installed from.`,
    why: 'Every file of a lock is fetched by its address and known by its SHA-256, and git sources by their commit.',
    fix: 'Write it anew: `npm run local -- lock`, or `uv pip compile --format pylock.toml` with the same requirements.',
    evidence: faults
  })
}
