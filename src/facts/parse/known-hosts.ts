import {fingerprintOf, revocationOf} from '../../git/host-keys.ts'
import type {HostKey} from '../../model/credentials.ts'
import type {Explanation} from '../../model/problem.ts'
import type {Desk} from './desk.ts'

const NAMES = /^(?:\|1\|[A-Za-z0-9+/=]+\|[A-Za-z0-9+/=]+|[\w.:[\]*?!,-]+)$/
const TYPE =
  /^(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/

/** Ways to say that any server will do. */
const WAIVER = /^(?:no|off|false|none|accept-new|any)$|StrictHostKeyChecking/i

/** `known-hosts`: lines as in ssh's own file. */
export function parseKnownHosts(text: string, desk: Desk): readonly HostKey[] {
  const keys: HostKey[] = []
  for (const line of text.split(/\r?\n/).map(written => written.trim())) {
    if (line === '' || line.startsWith('#')) continue
    const read = readLine(line, desk)
    if ('what' in read) desk.fault(read)
    else keys.push(read)
  }
  return keys
}

function readLine(line: string, desk: Desk): HostKey | Explanation {
  if (WAIVER.test(line)) return waived()
  if (line.includes('-----BEGIN')) {
    desk.keep(desk.input, line)
    return malformed('holds a private key', 'Revoke that key: it stood where nothing secret is expected.')
  }
  if (line.startsWith('@')) {
    const [marker = ''] = line.split(/\s/)
    return malformed(`begins with \`${marker}\``, 'Write the keys of the servers themselves; markers are not read.')
  }
  const [host = '', type = '', key = ''] = line.split(/\s+/)
  if (/^SHA256:/.test(type) || /^SHA256:/.test(host)) {
    return malformed('is a fingerprint', 'A fingerprint is for comparing; ssh needs the whole public key.')
  }
  if (!NAMES.test(host) || !TYPE.test(type)) return malformed('is not of that form')
  const bytes = Buffer.from(key, 'base64')
  if (bytes.length < 40 || !bytes.subarray(4).toString('latin1').startsWith(type)) {
    return malformed(`for ${host} has a key that is cut off, or is not of the type ${type}`)
  }
  const fingerprint = fingerprintOf(bytes)
  const revoked = revocationOf(fingerprint)
  if (revoked === undefined) return {host, type, key}
  return {
    what: `\`known-hosts\` trusts a key for ${host} that must not be trusted: ${fingerprint}.`,
    why: revoked,
    fix: 'Take that line away. The keys of github.com come with the action.'
  }
}

function malformed(fault: string, fix = 'Copy the line from a `known_hosts` file that you trust.'): Explanation {
  return {
    what: `A line of \`known-hosts\` ${fault}.`,
    why: 'A line is `host type key`, or `[host]:port type key`, as in ssh’s own file.',
    fix
  }
}

function waived(): Explanation {
  return {
    what: '`known-hosts` asks for connections to servers that nobody has identified.',
    why: 'Whoever answers in the place of the server would get to choose the code that is built.',
    fix: 'Give the public key of the server. The keys of github.com come with the action.'
  }
}
