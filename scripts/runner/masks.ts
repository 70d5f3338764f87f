/** Values that are shown as `***` from the moment they are added. */
export interface Masks {
  /** Adds a value, each of its lines, and the forms in which programs commonly print it. */
  add(value: string): void
  /** The text with every masked value replaced. */
  apply(text: string): string
  /** The values that were added, as they were added. */
  readonly values: readonly string[]
}

/** The forms that GitHub's runner masks beside the value itself. */
const FORMS: readonly ((value: string) => string)[] = [
  value => value,
  value => base64From(value, 0),
  value => base64From(value, 1),
  value => base64From(value, 2),
  value => value.replaceAll("'", "''"),
  value => JSON.stringify(value).slice(1, -1),
  value => encodeURIComponent(value),
  value => value.replace(/[<>&'"]/g, sign => XML[sign] ?? sign),
  value => value.replace(/^"(.*)"$/s, '$1')
]

const XML: Readonly<Record<string, string>> = {'<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&apos;', '"': '&quot;'}

/** Makes an empty set of masks, or one that starts with the secrets of a job. */
export function makeMasks(secrets: readonly string[]): Masks {
  const values: string[] = []
  const needles = new Set<string>()
  const add = (value: string) => {
    values.push(value)
    for (const part of [value, ...value.split(/[\r\n]+/)]) addForms(part, needles)
  }
  for (const secret of secrets) if (secret.trim() !== '') add(secret)
  return {add, apply: text => hide(text, needles), values}
}

function addForms(value: string, needles: Set<string>): void {
  if (value.trim() === '') return
  for (const form of FORMS) {
    const text = form(value)
    if (text !== '') needles.add(text)
  }
}

function base64From(value: string, shift: number): string {
  return Buffer.from(value, 'utf8').subarray(shift).toString('base64')
}

// Overlapping finds become one `***`: replacing them one after another would leave the tail of the second.
function hide(text: string, needles: ReadonlySet<string>): string {
  const spans = spansOf(text, needles)
  let shown = ''
  let end = 0
  for (const span of spans) {
    if (span.start >= end) shown += `${text.slice(end, span.start)}***`
    end = Math.max(end, span.end)
  }
  return shown + text.slice(end)
}

function spansOf(text: string, needles: ReadonlySet<string>): readonly {start: number; end: number}[] {
  const spans: {start: number; end: number}[] = []
  for (const needle of needles) {
    for (let start = text.indexOf(needle); start >= 0; start = text.indexOf(needle, start + 1)) {
      spans.push({start, end: start + needle.length})
    }
  }
  return spans.sort((one, other) => one.start - other.start)
}
