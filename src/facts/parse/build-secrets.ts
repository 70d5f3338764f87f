import {mayHoldToken} from '../../image/token-shapes.ts'
import type {BuildSecret} from '../../model/credentials.ts'
import type {Desk} from './desk.ts'
import {parseQuotedLines} from './lists.ts'

const ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const FORM = 'An entry is `id=value`, `id=file:path` or `id=env:NAME`.'
// buildx's own form of `--secret`, which people paste.
const BUILDX_FORM = /^(?:id|type|src|source|env)=[^,]*,(?:id|type|src|source|env)=/

/** `secrets`: `id=value`, `id=file:path` or `id=env:NAME`, one per line, or docker's entries in quotes over several lines. */
export function parseBuildSecrets(text: string, desk: Desk): readonly BuildSecret[] {
  const found: BuildSecret[] = []
  for (const [index, entry] of parseQuotedLines(text, desk).entries()) {
    const secret = readEntry(entry, index + 1, desk)
    if (secret === undefined) continue
    if (found.some(({id}) => id === secret.id)) desk.fault(twice(secret.id))
    else found.push(secret)
  }
  return found
}

function readEntry(entry: string, number: number, desk: Desk): BuildSecret | undefined {
  const cut = entry.indexOf('=')
  const id = cut === -1 ? '' : entry.slice(0, cut).trim()
  const value = entry.slice(cut + 1)
  if (cut === -1 || !ID.test(id) || isSecretItself(id)) {
    // A line without a name may well be a secret by itself, one that ends in `=` with it.
    for (const text of [entry, id, value].filter(isLongEnough)) desk.keep('secrets', text)
    return void desk.fault(malformed(number))
  }
  if (BUILDX_FORM.test(entry)) return void desk.fault(pasted(number))
  if (value === '' || value === 'file:' || value === 'env:') return tellEmpty(id, desk)
  if (value.startsWith('file:')) return readPath(id, value.slice('file:'.length), desk)
  if (value.startsWith('env:')) return readVariable(id, value.slice('env:'.length), desk)
  return {id, from: 'value', value: desk.keep(`secrets ${id}`, value)}
}

/** Shorter words are no secrets, and would black out the log. */
function isLongEnough(text: string): boolean {
  return text.length >= 8
}

function isSecretItself(id: string): boolean {
  return mayHoldToken(id) || (/^[A-Za-z0-9]{32,}$/.test(id) && /\d/.test(id))
}

function readPath(id: string, path: string, desk: Desk): BuildSecret | undefined {
  if (!mayHoldToken(path) && !/[\r\n\0]/.test(path)) return {id, from: 'file', path}
  desk.keep(`secrets ${id}`, path)
  return void desk.fault({
    what: `The secret \`${id}\` names no path behind \`file:\`.`,
    why: FORM,
    fix: `Write \`${id}=value\` for a value, without \`file:\`.`
  })
}

function readVariable(id: string, variable: string, desk: Desk): BuildSecret | undefined {
  if (!VARIABLE.test(variable)) {
    return void desk.fault({
      what: `The secret \`${id}\` names no environment variable behind \`env:\`.`,
      why: FORM,
      fix: `Write \`${id}=env:NAME\` and set NAME in the step's \`env\`.`
    })
  }
  const value = desk.env[variable] ?? ''
  if (value === '') return tellEmpty(id, desk, variable)
  return {id, from: 'env', variable, value: desk.keep(`secrets ${id}`, value)}
}

function tellEmpty(id: string, desk: Desk, variable?: string): undefined {
  const where = variable === undefined ? 'is empty' : `is empty: the variable ${variable} has no value`
  if (desk.isWithoutSecrets) {
    return void desk.notice(`The build secret \`${id}\` is left out: GitHub hands no secrets to this event.`)
  }
  desk.fault({
    what: `The build secret \`${id}\` ${where}.`,
    why: 'The build would get an empty file, and fail late with a message about something else.',
    fix: 'Look whether the secret exists under that name, and whether this job may see it.'
  })
}

function malformed(number: number) {
  return {
    what: `Entry ${number} of \`secrets\` has no usable id before a \`=\`.`,
    why: `${FORM} An id has letters, digits, \`.\`, \`_\` and \`-\`.`,
    fix: 'Put `id=` before the value. A value over several lines stands in double quotes: `"id=line 1` … `line n"`.'
  }
}

function pasted(number: number) {
  return {
    what: `Entry ${number} of \`secrets\` is in the form of \`docker build --secret\`.`,
    why: FORM,
    fix: 'Write `name=file:path` for `id=name,src=path`, and `name=env:VARIABLE` for `id=name,env=VARIABLE`.'
  }
}

function twice(id: string) {
  return {
    what: `\`secrets\` has two entries with the id \`${id}\`.`,
    why: 'Which of them a `RUN --mount=type=secret` would get cannot be told.',
    fix: 'Keep one of them.'
  }
}
