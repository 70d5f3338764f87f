import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {zstdDecompressSync} from 'node:zlib'
import {ensureTools, worldPath} from '../../scripts/world/tools.ts'
import {fileInTar} from '../../src/wheels/tar-read.ts'
import {ACTION} from './built-action.ts'
import {type JobWorld, ROBOT} from './job-world.ts'

/** Something that pulls an image out of a registry and knows what is in it. */
export interface Reader {
  /** Fetches an image, all of it. */
  pull(reference: string): void
  /** A file of the image. */
  read(reference: string, path: string): string
  /** Takes away all that it holds. */
  end(): void
}

/** A reader that starts containers, too. */
export interface Runner extends Reader {
  /** What a command in a fresh container says. */
  run(reference: string, ...command: readonly string[]): string
}

const OVERLAY_MAGIC = 0x794c7630
const LOGIN = `${ROBOT.name}:${ROBOT.password}`
const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))

/** What people run images with, by its name; some of it is root's alone. */
export const RUNNERS: readonly {
  readonly name: string
  readonly needsRoot?: true
  readonly open: (world: JobWorld) => Promise<Runner>
}[] = [
  {name: 'docker', open: openDocker},
  {name: 'containerd (ctr)', needsRoot: true, open: openCtr},
  {name: 'podman', needsRoot: true, open: openPodman}
]

/** What people copy images with. */
export const COPIERS: readonly {readonly name: string; readonly open: (world: JobWorld) => Promise<Reader>}[] = [
  {name: 'skopeo', open: openSkopeo}
]

async function openDocker({docker, place, registry}: JobWorld): Promise<Runner> {
  const config = join(place, 'docker of a reader')
  mkdirSync(config)
  const auth = Buffer.from(LOGIN).toString('base64')
  writeFileSync(join(config, 'config.json'), JSON.stringify({auths: {[registry.host]: {auth}}}))
  const pulled: string[] = []
  const run = (reference: string, ...command: readonly string[]) =>
    docker('run', '--rm', '--network', 'none', reference, ...command)
  return {
    pull(reference) {
      docker('--config', config, 'pull', '--quiet', reference)
      pulled.push(reference)
    },
    run,
    read: (reference, path) => run(reference, 'cat', path),
    end: () => void docker('image', 'rm', '--force', ...pulled)
  }
}

/** The containerd that the engine stands on, in a namespace of its own. */
async function openCtr({engine}: JobWorld): Promise<Runner> {
  const program = await ensureTools(folder, ['ctr'], () => {})
  const beside = join(dirname(engine.dockerHost.replace('unix://', '')), 'x/containerd/containerd.sock')
  const socket = existsSync(beside) ? beside : '/run/containerd/containerd.sock'
  const ctr = (...words: readonly string[]) =>
    printed(program, ['--address', socket, '--namespace', 'readers', ...words], {PATH: worldPath(folder)})
  let containers = 0
  const pulled: string[] = []
  const run = (reference: string, ...command: readonly string[]) => {
    containers += 1
    return ctr('run', '--rm', reference, `reader-${containers}`, ...command)
  }
  return {
    pull(reference) {
      ctr('images', 'pull', '--plain-http', '--user', LOGIN, reference)
      pulled.push(reference)
    },
    run,
    read: (reference, path) => run(reference, 'cat', path),
    end() {
      ctr('images', 'rm', '--sync', ...pulled)
      ctr('namespaces', 'rm', 'readers')
    }
  }
}

/** As root, out of a folder of its own, and with nothing of what the machine has configured. */
async function openPodman({place}: JobWorld): Promise<Runner> {
  const program = await ensureTools(folder, ['podman'], () => {})
  const own = join(place, 'podman')
  mkdirSync(own)
  const [configuration, policy] = [join(own, 'containers.conf'), join(own, 'policy.json')]
  writeFileSync(policy, JSON.stringify({default: [{type: 'insecureAcceptAnything'}]}))
  const found = (name: string) => JSON.stringify([join(folder, 'bin', name), `/usr/bin/${name}`, `/usr/sbin/${name}`])
  // runc, because crun refuses machines with both kinds of cgroups; limits that any machine allows.
  const settings = [
    ...['[containers]', 'seccomp_profile = "unconfined"', 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]'],
    ...['[engine]', `conmon_path = ${found('conmon')}`, 'runtime = "runc"'],
    ...['[engine.runtimes]', `runc = ${found('runc')}`]
  ]
  // It wants the file where the variable is set, whatever else it is told.
  writeFileSync(join(own, 'config.json'), '{}')
  writeFileSync(configuration, `${settings.join('\n')}\n`)
  // No overlay can be laid upon an overlay.
  const driver = statfsSync(own).type === OVERLAY_MAGIC ? 'vfs' : 'overlay'
  const podman = (...words: readonly string[]) =>
    printed(
      program,
      [
        ...['--root', join(own, 'root'), '--runroot', join(own, 'run'), '--tmpdir', join(own, 'tmp')],
        ...['--storage-driver', driver, '--cgroup-manager', 'cgroupfs', '--events-backend', 'none', ...words]
      ],
      {PATH: worldPath(folder), CONTAINERS_CONF: configuration, DOCKER_CONFIG: own, HOME: own}
    )
  const run = (reference: string, ...command: readonly string[]) =>
    podman('run', '--rm', '--network', 'none', reference, ...command)
  return {
    pull: reference =>
      void podman('pull', '--quiet', '--tls-verify=false', '--signature-policy', policy, '--creds', LOGIN, reference),
    run,
    read: (reference, path) => run(reference, 'cat', path),
    end: () => void podman('image', 'rm', '--all', '--force')
  }
}

interface Manifest {
  readonly config: {readonly digest: string}
  readonly layers: readonly {readonly digest: string; readonly mediaType: string}[]
}

/** Copies the image into a folder, where each layer is held against its diffID before a file is read from it. */
async function openSkopeo({place}: JobWorld): Promise<Reader> {
  const program = await ensureTools(folder, ['skopeo'], () => {})
  const own = join(place, 'copied')
  const blob = (digest: string) => readFileSync(join(own, digest.replace('sha256:', '')))
  const layers: Buffer[] = []
  return {
    pull(reference) {
      const from = ['--src-tls-verify=false', '--src-creds', LOGIN, `docker://${reference}`]
      printed(program, ['copy', '--quiet', '--insecure-policy', ...from, `dir:${own}`], {PATH: worldPath(folder)})
      const manifest = JSON.parse(readFileSync(join(own, 'manifest.json'), 'utf8')) as Manifest
      const {rootfs} = JSON.parse(blob(manifest.config.digest).toString('utf8')) as {rootfs: {diff_ids: string[]}}
      for (const [index, {digest, mediaType}] of manifest.layers.entries()) {
        // Those of the base image are as they were.
        if (!mediaType.endsWith('zstd')) continue
        const tar = zstdDecompressSync(blob(digest))
        const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`
        if (diffId !== rootfs.diff_ids[index]) throw new Error(`${digest} unpacks to ${diffId}.`)
        layers.push(tar)
      }
    },
    read(_, path) {
      const files = layers.map(tar => fileInTar(tar, path.slice(1)))
      const found = files.findLast(file => file !== undefined)
      if (found === undefined) throw new Error(`No layer has ${path}.`)
      return Buffer.from(found).toString('utf8').trim()
    },
    end: () => layers.splice(0)
  }
}

function printed(file: string, args: readonly string[], environment: Readonly<Record<string, string>>): string {
  const env = {...process.env, ...environment}
  return execFileSync(file, args, {encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe']}).trim()
}
