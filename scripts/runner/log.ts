import {type CommandEffects, type LineReader, makeLineReader} from './line-reader.ts'
import type {Masks} from './masks.ts'
import type {Annotation, LogLine, Speaker} from './result.ts'

/** The log of a job, and what commands in it brought forth. */
export interface JobLog {
  readonly lines: readonly LogLine[]
  readonly annotations: readonly Annotation[]
  /** Says something in the runner's own name. */
  say(kind: LogLine['kind'], text: string): void
  /** A reader for one process; commands that were stopped or echoed in one process are not so in the next. */
  readerFor(stage: 'main' | 'post', effects: CommandEffects): LineReader
}

/** How to make a log. */
export interface LogOptions {
  readonly masks: Masks
  readonly debug: boolean
  /** Called with each line at once, for those who watch. */
  readonly onLine?: ((line: LogLine) => void) | undefined
}

const LEVELS = ['error', 'warning', 'notice'] as const

function levelOf(name: string): Annotation['level'] | undefined {
  return LEVELS.find(level => level === name)
}

/** Makes the log of a job. Every text is masked as it comes in, with the masks of that moment. */
export function makeLog(options: LogOptions): JobLog {
  const {masks} = options
  const lines: LogLine[] = []
  const annotations: Annotation[] = []

  function put(by: Speaker, kind: LogLine['kind'], text: string): void {
    if (kind === 'debug' && !options.debug) return
    const line = {by, kind, text: masks.apply(text)}
    lines.push(line)
    options.onLine?.(line)
  }

  function annotate(by: Speaker, annotation: Pick<Annotation, 'level' | 'message' | 'properties'>): void {
    const properties = Object.entries(annotation.properties).map(([name, value]) => [name, masks.apply(value)])
    annotations.push({
      by,
      level: annotation.level,
      message: masks.apply(annotation.message),
      properties: Object.fromEntries(properties)
    })
    put(by, annotation.level, annotation.message)
  }

  return {
    lines,
    annotations,
    say(kind, text) {
      const level = levelOf(kind)
      if (level === undefined) put('runner', kind, text)
      else annotate('runner', {level, message: text, properties: {}})
    },
    readerFor: (stage, effects) => makeLineReader({stage, masks, effects, put, annotate})
  }
}
