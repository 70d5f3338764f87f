import type {IncomingMessage} from 'node:http'
import {collect} from './flow.ts'

const MOST_CHARACTERS = 300
const MOST_BYTES = 64 * 1024
const READ_MS = 5_000

/** What a registry says in a refusal, shortened for people. */
export interface Words {
  /** Error codes of the distribution specification, where the answer has them. */
  readonly codes: readonly string[]
  readonly text: string
}

/** Reads the body of a refusal. Whatever its form is, something readable comes out; it never throws. */
export async function wordsOf(answer: IncomingMessage): Promise<Words> {
  const body = await collect(answer, {limitBytes: MOST_BYTES, stallMs: READ_MS}).catch(() => undefined)
  answer.resume()
  return wordsIn(body?.toString('utf8') ?? '')
}

/** The words in the body of a refusal: JSON of several dialects, HTML, or plain text. */
export function wordsIn(body: string): Words {
  const json = jsonOf(body)
  if (json === undefined) return {codes: [], text: shortened(withoutMarkup(body))}
  const errors = Array.isArray(json.errors) ? json.errors.filter(isRecord) : []
  const codes = errors.flatMap(error => (typeof error.code === 'string' ? [error.code] : []))
  const sentences = errors.map(error => [error.code, error.message].filter(isText).join(': '))
  // Token services say it in a field of their own.
  const others = [json.details, json.message, json.error_description, json.error].filter(isText).slice(0, 1)
  return {codes, text: shortened((sentences.length > 0 ? sentences : others).join('; '))}
}

function jsonOf(body: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    return isRecord(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function withoutMarkup(text: string): string {
  if (!/<(!doctype|html|head|body|h1|title)\b/i.test(text)) return text
  return text.replace(/<(script|style)\b.*?<\/\1\s*>/gis, ' ').replace(/<[^>]*>/g, ' ')
}

function shortened(text: string): string {
  // Control characters could move a terminal's cursor.
  const line = text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}…`
}
