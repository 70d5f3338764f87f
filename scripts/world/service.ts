import {existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {createServer, type RequestListener} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {recordedProcess, startProcess, stopProcess, waitUntil} from './processes.ts'

/** The servers of ours that run as a process of their own. */
export type ServiceKind = 'token-server' | 'git-server'

const START_WITHIN_MS = 20_000

/**
 * Starts one of our servers in a process of its own, or finds it running, and returns its `127.0.0.1:port`.
 *
 * Of its own, because a caller that waits for a child synchronously could not answer that child's requests.
 */
export async function startService(folder: string, kind: ServiceKind): Promise<string> {
  const running = serviceAddress(folder, kind)
  if (running !== undefined) return running
  mkdirSync(folder, {recursive: true})
  rmSync(addressFile(folder, kind), {force: true})
  const log = join(folder, `${kind}.log`)
  const entry = fileURLToPath(new URL('serve.ts', import.meta.url))
  // Nothing of the caller's environment: it may hold secrets, and a server has no use for them.
  const env = {PATH: process.env.PATH, NODE_NO_WARNINGS: '1'}
  startProcess({folder, name: kind, argv: [process.execPath, entry, kind, folder], env, log})
  await waitUntil(
    () => serviceAddress(folder, kind) !== undefined || recordedProcess(folder, kind) === undefined,
    START_WITHIN_MS
  )
  const address = serviceAddress(folder, kind)
  if (address === undefined) {
    await stopProcess(folder, kind)
    throw new Error(
      `The ${kind} did not come up: ${readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n  ')}`
    )
  }
  return address
}

/** The `127.0.0.1:port` of a server of ours that runs in this folder. */
export function serviceAddress(folder: string, kind: ServiceKind): string | undefined {
  const file = addressFile(folder, kind)
  return recordedProcess(folder, kind) !== undefined && existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** Listens on a free port of 127.0.0.1 and writes the address where `startService` looks for it. */
export function listen(folder: string, kind: ServiceKind, listener: RequestListener): void {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1', () => {
    const {port} = server.address() as AddressInfo
    const file = addressFile(folder, kind)
    writeFileSync(`${file}.new`, `127.0.0.1:${port}`)
    renameSync(`${file}.new`, file)
  })
}

function addressFile(folder: string, kind: ServiceKind): string {
  return join(folder, `${kind}.address`)
}
