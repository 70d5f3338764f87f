import {appendFileSync, existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/** Appends one row to a server's log; the log is a file, so that every process may read it while the server runs. */
export function logRequest(folder: string, row: object): void {
  appendFileSync(logFile(folder), `${JSON.stringify({time: new Date().toISOString(), ...row})}\n`)
}

/** Every row of a server's log, oldest first. */
export function readRequests<Row>(folder: string): Row[] {
  if (!existsSync(logFile(folder))) return []
  return readFileSync(logFile(folder), 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

function logFile(folder: string): string {
  return join(folder, 'requests.jsonl')
}
