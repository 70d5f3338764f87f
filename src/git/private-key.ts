import {createPrivateKey, createPublicKey, type JsonWebKey} from 'node:crypto'
import {fingerprintOf} from './host-keys.ts'

/** A private key as ssh reads it, and what may be told of it. */
export interface PrivateKey {
  /** With plain line ends and a last one. */
  readonly text: string
  readonly fingerprint?: string
  /** What had to be repaired, as a clause. */
  readonly repaired?: string
}

/** Why a text is no key that ssh could use, as a clause after "the key". */
export interface KeyFault {
  readonly fault: string
  readonly fix: string
}

const NEW_KEY =
  'Make a new one with `ssh-keygen -t ed25519 -N "" -f deploy-key`, and store the file `deploy-key`, whole.'
const WHOLE_FILE =
  'Store the file of the private key, whole, from `-----BEGIN` to `-----END …-----`, and name it as `${{ secrets.NAME }}`.'

const BLOCK = /^-----BEGIN ([A-Z0-9 ]+)-----\n([\s\S]*?)\n?-----END \1-----$/
const MAGIC = 'openssh-key-v1\0'

/** Kinds of PEM block, and what OpenSSH makes of them. */
const KINDS: Readonly<Record<string, (text: string, body: string) => Omit<PrivateKey, 'text'> | KeyFault>> = {
  'OPENSSH PRIVATE KEY': (_, body) => readOpenSsh(body),
  'RSA PRIVATE KEY': readPem,
  'EC PRIVATE KEY': readPem,
  'PRIVATE KEY': readPem,
  'ENCRYPTED PRIVATE KEY': () => ENCRYPTED,
  'DSA PRIVATE KEY': () => ({fault: 'is a DSA key, which no server takes any more', fix: NEW_KEY}),
  'SSH2 ENCRYPTED PRIVATE KEY': () => FOREIGN,
  'PUBLIC KEY': () => PUBLIC,
  'RSA PUBLIC KEY': () => PUBLIC,
  CERTIFICATE: () => ({fault: 'is a certificate', fix: WHOLE_FILE})
}

const ENCRYPTED: KeyFault = {
  fault: 'is encrypted, and nobody is there to type its passphrase',
  fix: `Take the passphrase away with \`ssh-keygen -p -N "" -f <file>\`; the secret store keeps the key. Or: ${NEW_KEY}`
}
const PUBLIC: KeyFault = {
  fault: 'is a public key; the private half belongs here',
  fix: `The public half (\`….pub\`) goes to the repository's deploy keys. ${WHOLE_FILE}`
}
const FOREIGN: KeyFault = {
  fault: 'is in a format that OpenSSH does not read',
  fix: 'Convert it: `puttygen key.ppk -O private-openssh -o deploy-key`, or `ssh-keygen -i -f <file>`.'
}
const DAMAGED: KeyFault = {fault: 'is damaged: a part of it is missing or changed', fix: WHOLE_FILE}

/** Whether a text is meant to be a key, whichever. */
export function looksLikeKey(line: string): boolean {
  return /-----BEGIN |^PuTTY-User-Key-File|^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+)\s+AAAA/.test(line)
}

/** Reads a private key: repairs its line ends, and says what is wrong with it before a server could refuse it. */
export function readPrivateKey(written: string): PrivateKey | KeyFault {
  const {text, repaired} = repair(written)
  if (/^PuTTY-User-Key-File/.test(text)) return FOREIGN
  if (!text.includes('-----BEGIN')) return looksLikeKey(text) ? PUBLIC : {fault: 'is no key', fix: WHOLE_FILE}
  const [, kind = '', body = ''] = BLOCK.exec(text) ?? []
  if (kind === '') return DAMAGED
  if (/^Proc-Type: 4,ENCRYPTED$/m.test(body)) return ENCRYPTED
  const read = Object.hasOwn(KINDS, kind) ? KINDS[kind]?.(text, body) : FOREIGN
  if (read === undefined || 'fault' in read) return read ?? FOREIGN
  return {text: `${text}\n`, ...read, ...(repaired === undefined ? {} : {repaired})}
}

/** Secret stores and editors change line ends; some tools write them as two characters. */
function repair(written: string): {readonly text: string; readonly repaired?: string} {
  const isFlat = !written.trim().includes('\n') && written.includes('\\n')
  const unfolded = isFlat ? written.replaceAll('\\r', '').replaceAll('\\n', '\n') : written
  const lines = unfolded.replaceAll('\r', '').split('\n')
  const text = lines
    .map(line => line.trim())
    .join('\n')
    .trim()
  if (isFlat) return {text, repaired: 'had `\\n` written out in place of line ends'}
  return written.includes('\r') ? {text, repaired: 'had line ends of Windows'} : {text}
}

/** OpenSSH's own format: the first fields lie open and say whether it is encrypted, and for which public key it is. */
function readOpenSsh(body: string): {readonly fingerprint: string} | KeyFault {
  const bytes = Buffer.from(body.replaceAll('\n', ''), 'base64')
  if (!bytes.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC))) return DAMAGED
  const reader = readFrom(bytes.subarray(MAGIC.length))
  const cipher = reader.field()?.toString()
  const kdf = reader.field()
  const options = reader.field()
  const count = reader.number()
  const open = reader.field()
  const hidden = reader.field()
  if (cipher === undefined || kdf === undefined || options === undefined || count === undefined) return DAMAGED
  if (cipher !== 'none') return ENCRYPTED
  if (count !== 1 || open === undefined || hidden === undefined) return DAMAGED
  // The private part begins with one number, twice.
  if (hidden.length < 8 || !hidden.subarray(0, 4).equals(hidden.subarray(4, 8))) return DAMAGED
  return {fingerprint: fingerprintOf(open)}
}

function readFrom(bytes: Buffer): {number(): number | undefined; field(): Buffer | undefined} {
  let at = 0
  const number = () => {
    if (at + 4 > bytes.length) return undefined
    at += 4
    return bytes.readUInt32BE(at - 4)
  }
  return {
    number,
    field: () => {
      const length = number()
      if (length === undefined || at + length > bytes.length) return undefined
      at += length
      return bytes.subarray(at - length, at)
    }
  }
}

/** The older formats, read by OpenSSL. */
function readPem(text: string): {readonly fingerprint?: string} | KeyFault {
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') {
      return {fault: 'is an Ed25519 key in PKCS#8, which older OpenSSH does not read', fix: NEW_KEY}
    }
    const blob = rsaBlob(createPublicKey(key).export({format: 'jwk'}))
    return blob === undefined ? {} : {fingerprint: fingerprintOf(blob)}
  } catch {
    return DAMAGED
  }
}

function rsaBlob({kty, e, n}: JsonWebKey): Buffer | undefined {
  if (kty !== 'RSA' || e === undefined || n === undefined) return undefined
  return Buffer.concat([Buffer.from('ssh-rsa'), multiple(e), multiple(n)].flatMap(part => [length(part), part]))
}

/** A number as ssh writes it: with a leading zero where it would look negative. */
function multiple(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url')
  return (bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), bytes]) : bytes
}

function length(part: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(part.length)
  return size
}
