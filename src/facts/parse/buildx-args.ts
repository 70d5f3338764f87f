import {nearestOf} from '../../model/nearest.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'
import {parseLines} from './lists.ts'

/** A flag of `docker buildx build` that changes how a build runs, and neither what it may reach nor what becomes of it. */
interface HarmlessFlag {
  readonly flag: string
  /** What its value looks like; a flag without one stands alone. */
  readonly value?: RegExp
}

/**
 * The flags that `buildx-args` may name.
 *
 * What is not here is either an input of its own (`--build-arg`, `--secret`, `--output`, `--platform` …), or would let a
 * step reach the machine (`--allow`, `--network`, `--cgroup-parent`, `--add-host`), or would undo a promise
 * (`--provenance`, `--metadata-file`, `--builder`). Source: buildx 0.29 `docs/reference/buildx_build.md`, read 2026-11.
 */
export const HARMLESS_FLAGS: readonly HarmlessFlag[] = [
  {flag: '--no-cache'},
  {flag: '--no-cache-filter', value: /^[\w.-]+(?:,[\w.-]+)*$/},
  {flag: '--pull'},
  {flag: '--shm-size', value: /^\d+[bkmg]?$/i},
  {flag: '--ulimit', value: /^[a-z]+=-?\d+(?::-?\d+)?$/}
]

/** What each flag that is refused should be written as instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  '--build-arg': 'build-args',
  '--build-context': 'build-contexts',
  '--builder': 'builder',
  '--cache-from': 'cache',
  '--cache-to': 'cache',
  '--file': 'file',
  '-f': 'file',
  '--label': 'labels',
  '--annotation': 'labels',
  '--load': 'load',
  '--output': 'load',
  '-o': 'load',
  '--platform': 'platforms',
  '--push': 'push',
  '--secret': 'secrets',
  '--ssh': 'ssh',
  '--tag': 'tags',
  '-t': 'tags',
  '--target': 'target'
}

/** `buildx-args`: one flag per line, with its value after `=` or a blank. */
export function parseBuildxArgs(text: string, desk: Desk): readonly string[] {
  return parseLines(text).flatMap(line => parseFlag(line, desk))
}

function parseFlag(line: string, desk: Desk): readonly string[] {
  const [, flag = '', value] = /^(-[^\s=]*)(?:[\s=]+(.*))?$/.exec(line) ?? []
  const known = HARMLESS_FLAGS.find(each => each.flag === flag)
  if (known === undefined) {
    desk.fault(notAllowed(flag === '' ? line : flag, desk))
    return []
  }
  if (known.value === undefined ? value === undefined : known.value.test(value ?? '')) {
    return [value === undefined ? flag : `${flag}=${value}`]
  }
  desk.fault({
    what: `\`${desk.input}\` gives \`${flag}\` ${value === undefined ? 'no value' : `the value ${shownValue(value, desk)}`}.`,
    why: known.value === undefined ? 'That flag takes no value.' : 'That is no value that buildx knows for it.',
    fix: known.value === undefined ? `Write \`${flag}\` alone.` : `See \`docker buildx build --help\` for \`${flag}\`.`
  })
  return []
}

function notAllowed(flag: string, desk: Desk) {
  const flags = HARMLESS_FLAGS.map(each => each.flag)
  const nearest = nearestOf(flag, flags)
  const input = Object.hasOwn(INSTEAD, flag) ? INSTEAD[flag] : undefined
  return {
    what: `\`${desk.input}\` names ${shownValue(flag, desk)}, which is not among the flags that it takes.`,
    why: `It takes what changes nothing but how the build runs: ${flags.join(', ')}.`,
    fix:
      input !== undefined
        ? `Use the input \`${input}\`.`
        : nearest === undefined
          ? 'Take the line out.'
          : `Did you mean \`${nearest}\`?`
  }
}
