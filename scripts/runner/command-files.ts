import {randomUUID} from 'node:crypto'
import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {WrittenFiles} from './result.ts'

/** Where a process writes what the runner shall take over; a fresh set for each process. */
export type CommandFiles = Readonly<Record<keyof WrittenFiles, string>>

/** The runner's own folder in `RUNNER_TEMP`. */
export const COMMAND_FOLDER = '_runner_file_commands'

const PREFIXES: CommandFiles = {
  env: 'set_env_',
  output: 'set_output_',
  path: 'add_path_',
  state: 'save_state_',
  summary: 'step_summary_'
}

/** Makes five empty files in the runner's folder. */
export function makeCommandFiles(temp: string): CommandFiles {
  const folder = join(temp, COMMAND_FOLDER)
  mkdirSync(folder, {recursive: true})
  const id = randomUUID()
  return mapFiles(PREFIXES, prefix => {
    const path = join(folder, `${prefix}${id}`)
    writeFileSync(path, '')
    return path
  })
}

/** The variables that name the files to the action. */
export function commandFileVariables(files: CommandFiles): Record<string, string> {
  return {
    GITHUB_ENV: files.env,
    GITHUB_OUTPUT: files.output,
    GITHUB_PATH: files.path,
    GITHUB_STATE: files.state,
    GITHUB_STEP_SUMMARY: files.summary
  }
}

/** Reads and removes the files; one that the action removed counts as empty. */
export function takeCommandFiles(files: CommandFiles): WrittenFiles {
  return mapFiles(files, path => {
    const content = readOrEmpty(path)
    rmSync(path, {force: true})
    return content
  })
}

/**
 * The pairs of a command file: `NAME=value` lines and heredocs (`NAME<<MARK`, lines, `MARK`). The last value wins.
 *
 * Throws where the runner refuses the file; pairs before the faulty line are then in the error's `pairs`.
 */
export function parsePairs(content: Buffer): Record<string, string> {
  const pairs: Record<string, string> = {}
  const lines = content.toString('utf8').split('\n')
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (line === '') continue
    const [, name = '', sign = '', rest = ''] = /^(.*?)(=|<<)(.*)$/s.exec(line) ?? []
    if (name === '') throw new PairError(`Invalid format '${line}'`, pairs)
    if (sign === '=') {
      pairs[name] = rest
      continue
    }
    const end = lines.indexOf(rest, index + 1)
    if (rest === '' || end < 0) throw new PairError(`Invalid value. Matching delimiter not found '${rest}'`, pairs)
    pairs[name] = lines.slice(index + 1, end).join('\n')
    index = end
  }
  return pairs
}

/** A command file that the runner refuses. */
export class PairError extends Error {
  readonly pairs: Readonly<Record<string, string>>

  constructor(message: string, pairs: Readonly<Record<string, string>>) {
    super(message)
    this.name = 'PairError'
    this.pairs = pairs
  }
}

/** The folders of a `GITHUB_PATH` file. */
export function parsePaths(content: Buffer): readonly string[] {
  return content
    .toString('utf8')
    .split('\n')
    .filter(line => line !== '')
}

function readOrEmpty(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch {
    return Buffer.alloc(0)
  }
}

function mapFiles<T>(files: CommandFiles, make: (path: string) => T): Record<keyof WrittenFiles, T> {
  return {
    env: make(files.env),
    output: make(files.output),
    path: make(files.path),
    state: make(files.state),
    summary: make(files.summary)
  }
}
