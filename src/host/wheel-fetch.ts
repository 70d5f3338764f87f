import {createHash} from 'node:crypto'
import {type FileHandle, open} from 'node:fs/promises'
import type {IncomingMessage} from 'node:http'
import {setTimeout as sleep} from 'node:timers/promises'
import type {LockedFile} from '../model/lock.ts'
import {isDiskFull, Problem} from '../model/problem.ts'
import {gather} from './flow.ts'
import {locationOf} from './registry-address.ts'
import {isTransient} from './registry-retry.ts'
import {NoAnswer, type Transport} from './registry-transport.ts'

/** How often a download is gone on with after a broken connection. */
const TRIES = 6
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
const MOST_REDIRECTS = 5
/**
 * What is written to the disk at once. Linux takes twice as long for pieces of 1 MB, since it puts each into one stretch
 * of memory (ext4, Linux 6.18).
 */
const PIECE_BYTES = 256 * 1024
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const USER_AGENT = 'pytorch-cuda-image-action'

/** A host answered with a status that is no file. */
class NoFile extends Error {
  readonly status: number

  constructor(status: number, url: URL) {
    super(`${url.host} answered ${status}`)
    this.status = status
  }
}

/**
 * Fetches a wheel to a file, hashing it on the way: nothing of it is opened before it is known to be the locked one.
 *
 * A broken connection is gone on with where it broke. Throws `download-failed` and `wheel-mismatch`.
 */
export async function fetchWheel(
  wheel: LockedFile,
  path: string,
  {
    transport,
    onBytes,
    firstPauseMs = FIRST_PAUSE_MS
  }: {transport: Transport; onBytes: (count: number) => void; firstPauseMs?: number}
): Promise<void> {
  const target = await open(path, 'w', 0o600)
  const state = {target, hash: createHash('sha256'), memory: Buffer.allocUnsafe(PIECE_BYTES), doneBytes: 0, onBytes}
  try {
    for (let attempt = 1; ; attempt += 1) {
      const thrown = await receive(wheel, state, transport).then(
        () => undefined,
        (cause: unknown) => cause
      )
      if (thrown === undefined) break
      const mayHelp =
        thrown instanceof NoFile ? isTransient(thrown.status) : thrown instanceof NoAnswer || thrown instanceof Broken
      if (!mayHelp) throw thrown instanceof NoFile ? failed(wheel, thrown) : thrown
      if (attempt >= TRIES) throw failed(wheel, thrown)
      await sleep(Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** (attempt - 1)))
    }
  } finally {
    await target.close()
  }
  const found = state.hash.digest('hex')
  if (found !== wheel.sha256) throw mismatch(wheel, found, state.doneBytes)
}

interface Fetching {
  readonly target: FileHandle
  readonly hash: ReturnType<typeof createHash>
  readonly memory: Buffer
  doneBytes: number
  readonly onBytes: (count: number) => void
}

/** The connection broke in the middle of the file. */
class Broken extends Error {}

async function receive(wheel: LockedFile, state: Fetching, transport: Transport): Promise<void> {
  const from = state.doneBytes
  const {answer, url} = await requestOf(new URL(wheel.url), from, transport)
  const status = answer.statusCode ?? 0
  if (status !== (from === 0 ? 200 : 206)) {
    answer.destroy()
    // A host that cannot go on in the middle, or no longer has the file: the next try would not end better.
    throw new NoFile(status, url)
  }
  const whole = wheel.sizeBytes
  const promised = Number(answer.headers['content-length'] ?? Number.NaN)
  try {
    for await (const piece of gather(answer, state.memory, transport.stallMs)) {
      // Longer than the lock says cannot be the locked file: the disk need not hold all of it.
      if (whole !== undefined && state.doneBytes + piece.length > whole)
        throw mismatch(wheel, 'something longer', whole)
      state.hash.update(piece)
      // Not `write`, which may leave off in the middle where the disk is full, and say nothing.
      await state.target.writeFile(piece)
      state.doneBytes += piece.length
      state.onBytes(piece.length)
    }
  } catch (thrown) {
    answer.destroy()
    if (thrown instanceof Problem || isDiskFull(thrown)) throw thrown
    throw new Broken(thrown instanceof Error ? thrown.message : String(thrown))
  }
  if (!Number.isNaN(promised) && state.doneBytes - from < promised) throw new Broken('the connection ended early')
}

async function requestOf(
  first: URL,
  from: number,
  transport: Transport
): Promise<{readonly answer: IncomingMessage; readonly url: URL}> {
  let url = first
  for (let hop = 0; ; hop += 1) {
    const headers = {
      'user-agent': USER_AGENT,
      'accept-encoding': 'identity',
      ...(from === 0 ? {} : {range: `bytes=${from}-`})
    }
    const answer = await transport.send({method: 'GET', url, headers})
    const target = REDIRECTS.has(answer.statusCode ?? 0) ? locationOf(answer.headers.location, url) : undefined
    if (target === undefined || hop === MOST_REDIRECTS) return {answer, url}
    answer.resume()
    url = target
  }
}

function failed(wheel: LockedFile, cause: unknown): Problem {
  return new Problem(
    'download-failed',
    {
      what: `${wheel.name} could not be fetched.`,
      why: cause instanceof Error ? `${cause.message}.` : String(cause),
      fix: 'Run the job again; if it stays so, look at the address in the lock, and at proxies on the way to it.',
      evidence: [`address: ${withoutLogin(wheel.url)}`]
    },
    {cause}
  )
}

function mismatch(wheel: LockedFile, found: string, sizeBytes: number): Problem {
  return new Problem('wheel-mismatch', {
    what: `${wheel.name} is not the file that the lock names.`,
    why: 'Its bytes were changed after it was locked: at the index, in a mirror, or on the way. Nothing of it was opened.',
    fix: 'Look at who serves it. If the new file is meant, write the lock anew.',
    evidence: [
      `address: ${withoutLogin(wheel.url)}`,
      `locked: sha256 ${wheel.sha256}`,
      `received: ${/^[0-9a-f]{64}$/.test(found) ? `sha256 ${found}` : found}, ${sizeBytes} bytes`
    ]
  })
}

function withoutLogin(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  url.search = ''
  return url.href
}
