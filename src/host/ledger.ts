import * as core from '@actions/core'
import type {Undo} from '../model/ledger.ts'
import type {LedgerPort, SecretsPort} from './host.ts'

const KEY = 'ledger'

/** Fields that each kind of entry must have, as text or numbers. */
const FIELDS: Readonly<Record<Undo['kind'], readonly string[]>> = {
  'remove-path': ['path'],
  'stop-process': ['pid', 'startTime'],
  'remove-builder': ['name', 'docker', 'environment'],
  'remove-container': ['name', 'docker', 'environment'],
  'remove-job': ['name', 'kubectl', 'environment'],
  'remove-image': ['reference', 'docker', 'environment'],
  'revoke-token': ['path', 'apiUrl']
}

/**
 * The undo list of this run, in the runner's state.
 *
 * One key holds the whole list and is rewritten at each entry: the last value wins, and a crash loses none. The runner
 * prints state to its debug log, so an entry that carries a secret is a bug and throws.
 */
export function openLedger(secrets: SecretsPort): LedgerPort {
  const entries: Undo[] = [...readLedger()]
  return {
    record: undo => {
      const text = JSON.stringify(undo)
      if (secrets.find(text) !== undefined) throw new Error(`An undo entry of kind ${undo.kind} carries a secret`)
      entries.push(undo)
      core.saveState(KEY, JSON.stringify(entries))
    },
    entries: () => entries
  }
}

/** What main left behind for post; empty in main. Entries that this version does not know are left out. */
export function readLedger(): readonly Undo[] {
  const text = core.getState(KEY)
  if (text === '') return []
  const parsed: unknown = parseJson(text)
  return Array.isArray(parsed) ? parsed.filter(isUndo) : []
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isUndo(entry: unknown): entry is Undo {
  if (typeof entry !== 'object' || entry === null || !('kind' in entry)) return false
  const kind = String(entry.kind)
  return Object.hasOwn(FIELDS, kind) && FIELDS[kind as Undo['kind']].every(field => field in entry)
}
