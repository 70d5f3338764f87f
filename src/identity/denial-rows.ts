import {imageText} from '../image/reference.ts'
import {registryOf} from '../image/registries.ts'
import type {DenialCause, Denied} from './denial.ts'
import {judgeScopes} from './scopes.ts'
import {kindRow} from './token-kinds.ts'

/** One cause: what shows it, and what to say and to change. */
export interface CauseRow {
  readonly cause: DenialCause
  /** Lines that show it; undefined where it is not the cause. */
  readonly shows: (denied: Denied) => readonly string[] | undefined
  readonly because: (denied: Denied) => string
  readonly fix: (denied: Denied) => string
}

const JOB_PERMISSIONS = 'permissions:\n  contents: read\n  packages: write'

/**
 * Causes of a refused push, the surest first: the first row that is shown counts.
 *
 * The texts of GitHub's registry were collected from public reports (2020 to 2026); headers and messages of its REST
 * interface are those of "Troubleshooting the REST API" and "Authenticating to the REST API"; read 2026-11.
 */
export const CAUSE_ROWS: readonly CauseRow[] = [
  {
    cause: 'no-login',
    shows: ({access}) => (access.credential === null ? [] : undefined),
    because: ({access}) => `No login for ${access.image.registry} was given, and it does not let just anyone push.`,
    fix: ({access: {image}}) =>
      `Add a line to \`registry-credentials\`: \`${image.registry} <user> \${{ secrets.REGISTRY_TOKEN }}\`.`
  },
  {
    cause: 'name-refused',
    shows: denied => seen(/NAME_INVALID|invalid (?:reference|repository name)|must be lowercase/i, denied),
    because: ({access}) =>
      `The registry does not take the name \`${access.image.repository}\`: it has rules of its own for capitals, signs and the number of parts.`,
    fix: ({access: {image}}) =>
      `Name the image yourself: \`image: ${image.registry}/${image.repository.toLowerCase().replaceAll(/[^a-z0-9/]+/g, '-')}\`.`
  },
  {
    cause: 'token-kind-forbidden',
    shows: ({token, package: about}) =>
      [about, token]
        .flatMap(answer => answer?.message ?? [])
        .find(text => /forbids access via/i.test(text))
        ?.split('\n'),
    because: denied => `The organisation \`${ownerOf(denied)}\` forbids tokens of this kind (${kindName(denied)}).`,
    fix: denied =>
      isOwn(denied)
        ? `Use the job's own token instead. Take the line for ${denied.access.image.registry} out of \`registry-credentials\`, and give the job\n${JOB_PERMISSIONS}`
        : `Use a token of a kind that \`${ownerOf(denied)}\` permits, or ask an owner: organisation Settings, Personal access tokens, Settings. docs/migrate-to-ghcr.md has smaller ways than permitting classic tokens.`
  },
  {
    cause: 'fine-grained-token',
    shows: denied =>
      isGitHub(denied) && kindOf(denied) === 'github-fine-grained' ? ['prefix of the token: github_pat_'] : undefined,
    because: ({access}) => `${access.image.registry} takes no fine-grained personal tokens, whatever they permit.`,
    fix: denied =>
      isOwn(denied)
        ? `Use the job's own token. Take the line for ${denied.access.image.registry} out of \`registry-credentials\`, and give the job\n${JOB_PERMISSIONS}`
        : 'Put a classic token with the scope `write:packages` alone into the secret: https://github.com/settings/tokens/new?scopes=write:packages'
  },
  {
    cause: 'sso-not-authorised',
    shows: denied => {
      const answers = [denied.package, denied.token]
      const header = answers.find(answer => answer?.sso?.startsWith('required') === true)?.sso
      if (header !== undefined) return [`X-GitHub-SSO: ${header}`]
      const said = answers.find(answer => /SAML|single sign-on/i.test(answer?.message ?? ''))?.message
      return said === undefined ? seen(/SAML|\bSSO\b|single sign-on/i, denied) : [said]
    },
    because: denied =>
      `The organisation \`${ownerOf(denied)}\` asks for single sign-on, and ${loginOf(denied)} was not authorised for it.`,
    fix: denied =>
      `The token's owner opens https://github.com/settings/tokens, Configure SSO beside the token, Authorize for \`${ownerOf(denied)}\`. Nothing in the workflow changes.`
  },
  {
    cause: 'token-rejected',
    shows: ({token}) =>
      token?.status === 401 ? [`GitHub, asked with the token: 401 ${token.message}`.trim()] : undefined,
    because: denied => `GitHub does not accept ${loginOf(denied)}: it is wrong, has expired, or was revoked.`,
    fix: denied => `Make a new token and put it into the secret that ${inputOf(denied)} names.`
  },
  {
    cause: 'app-not-admitted',
    shows: denied => (isGitHub(denied) && isMinted(denied) ? [] : undefined),
    because: () =>
      'The token that the GitHub App minted may not write this package: the App lacks the permission Packages (write), its installation does not have this repository, or the registry takes no token of this App.',
    fix: () =>
      `Push with the job's own token: take \`packages: write\` out of \`github-app\`, and give the job\n${JOB_PERMISSIONS}\nOr look at the App's Settings, Permissions & events, Packages, and accept the change in its installation.`
  },
  {
    cause: 'token-lacks-scope',
    shows: denied => {
      const kind = kindOf(denied)
      const scopes = denied.token?.scopes
      if (!isGitHub(denied) || kind === undefined || !kindRow(kind).hasScopes || scopes === undefined) return undefined
      if (judgeScopes(scopes, ['push-image']).lacking.length === 0) return undefined
      return [`X-OAuth-Scopes: ${scopes.length === 0 ? '(none)' : scopes.join(', ')}`]
    },
    because: denied => `${loginOf(denied)} lacks the scope \`write:packages\`.`,
    fix: denied =>
      `Put a token with that scope, and no other, into the secret that ${inputOf(denied)} names: https://github.com/settings/tokens/new?scopes=write:packages`
  },
  {
    cause: 'other-organisation',
    shows: denied => {
      const words = seen(/requested installation does not exist/i, denied)
      if (words !== undefined) return words
      return isOthers(denied) && isInstallation(denied)
        ? [`repository: ${repositoryOf(denied)}`, `image: ${imageText(denied.access.image)}`]
        : undefined
    },
    because: denied =>
      `The package belongs to \`${ownerOf(denied)}\`, and the token of \`${repositoryOf(denied)}\` writes only to \`${denied.pusher.packages}/${denied.pusher.owner.toLowerCase()}/…\`.`,
    fix: denied =>
      `Either push to the own organisation:\n${ownImage(denied)}\nor give a token of \`${ownerOf(denied)}\` (docs/migrate-to-ghcr.md says which):\nregistry-credentials: |\n  ${denied.access.image.registry}/${ownerOf(denied)} <user> \${{ secrets.${secretName(ownerOf(denied))} }}`
  },
  {
    cause: 'package-not-linked',
    shows: denied => {
      const words = seen(/permission_denied: ?write_package/i, denied)
      const link = linkedTo(denied)
      const isElsewhere = link !== undefined && link.toLowerCase() !== repositoryOf(denied).toLowerCase()
      const evidence = link === undefined ? [] : [`package ${denied.access.image.repository} is linked to ${link}`]
      if (!isGitHub(denied) || isPersonal(denied) || (words === undefined && !isElsewhere)) return undefined
      return evidence
    },
    because: denied =>
      `The token may write packages, but this package does not admit \`${repositoryOf(denied)}\`: it was first pushed by hand or by another repository.`,
    fix: denied =>
      `On ${packagePage(denied)}: Package settings, Manage Actions access, Add Repository \`${repositoryOf(denied)}\`, role Write. There is no other way to set this.`
  },
  {
    cause: 'job-lacks-permission',
    shows: denied => {
      const words = seen(/installation not allowed to (?:Write|Update) organization package/i, denied)
      const asked = denied.package
      const isPacked = asked?.status === 403 && /\bpackages=/.test(asked.accepted ?? '')
      if (!isGitHub(denied) || (words === undefined && !(isPacked && isInstallation(denied)))) return undefined
      return isPacked ? [`x-accepted-github-permissions: ${asked.accepted}`, asked.message] : []
    },
    because: () => "The job's token may not write packages.",
    fix: () => `Give the job (not only the workflow, where the job has \`permissions:\` of its own)\n${JOB_PERMISSIONS}`
  },
  {
    cause: 'creation-forbidden',
    shows: denied => {
      const words = seen(/not allowed to Create|permission_denied: ?create_package/i, denied)
      if (words === undefined) return undefined
      return denied.package?.status === 404
        ? ['GitHub knows no such package, or does not show it to this token (404)']
        : []
    },
    because: denied =>
      !isPersonal(denied)
        ? `The package does not exist yet, and this token may not create it: the job lacks \`packages: write\`, or \`${ownerOf(denied)}\` forbids creating packages of that visibility.`
        : `The package does not exist yet, and \`${ownerOf(denied)}\` does not let ${loginOf(denied)} create it.`,
    fix: denied =>
      `${!isPersonal(denied) ? `Give the job\n${JOB_PERMISSIONS}\nIf it has that already: an` : 'An'} owner of \`${ownerOf(denied)}\` permits it in the organisation's Settings, Packages, Package creation, or pushes the package once and admits this repository.`
  },
  {
    cause: 'role-lacking',
    shows: denied => (isGitHub(denied) && isPersonal(denied) && denied.token?.status === 200 ? [] : undefined),
    because: denied => `${loginOf(denied)} has the scope, but its owner may not write this package.`,
    fix: denied => `On ${packagePage(denied)}: Package settings, Manage access, the token's owner, role Write.`
  },
  {
    cause: 'repository-missing',
    shows: denied =>
      denied.answer.status === 404 || seen(/NAME_UNKNOWN|NOT_FOUND/, denied) !== undefined ? [] : undefined,
    because: denied =>
      registryOf(denied.access.image.registry).create === undefined
        ? 'The registry knows no such repository, or hides it from this login.'
        : 'The repository does not exist, and this registry makes none by itself when something is pushed.',
    fix: ({access: {image}}) => {
      const how = registryOf(image.registry).create?.(image)
      return how === undefined
        ? `Look whether \`${image.repository}\` is spelled right, and whether it has to be created first in that registry.`
        : `Create it once:\n${how}`
    }
  },
  {
    cause: 'login-rejected',
    shows: denied => {
      if (/insufficient_scope/.test(denied.answer.evidence)) return undefined
      const words = seen(/expired|bad credentials|incorrect username or password|invalid username\/password/i, denied)
      return denied.answer.status === 401 || words !== undefined ? [] : undefined
    },
    because: denied => `${loginOf(denied, 'The')} was not accepted: it is wrong, has expired, or was revoked.`,
    fix: denied =>
      `Put a valid token for ${denied.access.image.registry} into the secret that ${inputOf(denied)} names, and look at the user name \`${denied.access.credential?.user}\` before it.`
  },
  {
    cause: 'right-lacking',
    shows: () => [],
    because: denied => `${loginOf(denied, 'The')} is known to the registry, but may not write this repository.`,
    fix: ({access: {image}}) =>
      `Give the login ${registryOf(image.registry).grant(image)}; or name another login with \`registry-credentials\`.`
  }
]

/** The registry's own words stand in the evidence anyway, so that they need no line of their own. */
function seen(pattern: RegExp, {answer}: Denied): readonly string[] | undefined {
  return pattern.test(answer.evidence) ? [] : undefined
}

function isGitHub({access, pusher}: Denied): boolean {
  return access.image.registry === pusher.packages
}

function kindOf({access}: Denied) {
  return access.credential?.token.kind
}

function kindName(denied: Denied): string {
  const kind = kindOf(denied)
  return kind === undefined ? 'its prefix does not say which' : kindRow(kind).name
}

function isInstallation(denied: Denied): boolean {
  return isGitHub(denied) && kindOf(denied) === 'github-installation'
}

/** A person's token; where the prefix says nothing, nobody knows. */
function isPersonal(denied: Denied): boolean {
  const kind = kindOf(denied)
  return kind !== undefined && kindRow(kind).isPersonal
}

/** A token that `github-app` minted; its name says so. */
function isMinted({access}: Denied): boolean {
  return access.credential?.token.secret.startsWith('github-app ') === true
}

function ownerOf({access}: Denied): string {
  return access.image.repository.split('/')[0] ?? ''
}

function isOwn(denied: Denied): boolean {
  return ownerOf(denied) === denied.pusher.owner.toLowerCase()
}

function isOthers(denied: Denied): boolean {
  return isGitHub(denied) && !isOwn(denied)
}

function repositoryOf({pusher}: Denied): string {
  return `${pusher.owner}/${pusher.name}`
}

function ownImage({pusher, access}: Denied): string {
  const name = access.image.repository.split('/').slice(1).join('/')
  return `image: ${pusher.packages}/${pusher.owner.toLowerCase()}/${name}`
}

function loginOf({access: {credential}}: Denied, article: 'the' | 'The' = 'the'): string {
  return credential === null ? 'nobody' : `${article} login \`${credential.user}\` with \`${credential.token.secret}\``
}

/** The input that a credential came from: its name begins with it. */
function inputOf({access: {credential}}: Denied): string {
  return `\`${credential?.token.secret.split(' ')[0] ?? 'registry-credentials'}\``
}

function secretName(owner: string): string {
  return `${owner.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_PACKAGES_TOKEN`
}

/** The repository that GitHub says the package is linked to. */
function linkedTo({package: about}: Denied): string | undefined {
  const json = about?.json as {repository?: {full_name?: unknown}} | undefined
  const name = json?.repository?.full_name
  return about?.status === 200 && typeof name === 'string' ? name : undefined
}

function packagePage(denied: Denied): string {
  const name = denied.access.image.repository.split('/').slice(1).join('/')
  return `the page of the package (https://github.com/orgs/${ownerOf(denied)}/packages/container/package/${encodeURIComponent(name)})`
}
