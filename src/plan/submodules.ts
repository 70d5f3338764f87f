import type {Facts} from '../model/facts.ts'
import type {GitWork, Verdict} from '../model/plan.ts'
import {gitCredentialsOf, withheldPlaces} from './access.ts'
import {allow, permit, refuse} from './permit.ts'

/** Whether submodules are fetched. Without rights the public ones still are. */
export function gitVerdict(facts: Facts): Verdict {
  const {inputs, source} = facts
  if (inputs.submodules === 'false') return refuse('not-asked', 'The input `submodules` says false.')
  if (source.submodules.length === 0) return refuse('nothing-to-do', 'The repository has no submodules.')
  const privateCode = permit(facts, 'private-code')
  if (privateCode.allowed) return allow(privateCode.because)
  return allow(`Public submodules only. ${privateCode.because}`)
}

/** How submodules are fetched, with the credentials that reading code may use. */
export function gitWork(facts: Facts): GitWork {
  const {inputs, paths, source, event} = facts
  const {owner, name} = event.repository
  return {
    workspace: paths.workspace,
    directory: `${paths.run}/git`,
    depth: inputs.submodules === 'true' ? 'top' : 'recursive',
    credentials: gitCredentialsOf(facts),
    withheld: withheldPlaces(facts),
    originUrl: source.originUrl ?? `${event.serverUrl}/${owner}/${name}`,
    onUnreadable: permit(facts, 'private-code').allowed ? 'fail' : 'skip'
  }
}
