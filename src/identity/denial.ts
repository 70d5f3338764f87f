import type {PushAnswer} from '../model/plan.ts'
import type {GitHubAnswer} from '../model/token.ts'
import type {ImageAccess} from '../model/work-build.ts'

/** Why a registry refuses a push, as far as it can be told. `docs/identity.md` has a line for each. */
export const DENIAL_CAUSES = [
  'no-login',
  'name-refused',
  'token-kind-forbidden',
  'fine-grained-token',
  'sso-not-authorised',
  'token-rejected',
  'app-not-admitted',
  'token-lacks-scope',
  'other-organisation',
  'package-not-linked',
  'job-lacks-permission',
  'creation-forbidden',
  'role-lacking',
  'repository-missing',
  'login-rejected',
  'right-lacking'
] as const

/** An entry of `DENIAL_CAUSES`. */
export type DenialCause = (typeof DENIAL_CAUSES)[number]

/** The run that wants to push. */
export interface Pusher {
  readonly owner: string
  readonly name: string
  /** GitHub's registry as this server has it, such as `ghcr.io`. */
  readonly packages: string
}

/** A refused push with all that could be asked about it. */
export interface Denied {
  readonly access: ImageAccess
  readonly answer: PushAnswer
  readonly pusher: Pusher
  /** What GitHub says of the token. */
  readonly token?: GitHubAnswer
  /** What GitHub says of the package, asked with that token. */
  readonly package?: GitHubAnswer
}

/** The cause of a refusal in words, with what shows it and what to change. */
export interface Denial {
  readonly cause: DenialCause
  readonly because: string
  readonly fix: string
  readonly evidence: readonly string[]
}
