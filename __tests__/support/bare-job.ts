import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {expect} from '@jest/globals'
import {eventFor} from '../../scripts/runner/checkout.ts'
import type {EventName} from '../../scripts/runner/events.ts'
import {inheritedFrom} from '../../scripts/runner/local-request.ts'
import type {RunRequest} from '../../scripts/runner/request.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {playBuilt} from './built-action.ts'

/** A job on a machine with git and little else: no engine, no registry, no network. */
export interface BareJob extends Partial<Omit<RunRequest, 'action' | 'event' | 'workspace'>> {
  readonly event?: EventName
  /** Changes the event after it was made, for what GitHub never sends. */
  readonly payloadText?: string | null
  /** Files of the checkout. */
  readonly files?: Readonly<Record<string, string>>
}

const folders: string[] = []

/** Runs the built action in a checkout of its own; nothing of it is changed. */
export async function playBare({event = 'push', payloadText, files, variables, ...job}: BareJob): Promise<RunResult> {
  const workspace = checkoutWith(files ?? {Dockerfile: 'FROM scratch\nCOPY . /\n'})
  const before = fingerprintOf(workspace)
  const {HOME: _home, DOCKER_HOST: _host, DOCKER_CONFIG: _config, ...environment} = inheritedFrom(process.env)
  const played = eventFor(event, workspace, {repository: 'acme/app'})
  const result = await playBuilt({
    token: 'ghs_0123456789abcdefghijklmnop',
    ...job,
    workspace,
    event: payloadText === undefined ? played : {...played, payloadText},
    environment: {...environment, ...job.environment},
    variables: {PATH: folderWithGit(), ...variables}
  })
  expect(fingerprintOf(workspace)).toEqual(before)
  return result
}

/** Removes what `playBare` and `makeFolder` made. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, {recursive: true, force: true})
}

/** A folder that `removeFolders` removes. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bare job '))
  folders.push(folder)
  return folder
}

/** Every file below a folder with what is in it, so that a change shows. */
export function fingerprintOf(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'}).toSorted()
  return Object.fromEntries(names.map(name => [name, contentOf(join(folder, name))]))
}

/** A folder for PATH that holds git, what every Linux has, and nothing else. */
export function folderWithGit(): string {
  const folder = makeFolder()
  const places = (process.env.PATH ?? '').split(':')
  for (const name of ['git', 'sh', 'timeout', 'head']) {
    const found = places.map(place => join(place, name)).find(path => existsSync(path))
    if (found !== undefined) symlinkSync(found, join(folder, name))
  }
  return folder
}

function contentOf(path: string): string {
  const stat = lstatSync(path)
  if (!stat.isFile()) return stat.isDirectory() ? 'folder' : 'other'
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function checkoutWith(files: Readonly<Record<string, string>>): string {
  const workspace = join(makeFolder(), 'work space')
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(workspace, path)), {recursive: true})
    writeFileSync(join(workspace, path), content)
  }
  mkdirSync(workspace, {recursive: true})
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@acme.dev', '-c', 'init.defaultBranch=main']
  const git = (...args: string[]) => execFileSync('git', ['-C', workspace, ...identity, ...args], {stdio: 'ignore'})
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--allow-empty', '--message', 'Begin')
  git('remote', 'add', 'origin', 'https://github.com/acme/app')
  return workspace
}
