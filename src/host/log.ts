import * as core from '@actions/core'
import type {AnnotatedLine, LogPort} from './host.ts'

/**
 * The runner's log. Every line is covered by ourselves before the runner masks it once more.
 *
 * Text never becomes a command: a line that would be read as one is broken up.
 */
export function openLog({cover, isDebug}: {cover: (text: string) => string; isDebug: boolean}): LogPort {
  const annotate =
    (write: (text: string, properties: core.AnnotationProperties) => void) =>
    (text: string, title?: string, place?: AnnotatedLine) =>
      write(cover(text), {
        ...(title === undefined ? {} : {title: cover(title)}),
        ...(place === undefined ? {} : {file: cover(place.file), startLine: place.line})
      })
  return {
    info: text => core.info(withoutCommands(cover(text))),
    debug: text => {
      if (isDebug) core.debug(cover(text))
    },
    notice: annotate(core.notice),
    warning: annotate(core.warning),
    error: annotate(core.error),
    group: (title, body) => core.group(cover(title), body)
  }
}

/**
 * A text in which no line is a command to the runner.
 *
 * The runner takes a line for a command when it begins with `::`, after blanks, or holds `##[` anywhere; it ends lines
 * at a lone carriage return too (actions/runner, `ActionCommand.cs`).
 */
export function withoutCommands(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(line => line.replace(/^(\s*):(?=:)/, '$1: ').replaceAll('##[', '## ['))
    .join('\n')
}
