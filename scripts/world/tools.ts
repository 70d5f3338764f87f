import {accessSync, constants, existsSync, readFileSync, writeFileSync} from 'node:fs'
import {delimiter, join, resolve} from 'node:path'
import {readArchives} from './debian.ts'
import {withLock} from './lock.ts'
import {isStatic, unpackPlain, unpackWithDependencies} from './packages.ts'
import type {Say} from './say.ts'

/** Programs of the machine's own suite that the world may need, each with the package that holds it. */
export const TOOLS = {
  runc: 'runc',
  iptables: 'iptables',
  busybox: 'busybox-static',
  debootstrap: 'debootstrap',
  'docker-registry': 'docker-registry',
  openssl: 'openssl',
  git: 'git',
  'git-lfs': 'git-lfs',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  wget: 'wget',
  skopeo: 'skopeo',
  podman: 'podman',
  ctr: 'containerd',
  shellcheck: 'shellcheck',
  gh: 'gh',
  jq: 'jq'
} as const

/** The name of a program in `TOOLS`. */
export type Tool = keyof typeof TOOLS

/** The programs that a Docker engine of ours is made of, beside what `TOOLS` names. */
export const ENGINE_TOOLS: readonly [Tool, ...Tool[]] = ['runc', 'iptables', 'busybox']

// Raised when the list of engine packages changes, so that a folder of before gets what is new.
const ENGINE_CONTENT = 'engine packages 2'

/** The PATH on which the world's own programs come first. */
export function worldPath(folder: string): string {
  return [join(folder, 'bin'), process.env.PATH ?? '', '/usr/sbin', '/sbin'].join(delimiter)
}

/** The same for a server's folder, which lies two below the world's: `registries/name`, `git-servers/name`. */
export function worldPathOf(serverFolder: string): string {
  return worldPath(resolve(serverFolder, '..', '..'))
}

/** Where a program is found, first among the world's own, then on PATH. */
export function findTool(folder: string, name: string): string | undefined {
  return firstOn(worldPath(folder), name)
}

/** Where a program of the machine itself is found. */
export function findOnPath(name: string): string | undefined {
  return firstOn(process.env.PATH ?? '', name)
}

/** Those of the wanted programs that this machine and the folder lack. */
export function missingTools(folder: string, wanted: readonly Tool[]): Tool[] {
  return wanted.filter(tool => findTool(folder, tool) === undefined)
}

/** Makes sure that programs are there, unpacking into the folder those that are not. Returns the path of the first. */
export async function ensureTools(folder: string, wanted: readonly [Tool, ...Tool[]], say: Say): Promise<string> {
  if (missingTools(folder, wanted).length > 0) {
    await withLock(join(folder, 'locks'), 'packages', () => unpackTools(folder, missingTools(folder, wanted), say))
  }
  const found = findTool(folder, wanted[0])
  if (found === undefined)
    throw new Error(`${wanted[0]} is missing, also after ${TOOLS[wanted[0]]} was unpacked into ${folder}.`)
  return found
}

/** A busybox that runs in an empty image: the machine's own may need libraries. */
export async function ensureStaticBusybox(folder: string, say: Say): Promise<string> {
  const found = await ensureTools(folder, ['busybox'], say)
  if (isStatic(found)) return found
  await withLock(join(folder, 'locks'), 'packages', () => unpackTools(folder, ['busybox'], say))
  return join(folder, 'bin', 'busybox')
}

/** Makes sure that the engine's programs lie in the folder, and returns the folder they are in. */
export async function ensureEnginePrograms(folder: string, say: Say): Promise<string> {
  const bin = join(folder, 'bin')
  await ensureTools(folder, ENGINE_TOOLS, say)
  if (hasEnginePrograms(folder)) return bin
  await withLock(join(folder, 'locks'), 'packages', async () => {
    if (hasEnginePrograms(folder)) return
    const {engine, enginePackages} = await readArchives()
    await unpackPlain({folder, archive: engine, packages: enginePackages, say})
    writeFileSync(engineStamp(folder), ENGINE_CONTENT)
  })
  return bin
}

/** Whether the engine's programs lie in the folder, all of them. */
export function hasEnginePrograms(folder: string): boolean {
  return existsSync(engineStamp(folder)) && readFileSync(engineStamp(folder), 'utf8') === ENGINE_CONTENT
}

/** Makes sure that there is a buildx plugin in the folder, for a machine whose Docker has none. */
export async function ensureBuildx(folder: string, say: Say): Promise<string> {
  const plugin = join(folder, 'bin', 'docker-buildx')
  if (isExecutable(plugin)) return plugin
  await withLock(join(folder, 'locks'), 'packages', async () => {
    if (isExecutable(plugin)) return
    const {engine} = await readArchives()
    await unpackPlain({folder, archive: engine, packages: ['docker-buildx'], say})
  })
  return plugin
}

function firstOn(path: string, name: string): string | undefined {
  return path
    .split(delimiter)
    .map(place => join(place, name))
    .find(isExecutable)
}

async function unpackTools(folder: string, tools: readonly Tool[], say: Say): Promise<void> {
  if (tools.length === 0) return
  const {own} = await readArchives()
  await unpackWithDependencies({folder, archive: own, packages: tools.map(tool => TOOLS[tool]), say})
}

function engineStamp(folder: string): string {
  return join(folder, 'packages', 'engine.complete')
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
