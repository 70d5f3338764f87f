import {randomUUID} from 'node:crypto'
import {existsSync, mkdirSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {readJson, writeJson} from './json-file.ts'
import {isAlive, type ProcessRecord, startTimeOf} from './processes.ts'

/** How long something that was started is wanted: while its user lives, or until someone ends it by name. */
export type Holding = 'while-used' | 'kept'

/** A claim on something that was started in a folder. */
export interface Lease {
  release(): void
}

/** Claims something that runs in a folder: it is ended only when no living process claims it, and never while it is kept. */
export function takeLease(folder: string, holding: Holding): Lease {
  mkdirSync(leasesOf(folder), {recursive: true})
  if (holding === 'kept') writeFileSync(keptMark(folder), '')
  const file = join(leasesOf(folder), `${randomUUID()}.json`)
  writeJson(file, {pid: process.pid, startTime: startTimeOf(process.pid)})
  return {release: () => rmSync(file, {force: true})}
}

/** Whether something in a folder is kept, or claimed by a process that lives; claims of dead ones are removed. */
export function isInUse(folder: string): boolean {
  if (existsSync(keptMark(folder))) return true
  const leases = existsSync(leasesOf(folder))
    ? readdirSync(leasesOf(folder)).map(name => join(leasesOf(folder), name))
    : []
  for (const file of leases) {
    const holder = readJson<ProcessRecord>(file)
    if (holder === undefined || !isAlive(holder)) rmSync(file, {force: true})
  }
  return leases.some(existsSync)
}

/** Drops all claims on a folder, living or not: for the one who ends it by name. */
export function dropLeases(folder: string): void {
  rmSync(leasesOf(folder), {recursive: true, force: true})
}

function leasesOf(folder: string): string {
  return join(folder, 'leases')
}

function keptMark(folder: string): string {
  return join(leasesOf(folder), 'kept')
}
