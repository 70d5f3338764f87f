import {randomUUID} from 'node:crypto'
import {readFileSync, renameSync, writeFileSync} from 'node:fs'

/** Writes a value as JSON for our eyes only (0600), whole or not at all: a reader never meets half of it. */
export function writeJson(file: string, value: object): void {
  const aside = `${file}.${randomUUID()}`
  writeFileSync(aside, `${JSON.stringify(value, null, 2)}\n`, {mode: 0o600})
  renameSync(aside, file)
}

/** Reads a JSON file; undefined where there is none, or none that can be read. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
