import {chmodSync, existsSync, mkdirSync, renameSync, rmSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {attempt, run} from './command.ts'
import {readSystem} from './debian.ts'
import {type Recipe, rootfsTar} from './debootstrap.ts'
import {removeNamesOfEndedRegistries} from './disk.ts'
import type {Engine} from './engine.ts'
import {withLock} from './lock.ts'
import type {Registry} from './registry.ts'
import {type Say, sayOnStderr, timed} from './say.ts'
import {ensureStaticBusybox} from './tools.ts'

/** What an image is made with and where it goes. */
export interface ImageRequest {
  /** The world's folder, which keeps what was made. */
  readonly folder: string
  readonly engine: Engine
  /** An open registry that gets the image too, so that builders without the engine's store can pull it. */
  readonly registry?: Registry
  readonly say?: Say
}

/** An image to build upon. */
export interface BaseImage {
  /** What to write after `FROM`, or to give as `base-image`. */
  readonly reference: string
  /** Its Python, as `3.12`. */
  readonly python: string
  /** How it was had: pulled from a public registry, or made from packages. */
  readonly source: 'pulled' | 'made'
}

interface PublicImage {
  readonly reference: string
  readonly python: string
}

const PUBLIC_IMAGE: PublicImage = {reference: 'python:3.12-slim', python: '3.12'}
const OTHER_PUBLIC_IMAGE: PublicImage = {reference: 'python:3.13-slim', python: '3.13'}
const PUBLIC_REGISTRY = 'https://registry-1.docker.io/v2/'
/** Under which images of ours are called in an engine. */
export const LOCAL_NAMES = 'world'

const PYTHON_COMMAND = ['--change', 'CMD ["python3"]']

const REACHABLE_WITHIN_MS = 8_000

// Debian 12 on every Debian: its Python 3.11 has wheels of every torch release since 2.0.
const DEBIAN_RECIPE = {suite: 'bookworm', python: '3.11'}
const RECIPES: Readonly<Record<string, Recipe>> = {
  jammy: {suite: 'jammy', python: '3.10'},
  noble: {suite: 'noble', python: '3.12'},
  plucky: {suite: 'plucky', python: '3.13'}
}

// Of the same archive, each with another Python than the one above.
const OTHER_DEBIAN_RECIPE = {suite: 'trixie', python: '3.13'}
const OTHER_RECIPES: Readonly<Record<string, Recipe>> = {
  jammy: {suite: 'noble', python: '3.12'},
  noble: {suite: 'jammy', python: '3.10'},
  plucky: {suite: 'noble', python: '3.12'}
}

/** Gets an image with Python to build upon: pulled where a public registry is reachable, else made with debootstrap. */
export async function baseImage(request: ImageRequest): Promise<BaseImage> {
  return pulledOrMade(request, PUBLIC_IMAGE, RECIPES[readSystem().codename] ?? DEBIAN_RECIPE)
}

/**
 * Gets what `baseImage` gets for linux/amd64 and linux/arm64, as one index in the request's registry.
 *
 * Where it is made, the one that this machine does not run holds that platform's own packages, unpacked: enough to lay files
 * upon and to look into, and never started here.
 */
export async function twoPlatformImage(request: ImageRequest & {readonly registry: Registry}): Promise<BaseImage> {
  const own = await baseImage(request)
  if (own.source === 'pulled') return own
  const {suite} = RECIPES[readSystem().codename] ?? DEBIAN_RECIPE
  const architecture = process.arch === 'arm64' ? 'amd64' : 'arm64'
  const recipe = {suite, python: own.python, architecture} as const
  const tar = await rootfsTar(resolve(request.folder), recipe, request.say ?? sayOnStderr)
  const options = ['--platform', `linux/${architecture}`, ...PYTHON_COMMAND]
  const other = await importImage(request, tar, `library/python:${own.python}-slim-${architecture}`, options)
  const reference = `${request.registry.host}/library/python:${own.python}-slim-both`
  const {buildxPlugin, env} = request.engine
  await run([buildxPlugin, 'imagetools', 'create', '--tag', reference, own.reference, other], {
    env: {...process.env, ...env}
  })
  return {...own, reference}
}

/** Gets an image with another Python than that of `baseImage`, in the same way. */
export async function otherBaseImage(request: ImageRequest): Promise<BaseImage> {
  return pulledOrMade(request, OTHER_PUBLIC_IMAGE, OTHER_RECIPES[readSystem().codename] ?? OTHER_DEBIAN_RECIPE)
}

async function pulledOrMade(request: ImageRequest, image: PublicImage, recipe: Recipe): Promise<BaseImage> {
  const say = request.say ?? sayOnStderr
  if (await isThere(request.engine, image.reference)) return {...image, source: 'pulled'}
  if (await isPublicRegistryReachable()) {
    const pulled = await timed(say, `Pull ${image.reference}`, () =>
      docker(request.engine, 'pull', '--quiet', image.reference)
    )
    if (pulled) return {...image, source: 'pulled'}
  }
  const tar = await rootfsTar(resolve(request.folder), recipe, say)
  const reference = await importImage(request, tar, `library/python:${recipe.python}-slim`, PYTHON_COMMAND)
  return {reference, python: recipe.python, source: 'made'}
}

/** Makes an image of 2 MB with a shell and the usual commands (busybox), for tests that last seconds. Returns its reference. */
export async function tinyImage(request: ImageRequest): Promise<string> {
  const folder = join(resolve(request.folder), 'images')
  const say = request.say ?? sayOnStderr
  const busybox = await ensureStaticBusybox(resolve(request.folder), say)
  const tar = join(folder, 'tiny.tar')
  mkdirSync(folder, {recursive: true})
  if (!existsSync(tar))
    await withLock(join(resolve(request.folder), 'locks'), 'tiny', () => makeTinyTar(folder, busybox, tar))
  return importImage(request, tar, 'library/tiny:1', ['--change', 'CMD ["sh"]'])
}

/** Whether Docker Hub answers as a registry does; a proxy's error page does not count. */
export async function isPublicRegistryReachable(): Promise<boolean> {
  try {
    const answer = await fetch(PUBLIC_REGISTRY, {signal: AbortSignal.timeout(REACHABLE_WITHIN_MS)})
    return answer.headers.has('docker-distribution-api-version')
  } catch {
    return false
  }
}

async function makeTinyTar(folder: string, busybox: string, tar: string): Promise<void> {
  const root = join(folder, 'tiny.root')
  rmSync(root, {recursive: true, force: true})
  for (const part of ['bin', 'tmp', 'etc']) mkdirSync(join(root, part), {recursive: true})
  chmodSync(join(root, 'tmp'), 0o1777)
  await run(['cp', busybox, join(root, 'bin', 'busybox')])
  await run([
    busybox,
    'sh',
    '-c',
    `for name in $(${busybox} --list); do [ "$name" = busybox ] || ln -s busybox "${join(root, 'bin')}/$name"; done`
  ])
  await run([
    'tar',
    '--sort=name',
    '--mtime=@0',
    '--numeric-owner',
    '--owner=0',
    '--group=0',
    '-C',
    root,
    '-cf',
    `${tar}.new`,
    '.'
  ])
  renameSync(`${tar}.new`, tar)
  rmSync(root, {recursive: true, force: true})
}

// The image keeps a name of its own in the engine: a registry's port changes from one start to the next.
// One process imports at a time: an engine that is asked for one name by two refuses the later ("already exists").
async function importImage(
  request: ImageRequest,
  tar: string,
  name: string,
  options: readonly string[]
): Promise<string> {
  const say = request.say ?? sayOnStderr
  const local = name.replace('library/', `${LOCAL_NAMES}/`)
  await withLock(join(resolve(request.folder), 'locks'), local.replaceAll(/[/:]/g, '-'), async () => {
    if (await isThere(request.engine, local)) return
    await timed(say, `Import ${local}`, () => runDocker(request.engine, 'import', ...options, tar, local))
  })
  if (request.registry === undefined) return local
  const reference = `${request.registry.host}/${name}`
  await runDocker(request.engine, 'tag', local, reference)
  await removeNamesOfEndedRegistries(request.engine, name)
  await timed(say, `Push ${reference}`, () => runDocker(request.engine, 'push', '--quiet', reference))
  return reference
}

async function isThere(engine: Engine, reference: string): Promise<boolean> {
  return docker(engine, 'image', 'inspect', reference)
}

async function docker(engine: Engine, ...argv: readonly string[]): Promise<boolean> {
  const {exitCode} = await attempt([engine.dockerPath, ...argv], {env: {...process.env, ...engine.env}})
  return exitCode === 0
}

async function runDocker(engine: Engine, ...argv: readonly string[]): Promise<void> {
  await run([engine.dockerPath, ...argv], {env: {...process.env, ...engine.env}})
}
