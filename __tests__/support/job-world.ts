import {execFileSync, spawnSync} from 'node:child_process'
import {createHash, randomBytes} from 'node:crypto'
import {copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {eventFor} from '../../scripts/runner/checkout.ts'
import type {WorkflowEvent} from '../../scripts/runner/event.ts'
import type {EventName, EventOptions} from '../../scripts/runner/events.ts'
import {inheritedFrom} from '../../scripts/runner/local-request.ts'
import type {RunRequest} from '../../scripts/runner/request.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {buildkitImage} from '../../scripts/world/buildkitd.ts'
import {type Engine, type EngineOptions, useEngine} from '../../scripts/world/engine.ts'
import {type GitServer, startGitServer} from '../../scripts/world/git-server.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {baseImage, isPublicRegistryReachable, tinyImage} from '../../scripts/world/rootfs.ts'
import {ensureTools} from '../../scripts/world/tools.ts'
import {ACTION, playBuilt} from './built-action.ts'

/** The repository that the jobs of a test file belong to. */
export const REPOSITORY = 'Acme/App'
/** May push and pull everything of the registry. */
export const ROBOT = {name: 'robot', password: 'robot-password-4bz81x'} as const
/** May only pull. */
export const READER = {name: 'reader', password: 'reader-password-77ah2k'} as const

/** A package that anyone may read, and only the robot may write. */
export const OPEN = 'acme/open'

/** What buildx starts for the docker-container driver. */
const BUILDKIT_IMAGE = 'moby/buildkit:buildx-stable-1'

/** A job: an event, a `with:` block, secrets. The rest is as on any runner. */
export interface Job extends Partial<Omit<RunRequest, 'action' | 'event' | 'workspace'>> {
  readonly event?: EventName | WorkflowEvent
  readonly options?: EventOptions
  readonly workspace?: string
}

/** What `FROM` the tiny image gives, in a builder that sees no images of the engine. */
export const FROM_TINY_ARCHIVE = 'FROM scratch\nADD tiny.tar /'

/** What a checkout has beside its files. */
export interface CheckoutOptions {
  /** Folder below the place of this world; `workspace` where nothing is said. */
  readonly directory?: string
  /** Adds the files of `tiny` as an archive, for `FROM_TINY_ARCHIVE`. */
  readonly hasTiny?: true
  /** Submodules by path: the address in `.gitmodules`, and the commit to point to. They are not fetched. */
  readonly submodules?: Readonly<Record<string, {readonly url: string; readonly commit: string}>>
}

/** A real engine, registry and git server, and a checkout, for the jobs of one test file. */
export interface JobWorld {
  readonly engine: Engine
  readonly registry: Registry
  readonly git: GitServer
  /** An image of 2 MB with a shell. */
  readonly tiny: string
  /** Makes sure that the docker-container driver finds BuildKit's image, which it pulls where Docker Hub is in reach. */
  provideBuildkit(): Promise<void>
  /** `127.0.0.1:port/acme/app`. */
  readonly image: string
  /** A line for a Dockerfile after which no step is answered from what an earlier test run left in the engine. */
  readonly fresh: string
  /** A folder of this world alone, with a blank in its name. */
  readonly place: string
  /** The machine's own docker configuration, as jobs find it. */
  readonly dockerConfig: string
  /** Makes a checkout with these files and one commit; a second call adds a commit to it. */
  checkout(files: Readonly<Record<string, string>>, options?: CheckoutOptions): string
  /** Makes a submodule what it is after a fresh checkout: an empty folder. */
  clearSubmodule(path: string): void
  /** The request that `run` would play, for what must not be held to its promises. */
  request(job: Job): Omit<RunRequest, 'action'>
  /** Runs the built action; whatever the end, no secret is seen and nothing is left behind. */
  run(job: Job): Promise<RunResult>
  /** The `registry-credentials` line of the robot, its password taken from the job's secrets. */
  readonly login: string
  docker(...args: readonly string[]): string
  /** What a program of this machine prints; empty where it fails. */
  program(file: string, ...args: readonly string[]): string
  /** Digest and manifest of a reference in the registry, or undefined. */
  manifest(reference: string): {readonly digest: string; readonly json: Record<string, unknown>} | undefined
  /** The configuration of an image in the registry. */
  config(reference: string): {readonly config?: {readonly Labels?: Readonly<Record<string, string>>}}
  tags(repository?: string): readonly string[]
  stop(): Promise<void>
}

/** Sets up a world whose name no other test file has. Engine, tools and images are shared, all else is its own. */
export async function makeJobWorld(name: string, wanted: Partial<EngineOptions> = {}): Promise<JobWorld> {
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  const say = () => {}
  const engine = await useEngine({folder, say, ...wanted})
  const unique = `${name}-${randomBytes(3).toString('hex')}`
  const users = [
    {...ROBOT, allow: {'*': ['pull', 'push'] as const}},
    {...READER, allow: {'*': ['pull'] as const}}
  ]
  const registry = await startRegistry({folder, name: unique, users, public: [OPEN], say})
  const git = await startGitServer({folder, name: unique, tokens: [], say})
  const tiny = await tinyImage({folder, engine, say})
  const place = mkdtempSync(join(tmpdir(), `jobs of ${name} `))
  const dockerConfig = makeDockerConfig(join(place, 'docker'), engine)
  // Without the machine's own home folder: a private one stands in, and what is left in it shows.
  const {HOME: _, ...inherited} = inheritedFrom(process.env)
  const environment = {...inherited, ...engine.env, DOCKER_CONFIG: dockerConfig}
  const skopeo = await ensureTools(folder, ['skopeo'], say)
  const inRegistry = (...args: readonly string[]) => {
    const login = ['--tls-verify=false', '--creds', `${ROBOT.name}:${ROBOT.password}`]
    return execFileSync(skopeo, [...args.slice(0, 1), ...login, ...args.slice(1)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore']
    })
  }
  const image = `${registry.host}/acme/app`
  const request: JobWorld['request'] = ({
    event = 'push',
    options,
    workspace = join(place, 'workspace'),
    ...job
  }: Job) => {
    const about = {repository: REPOSITORY, serverUrl: git.url, ...options}
    return {
      ...job,
      workspace,
      secrets: {REGISTRY_PASSWORD: ROBOT.password, ...job.secrets},
      event: typeof event === 'string' ? eventFor(event, workspace, about) : event,
      environment: {...environment, ...job.environment}
    }
  }
  return {
    engine,
    registry,
    git,
    tiny,
    async provideBuildkit() {
      if (await isPublicRegistryReachable()) return
      const base = await baseImage({folder, engine, say})
      const made = await buildkitImage({folder, engine, base, say})
      execFileSync(engine.dockerPath, ['tag', made, BUILDKIT_IMAGE], {env: {...process.env, ...engine.env}})
    },
    image,
    fresh: `ENV FRESH=${unique}`,
    place,
    dockerConfig,
    login: `${registry.host} ${ROBOT.name} \${{ secrets.REGISTRY_PASSWORD }}`,
    checkout(files, {directory = 'workspace', submodules = {}, hasTiny} = {}) {
      const path = join(place, directory)
      mkdirSync(path, {recursive: true})
      if (hasTiny === true) copyFileSync(join(folder, 'images', 'tiny.tar'), join(path, 'tiny.tar'))
      return commitFiles(path, {files, submodules, origin: `${git.url}/${REPOSITORY}`})
    },
    clearSubmodule(path) {
      const workspace = join(place, 'workspace')
      rmSync(join(workspace, path), {recursive: true, force: true})
      rmSync(join(workspace, '.git', 'modules', path), {recursive: true, force: true})
      mkdirSync(join(workspace, path))
    },
    request,
    run: job => playBuilt(request(job)),
    docker: (...args) =>
      execFileSync(engine.dockerPath, args, {encoding: 'utf8', env: {...process.env, ...engine.env}}).trim(),
    program: (file, ...args) => spawnSync(file, args, {encoding: 'utf8'}).stdout.trim(),
    manifest(reference) {
      try {
        // As it stands there: of an index without an image for this machine, skopeo tells nothing else.
        const raw = inRegistry('inspect', '--raw', `docker://${reference}`)
        const digest = `sha256:${createHash('sha256').update(raw).digest('hex')}`
        return {digest, json: JSON.parse(raw) as Record<string, unknown>}
      } catch {
        return undefined
      }
    },
    config: reference => JSON.parse(inRegistry('inspect', '--config', `docker://${reference}`)) as object,
    tags(repository = 'acme/app') {
      try {
        const listed = inRegistry('list-tags', `docker://${registry.host}/${repository}`)
        return (JSON.parse(listed) as {Tags: string[]}).Tags.toSorted()
      } catch {
        return []
      }
    },
    async stop() {
      rmSync(place, {recursive: true, force: true})
      await git.stop()
      await registry.stop()
      await engine.stop()
    }
  }
}

/** A docker configuration that no other job sees, with nothing in it but buildx. */
function makeDockerConfig(directory: string, engine: Engine): string {
  mkdirSync(join(directory, 'cli-plugins'), {recursive: true})
  symlinkSync(engine.buildxPlugin, join(directory, 'cli-plugins', 'docker-buildx'))
  return directory
}

function commitFiles(
  directory: string,
  {
    files,
    submodules,
    origin
  }: {
    files: Readonly<Record<string, string>>
    submodules: NonNullable<CheckoutOptions['submodules']>
    origin: string
  }
): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@acme.dev', '-c', 'init.defaultBranch=main']
  const git = (...args: string[]) => execFileSync('git', ['-C', directory, ...identity, ...args], {stdio: 'ignore'})
  mkdirSync(directory, {recursive: true})
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), {recursive: true})
    writeFileSync(join(directory, path), content)
  }
  git('init', '--quiet')
  for (const [path, {url}] of Object.entries(submodules)) {
    mkdirSync(join(directory, path), {recursive: true})
    git('config', '--file', '.gitmodules', `submodule.${path}.path`, path)
    git('config', '--file', '.gitmodules', `submodule.${path}.url`, url)
  }
  git('add', '--all')
  for (const [path, {commit}] of Object.entries(submodules)) {
    git('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`)
  }
  git('commit', '--quiet', '--allow-empty', '--message', 'Change')
  try {
    git('remote', 'add', 'origin', origin)
  } catch {
    git('remote', 'set-url', 'origin', origin)
  }
  return directory
}
