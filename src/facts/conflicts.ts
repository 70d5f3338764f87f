import {packageRegistryOf} from '../image/registries.ts'
import type {EventFacts, Inputs, Origin} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'

/** Two inputs that cannot both be meant. */
interface Conflict {
  readonly applies: (inputs: Inputs, event: EventFacts) => boolean
  readonly what: string
  readonly why: string
  readonly fix: string
}

const NEVER_PUSH: readonly Origin[] = ['fork-pull-request', 'dependabot', 'deleted-branch', 'unknown']

const CONFLICTS: readonly Conflict[] = [
  {
    applies: ({ssh, sshKeys}) => ssh.some(({id}) => sshKeys.some(key => key.id === id)),
    what: '`ssh` names an id that a key of `ssh-keys` has.',
    why: 'Keys of `ssh-keys` are given to the build as well, under the id `owner-repository`.',
    fix: 'Take the line out of `ssh`, or give it another id.'
  },
  {
    applies: inputs => inputs.builder !== undefined && inputs.driver !== 'auto',
    what: '`builder` and `driver` contradict each other.',
    why: 'A builder that exists has its driver already.',
    fix: 'Leave `driver` out, or leave `builder` out and get a new one with that driver.'
  },
  {
    applies: (inputs, event) => isLoginMissing(inputs, event),
    what: '`token` is empty, and `registry-credentials` has no login for GitHub’s registry.',
    why: 'The image could not be pushed; most often a secret named in `token` does not exist.',
    fix: 'Leave `token` out of the workflow, so that it is `${{ github.token }}`, or set `push: never`.'
  }
]

/** What contradicts what, as problems. */
export function conflictsOf(inputs: Inputs, event: EventFacts): readonly Problem[] {
  return CONFLICTS.filter(({applies}) => applies(inputs, event)).map(
    ({what, why, fix}) => new Problem('input-conflict', {what, why, fix})
  )
}

function isLoginMissing(inputs: Inputs, event: EventFacts): boolean {
  if (inputs.token !== undefined || inputs.mode === 'plan') return false
  if (inputs.push === 'never' || NEVER_PUSH.includes(event.origin)) return false
  const registry = packageRegistryOf(event.serverUrl)
  const isNeeded = inputs.images.some(image => image.registry === registry)
  return isNeeded && !inputs.registryCredentials.some(login => login.host === registry)
}
