import {existsSync, statfsSync} from 'node:fs'
import {connect} from 'node:net'
import {attempt} from './command.ts'
import type {Engine} from './engine.ts'

/** The bytes that are free for ordinary users on the disk of a folder. */
export function freeBytesAt(folder: string): number {
  const {bavail, bsize} = statfsSync(folder)
  return bavail * bsize
}

/** The bytes that are free where an engine keeps its images; undefined where that is not on this machine. */
export async function freeBytes(engine: Engine): Promise<number | undefined> {
  const root = (await askDocker(engine, 'info', '--format', '{{.DockerRootDir}}')).trim()
  return existsSync(root) ? freeBytesAt(root) : undefined
}

/** Removes the images of an engine whose name begins with one of the given texts (`127.0.0.1:5000/`); returns their names. */
export async function removeImages(engine: Engine, beginnings: readonly string[]): Promise<string[]> {
  const listed = await askDocker(engine, 'image', 'ls', '--format', '{{.Repository}}:{{.Tag}}')
  const names = listed.split('\n').filter(name => beginnings.some(beginning => name.startsWith(beginning)))
  const gone = names.filter(name => !name.endsWith(':<none>'))
  if (gone.length > 0) await askDocker(engine, 'image', 'rm', '--force', ...gone)
  return gone
}

/** Removes from an engine the names that images had in registries of 127.0.0.1 which nobody serves any more. */
export async function removeNamesOfEndedRegistries(engine: Engine, repository: string): Promise<void> {
  const format = ['--format', '{{.Repository}}:{{.Tag}}', '--filter', `reference=127.0.0.1:*/${repository}`]
  const listed = await askDocker(engine, 'image', 'ls', ...format)
  for (const name of listed.split('\n')) {
    const port = /^127\.0\.0\.1:(\d+)\//.exec(name)?.[1]
    if (port !== undefined && !(await isListening(Number(port)))) await askDocker(engine, 'image', 'rm', name)
  }
}

/**
 * Removes the build cache and the nameless images of an engine of ours.
 *
 * Does nothing on the machine's own engine, whose cache belongs to its owner; tells whether it did.
 */
export async function pruneEngine(engine: Engine): Promise<boolean> {
  if (!engine.started) return false
  await askDocker(engine, 'buildx', 'prune', '--builder', 'default', '--all', '--force')
  await askDocker(engine, 'image', 'prune', '--force')
  return true
}

/** The ids of what an engine's builder has in its cache now. */
export async function cacheRecords(engine: Engine): Promise<ReadonlySet<string>> {
  const listed = await askDocker(engine, 'buildx', 'du', '--builder', 'default', '--verbose')
  return new Set([...listed.matchAll(/^ID:\s+(\S+)$/gm)].flatMap(([, id]) => id ?? []))
}

/**
 * Removes from an engine's build cache what was not there before; works on the machine's own engine, too.
 *
 * A record goes only after those that stand on it, hence several rounds.
 */
export async function removeCacheSince(engine: Engine, before: ReadonlySet<string>): Promise<void> {
  for (let left = Number.POSITIVE_INFINITY; ; ) {
    const added = [...(await cacheRecords(engine))].filter(id => !before.has(id))
    if (added.length === 0 || added.length >= left) return
    left = added.length
    for (const id of added) {
      await askDocker(engine, 'buildx', 'prune', '--builder', 'default', '--all', '--force', '--filter', `id=${id}`)
    }
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const end = (listens: boolean): void => {
      socket.destroy()
      resolve(listens)
    }
    socket.on('connect', () => end(true))
    socket.on('error', () => end(false))
  })
}

async function askDocker(engine: Engine, ...argv: readonly string[]): Promise<string> {
  const {stdout} = await attempt([engine.dockerPath, ...argv], {env: {...process.env, ...engine.env}})
  return stdout
}
