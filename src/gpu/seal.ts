import {createHash, randomBytes} from 'node:crypto'

/** The SHA-256 of a text as registries and outputs write it: `sha256:` and 64 digits. */
export function sha256Of(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** A number that nobody can guess, for the validator of one run alone: lines without its mark are not its own. */
export function newNonce(): string {
  return randomBytes(32).toString('hex')
}
