import type {RunResult, StageResult} from './result.ts'

/** A secret that stands where it may be read. It names the secret and the place, never the value. */
export interface SeenSecret {
  readonly secret: string
  /** How it was written: `raw`, `base64`, … */
  readonly form: string
  /** For example `main stdout, line 12`. */
  readonly place: string
}

interface Place {
  readonly name: string
  readonly bytes: Buffer
}

interface Needle {
  readonly form: string
  readonly bytes: Buffer
}

/** Shorter values stand in any text by chance, above all in base64. */
const SHORTEST = 6

/**
 * Finds given secrets in everything that a run wrote or left, the lines that register a mask excepted.
 *
 * Looks at the output of both processes, the command files, the summary, what was left in `RUNNER_TEMP` and in a home
 * folder of ours (names and contents), and the command lines of all children that were seen. Secrets are searched raw, by line, in base64 at all three alignments,
 * URL-encoded, JSON-escaped and in hex. Throws for a secret that is too short to be searched.
 */
export function secretsSeen(result: RunResult, secrets: Readonly<Record<string, string>>): readonly SeenSecret[] {
  const places = placesOf(result)
  return Object.entries(secrets).flatMap(([secret, value]) => {
    const needles = needlesOf(secret, value)
    return places.flatMap(place => findIn(place, needles).map(found => ({secret, ...found})))
  })
}

function placesOf(result: RunResult): readonly Place[] {
  return [
    ...stagePlaces(result.main),
    ...(result.post === undefined ? [] : stagePlaces(result.post)),
    {name: 'summary', bytes: Buffer.from(result.summary)},
    ...result.leftInTemp.map(file => ({name: `RUNNER_TEMP/${file.path}`, bytes: file.content})),
    ...result.leftInHome.map(file => ({name: `HOME/${file.path}`, bytes: file.content})),
    {name: 'names in RUNNER_TEMP', bytes: Buffer.from(result.leftInTemp.map(file => file.path).join('\n'))}
  ]
}

function stagePlaces(stage: StageResult): readonly Place[] {
  const {files} = stage
  const commandLines = stage.commandLines.map(words => words.join(' ')).join('\n')
  return [
    {name: `${stage.stage} output`, bytes: stage.unmaskedLines},
    {name: `${stage.stage} GITHUB_ENV`, bytes: files.env},
    {name: `${stage.stage} GITHUB_OUTPUT`, bytes: files.output},
    {name: `${stage.stage} GITHUB_PATH`, bytes: files.path},
    {name: `${stage.stage} GITHUB_STATE`, bytes: files.state},
    {name: `${stage.stage} GITHUB_STEP_SUMMARY`, bytes: files.summary},
    {name: `${stage.stage} command lines`, bytes: Buffer.from(commandLines)}
  ]
}

function findIn(place: Place, needles: readonly Needle[]): readonly Omit<SeenSecret, 'secret'>[] {
  return needles.flatMap(needle => {
    const at = place.bytes.indexOf(needle.bytes)
    if (at < 0) return []
    const line = place.bytes.subarray(0, at).filter(byte => byte === 0x0a).length + 1
    return [{form: needle.form, place: `${place.name}, line ${line}`}]
  })
}

function needlesOf(name: string, value: string): readonly Needle[] {
  if (value.length < SHORTEST) throw new Error(`The secret ${name} is shorter than ${SHORTEST} characters`)
  const lines = value.split(/[\r\n]+/).filter(line => line.length >= SHORTEST && !line.startsWith('-----'))
  const parts = lines.length > 1 ? [value, ...lines] : [value]
  const needles = new Map<string, Needle>()
  for (const part of parts) {
    for (const [form, text] of formsOf(part))
      if (!needles.has(text)) needles.set(text, {form, bytes: Buffer.from(text)})
  }
  return [...needles.values()]
}

function formsOf(value: string): readonly (readonly [string, string])[] {
  const bytes = Buffer.from(value, 'utf8')
  const encoded = encodeURIComponent(value)
  return [
    ['raw', value],
    ...[0, 1, 2].map(shift => [`base64, ${shift} bytes in`, base64Core(bytes, shift)] as const),
    ...[0, 1, 2].map(shift => [`base64url, ${shift} bytes in`, toUrlAlphabet(base64Core(bytes, shift))] as const),
    ['URL-encoded', encoded],
    ['URL-encoded', encoded.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase())],
    ['form-encoded', encoded.replaceAll('%20', '+')],
    ['JSON-escaped', JSON.stringify(value).slice(1, -1)],
    ['hex', bytes.toString('hex')],
    ['hex', bytes.toString('hex').toUpperCase()]
  ]
}

// What stands in base64 for a value that begins `shift` bytes after a multiple of three, without the first and last
// letters, which depend on the neighbours too.
function base64Core(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
  const whole = Math.floor(((shift + bytes.length) * 8) / 6)
  return text.slice(Math.ceil((shift * 8) / 6), whole)
}

function toUrlAlphabet(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_')
}
