/** Values that stand everywhere in logs; to mask them would black out the log and hide nothing. */
const TRIVIAL: ReadonlySet<string> = new Set(['true', 'false', 'null', 'none', 'auto', 'default', 'undefined'])

/** The fewest characters that a mask may have: shorter ones hit words at random. */
const SHORTEST_MASK = 4

/** The fewest characters for encoded forms and for finding a secret inside another text. */
export const SHORTEST_FORM = 8

/** Whether masking a value does more good than harm. */
export function isMaskable(value: string): boolean {
  return value.trim().length >= SHORTEST_MASK && !TRIVIAL.has(value.trim().toLowerCase())
}

/**
 * Every form in which a secret is to be masked: itself, its lines, and what encoders make of it.
 *
 * The base64 forms cut out of any surrounding text (`user:<value>` of an Authorization header, for one) depend only on
 * how many bytes stand before the value, modulo three.
 */
export function maskedForms(value: string): readonly string[] {
  if (!isMaskable(value)) return []
  const trimmed = value.trim()
  const lines = trimmed.split(/\r\n|\r|\n/).filter(isTellingLine)
  const encoded = [value, trimmed].flatMap(text => [
    ...base64Forms(text),
    encodeURIComponent(text.toWellFormed()),
    JSON.stringify(text).slice(1, -1)
  ])
  return [...new Set([value, trimmed, ...lines.map(line => line.trim()), ...encoded.filter(isLongEnough)])]
}

/** Encoded forms that may stand inside a longer base64 text. */
export function base64Forms(text: string): readonly string[] {
  const whole = Buffer.from(text).toString('base64')
  const login = Buffer.from(`x-access-token:${text}`).toString('base64')
  const cut = [0, 1, 2].map(shift => cutBase64(text, shift))
  const forms = [whole, login, ...cut]
  const forUrls = forms.map(form => form.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''))
  return [...new Set([...forms, ...forUrls])].filter(isLongEnough)
}

/** Base64 of a text that begins `shift` bytes into a group of three, without the characters that neighbours change. */
function cutBase64(text: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
  const leading = shift === 0 ? 0 : shift + 1
  return bytes.toString('base64', 0, bytes.length - (bytes.length % 3)).slice(leading)
}

// The frame of a PEM block and lines of brackets stand in many texts that are no secret.
function isTellingLine(line: string): boolean {
  return isMaskable(line) && !/^\s*-----/.test(line) && /\w{3}/.test(line)
}

function isLongEnough(form: string): boolean {
  return form.length >= SHORTEST_FORM
}
