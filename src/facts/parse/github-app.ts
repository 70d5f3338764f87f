import {createPrivateKey} from 'node:crypto'
import {readPrivateKey} from '../../git/private-key.ts'
import type {GitHubApp} from '../../model/credentials.ts'
import type {Desk} from './desk.ts'
import {maskPemBlocks} from './pem-blocks.ts'

const FORM = 'the lines `id: …`, `private-key: …`, and as wanted `repositories: …` and `packages: write`'
const FIELDS = ['id', 'private-key', 'repositories', 'packages'] as const
type Field = (typeof FIELDS)[number]

const REPOSITORY = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\/[\w.-]+$/i
const PEM_FILE =
  'On the page of the App, *Private keys → Generate a private key* downloads a `.pem` file: store it whole.'

/** `github-app`: lines of `name: value`; the key may have several. */
export function parseGitHubApp(text: string, desk: Desk): GitHubApp | undefined {
  maskPemBlocks(text, desk)
  const fields = readFields(text, desk)
  if (fields === undefined) return undefined
  const id = readId(fields.id, desk)
  const key = readKey(fields['private-key'], desk)
  const repositories = readRepositories(fields.repositories ?? '', desk)
  const packages = readPackages(fields.packages ?? 'none', desk)
  if (id === undefined || key === undefined || repositories === undefined || packages === undefined) return undefined
  return {id, key, repositories, packages}
}

function readFields(text: string, desk: Desk): Partial<Record<Field, string>> | undefined {
  const fields: Partial<Record<Field, string>> = {}
  let last: Field | undefined
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || /^\s*#/.test(line)) continue
    const [, name = '', value = ''] = /^\s*([a-z-]+)\s*:\s*(.*)$/i.exec(line) ?? []
    const field = FIELDS.find(known => known === name.toLowerCase())
    if (field !== undefined) {
      if (fields[field] !== undefined) return void desk.fault(malformed(`has two lines \`${field}\``))
      fields[field] = value
      last = field
    } else if (last === 'private-key' || last === 'repositories') {
      fields[last] += `\n${line}`
    } else {
      return void desk.fault(malformed('has a line that is none of these (not shown: it may be part of a key)'))
    }
  }
  return fields
}

function readId(id: string | undefined, desk: Desk): string | undefined {
  if (id === undefined || id === '') return void tellAbsent('id', desk)
  if (/^\d+$/.test(id)) return id
  const isClientId = /^Iv\d/i.test(id)
  return void desk.fault({
    what: isClientId
      ? `\`github-app\` has the client id of the App as its id.`
      : '`github-app` has an id that is no number.',
    why: 'GitHub gives an App two numbers of identity, and the App id is the plain number of a few digits.',
    fix: 'Copy *App ID* from the page of the App (Settings → Developer settings → GitHub Apps); *Client ID* stands below it.'
  })
}

function readKey(text: string | undefined, desk: Desk): GitHubApp['key'] | undefined {
  if (text === undefined || text.trim() === '') return void tellAbsent('private-key', desk)
  const read = readPrivateKey(text)
  if ('fault' in read) {
    return void desk.fault({
      what: `The key in \`github-app\` ${read.fault}.`,
      why: 'No login could be signed with it.',
      fix: PEM_FILE
    })
  }
  if (read.repaired !== undefined) desk.notice(`The key in \`github-app\` ${read.repaired}; that was mended.`)
  if (isRsa(read.text)) return desk.keep('github-app', read.text)
  return void desk.fault({
    what: 'The key in `github-app` is not the key of an App.',
    why: 'The keys that GitHub makes for Apps are RSA keys in PEM; this one is an ssh key or of another kind.',
    fix: PEM_FILE
  })
}

function isRsa(text: string): boolean {
  try {
    return createPrivateKey(text).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

function readRepositories(text: string, desk: Desk): GitHubApp['repositories'] | undefined {
  const words = text.split(/[\s,]+/).filter(word => word !== '')
  const wrong = words.filter(word => !REPOSITORY.test(word))
  if (wrong.length === 0) return [...new Set(words)].map(splitName)
  return void desk.fault({
    what: `\`github-app\` names ${wrong.length === 1 ? 'a repository that is' : `${wrong.length} repositories that are`} not \`owner/name\`.`,
    why: 'The token is narrowed to single repositories; a pattern or a whole owner would give it more than it needs.',
    fix: 'Write for example `repositories: acme/kernels, acme/data`.'
  })
}

function splitName(word: string): GitHubApp['repositories'][number] {
  const [owner = '', name = ''] = word.replace(/\.git$/, '').split('/')
  return {owner, name}
}

function readPackages(word: string, desk: Desk): GitHubApp['packages'] | undefined {
  if (word === 'none' || word === 'write') return word
  return void desk.fault({
    what: '`github-app` has a line `packages` that says neither `write` nor `none`.',
    why: 'Beside reading code, the token can be asked to push images, and nothing else.',
    fix: 'Write `packages: write`, or take the line away.'
  })
}

function tellAbsent(field: Field, desk: Desk): void {
  if (desk.isWithoutSecrets) {
    desk.notice(`\`github-app\` has no ${field}: GitHub hands no secrets to this event.`)
    return
  }
  desk.fault({
    what: `\`github-app\` has no ${field}.`,
    why: 'Most often the secret or variable of that name does not exist, or this job may not see it.',
    fix: `Write ${FORM}.`
  })
}

function malformed(fault: string) {
  return {
    what: `\`github-app\` ${fault}.`,
    why: `It has ${FORM}.`,
    fix: 'Write each of them once, on lines of their own.'
  }
}
