import {packageRegistryOf} from '../image/registries.ts'
import type {EventFacts, Origin} from '../model/event.ts'
import type {Inputs} from '../model/inputs.ts'
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
    applies: inputs => isAboutDigest(inputs) && inputs.digest === undefined,
    what: '`mode` says validate or promote, and `digest` is empty.',
    why: 'Both are about one image that exists already; without its digest nobody can say which.',
    fix: 'Hand over the output `digest` of the job that built it: `digest: ${{ needs.build.outputs.digest }}`.'
  },
  {
    applies: inputs => !isAboutDigest(inputs) && inputs.mode !== 'plan' && inputs.digest !== undefined,
    what: '`digest` is given, and `mode` says that an image is to be built.',
    why: 'What is built gets a digest of its own, so the one that was given would silently be ignored.',
    fix: 'Set `mode: validate` or `mode: promote`, or leave `digest` out.'
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

function isAboutDigest({mode}: Inputs): boolean {
  return mode === 'validate' || mode === 'promote'
}

function isLoginMissing(inputs: Inputs, event: EventFacts): boolean {
  if (inputs.token !== undefined || inputs.mode === 'plan' || inputs.mode === 'lock') return false
  if (inputs.push === 'never' || NEVER_PUSH.includes(event.origin)) return false
  const registry = packageRegistryOf(event.serverUrl)
  const isNeeded = inputs.images.some(image => image.registry === registry)
  return isNeeded && !inputs.registryCredentials.some(login => login.host === registry)
}
