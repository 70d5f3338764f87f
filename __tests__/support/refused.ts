import {expect} from '@jest/globals'
import {type BareJob, playBare} from './bare-job.ts'
import {errorCodes, logOf, summaryOf, told} from './built-action.ts'

/** A checkout that could be built. */
export const BUILDABLE = {Dockerfile: 'FROM scratch AS runtime\nCOPY . /\n'}

/** A job that is refused before an engine is needed, by the codes of its problems. */
export interface RefusedJob extends BareJob {
  readonly given: string
  readonly codes: readonly string[]
  /** What the page of the run must say. */
  readonly says?: RegExp
}

/** Plays a job on a machine without an engine; it ends with these problems, each with its cause and fix, and nothing was done. */
export async function expectRefused({given: _, codes, says, ...job}: RefusedJob): Promise<void> {
  const result = await playBare(job)
  expect(errorCodes(result)).toEqual(codes)
  expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, main: {exitCode: 1, signal: null}})
  expect(result.outputs).toMatchObject({pushed: 'false', tags: '', digest: '', candidate: ''})
  const page = told(result, 'error').join('\n')
  if (says !== undefined) expect(page).toMatch(says)
  for (const part of ['Why: ', 'Fix: ', 'docs/troubleshooting.md#']) expect(page).toContain(part)
  for (const code of codes) expect(summaryOf(result)).toContain(code)
  expect(summaryOf(result)).toContain('To fix:')
  expect(logOf(result)).not.toContain('docker buildx')
}
