import {readFileSync} from 'node:fs'
import {run} from './command.ts'

/** One archive of packages that apt can read. */
export interface Archive {
  /** The lines of an apt source list. */
  readonly lines: readonly string[]
  readonly mirror: string
  readonly suite: string
}

/** What this machine's packages come from: its own suite, and the suite that holds an engine new enough for us. */
export interface Archives {
  readonly own: Archive
  readonly engine: Archive
  /** Packages that together are a Docker engine with client and buildx, in the suite of `engine`. */
  readonly enginePackages: readonly string[]
}

interface System {
  readonly id: string
  readonly codename: string
  readonly name: string
}

interface EngineSource {
  /** The suite to take the engine from; absent: the machine's own. */
  readonly suite?: string
  readonly packages: readonly string[]
}

const DEBIAN_ENGINE = ['docker.io', 'docker-cli', 'docker-buildx', 'containerd', 'tini']
const UBUNTU_ENGINE = ['docker.io', 'docker-buildx', 'containerd']

// Debian 12's own engine is 20.10: no containerd image store, no zstd. The binaries of Debian 13 need glibc 2.34 and run there.
// Source: the package pages of docker.io, docker-buildx and containerd on packages.debian.org and packages.ubuntu.com.
const ENGINE_SOURCES: Readonly<Record<string, EngineSource>> = {
  bookworm: {suite: 'trixie', packages: DEBIAN_ENGINE},
  trixie: {packages: DEBIAN_ENGINE},
  forky: {packages: DEBIAN_ENGINE},
  sid: {packages: DEBIAN_ENGINE},
  jammy: {packages: UBUNTU_ENGINE},
  noble: {packages: UBUNTU_ENGINE},
  plucky: {packages: UBUNTU_ENGINE},
  questing: {packages: UBUNTU_ENGINE}
}

/** Reads where this machine's packages come from. Throws, naming a way out, where it is no Debian or Ubuntu we know. */
export async function readArchives(): Promise<Archives> {
  const system = readSystem()
  const source = Object.hasOwn(ENGINE_SOURCES, system.codename) ? ENGINE_SOURCES[system.codename] : undefined
  if (source === undefined) {
    throw new Error(
      `${system.name} is no system whose packages we know (Debian 12 and 13, Ubuntu 22.04, 24.04 and newer), so that neither an ` +
        'engine nor a base image can be made here. Install and start Docker where it can pull images, then try again.'
    )
  }
  const own = await ownArchive(system)
  const engine = source.suite === undefined ? own : sisterArchive(own, source.suite)
  return {own, engine, enginePackages: source.packages}
}

/** The codename of the running system: `bookworm`, `noble`. */
export function readSystem(): System {
  const fields = new Map<string, string>()
  for (const line of readFileSync('/etc/os-release', 'utf8').split('\n')) {
    const [name = '', value = ''] = line.split(/=(.*)/s)
    fields.set(name, value.trim().replace(/^(["'])(.*)\1$/, '$2'))
  }
  return {
    id: fields.get('ID') ?? '',
    codename: fields.get('VERSION_CODENAME') ?? '',
    name: fields.get('PRETTY_NAME') ?? 'this system'
  }
}

// Only the distribution's own components: a company's further sources may be slow, or not reachable from here.
async function ownArchive(system: System): Promise<Archive> {
  const format = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)'
  const targets = await run([
    'apt-get',
    'indextargets',
    '--no-release-info',
    '--format',
    format,
    'Identifier: Packages'
  ])
  const lines = new Set<string>()
  let mirror: string | undefined
  for (const target of targets.split('\n')) {
    const [uri = '', release = '', component = '', signedBy = ''] = target.split('|')
    if (!isOwnRelease(release, system.codename) || !['main', 'universe'].includes(component)) continue
    if (release === system.codename) mirror ??= uri
    const options = signedBy.startsWith('/') ? ` [signed-by=${signedBy}]` : ''
    lines.add(`deb${options} ${uri} ${release} ${component}`)
  }
  if (mirror === undefined) {
    throw new Error(
      `apt has no source for ${system.name} itself, so that nothing can be fetched. Add one under /etc/apt, then try again.`
    )
  }
  return {lines: [...lines], mirror, suite: system.codename}
}

function isOwnRelease(release: string, codename: string): boolean {
  return release === codename || release === `${codename}-updates` || release === `${codename}-security`
}

function sisterArchive(own: Archive, suite: string): Archive {
  const line = own.lines.find(candidate => candidate.endsWith(` ${own.mirror} ${own.suite} main`)) ?? ''
  return {lines: [line.replace(` ${own.suite} main`, ` ${suite} main`)], mirror: own.mirror, suite}
}
