import * as core from '@actions/core'
import type {LogPort, ResultsPort} from './host.ts'
import type {SecretStore} from './secrets.ts'

/** What GitHub takes as the summary of one step (docs.github.com, "Workflow commands", step isolation and limits). */
const SUMMARY_LIMIT_BYTES = 1024 * 1024

const CUT = '\n\n*The rest is left out: GitHub shows at most 1 MiB of a summary.*\n'

/** Outputs and job summary of the step; both are covered before they are written. */
export function openResults({secrets, log}: {secrets: SecretStore; log: LogPort}): ResultsPort {
  let room = SUMMARY_LIMIT_BYTES
  return {
    output: (name, value) => core.setOutput(name, secrets.coverData(value)),
    summary: async markdown => {
      const text = withinBytes(secrets.coverData(markdown), room)
      if (text === '') return
      room -= Buffer.byteLength(text)
      try {
        await core.summary.addRaw(text).write()
      } catch (thrown) {
        // GitHub Enterprise Server before 3.6 and shells that start us by hand have no summary file.
        log.debug(`The job summary could not be written: ${String(thrown)}`)
        core.summary.emptyBuffer()
      }
    }
  }
}

/** The lines of a text that fit into so many bytes, with a word about the rest; empty where not even that fits. */
export function withinBytes(text: string, limitBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= limitBytes) return text
  const room = limitBytes - Buffer.byteLength(CUT)
  if (room <= 0) return ''
  const end = bytes.lastIndexOf('\n', room)
  return end <= 0 ? CUT.trimStart() : bytes.toString('utf8', 0, end) + CUT
}
