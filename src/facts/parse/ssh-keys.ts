import {hostName, isKeyOf, PINNED} from '../../git/host-keys.ts'
import {looksLikeKey, readPrivateKey} from '../../git/private-key.ts'
import {mayHoldToken} from '../../image/token-shapes.ts'
import type {HostKey, SshKey, SshPlace} from '../../model/credentials.ts'
import type {Desk} from './desk.ts'
import {maskPemBlocks} from './pem-blocks.ts'

const FORM = '`host[:port]/owner/repository[, …]`, then the lines of its private key'
const PLACE =
  /^(?:ssh:\/\/)?(?:[\w.-]+@)?(?<hostname>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?<port>:\d{1,5})?(?<path>(?:\/[\w.~+-]+){2,})\/?$/i

/** A line with repositories, and what stands below it until the next one. */
interface Block {
  readonly head: string
  readonly body: string
}

/** `ssh-keys`: a line with the repositories, then that key's PEM block; repeated. */
export function parseSshKeys(text: string, desk: Desk): readonly SshKey[] {
  maskPemBlocks(text, desk)
  const keys: SshKey[] = []
  for (const block of blocksOf(text)) {
    const repositories = readPlaces(block, desk)
    const key = readKey(block, repositories, desk)
    if (key !== undefined && repositories.length > 0) keys.push({...key, id: freeId(repositories, keys), repositories})
  }
  tellDoubles(keys, desk)
  return keys
}

/** Servers of the keys' repositories by which nobody could tell them from an impostor. */
export function checkHosts(keys: readonly SshKey[], known: readonly HostKey[], desk: Desk): void {
  const places = keys.flatMap(({repositories}) => repositories)
  const hosts = [...new Set(places.map(hostName))]
  for (const host of hosts.filter(name => ![...PINNED, ...known].some(key => isKeyOf(key, name)))) {
    desk.fault({
      what: `\`ssh-keys\` has a key for ${host}, and \`known-hosts\` has no public key of that server.`,
      why: 'Without it nobody can tell the server from one that pretends to be it. Keys are never fetched on the way: that would trust whoever answers.',
      fix: `Add the server's line to \`known-hosts\`: \`${host} ssh-ed25519 AAAA…\`, from its operator, or from \`ssh-keyscan\` on a network that you trust, with the fingerprint compared.`
    })
  }
}

function blocksOf(text: string): readonly Block[] {
  const blocks: {head: string; lines: string[]}[] = []
  let isInKey = false
  for (const line of text.split('\n')) {
    const plain = line.trim()
    if (!isInKey && (plain === '' || plain.startsWith('#'))) continue
    if (isInKey || looksLikeKey(plain)) {
      // A key without a line above it still gets a block, to be told of.
      if (blocks.length === 0 || (!isInKey && blocks.at(-1)?.lines.length)) blocks.push({head: '', lines: []})
      blocks.at(-1)?.lines.push(line)
      isInKey = (isInKey || plain.includes('-----BEGIN ')) && !plain.includes('-----END ')
      continue
    }
    blocks.push({head: plain, lines: []})
  }
  return blocks.map(({head, lines}) => ({head, body: lines.join('\n')}))
}

function readPlaces({head}: Block, desk: Desk): readonly SshPlace[] {
  if (head === '') {
    desk.fault({
      what: '`ssh-keys` has a key for no repository.',
      why: 'A key is only ever used for the repositories that the line above it names.',
      fix: `Write ${FORM}.`
    })
    return []
  }
  const words = head.split(/[\s,]+/).filter(word => word !== '')
  return words.flatMap(word => readPlace(word, desk) ?? [])
}

function readPlace(word: string, desk: Desk): SshPlace | undefined {
  const {hostname = '', port = '', path = ''} = PLACE.exec(scpAsPath(word))?.groups ?? {}
  const isAddress = hostname !== '' && Number(port.slice(1)) <= 65535 && !mayHoldToken(word)
  if (isAddress && !path.split('/').some(part => /^\.+$/.test(part))) {
    return {
      hostname: hostname.toLowerCase(),
      ...(port === '' ? {} : {port: Number(port.slice(1))}),
      path: path.slice(1).replace(/\.git$/i, '')
    }
  }
  // It may be a line of a key that lost its frame.
  const shown = /^[\w.-]+(?::\d+)?(?:\/[\w.-]+)?$/.test(word) && word.length < 60 && !mayHoldToken(word)
  desk.fault({
    what: `A line of \`ssh-keys\` names no repository: ${shown ? `\`${word}\`` : '(not shown: it may be part of a key)'}.`,
    why: `The input is ${FORM}; repeated. A key is bound to single repositories, never to a whole host or owner.`,
    fix: 'Write for example `github.com/acme/kernels` above the key.'
  })
  return undefined
}

/** `git@host:owner/repository`, as GitHub offers it to copy. */
function scpAsPath(word: string): string {
  return word.replace(/^([\w.-]+@[\w.-]+):(?!\d+\/)/, '$1/')
}

function readKey(
  {head, body}: Block,
  repositories: readonly SshPlace[],
  desk: Desk
): Pick<SshKey, 'key' | 'fingerprint'> | undefined {
  const shown = repositories.map(placeText).join(', ') || 'no repository'
  if (body === '') return tellMissing(shown, desk, head)
  const name = `${desk.input} ${shown}`
  const read = readPrivateKey(body)
  if ('fault' in read) {
    return void desk.fault({
      what: `The key in \`ssh-keys\` for ${shown} ${read.fault}.`,
      why: 'No server could be logged in to with it.',
      fix: read.fix
    })
  }
  if (read.repaired !== undefined)
    desk.notice(`The key in \`ssh-keys\` for ${shown} ${read.repaired}; that was mended.`)
  const {text, fingerprint} = read
  return {key: desk.keep(name, text), ...(fingerprint === undefined ? {} : {fingerprint})}
}

function tellMissing(shown: string, desk: Desk, head: string): undefined {
  if (desk.isWithoutSecrets) {
    return void desk.notice(`\`ssh-keys\` has no key for ${shown}: GitHub hands no secrets to this event.`)
  }
  // Whoever cannot be told apart from a piece of a key was told of already.
  if (shown === 'no repository' && head !== '') return
  desk.fault({
    what: `The line of \`ssh-keys\` for ${shown} has no key below it.`,
    why: 'Most often the secret of that name does not exist, or this job may not see it.',
    fix: "Look at the secret's name in the workflow and at the repository's secrets."
  })
}

function tellDoubles(keys: readonly SshKey[], desk: Desk): void {
  const seen = new Set<string>()
  for (const place of keys.flatMap(({repositories}) => repositories)) {
    const text = placeText(place).toLowerCase()
    if (seen.has(text)) {
      desk.fault({
        what: `\`ssh-keys\` has two keys for ${placeText(place)}.`,
        why: 'Which of them is meant cannot be told.',
        fix: 'Keep one of them.'
      })
    }
    seen.add(text)
  }
}

/** `owner-repository` of the first repository, with a number where another key has that id. */
function freeId([first]: readonly SshPlace[], keys: readonly SshKey[]): string {
  const name = (first?.path ?? 'key').toLowerCase().replaceAll(/[^a-z0-9_.]+/g, '-')
  for (let count = 1; ; count += 1) {
    const id = count === 1 ? name : `${name}-${count}`
    if (!keys.some(key => key.id === id)) return id
  }
}

function placeText({hostname, port, path}: SshPlace): string {
  return `${hostname}${port === undefined ? '' : `:${port}`}/${path}`
}
