import type {Host} from './host/host.ts'
import type {Undo} from './model/ledger.ts'

const TIMEOUT_MS = 60_000

/** How each kind of change is taken back. All are harmless when there is nothing to undo. */
const UNDO: {readonly [K in Undo['kind']]: (entry: Extract<Undo, {kind: K}>, host: Host) => Promise<void>} = {
  'remove-path': ({path}, host) => host.files.remove(path),
  'stop-process': async ({pid, startTime}, host) => host.commands.stop(pid, startTime),
  'remove-builder': async ({name, docker, environment}, host) => {
    await host.commands.ask({
      file: docker,
      args: ['buildx', 'rm', '--force', name],
      env: environment,
      timeoutMs: TIMEOUT_MS
    })
  },
  'remove-container': async ({name, docker, environment}, host) => {
    await host.commands.ask({file: docker, args: ['rm', '--force', name], env: environment, timeoutMs: TIMEOUT_MS})
  },
  'remove-job': async ({name, kubectl, environment}, host) => {
    const args = ['delete', `job/${name}`, '--ignore-not-found', '--wait=false']
    await host.commands.ask({file: kubectl, args, env: environment, timeoutMs: TIMEOUT_MS})
  },
  'remove-image': async ({reference, docker, environment}, host) => {
    await host.commands.ask({file: docker, args: ['image', 'rm', reference], env: environment, timeoutMs: TIMEOUT_MS})
  },
  'revoke-token': async ({path, apiUrl}, host) => {
    const value = await host.files.read(path)
    if (value === undefined) return
    const token = host.secrets.redeem(host.secrets.keep('github-app', value))
    await host.apps.revoke({apiUrl, token})
    await host.files.remove(path)
  }
}

/** Takes back every recorded change, the last one first. Warns where it cannot, and never throws. */
export async function undo(host: Host): Promise<void> {
  for (const entry of host.ledger.entries().toReversed()) {
    try {
      await (UNDO[entry.kind] as (entry: Undo, host: Host) => Promise<void>)(entry, host)
      host.log.debug(`undone: ${JSON.stringify(entry)}`)
    } catch (thrown) {
      host.log.warning(
        `Could not take back ${entry.kind}: ${thrown instanceof Error ? thrown.message : String(thrown)}`
      )
    }
  }
}
