import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {caBundle} from '../../scripts/world/ca-bundle.ts'
import {attempt, type CommandResult} from '../../scripts/world/command.ts'
import {removeImages} from '../../scripts/world/disk.ts'
import {type Engine, useEngine} from '../../scripts/world/engine.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {baseImage} from '../../scripts/world/rootfs.ts'

const action = resolve(fileURLToPath(new URL('../..', import.meta.url)))
const DOCKERFILE = join(action, 'dockerfiles', 'pytorch-cuda.Dockerfile')
/** Stands for torch. */
const PACKAGES = 'idna==3.10 six==1.17.0'
/** Of a build that failed: buildx shows the instruction twice before it ends, and the words of what ran stand above that. */
const TOLD_LETTERS = 12_000

/** An engine, a registry and a base image in which images of the built-in Dockerfile are made and started. */
export interface Workshop {
  readonly registry: Registry
  /** A folder that is gone afterwards. */
  readonly place: string
  /** The base image of what is built. */
  readonly base: string
  /** This machine's certificates, for builds that fetch. */
  readonly bundle: string
  /** The build context, empty until a test puts something there. */
  readonly context: string
  /** Builds an image of it and pushes it, with more options of buildx; throws what buildx said. */
  build(name: string, args: Readonly<Record<string, string>>, options?: readonly string[]): Promise<void>
  /** Builds it for the engine alone: what has gigabytes is not pushed. */
  load(name: string, args: Readonly<Record<string, string>>): Promise<void>
  reference(name: string): string
  docker(...words: readonly string[]): Promise<CommandResult>
  /** Starts a container on the host's network; it is removed at the end. Returns its name. */
  start(name: string, options?: readonly string[], command?: readonly string[]): Promise<string>
  /** Waits until a container has said something; throws, with what it said, where it ends before. */
  saidBy(container: string, text: RegExp): Promise<string>
  /** Compressed layers with their sizes. */
  layersOf(name: string): Promise<readonly {readonly digest: string; readonly size: number}[]>
  close(): Promise<void>
}

/** Opens a workshop; `name` tells it from others that are open at the same time. */
export async function openWorkshop(name: string): Promise<Workshop> {
  const folder = resolve(process.env.WORLD_FOLDER ?? join(action, '.world'))
  const say = () => {}
  const place = mkdtempSync(join(tmpdir(), `${name}-`))
  const engine = await useEngine({folder, say})
  const registry = await startRegistry({folder, name: `${name}-${process.pid}`, say})
  const base = (await baseImage({folder, engine, say})).reference
  const bundle = join(place, 'bundle.crt')
  writeFileSync(bundle, readFileSync(caBundle(folder)))
  const containers: string[] = []
  const context = join(place, 'context')
  mkdirSync(context)
  const docker = dockerOf(engine)
  const reference = (image: string) => `${registry.host}/${image}:1`
  const make = async (
    image: string,
    args: Readonly<Record<string, string>>,
    {output, options = []}: {readonly output: string; readonly options?: readonly string[]}
  ) => {
    const given = Object.entries({BASE_IMAGE: base, TORCH_PACKAGES: PACKAGES, ...args})
    const {exitCode, stderr} = await docker(
      ...['buildx', 'build', '--progress=plain', '--provenance=false', '--network=host', '--file', DOCKERFILE],
      ...given.flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
      ...['--secret', `id=ca-bundle,src=${bundle}`, '--output', `type=image,name=${reference(image)},${output}`],
      ...options,
      context
    )
    if (exitCode !== 0) throw new Error(stderr.slice(-TOLD_LETTERS))
  }

  return {
    registry,
    place,
    base,
    bundle,
    context,
    docker,
    reference,
    build: (image, args, options = []) => make(image, args, {output: 'push=true', options}),
    load: (image, args) => make(image, args, {output: 'compression=zstd,compression-level=1,oci-mediatypes=true'}),
    start: async (image, options = [], command = []) => {
      const container = `${name}-${process.pid}-${containers.length}`
      containers.push(container)
      const {exitCode, stderr} = await docker(
        ...['run', '--detach', '--name', container, '--network', 'host', ...options],
        ...[reference(image), ...command]
      )
      if (exitCode !== 0) throw new Error(stderr)
      return container
    },
    saidBy: (container, text) => awaitSaid(docker, container, text),
    layersOf: image => readLayers(registry, image),
    close: async () => {
      if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers)
      await removeImages(engine, [`${registry.host}/`])
      await registry.stop()
      await engine.stop()
      rmSync(place, {recursive: true, force: true})
    }
  }
}

/** Writes a file that a container can read, whoever it runs as; returns its path. */
export function layFile(place: string, name: string, text: string): string {
  const path = join(place, name)
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, text, {mode: 0o644})
  return path
}

/** A port of this machine that nothing listens on. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => done(port))
    })
  })
}

function dockerOf(engine: Engine): Workshop['docker'] {
  return (...words) => attempt([engine.dockerPath, ...words], {env: {...process.env, ...engine.env}})
}

async function awaitSaid(docker: Workshop['docker'], container: string, text: RegExp): Promise<string> {
  for (;;) {
    const {stdout, stderr} = await docker('logs', container)
    const said = `${stdout}${stderr}`
    if (text.test(said)) return said
    const {stdout: state} = await docker('inspect', '--format', '{{.State.Running}}', container)
    if (state.trim() !== 'true') throw new Error(`${container} ended and said:\n${said}`)
    await sleep(200)
  }
}

async function readLayers(registry: Registry, image: string): ReturnType<Workshop['layersOf']> {
  const answer = await fetch(`http://${registry.host}/v2/${image}/manifests/1`, {
    headers: {
      accept: 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'
    }
  })
  const {layers} = (await answer.json()) as {layers: {digest: string; size: number}[]}
  return layers
}
