import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {openBridge} from '../../src/host/bridge.ts'
import {attempt, run} from '../world/command.ts'
import {atEnd} from '../world/ending.ts'
import {type Engine, useEngine} from '../world/engine.ts'
import {type Registry, startRegistry} from '../world/registry.ts'
import {baseImage, otherBaseImage, tinyImage, twoPlatformImage} from '../world/rootfs.ts'
import type {Say} from '../world/say.ts'

/** What both ways are run on: an engine that nobody else uses, base images, and a place for checkouts. */
export interface Stand {
  readonly folder: string
  readonly engine: Engine
  /** References of base images in a registry on this machine, so that an empty engine can fetch them. */
  readonly base: string
  readonly tiny: string
  /** A folder of this run alone. */
  readonly place: string
  /** What bare docker commands need in their environment: the engine, and the login of `logIn`. */
  readonly environment: Readonly<Record<string, string>>
  /** Makes an image with another Python than that of `base`, once; returns its reference. Throws where there is none. */
  otherBase(): Promise<string>
  /** `base` for linux/amd64 and linux/arm64, once; returns its reference, and leaves the engine empty. */
  baseForBoth(): Promise<string>
  /** Lets bare docker commands log in to one registry, and to no other. */
  logIn(host: string): void
  stop(): Promise<void>
}

/** Who pushes, in both ways. */
export const ROBOT = 'bench-robot'
// Not secret: it opens a registry that listens on this machine alone, for as long as the bench runs.
export const PASSWORD = 'password-of-the-bench-registry'

/** buildx's name for the engine's BuildKit, reached without the docker driver. */
export const BUILDER = 'bench'

// Two benches at once would empty each other's engine.
const OWN_NAME = `bench-${process.pid}`

/** Starts an engine for this bench alone. Throws where that is not possible. */
export async function setUpStand({folder, say}: {folder: string; say: Say}): Promise<Stand> {
  if (process.getuid?.() !== 0) {
    throw new Error('The bench starts an engine of its own, so that it may empty it, and only root can do that.')
  }
  const engine = await useEngine({folder, fresh: OWN_NAME, say})
  const open = await startRegistry({folder, name: `${OWN_NAME}-base`, say})
  const request = {folder, engine, registry: open, say}
  const tiny = await tinyImage(request)
  const base = await inRegistry((await baseImage(request)).reference, {engine, registry: open})
  const place = mkdtempSync(join(tmpdir(), 'bench-'))
  const removePlace = atEnd(async () => rmSync(place, {recursive: true, force: true}))
  const config = join(place, 'docker')
  mkdirSync(join(config, 'cli-plugins'), {recursive: true})
  symlinkSync(engine.buildxPlugin, join(config, 'cli-plugins', 'docker-buildx'))
  const environment = {...engine.env, DOCKER_CONFIG: config}
  const socket = join(place, 'buildkit.sock')
  const bridge = await openBridge({engine: engine.dockerHost.replace('unix://', ''), socket})
  const created = ['buildx', 'create', '--name', BUILDER, '--driver', 'remote', `unix://${socket}`]
  await run([engine.dockerPath, ...created], {env: {...process.env, ...environment}})
  const auth = Buffer.from(`${ROBOT}:${PASSWORD}`).toString('base64')
  const makeBoth = async () => {
    const {reference} = await twoPlatformImage(request)
    await emptyEngine({engine, environment})
    return reference
  }
  let both: Promise<string> | undefined
  return {
    folder,
    engine,
    base,
    tiny,
    place,
    environment,
    baseForBoth: () => {
      both ??= makeBoth()
      return both
    },
    otherBase: async () => inRegistry((await otherBaseImage(request)).reference, {engine, registry: open}),
    logIn(host) {
      writeFileSync(join(config, 'config.json'), JSON.stringify({auths: {[host]: {auth}}}), {mode: 0o600})
    },
    async stop() {
      await bridge.close()
      await removePlace()
      await open.stop()
      await engine.stop()
    }
  }
}

/** Starts an empty registry with login for one way, and logs bare docker commands in to it. */
export async function openRegistry(stand: Stand, name: string, say: Say): Promise<Registry> {
  const users = [{name: ROBOT, password: PASSWORD, allow: {'*': ['pull', 'push'] as const}}]
  const registry = await startRegistry({folder: stand.folder, name: `${OWN_NAME}-${name}`, users, say})
  stand.logIn(registry.host)
  return registry
}

/**
 * Takes every image and all build cache from the bench's own engine: a builder as on a fresh machine. What the disk has yet
 * to write of earlier work is written, so that nobody pays for another's bytes.
 */
export async function emptyEngine({engine, environment}: Pick<Stand, 'engine' | 'environment'>): Promise<void> {
  const env = {...process.env, ...environment}
  await attempt([engine.dockerPath, 'system', 'prune', '--all', '--force'], {env})
  await attempt([engine.dockerPath, 'buildx', 'prune', '--builder', BUILDER, '--all', '--force'], {env})
  await attempt(['sync'])
}

async function inRegistry(
  reference: string,
  {engine, registry}: {engine: Engine; registry: Registry}
): Promise<string> {
  if (reference.startsWith(`${registry.host}/`)) return reference
  const copy = `${registry.host}/library/${reference}`
  const env = {...process.env, ...engine.env}
  await run([engine.dockerPath, 'tag', reference, copy], {env})
  await run([engine.dockerPath, 'push', '--quiet', copy], {env})
  return copy
}
