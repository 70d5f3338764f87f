import {hostKeysFor} from '../git/ssh.ts'
import {isLoopback} from '../git/url.ts'
import type {Facts} from '../model/facts.ts'
import type {Verdict} from '../model/verdict.ts'
import type {GitWork, RepositoryCheck} from '../model/work-sources.ts'
import {gitCredentialsOf, sshKeysOf, withheldPlaces} from './access.ts'
import {appWorkOf} from './app.ts'
import {allow, permit, refuse} from './permit.ts'
import {serverHostOf} from './server.ts'

/** Whether submodules are fetched, or at least the given credentials tried. Without rights the public ones still are fetched. */
export function gitVerdict(facts: Facts): Verdict {
  const {inputs, source} = facts
  const privateCode = permit(facts, 'private-code')
  const isFetched = inputs.submodules !== 'false' && source.submodules.length > 0
  const isTried = checksOf(facts).length > 0 || appWorkOf(facts) !== undefined
  if (!isFetched && isTried) return allow('The given credentials are tried before the build.')
  if (inputs.submodules === 'false') return refuse('not-asked', 'The input `submodules` says false.')
  if (source.submodules.length === 0) return refuse('nothing-to-do', 'The repository has no submodules.')
  if (privateCode.allowed) return allow(privateCode.because)
  return allow(`Public submodules only. ${privateCode.because}`)
}

/** How submodules are fetched, with the credentials that reading code may use. */
export function gitWork(facts: Facts): GitWork {
  const {inputs, paths, source, event} = facts
  const {owner, name} = event.repository
  const keys = sshKeysOf(facts)
  const app = appWorkOf(facts)
  return {
    workspace: paths.workspace,
    directory: `${paths.run}/git`,
    depth: depthOf(facts),
    credentials: gitCredentialsOf(facts),
    ...(app === undefined ? {} : {app}),
    keys,
    hostKeys: hostKeysFor(keys, inputs.knownHosts),
    checks: checksOf(facts),
    withheld: withheldPlaces(facts),
    originUrl: source.originUrl ?? `${event.serverUrl}/${owner}/${name}`,
    onUnreadable: permit(facts, 'private-code').allowed ? 'fail' : 'skip'
  }
}

function depthOf({inputs, source}: Facts): GitWork['depth'] {
  if (inputs.submodules === 'false' || source.submodules.length === 0) return 'none'
  return inputs.submodules === 'true' ? 'top' : 'recursive'
}

/**
 * The repositories that credentials name one by one, to be asked before anything is built.
 *
 * A key belongs to its repositories, so it must open them. A line of `git-credentials` names a repository only where two
 * parts cannot be anything else, on the server of this workflow; nothing may need it, so there it is a warning.
 */
function checksOf(facts: Facts): readonly RepositoryCheck[] {
  if (!permit(facts, 'private-code').allowed) return []
  const {sshKeys, gitCredentials} = facts.inputs
  const server = serverHostOf(facts)
  const byKey = sshKeys.flatMap(({repositories}) =>
    repositories.map(({hostname, port, path}) => ({
      url: `ssh://git@${hostname}${port === undefined ? '' : `:${port}`}/${path}`,
      onUnreadable: 'fail' as const
    }))
  )
  const byToken = gitCredentials
    .filter(({host, path}) => host === server && path.split('/').length === 2)
    .map(({host, path}) => ({
      url: `${isLoopback(host.replace(/:\d+$/, '')) ? 'http' : 'https'}://${host}/${path}`,
      onUnreadable: 'warn' as const
    }))
  return [...byKey, ...byToken]
}
