import {createHash, type Hash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {pipeline} from 'node:stream/promises'
import {Problem} from '../model/problem.ts'

/** `sha256:<64 hex digits>`, or another algorithm that registries and Node know. */
const DIGEST = /^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/

/** Whether a reference is a digest rather than a tag. */
export function isDigest(reference: string): boolean {
  return DIGEST.test(reference)
}

/** The digest of bytes, `sha256:…` unless another algorithm is asked for. */
export function digestOf(bytes: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** What is read of a file at once: three times as fast as Node's 64 kB, for files of some ten megabytes. */
const READ_BYTES = 1024 ** 2

/** The digest of a file, however large: `sha256:…`. Throws where it cannot be read. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, {highWaterMark: READ_BYTES}), hash)
  return `sha256:${hash.digest('hex')}`
}

/** The hash by which a digest can be checked. */
export function hashFor(digest: string): Hash {
  return createHash(algorithmOf(digest))
}

/** The algorithm in front of a digest. */
export function algorithmOf(digest: string): string {
  return digest.slice(0, digest.indexOf(':'))
}

/** Throws `digest-mismatch` unless bytes are what their digest says. */
export function verifyDigest(bytes: Uint8Array, digest: string, place: string): void {
  checkDigest(hashFor(digest).update(bytes), digest, place)
}

/** The same for bytes that went through `hashFor(digest)`. */
export function checkDigest(hash: Hash, digest: string, place: string): void {
  const found = `${algorithmOf(digest)}:${hash.digest('hex')}`
  if (found === digest) return
  throw new Problem('digest-mismatch', {
    what: `${place} delivered other bytes than ${digest}.`,
    why: 'The bytes were changed on their way or in the registry; nothing is built upon them.',
    fix: 'Run the job again; if it stays so, look at proxies and mirrors between this machine and the registry.',
    evidence: [`received: ${found}`]
  })
}
