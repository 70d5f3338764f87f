import {isAbsolute, join, relative} from 'node:path/posix'
import type {Host} from '../host/host.ts'
import type {RunPaths} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'
import type {SourceFacts} from '../model/source.ts'
import {lockHash, parseLock} from '../wheels/lock.ts'

/**
 * Reads the lock that the input `lock` names.
 *
 * Throws `input-invalid` where there is no such file, `lock-invalid` where it is none.
 */
export async function readLock(
  named: string,
  {workspace}: RunPaths,
  host: Host
): Promise<NonNullable<SourceFacts['lock']>> {
  const path = isAbsolute(named) ? named : join(workspace, named)
  const text = await host.files.read(path).catch(() => undefined)
  if (text === undefined) {
    throw new Problem('input-invalid', {
      what: `\`lock: ${named}\` is no file that can be read.`,
      why: 'The packages of the image are to be exactly those that it names.',
      fix: 'Correct the path, which is read from the workspace, or write the lock: `npm run local -- lock`.'
    })
  }
  const shown = path.startsWith(`${workspace}/`) ? relative(workspace, path) : path
  return {path, shown, sha256: lockHash(text), lock: parseLock(text, shown)}
}
