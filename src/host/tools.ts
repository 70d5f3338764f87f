import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {chmod, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {Problem} from '../model/problem.ts'
import {whileGrowing} from './growth.ts'
import type {LogPort, ToolsPort} from './host.ts'
import {trustSystemCertificates} from './trust.ts'

/** SHA-256 of each release that we fetch, by version and platform. */
export type Checksums = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Buildx as published on github.com/docker/buildx/releases; the sums are also in the history of Docker's official image. */
export const BUILDX: Checksums = {
  '0.29.1': {
    'linux-amd64': '7d2d7d6d4680aa349614965aaa33ccec43f1a9a21e908a5ce4cb6adfa5ad5141',
    'linux-arm64': '50e85c4e290b698908421161c1aee069bcc5d4a65b7b7201bfac3a176b223a7e'
  }
}

const RELEASES = 'https://github.com/docker/buildx/releases/download'

/** Names a place that serves the releases in the same layout, for machines that reach no other. */
const RELEASES_VARIABLE = 'PYTORCH_CUDA_IMAGE_BUILDX_BASE'

/** Node's names for processors, in the words of buildx's releases. */
const ARCHITECTURES: Readonly<Record<string, string>> = {x64: 'amd64', arm64: 'arm64'}

const TOOL = 'docker-buildx'

/** The toolkit tries three times with up to 20 seconds between, and would wait three minutes each time for a silent server. */
const STALL_MS = 60_000

/**
 * Programs from the tool cache, checked against their sums each time: other jobs write to that directory too.
 *
 * Throws `download-failed`.
 */
export function openTools({
  environment,
  platform,
  log,
  cancelled,
  checksums = BUILDX,
  stallMs = STALL_MS
}: {
  environment: Readonly<Record<string, string | undefined>>
  /** As `process.platform` and `process.arch` say. */
  platform: {readonly os: string; readonly arch: string}
  log: LogPort
  cancelled: AbortSignal
  checksums?: Checksums
  /** How long a download may stand still. */
  stallMs?: number
}): ToolsPort {
  const base = (environment[RELEASES_VARIABLE] || RELEASES).replace(/\/+$/, '')
  const name = `${platform.os}-${ARCHITECTURES[platform.arch] ?? platform.arch}`

  async function buildx(version: string, directory: string): Promise<string> {
    const sum = checksums[version]?.[name]
    if (sum === undefined) throw noSum(version, name)
    // Loaded when it is needed: machines with a buildx of their own never get here.
    const tools = await import('@actions/tool-cache')
    const cached = tools.find(TOOL, version, platform.arch)
    if (cached !== '') {
      const plugin = join(cached, TOOL)
      if ((await sumOf(plugin)) === sum) return plugin
      log.warning(`The buildx in the tool cache (${plugin}) is not the one that was published; it is fetched anew.`)
      await rm(cached, {recursive: true, force: true})
      await rm(`${cached}.complete`, {force: true})
    }
    trustSystemCertificates()
    const url = `${base}/v${version}/buildx-v${version}.${name}`
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) throw noAddress()
    log.info(`Fetching buildx ${version} from ${new URL(url).host}`)
    const file = join(directory, `${TOOL}-${version}`)
    await rm(file, {force: true})
    await whileGrowing(tools.downloadTool(url, file), file, {stallMs, cancelled}).catch((thrown: unknown) => {
      throw notFetched(url, thrown)
    })
    const found = await sumOf(file)
    if (found !== sum) {
      await rm(file, {force: true})
      throw wrongSum(url, {expected: sum, found: found ?? 'nothing'})
    }
    await chmod(file, 0o755)
    // The cache copies the file with its mode, under the name that docker looks for.
    const kept = await tools.cacheFile(file, TOOL, TOOL, version, platform.arch)
    await rm(file, {force: true})
    return join(kept, TOOL)
  }

  return {buildx}
}

async function sumOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(path), hash)
  } catch {
    return undefined
  }
  return hash.digest('hex')
}

function noSum(version: string, platform: string): Problem {
  return new Problem('download-failed', {
    what: `There is no pinned checksum of buildx ${version} for ${platform}.`,
    why: 'A program whose checksum nobody wrote down is not run.',
    fix: 'Install buildx 0.13 or newer on the runner.'
  })
}

/** Its value is not quoted: there may be a login in it. */
function noAddress(): Problem {
  return new Problem('download-failed', {
    what: `${RELEASES_VARIABLE} is no address of a web server.`,
    why: 'This machine has no buildx, or one that is too old, and it is to be fetched from there.',
    fix: `Write it with https:// at its beginning, or unset ${RELEASES_VARIABLE} to fetch from ${new URL(RELEASES).host}.`
  })
}

function notFetched(url: string, thrown: unknown): Problem {
  return new Problem(
    'download-failed',
    {
      what: `buildx could not be fetched from ${new URL(url).host}.`,
      why: 'This machine has no buildx, or one that is too old.',
      fix: `Install buildx 0.13 or newer on the runner, or set ${RELEASES_VARIABLE} to a place that serves its releases.`,
      evidence: [thrown instanceof Error ? thrown.message : String(thrown)]
    },
    {cause: thrown}
  )
}

function wrongSum(url: string, {expected, found}: {expected: string; found: string}): Problem {
  return new Problem('download-failed', {
    what: `What ${new URL(url).host} sent as buildx is not what was published.`,
    why: 'Its checksum differs from the pinned one, so it was deleted and never run.',
    fix: `Look at proxies and mirrors on the way, and at ${RELEASES_VARIABLE}.`,
    evidence: [`expected sha256 ${expected}`, `received sha256 ${found}`]
  })
}
