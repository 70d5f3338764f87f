import {existsSync, mkdirSync, readdirSync, rmSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {removeImages} from './disk.ts'
import {type Engine, heldEngine, useEngine} from './engine.ts'
import {heldGitServer} from './git-server.ts'
import {endHeld, type Held, sweepHeld} from './holding.ts'
import {readJson, writeJson} from './json-file.ts'
import {heldRegistry, startRegistry} from './registry.ts'
import {type BaseImage, baseImage, LOCAL_NAMES, tinyImage} from './rootfs.ts'
import {type Say, sayOnStderr} from './say.ts'

/** Which world is wanted. */
export interface WorldOptions {
  /** The folder that everything lies in; removing it removes the world. */
  readonly folder: string
  readonly say?: Say
  /** Leaves everything running when the script ends, until `endWorld`. */
  readonly keep?: boolean
  /** What to make beside the engine and the tiny image. */
  readonly images?: 'tiny' | 'tiny-and-python'
}

/** An engine and images to build upon, ready. Registries and git servers are started by whoever needs one. */
export interface World {
  readonly folder: string
  readonly engine: Engine
  /** `127.0.0.1:port` of an open registry that holds the images. */
  readonly baseRegistry: string
  readonly tiny: string
  /** Absent where only the tiny image was asked for. */
  readonly base?: BaseImage
  /** Ends what was started, unless it is kept or another living process uses it. */
  stop(): Promise<void>
}

/** A world as another process sees it: the same, without the right to end it. */
export type SharedWorld = Omit<World, 'stop' | 'engine'> & {readonly engine: Omit<Engine, 'stop'>}

const KINDS = {'git-servers': heldGitServer, registries: heldRegistry, engines: heldEngine} as const

/** Sets up an engine and images in a folder, and writes how to reach them to `<folder>/world.json`. */
export async function setUpWorld(options: WorldOptions): Promise<World> {
  const folder = resolve(options.folder)
  const say = options.say ?? sayOnStderr
  const keep = options.keep ?? false
  mkdirSync(folder, {recursive: true})
  await sweepWorld(folder)
  const engine = await useEngine({folder, say, keep})
  const registry = await startRegistry({folder, name: 'base', say, keep})
  const request = {folder, engine, registry, say}
  const tiny = await tinyImage(request)
  const base = options.images === 'tiny' ? undefined : await baseImage(request)
  const shared = {folder, engine, baseRegistry: registry.host, tiny, ...(base === undefined ? {} : {base})}
  writeJson(worldFile(folder), shared)
  const stop = async (): Promise<void> => {
    // On the machine's own engine only what bears our names is ours.
    if (!engine.started && !keep) await removeImages(engine, [`${registry.host}/`, `${LOCAL_NAMES}/`])
    await registry.stop()
    await engine.stop()
    await sweepWorld(folder)
  }
  return {...shared, stop}
}

/** The world that another process has set up in a folder. Throws where there is none. */
export function readWorld(folder: string): SharedWorld {
  const world = readJson<SharedWorld>(worldFile(resolve(folder)))
  if (world === undefined) throw new Error(`No world was set up in ${folder}: there is no world.json.`)
  return world
}

/** Ends whatever runs in the folder that no living process uses: what a script left behind when it was killed. */
export async function sweepWorld(folder: string): Promise<void> {
  for (const held of heldBelow(resolve(folder))) await sweepHeld(held)
}

/** Ends everything that runs in the folder, used, kept or not. What was fetched stays, for the next time. */
export async function endWorld(folder: string): Promise<void> {
  for (const held of heldBelow(resolve(folder))) await endHeld(held)
  rmSync(worldFile(resolve(folder)), {force: true})
}

/** Ends everything that runs in the folder and removes the folder whole. */
export async function removeWorld(folder: string): Promise<void> {
  await endWorld(folder)
  rmSync(resolve(folder), {recursive: true, force: true})
}

function heldBelow(folder: string): Held[] {
  return Object.entries(KINDS).flatMap(([kind, heldOf]) => {
    const places = join(folder, kind)
    return existsSync(places) ? readdirSync(places).map(name => heldOf(folder, name)) : []
  })
}

function worldFile(folder: string): string {
  return join(folder, 'world.json')
}
