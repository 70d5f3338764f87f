import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {run} from '../world/command.ts'
import {cacheRecords, removeCacheSince} from '../world/disk.ts'
import {type Engine, useEngine} from '../world/engine.ts'
import {type GitServer, startGitServer} from '../world/git-server.ts'
import {type Registry, startRegistry} from '../world/registry.ts'
import {baseImage} from '../world/rootfs.ts'
import {type Say, timed} from '../world/say.ts'
import {ensureTools} from '../world/tools.ts'
import {APP_FILES, KERNEL_FILES} from './story.ts'

/** Everything that the story is played on: an engine, two registries, a git server and a checkout. */
export interface Stage {
  readonly engine: Engine
  /** Asks for a token like GHCR does. */
  readonly registry: Registry
  readonly git: GitServer
  /** A checkout of the application as actions/checkout leaves it with `persist-credentials: false`. */
  readonly workspace: string
  readonly baseImage: string
  readonly image: string
  /** A registry client that is not the action's. */
  readonly skopeo: string
  /** What the repository's settings would hold as secrets. */
  readonly secrets: Readonly<Record<'KERNELS_READ_TOKEN' | 'REGISTRY_PASSWORD', string>>
  stop(): Promise<void>
}

/** The user of the registry that may push the image. */
export const ROBOT = 'acme-robot'
export const APP = 'acme/vision-app'
export const KERNELS = 'acme/private-kernels'

// Not secret: they open servers that listen on this machine alone, for as long as the demo runs.
const SECRETS = {
  KERNELS_READ_TOKEN: 'kernels-read-token-of-the-demo',
  REGISTRY_PASSWORD: 'registry-password-of-the-demo'
}

/** Sets the stage; each thing that takes long says so. */
export async function setStage({folder, keep, say}: {folder: string; keep: boolean; say: Say}): Promise<Stage> {
  const engine = await useEngine({folder, keep, say})
  const open = await startRegistry({folder, name: 'base-images', keep, say})
  const registry = await startRegistry({
    folder,
    name: 'demo',
    keep,
    say,
    users: [{name: ROBOT, password: SECRETS.REGISTRY_PASSWORD, allow: {[APP]: ['pull', 'push']}}]
  })
  const base = await baseImage({folder, engine, registry: open, say})
  const git = await startGitServer({
    folder,
    name: 'demo',
    keep,
    say,
    tokens: [{name: 'kernels', token: SECRETS.KERNELS_READ_TOKEN, repositories: [KERNELS]}]
  })
  const commit = await git.createRepository(KERNELS, KERNEL_FILES)
  await git.createRepository(APP, APP_FILES, {
    access: 'public',
    submodules: {kernels: {url: '../private-kernels', commit}}
  })
  const workspace = join(folder, 'demo checkout')
  await freshCheckout({git, workspace})
  const cacheBefore = await cacheRecords(engine)
  return {
    engine,
    registry,
    git,
    workspace,
    baseImage: base.reference,
    image: `${registry.host}/${APP}`,
    skopeo: await ensureTools(folder, ['skopeo'], say),
    secrets: SECRETS,
    async stop() {
      if (keep) return
      rmSync(workspace, {recursive: true, force: true})
      await timed(say, 'Remove what was built from the engine', () => removeCacheSince(engine, cacheBefore))
      await git.stop()
      await registry.stop()
      await open.stop()
      await engine.stop()
    }
  }
}

/** Checks the application out anew, without its submodules, as every job on a fresh machine does. */
export async function freshCheckout({git, workspace}: Pick<Stage, 'git' | 'workspace'>): Promise<void> {
  rmSync(workspace, {recursive: true, force: true})
  await run(['git', 'clone', '--quiet', `${git.url}/${APP}`, workspace])
}
