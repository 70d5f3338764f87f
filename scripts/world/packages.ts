import {chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {run} from './command.ts'
import type {Archive} from './debian.ts'
import {bytesText, type Say, timed} from './say.ts'

/** Packages to lay into the world's folder; nothing is installed on the machine. */
export interface PackageRequest {
  /** The world's folder. */
  readonly folder: string
  readonly archive: Archive
  readonly packages: readonly string[]
  readonly say: Say
}

const PROGRAM_FOLDERS = [
  'bin',
  'sbin',
  'usr/bin',
  'usr/sbin',
  'usr/libexec/docker/cli-plugins',
  'usr/lib/docker/cli-plugins'
]

// What a program needs to find its own parts in another place than /usr. Each is set where the folder holds such parts.
const RELOCATIONS = [
  {variable: 'XTABLES_LIBDIR', parts: /^usr\/lib\/[^/]+\/xtables$/},
  {variable: 'LD_LIBRARY_PATH', parts: /^(usr\/)?lib\/[^/]+-linux-gnu[^/]*$/},
  {variable: 'DEBOOTSTRAP_DIR', parts: /^usr\/share\/debootstrap$/},
  {variable: 'GIT_EXEC_PATH', parts: /^usr\/lib\/git-core$/},
  {variable: 'GIT_TEMPLATE_DIR', parts: /^usr\/share\/git-core\/templates$/}
] as const

// A mirror drops superseded packages: lists that are older may name files that are gone.
const LISTS_FRESH_FOR_MS = 3_600_000

/** Fetches packages just as they are and unpacks them: for binaries that need no library but libc. */
export async function unpackPlain(request: PackageRequest): Promise<void> {
  const debs = await download(request, ['download', ...request.packages])
  const root = join(request.folder, 'packages', request.archive.suite)
  await unpack(debs, root)
  for (const program of programsBelow(root)) placeLink(program, join(request.folder, 'bin', basename(program)))
}

/** Fetches packages of the machine's own suite with what they depend on and the machine lacks, and unpacks them. */
export async function unpackWithDependencies(request: PackageRequest): Promise<void> {
  const options = ['install', '--yes', '--download-only', '--no-install-recommends', '--reinstall']
  const debs = await download(request, [...options, ...request.packages])
  const root = join(request.folder, 'packages', 'own')
  await unpack(debs, root)
  for (const program of programsBelow(root)) {
    const place = join(request.folder, 'bin', basename(program))
    if (isStatic(program)) placeLink(program, place)
    else placeWrapper(root, [program], place)
  }
  for (const name of ['iptables', 'ip6tables', 'iptables-save', 'iptables-restore']) {
    const program = join(root, 'usr/sbin/xtables-nft-multi')
    if (exists(program)) placeWrapper(root, [program, name], join(request.folder, 'bin', name))
  }
}

/** Whether a program needs nothing but the kernel: an ELF file that names no loader. */
export function isStatic(program: string): boolean {
  const content = readFileSync(program)
  return (
    content.subarray(1, 4).toString() === 'ELF' &&
    !/\/ld-(linux|musl)/.test(content.subarray(0, 4096).toString('latin1'))
  )
}

async function download(request: PackageRequest, command: readonly string[]): Promise<string[]> {
  const {archive, say} = request
  const apt = join(request.folder, 'apt', archive.suite)
  const debs = join(apt, 'debs')
  rmSync(debs, {recursive: true, force: true})
  for (const folder of ['lists/partial', 'cache', 'debs/partial']) mkdirSync(join(apt, folder), {recursive: true})
  const list = join(apt, 'sources.list')
  writeFileSync(list, `${archive.lines.join('\n')}\n`)
  const options = aptOptions(apt, list)
  await readLists(request, apt, options)
  await timed(
    say,
    `Fetch ${request.packages.join(', ')}`,
    () => runApt([...options, ...command], debs),
    () => `${bytesText(sizeOf(debFiles(debs)))} of packages`
  )
  return debFiles(debs)
}

async function readLists({archive, say}: PackageRequest, apt: string, options: readonly string[]): Promise<void> {
  const stamp = join(apt, 'lists.read')
  const read = statSync(stamp, {throwIfNoEntry: false})
  if (read !== undefined && Date.now() - read.mtimeMs < LISTS_FRESH_FOR_MS) return
  await timed(say, `Read the package list of ${archive.suite} (${archive.mirror})`, () =>
    runApt([...options, 'update'], apt)
  )
  writeFileSync(stamp, '')
}

async function runApt(argv: readonly string[], cwd: string): Promise<void> {
  try {
    await run(['apt-get', '-qq', ...argv], {cwd, env: {...process.env, LC_ALL: 'C'}})
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `Packages could not be fetched. If \`apt-get update\` works on this machine, try again; else mend it first.\n${said}`,
      {cause}
    )
  }
}

function aptOptions(apt: string, list: string): string[] {
  const settings = {
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(apt, 'lists'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Cache::archives': join(apt, 'debs'),
    // The lock files of the machine's package manager are for those who install; we only download.
    'Debug::NoLocking': 'true',
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    // Without this a mirror that does not answer is only warned about, and the next command fails with a riddle.
    'APT::Update::Error-Mode': 'any'
  }
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
}

async function unpack(debs: readonly string[], root: string): Promise<void> {
  mkdirSync(root, {recursive: true})
  for (const deb of debs) {
    await run(['dpkg-deb', '-x', deb, root])
    rmSync(deb)
  }
}

function programsBelow(root: string): string[] {
  return PROGRAM_FOLDERS.flatMap(folder => listFolder(join(root, folder)).map(name => join(root, folder, name))).filter(
    exists
  )
}

function placeLink(program: string, link: string): void {
  mkdirSync(join(link, '..'), {recursive: true})
  rmSync(link, {force: true})
  symlinkSync(program, link)
}

function placeWrapper(root: string, argv: readonly string[], wrapper: string): void {
  const folders = foldersBelow(root, 4)
  const lines = RELOCATIONS.flatMap(({variable, parts}) => {
    const found = folders.filter(folder => parts.test(folder)).map(folder => join(root, folder))
    return found.length === 0 ? [] : [`export ${variable}='${found.join(':')}'`]
  })
  mkdirSync(join(wrapper, '..'), {recursive: true})
  rmSync(wrapper, {force: true})
  const words = argv.map(word => `'${word}'`).join(' ')
  writeFileSync(wrapper, `#!/bin/sh\n${lines.join('\n')}\nexec ${words} "$@"\n`)
  chmodSync(wrapper, 0o755)
}

function foldersBelow(root: string, depth: number, below = ''): string[] {
  if (depth === 0) return []
  const folders = listFolder(join(root, below)).map(name => (below === '' ? name : `${below}/${name}`))
  return folders
    .filter(folder => statSync(join(root, folder), {throwIfNoEntry: false})?.isDirectory())
    .flatMap(folder => [folder, ...foldersBelow(root, depth - 1, folder)])
}

function listFolder(folder: string): string[] {
  return exists(folder) ? readdirSync(folder) : []
}

function debFiles(folder: string): string[] {
  return listFolder(folder)
    .filter(name => name.endsWith('.deb'))
    .map(name => join(folder, name))
}

function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(file).size, 0)
}

function exists(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false}) !== undefined
}
