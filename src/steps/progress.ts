/** What BuildKit tells of a step (`--progress=rawjson`), as far as it is shown. Times are RFC 3339. */
interface Vertex {
  readonly digest: string
  readonly name: string
  readonly started?: string
  readonly completed?: string
  readonly cached?: boolean
  readonly error?: string
}

interface Status {
  readonly id: string
  readonly vertex: string
  readonly current?: number
  readonly total?: number
  readonly completed?: string
}

interface Log {
  readonly vertex: string
  /** Base64. */
  readonly data: string
}

interface Message {
  readonly vertexes?: readonly Vertex[]
  readonly statuses?: readonly Status[]
  readonly logs?: readonly Log[]
}

/** What BuildKit calls the reading of a layer cache; its name follows. */
const IMPORT = 'importing cache manifest from'

/** What BuildKit calls the writing of a layer cache, by its backends. */
const EXPORT = /^exporting (?:cache\b|to GitHub Actions Cache)/

/** How many of a step's last lines are kept as evidence for a failure. */
const TAIL = 20

/**
 * What BuildKit means where it calls a step cached.
 *
 * `cache`: an earlier build did it. `twin`: this very build does it, for another step that is the same to the last byte;
 * under `--no-cache` it can mean nothing else.
 */
export type SparedBy = 'cache' | 'twin'

/** How progress is read. */
export interface ProgressReading {
  readonly sparedBy?: SparedBy
  /** Covers secrets in what is shown and kept. */
  readonly cover?: (text: string) => string
}

/** Reads BuildKit's progress and shows it as one line when a step begins and one when it ends. */
export interface Progress {
  /** Takes a line of `--progress=rawjson`; a line that is none is shown as it is. */
  take(line: string): void
  /** Shows what is being moved right now, so that no minute is silent. */
  beat(): void
  /** Steps that came from a cache, and all steps of the Dockerfile's work; twins count once. */
  counts(): {readonly cached: number; readonly total: number}
  /** Layer caches that were found and read, as the builder names them. */
  cachesRead(): readonly string[]
  /** Whether a layer cache was written: buildx leaves out what it does not know, without a word. */
  hasWrittenCache(): boolean
  /** The step that failed, with its last lines. */
  failure(): {readonly step: string; readonly error: string; readonly tail: readonly string[]} | undefined
  /** Lines that were not progress: buildx's own words. */
  words(): readonly string[]
}

/** Progress that shows its lines through `show`. All that it shows and keeps is covered once it is decoded. */
export function makeProgress(
  show: (line: string) => void,
  {sparedBy = 'cache', cover = text => text}: ProgressReading = {}
): Progress {
  const numbers = new Map<string, number>()
  const vertices = new Map<string, Vertex>()
  const ended = new Set<string>()
  const tails = new Map<string, string[]>()
  const moving = new Map<string, Status>()
  const words: string[] = []
  // buildx before 0.14 prints each message over many lines, from a lone { to a lone }; later ones print it in one.
  let open: string[] = []
  let failed: Vertex | undefined

  function numberOf(digest: string): number {
    const known = numbers.get(digest)
    if (known !== undefined) return known
    numbers.set(digest, numbers.size + 1)
    return numbers.size
  }

  function takeVertex(told: Vertex): void {
    const before = vertices.get(told.digest)
    const vertex = {
      ...told,
      name: cover(told.name),
      // Once found in a cache, a step is begun anew when its layer is fetched and unpacked for the step after it.
      cached: told.cached === true || before?.cached === true,
      ...(told.error === undefined ? {} : {error: cover(told.error)})
    }
    vertices.set(vertex.digest, vertex)
    const label = `#${numberOf(vertex.digest)}`
    if (failed === undefined && hasFailed(vertex) && isCause(vertex)) failed = vertex
    if (vertex.completed !== undefined && before?.completed === undefined) {
      if (!ended.has(vertex.digest) || isWorthTelling(vertex))
        show(`${label} ${vertex.name} ${endOf(vertex, sparedBy)}`)
      ended.add(vertex.digest)
      return
    }
    if (vertex.started !== undefined && before?.started === undefined) show(`${label} ${vertex.name}`)
  }

  function takeLog(log: Log): void {
    const label = `#${numberOf(log.vertex)}`
    const tail = tails.get(log.vertex) ?? []
    const text = cover(Buffer.from(log.data, 'base64').toString('utf8'))
    for (const line of text.split(/\r\n|\n|\r/)) {
      if (line.trim() === '') continue
      show(`${label}   ${line}`)
      tail.push(line)
    }
    tails.set(log.vertex, tail.slice(-TAIL))
  }

  function takeStatus(status: Status): void {
    const key = `${status.vertex} ${status.id}`
    if (status.completed !== undefined) moving.delete(key)
    else moving.set(key, status)
  }

  return {
    take(line) {
      if (line === '{' || open.length > 0) {
        open.push(line)
        if (line !== '}') return
      }
      const message = parse(open.length > 0 ? open.join('\n') : line)
      open = []
      if (message === undefined) {
        if (line.trim() === '') return
        words.push(cover(line))
        show(line)
        return
      }
      for (const vertex of message.vertexes ?? []) takeVertex(vertex)
      for (const status of message.statuses ?? []) takeStatus(status)
      for (const log of message.logs ?? []) takeLog(log)
    },
    beat() {
      for (const status of moving.values()) {
        if (status.current === undefined || status.current === 0) continue
        const of = status.total === undefined || status.total === 0 ? '' : ` of ${megabytes(status.total)}`
        show(`#${numberOf(status.vertex)}   ${status.id} ${megabytes(status.current)}${of}`)
      }
    },
    counts() {
      const worked = [...vertices.values()].filter(vertex => isDockerfileStep(vertex.name))
      const spared = worked.filter(vertex => vertex.cached === true).length
      return sparedBy === 'twin' ? {cached: 0, total: worked.length - spared} : {cached: spared, total: worked.length}
    },
    cachesRead() {
      const imports = [...vertices.values()].filter(({name}) => name.startsWith(IMPORT))
      const read = imports.filter(vertex => vertex.completed !== undefined && !hasFailed(vertex))
      return read.map(({name}) => name.slice(IMPORT.length).trim())
    },
    hasWrittenCache() {
      const exports = [...vertices.values()].filter(({name}) => EXPORT.test(name))
      return exports.some(vertex => vertex.completed !== undefined && !hasFailed(vertex))
    },
    failure() {
      if (failed === undefined) return undefined
      return {step: failed.name, error: failed.error ?? '', tail: tails.get(failed.digest) ?? []}
    },
    words: () => words
  }
}

/** A step that was cancelled because of another is not the cause, nor is a cache that cannot be read: that never stops a build. */
function isCause({name, error = ''}: Vertex): boolean {
  return !error.includes('context canceled') && !name.startsWith(IMPORT)
}

function parse(line: string): Message | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}

/**
 * `[runtime 3/7] RUN …` is a step of the Dockerfile; `[internal] load build context` and exports are not.
 *
 * Neither is a `FROM`: whether BuildKit calls it cached says nothing about work that was spared.
 */
function isDockerfileStep(name: string): boolean {
  return /^\[(?!internal)[^\]]*\d+\/\d+\] (?!FROM )/.test(name)
}

/** A step that ends again: it failed after all, or took a while. */
function isWorthTelling(vertex: Vertex): boolean {
  return hasFailed(vertex) || (secondsOf(vertex) ?? 0) >= 1
}

function endOf(vertex: Vertex, sparedBy: SparedBy): string {
  if (hasFailed(vertex)) return 'failed'
  if (vertex.cached === true && sparedBy === 'twin') return 'done with another step that is the same'
  const seconds = secondsOf(vertex)
  if (vertex.cached === true)
    return seconds !== undefined && seconds >= 1 ? `cached, fetched in ${seconds.toFixed(1)} s` : 'cached'
  return seconds === undefined ? 'done' : `done in ${seconds.toFixed(1)} s`
}

function hasFailed({error}: Vertex): boolean {
  return error !== undefined && error !== ''
}

function secondsOf({started, completed}: Vertex): number | undefined {
  if (started === undefined || completed === undefined) return undefined
  return Math.max(0, (Date.parse(completed) - Date.parse(started)) / 1000)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
