import {existsSync, mkdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {caBundle} from './ca-bundle.ts'
import {attempt, run} from './command.ts'
import {readArchives, readSystem} from './debian.ts'
import type {Engine} from './engine.ts'
import {withLock} from './lock.ts'
import {unpackPlain} from './packages.ts'
import {type BaseImage, LOCAL_NAMES} from './rootfs.ts'
import {type Say, sayOnStderr, timed} from './say.ts'

/** What the image of BuildKit's daemon is made with. */
export interface BuildkitRequest {
  /** The world's folder, which keeps the programs. */
  readonly folder: string
  readonly engine: Engine
  /** The image that it is built upon: of Debian or Ubuntu, with apt. */
  readonly base: BaseImage
  readonly say?: Say
}

interface Go {
  readonly program: string
  readonly root?: string
}

// The newest release whose modules are all served by Go's module proxy.
const BUILDKIT = {module: 'github.com/moby/buildkit', version: 'v0.25.2'}
const PROGRAMS = ['buildkitd', 'buildctl']
const GO_MINOR_MIN = 24
// Debian 13 and its successors have packages of a Go that is new enough; they lie beside the system and need only libc.
const GO_PACKAGES = {suites: ['trixie'], packages: ['golang-1.24-go', 'golang-1.24-src'], root: 'usr/lib/go-1.24'}

/**
 * Makes an image of BuildKit's daemon in the engine, as the docker-container driver needs one where none can be pulled.
 *
 * To be used as `docker buildx create --driver docker-container --driver-opt image=<reference>`. Throws, saying why, where there is
 * no Go to build it with.
 */
export async function buildkitImage(request: BuildkitRequest): Promise<string> {
  const folder = resolve(request.folder)
  const say = request.say ?? sayOnStderr
  const reference = `${LOCAL_NAMES}/buildkitd:${BUILDKIT.version}`
  const env = {...process.env, ...request.engine.env}
  const {dockerPath} = request.engine
  // One process at a time: an engine that is asked for one name by two refuses the later ("already exists").
  await withLock(join(folder, 'locks'), 'buildkit-image', async () => {
    if ((await attempt([dockerPath, 'image', 'inspect', reference], {env})).exitCode === 0) return
    const programs = await buildkitPrograms(folder, say)
    writeFileSync(join(programs, 'Dockerfile'), dockerfile(request.base.reference))
    const build = ['buildx', 'build', '--builder', 'default', '--quiet', '--load', '--tag', reference, programs]
    await timed(say, `Build ${reference}`, () => run([dockerPath, ...build], {env}))
  })
  return reference
}

/** Builds `buildkitd` and `buildctl` from their Go modules, once, and returns the folder they lie in. */
export async function buildkitPrograms(folder: string, say: Say): Promise<string> {
  const programs = join(folder, 'buildkit', BUILDKIT.version)
  if (existsSync(programs)) return programs
  await withLock(join(folder, 'locks'), 'buildkit', async () => {
    if (existsSync(programs)) return
    const go = await findGo(folder, say)
    await timed(say, `Build ${PROGRAMS.join(' and ')} ${BUILDKIT.version} from Go modules`, () =>
      buildPrograms(folder, go, programs)
    )
  })
  return programs
}

async function buildPrograms(folder: string, go: Go, programs: string): Promise<void> {
  const place = join(folder, 'buildkit', 'source')
  const made = join(folder, 'buildkit', 'made')
  for (const part of [place, made]) rmSync(part, {recursive: true, force: true})
  mkdirSync(place, {recursive: true})
  const packages = PROGRAMS.map(program => `${BUILDKIT.module}/cmd/${program}`)
  // `go install <package>@<version>` refuses a module with replacements; a module of our own that needs the commands does not have them.
  writeFileSync(join(place, 'go.mod'), 'module world\n\ngo 1.24\n')
  writeFileSync(
    join(place, 'commands.go'),
    `//go:build commands\n\npackage world\n\nimport (\n${packages.map(name => `\t_ "${name}"\n`).join('')})\n`
  )
  const env = {...process.env, ...goEnvironment(folder, go)}
  const options = {cwd: place, env}
  await run([go.program, 'get', `${BUILDKIT.module}@${BUILDKIT.version}`], options)
  await run([go.program, 'mod', 'tidy'], options)
  await run([go.program, 'build', '-ldflags', '-s -w', '-o', `${made}/`, ...packages], options)
  for (const part of [place, join(folder, 'buildkit', 'go')]) rmSync(part, {recursive: true, force: true})
  renameSync(made, programs)
}

// Caches of our own, removed afterwards: nothing is left in the home folder.
function goEnvironment(folder: string, {root}: Go): Record<string, string> {
  const caches = join(folder, 'buildkit', 'go')
  return {
    GOPATH: caches,
    GOMODCACHE: join(caches, 'modules'),
    GOCACHE: join(caches, 'cache'),
    GOFLAGS: '-modcacherw',
    GOTOOLCHAIN: 'local',
    GOENV: 'off',
    CGO_ENABLED: '0',
    SSL_CERT_FILE: caBundle(folder),
    ...(root === undefined ? {} : {GOROOT: root})
  }
}

async function findGo(folder: string, say: Say): Promise<Go> {
  const asked = await attempt(['go', 'env', 'GOVERSION'], {env: {...process.env, GOTOOLCHAIN: 'local'}})
  const minor = Number(/^go1\.(\d+)/.exec(asked.stdout)?.[1] ?? 0)
  if (minor >= GO_MINOR_MIN) return {program: 'go'}
  const archives = await packagedGo()
  if (archives === undefined) {
    throw new Error(
      `BuildKit ${BUILDKIT.version} is built by Go 1.${GO_MINOR_MIN} or newer; ${asked.stdout.trim() || 'no Go'} is here, and ` +
        `${readSystem().name} has no package of it that we know. Install a newer Go, then try again.`
    )
  }
  await withLock(join(folder, 'locks'), 'packages', () =>
    unpackPlain({folder, archive: archives, packages: GO_PACKAGES.packages, say})
  )
  const root = join(folder, 'packages', archives.suite, GO_PACKAGES.root)
  return {program: join(root, 'bin', 'go'), root}
}

async function packagedGo() {
  const {engine} = await readArchives()
  return GO_PACKAGES.suites.includes(engine.suite) ? engine : undefined
}

// runc comes with the image's own packages: the machine's may need a newer libc than the image has.
function dockerfile(base: string): string {
  return `FROM ${base}
RUN apt-get update && apt-get install --yes --no-install-recommends runc && rm -rf /var/lib/apt/lists/*
COPY ${PROGRAMS.join(' ')} /usr/bin/
ENTRYPOINT ["buildkitd"]
`
}
