import {rm} from 'node:fs/promises'
import {Problem} from '../model/problem.ts'
import {digestOfFile} from './digest.ts'
import {whileGrowing} from './growth.ts'
import type {LogPort} from './host.ts'
import {trustSystemCertificates} from './trust.ts'

/** A program that is fetched, as messages speak of it. */
export interface Fetched {
  /** `buildx 0.29.1`. */
  readonly name: string
  /** Why it is fetched: one sentence. */
  readonly because: string
  /** What a machine can have instead, so that nothing is fetched. */
  readonly instead: string
  /** The variable that names another place with the same layout, and the usual one. */
  readonly variable: string
  readonly usual: string
}

/** How a download is watched. */
export interface Watch {
  readonly log: LogPort
  readonly cancelled: AbortSignal
  /** How long it may stand still. */
  readonly stallMs: number
}

/**
 * Fetches one file and holds it against its pinned sum; what differs is deleted.
 *
 * Throws `download-failed`.
 */
export async function downloadVerified(
  {url, sha256, file}: {readonly url: string; readonly sha256: string; readonly file: string},
  program: Fetched,
  {log, cancelled, stallMs}: Watch
): Promise<void> {
  trustSystemCertificates()
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) throw noAddress(program)
  log.info(`Fetching ${program.name} from ${new URL(url).host}`)
  const tools = await import('@actions/tool-cache')
  await rm(file, {force: true})
  await whileGrowing(tools.downloadTool(url, file), file, {stallMs, cancelled}).catch((thrown: unknown) => {
    throw notFetched(url, thrown, program)
  })
  const found = await sumOf(file)
  if (found === sha256) return
  await rm(file, {force: true})
  throw wrongSum(url, {expected: sha256, found: found ?? 'nothing'}, program)
}

/** SHA-256 of a file in hexadecimal; undefined where it cannot be read. */
export async function sumOf(path: string): Promise<string | undefined> {
  const digest = await digestOfFile(path).catch(() => undefined)
  return digest?.slice('sha256:'.length)
}

/** A program whose sum nobody wrote down. */
export function noSum({name, instead}: Pick<Fetched, 'name' | 'instead'>, platform: string): Problem {
  return new Problem('download-failed', {
    what: `There is no pinned checksum of ${name} for ${platform}.`,
    why: 'A program whose checksum nobody wrote down is not run.',
    fix: `${instead}.`
  })
}

/** Its value is not quoted: there may be a login in it. */
function noAddress({because, variable, usual}: Fetched): Problem {
  return new Problem('download-failed', {
    what: `${variable} is no address of a web server.`,
    why: `${because} It is to be fetched from there.`,
    fix: `Write it with https:// at its beginning, or unset ${variable} to fetch from ${new URL(usual).host}.`
  })
}

function notFetched(url: string, thrown: unknown, {name, because, instead, variable}: Fetched): Problem {
  return new Problem(
    'download-failed',
    {
      what: `${name} could not be fetched from ${new URL(url).host}.`,
      why: because,
      fix: `${instead}, or set ${variable} to a place that serves it in the same layout.`,
      evidence: [thrown instanceof Error ? thrown.message : String(thrown)]
    },
    {cause: thrown}
  )
}

function wrongSum(url: string, {expected, found}: {expected: string; found: string}, program: Fetched): Problem {
  return new Problem('download-failed', {
    what: `What ${new URL(url).host} sent as ${program.name} is not what was published.`,
    why: 'Its checksum differs from the pinned one, so it was deleted and never run.',
    fix: `Look at proxies and mirrors on the way, and at ${program.variable}.`,
    evidence: [`expected sha256 ${expected}`, `received sha256 ${found}`]
  })
}
