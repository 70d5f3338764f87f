import type {ImageAccess, PushAnswer} from '../model/plan.ts'

/** Why a registry refuses a push, and what to change. */
export interface Denial {
  readonly cause: string
  readonly fix: string
}

interface Row {
  readonly pattern: RegExp
  readonly cause: (access: ImageAccess) => string
  readonly fix: (access: ImageAccess) => string
}

/** What registries say when they refuse, from GitHub's own texts to the plainest; the first row that fits counts. */
const ROWS: readonly Row[] = [
  {
    pattern: /installation not allowed to Create organization package/i,
    cause: ({image}) =>
      `The package does not exist yet, and this job's token may not create it: the job lacks \`packages: write\`, the organisation forbids creating packages of that visibility, or \`${ownerOf(image.repository)}\` does not own this repository.`,
    fix: ({image}) =>
      `Give the job \`permissions: { contents: read, packages: write }\`; then look at the organisation's Settings, Packages, Package creation. The token of a repository writes only to \`${image.registry}/<owner of that repository>/…\`; elsewhere give a token with the input \`registry-credentials\`.`
  },
  {
    pattern: /installation not allowed to (?:Write|Update) organization package/i,
    cause: () => "The package exists, and this job's token may not write packages.",
    fix: () => 'Give the job `permissions: { contents: read, packages: write }`.'
  },
  {
    pattern: /permission_denied: ?(?:write_package|create_package)/i,
    cause: () =>
      'The token may write packages, but this package does not admit this repository: it was first pushed by hand or by another repository.',
    fix: ({image}) =>
      `On the page of the package \`${image.repository}\`: Package settings, Manage Actions access, Add Repository, role Write.`
  },
  {
    pattern: /requested installation does not exist/i,
    cause: ({image}) =>
      `\`${ownerOf(image.repository)}\` is not the owner of this repository, perhaps since the repository was transferred.`,
    fix: ({image}) =>
      `Set \`image: ${image.registry}/<owner of this repository>/…\`, or give a token of that organisation with the input \`registry-credentials\`.`
  },
  {
    pattern: /SAML|SSO|single sign-on/i,
    cause: () => 'The organisation asks for single sign-on, and this token was not authorised for it.',
    fix: () => 'In the settings of the token: Configure SSO, authorise it for the organisation.'
  },
  {
    pattern: /token.*expired|expired.*token|bad credentials|incorrect username or password|invalid username\/password/i,
    cause: access => `${loginOf(access)} was not accepted: it is wrong, has expired, or was revoked.`,
    fix: ({image}) => `Put a valid token for ${image.registry} into the secret that \`registry-credentials\` names.`
  },
  {
    pattern: /insufficient_scope|requested access to the resource is denied|denied/i,
    cause: access => `${loginOf(access)} is known to the registry, but may not write this repository.`,
    fix: fixOfRights
  }
]

/** What a denial means. Where the words say nothing, the status does. */
export function denialOf(answer: PushAnswer, access: ImageAccess): Denial {
  if (access.credential === null) {
    const {registry} = access.image
    return {
      cause: `No login for ${registry} was given, and it does not let just anyone push.`,
      fix: `Add a line to \`registry-credentials\`: \`${registry} <user> \${{ secrets.REGISTRY_TOKEN }}\`.`
    }
  }
  const row = ROWS.find(({pattern}) => pattern.test(answer.evidence))
  if (row !== undefined) return {cause: row.cause(access), fix: row.fix(access)}
  if (answer.status === 401) {
    return {
      cause: `${loginOf(access)} was not accepted: it is wrong, has expired, or may not push here.`,
      fix: `Put a valid token for ${access.image.registry} into the secret that is used, or name another with \`registry-credentials\`.`
    }
  }
  if (answer.status === 404) {
    return {
      cause: 'The registry knows no such repository, or hides it from this login.',
      fix: `Look whether \`${access.image.repository}\` is spelled right, and whether it has to be created first in that registry.`
    }
  }
  return {cause: `${loginOf(access)} may not write this repository.`, fix: fixOfRights(access)}
}

function fixOfRights({image}: ImageAccess): string {
  const github = `give the job \`permissions: { contents: read, packages: write }\`, and let the package admit this repository (Package settings, Manage Actions access); a personal token must be a classic one with \`write:packages\``
  return image.registry === 'ghcr.io'
    ? `For ghcr.io: ${github}.`
    : `Give that login the right to push to \`${image.registry}/${image.repository}\`, or name another login with \`registry-credentials\`.`
}

function loginOf({credential}: ImageAccess): string {
  return credential === null ? 'Nobody' : `The login \`${credential.user}\` with \`${credential.token.secret}\``
}

function ownerOf(repository: string): string {
  return repository.split('/')[0] ?? repository
}
