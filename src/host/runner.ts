import {randomBytes} from 'node:crypto'
import {setMaxListeners} from 'node:events'
import * as core from '@actions/core'
import type {DoorRoute} from '../model/work-build.ts'
import {openBridge} from './bridge.ts'
import {openCache} from './cache.ts'
import {machineClock} from './clock.ts'
import {openCommands} from './commands.ts'
import {openDoor} from './door.ts'
import {machineFiles} from './files.ts'
import {openGitHub} from './github.ts'
import {openApps} from './github-app.ts'
import type {Host} from './host.ts'
import {openLayers} from './layers.ts'
import {openLedger} from './ledger.ts'
import {openLog} from './log.ts'
import {ownerOfRun} from './owner.ts'
import {withFolders} from './places.ts'
import {registryClient} from './registry.ts'
import {openSession} from './registry-session.ts'
import {openTokens} from './registry-token.ts'
import {openTransport} from './registry-transport.ts'
import {openResults} from './results.ts'
import {openSecrets} from './secrets.ts'
import {openTools} from './tools.ts'

const INPUT = 'INPUT_'

/** How long what still runs when all is done may take to end by itself. */
const LINGER_MS = 2_000

/** Signals by which a runner, or a person at a terminal, cancels. */
const CANCELLING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * The world on a real runner: the toolkit, the machine, the registries.
 *
 * Inputs are taken out of the process's environment at once, so that no program inherits them. `action` is the
 * action's own directory, `worker` the file that worker threads are started from,
 * which may be left out where none is. Call `end()` on it last.
 */
export async function makeRunnerHost({action, worker = ''}: {action: string; worker?: string}): Promise<Host> {
  const {env} = process
  const raw = takeInputs(env)
  const ours: Readonly<Record<string, string | undefined>> = {...env}
  const secrets = openSecrets({mask: core.setSecret, say: sentence => core.warning(sentence)})
  const log = openLog({cover: secrets.cover, isDebug: core.isDebug()})
  const cancelling = new AbortController()
  const cancelled = cancelling.signal
  // Every request to a registry listens to it, and a builder makes many at once.
  setMaxListeners(0, cancelled)
  const cancel = (signal: NodeJS.Signals) => cancelling.abort(signal)
  for (const signal of CANCELLING) process.on(signal, cancel)
  let limit: NodeJS.Timeout | undefined

  const commands = openCommands({ours, cover: secrets.cover, cancelled})
  const transport = openTransport({environment: ours, cancelled})
  const tokens = openTokens({transport, secrets, mask: core.setSecret, cancelled})
  const session = openSession({transport, tokens, cancelled})

  return {
    env: ours,
    inputs: {raw: () => raw},
    secrets,
    commands,
    files: machineFiles,
    log,
    results: openResults({secrets, log}),
    ledger: openLedger(secrets),
    registry: withFolders(registryClient(session), session),
    github: openGitHub({
      token: raw.token,
      repository: ours.GITHUB_REPOSITORY,
      apiUrl: ours.GITHUB_API_URL,
      log,
      secrets,
      transport
    }),
    apps: openApps({transport, secrets, log, cancelled}),
    tools: openTools({
      environment: ours,
      platform: {os: process.platform, arch: process.arch},
      log,
      cancelled
    }),
    cache: openCache({environment: ours, log, cancelled}),
    layers: openLayers({workerFile: worker, session, environment: ours, cancelled}),
    clock: machineClock,
    place: {action, runName: runNameOf(ours), os: process.platform, arch: process.arch, owner: ownerOfRun()},
    cancelled,
    stopAfter: milliseconds => {
      clearTimeout(limit)
      limit = setTimeout(() => cancelling.abort('timeout'), milliseconds)
    },
    end: () => {
      clearTimeout(limit)
      for (const signal of CANCELLING) process.off(signal, cancel)
      commands.end()
      transport.close()
      // A cache service that hangs is waited for by the toolkit, which offers no way to stop it.
      setTimeout(() => process.exit(), LINGER_MS).unref()
    },
    openDoor: (routes: readonly DoorRoute[]) => openDoor(routes, {session, secrets, log}),
    openBridge
  }
}

/** Takes every `INPUT_*` out of an environment; those with a value are returned by their names in `action.yml`. */
export function takeInputs(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const inputs: Record<string, string> = {}
  for (const [variable, value = ''] of Object.entries(environment)) {
    if (!variable.startsWith(INPUT)) continue
    delete environment[variable]
    if (value.trim() !== '') inputs[variable.slice(INPUT.length).toLowerCase()] = value
  }
  return inputs
}

/** A name that no other run has, made of what a person recognises and of chance. */
function runNameOf(environment: Readonly<Record<string, string | undefined>>): string {
  const run = environment.GITHUB_RUN_ID || 'local'
  const attempt = environment.GITHUB_RUN_ATTEMPT || '1'
  return `${run}-${attempt}-${randomBytes(4).toString('hex')}`.replace(/[^\w.-]/g, '-')
}
