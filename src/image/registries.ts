import type {ImageName} from '../model/inputs.ts'

/** What is particular about one kind of registry. */
export interface Registry {
  readonly name: string
  matches(host: string): boolean
  /** Where its API answers, which need not be the host in the image's name. */
  apiHost(host: string): string
  /** The user name that goes with a token, where the token's kind or the image decides it. */
  tokenUser(login: TokenLogin): string
  /** Hosts, beside the registry's own, whose token service may see its logins; `any` where nobody knows them. */
  tokenHosts(host: string): readonly string[] | 'any'
  /** What a login needs in order to push, in words that complete "Give the login …". */
  grant(image: ImageName): string
  /** How a repository is made, where a push does not make it by itself. */
  readonly create?: (image: ImageName) => string
}

/** A token and whom it is used for. */
export interface TokenLogin {
  readonly image: ImageName
  readonly token: string
  /** Who started the run (`GITHUB_ACTOR`). */
  readonly actor: string
}

const APP_USER = 'x-access-token'

/**
 * Registries by host, the particular ones first; the last row takes every other.
 *
 * Sources: GitHub "Working with the Container registry", Docker "Access tokens" and "Organization access tokens",
 * AWS "Private registry authentication in Amazon ECR", Google "Set up authentication for Docker", Microsoft
 * "Authenticate with Azure Container Registry", GitLab "Authenticate with the container registry", Harbor "Create robot
 * accounts"; read 2026-11.
 */
export const REGISTRIES: readonly Registry[] = [
  {
    name: 'GitHub Container Registry',
    matches: host => host === 'ghcr.io' || /^containers\./.test(host),
    apiHost: host => host,
    // GHCR takes any user name beside an installation token; a personal token is checked against its owner.
    tokenUser: ({token, actor}) => (token.startsWith('ghs_') || actor.length === 0 ? APP_USER : actor),
    // An enterprise server may have its token service on the server itself.
    tokenHosts: host => (host === 'ghcr.io' ? [] : [host.replace(/^containers\./, '')]),
    grant: image =>
      `\`packages: write\` in the job (\`GITHUB_TOKEN\`) or the scope \`write:packages\` (a classic personal token), and let the package \`${image.repository}\` admit it: Package settings, Manage Actions access, role Write`
  },
  {
    name: 'Docker Hub',
    matches: host => host === 'docker.io',
    apiHost: () => 'registry-1.docker.io',
    // Personal namespaces bear their owner's name, and organization tokens log in as the organization.
    tokenUser: ({image}) => ownerOf(image),
    tokenHosts: () => ['auth.docker.io'],
    grant: image =>
      `the permission Read & Write (Docker Hub, Account settings, Personal access tokens), and its owner the same in \`${image.repository}\` where that belongs to an organisation`
  },
  {
    name: 'Amazon ECR',
    matches: host =>
      /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/.test(host) ||
      host === 'public.ecr.aws',
    apiHost: host => host,
    tokenUser: () => 'AWS',
    tokenHosts: () => [],
    grant: image =>
      `\`ecr:GetAuthorizationToken\`, and \`ecr:BatchCheckLayerAvailability\`, \`ecr:InitiateLayerUpload\`, \`ecr:UploadLayerPart\`, \`ecr:CompleteLayerUpload\` and \`ecr:PutImage\` on the repository \`${image.repository}\`; a login lasts twelve hours`,
    create: image => `aws ecr create-repository --repository-name ${image.repository}${regionOption(image)}`
  },
  {
    name: 'Google Artifact Registry',
    matches: host => /(?:^|[.-])docker\.pkg\.dev$/.test(host) || /(?:^|\.)gcr\.io$/.test(host),
    apiHost: host => host,
    tokenUser: ({token}) => googleUser(token),
    tokenHosts: () => [],
    grant: image => `the role \`roles/artifactregistry.writer\` on the repository of \`${image.repository}\``,
    create: ({registry, repository}) => {
      const [project = '<project>', name = '<repository>'] = repository.split('/')
      const location = registry.replace(/-?docker\.pkg\.dev$/, '') || '<location>'
      return `gcloud artifacts repositories create ${name} --repository-format=docker --location=${location} --project=${project}`
    }
  },
  {
    name: 'Azure Container Registry',
    matches: host => /\.azurecr\.(?:io|cn|us)$/.test(host),
    apiHost: host => host,
    tokenUser: () => '00000000-0000-0000-0000-000000000000',
    tokenHosts: () => [],
    grant: () => 'the role `AcrPush` on the registry'
  },
  {
    name: 'GitLab Container Registry',
    matches: host => /^registry\.gitlab\./.test(host),
    apiHost: host => host,
    tokenUser: ({token}) => (token.startsWith('glcbt-') ? 'gitlab-ci-token' : 'oauth2'),
    tokenHosts: host => [host.replace(/^registry\./, '')],
    grant: ({repository}) =>
      `the scope \`write_registry\` and the role Developer in the project whose path begins \`${repository}\``
  },
  {
    name: 'Quay',
    matches: host => host === 'quay.io',
    apiHost: host => host,
    tokenUser: () => '$oauthtoken',
    tokenHosts: () => [],
    grant: image => `the role Write: repository \`${image.repository}\`, Settings, User and Robot Permissions`
  },
  {
    name: 'Harbor',
    matches: host => /(?:^|\.)harbor\./.test(host),
    apiHost: host => host,
    tokenUser: ({token, actor}) => (token.startsWith('ghs_') || actor.length === 0 ? APP_USER : actor),
    tokenHosts: () => [],
    grant: ({repository}) =>
      `the role Developer in the project \`${repository.split('/')[0]}\`, or use a robot account with the permission to push there`,
    create: ({repository}) => `Harbor, Projects, New project: ${repository.split('/')[0]}`
  },
  {
    name: 'a plain registry',
    matches: () => true,
    apiHost: host => host,
    tokenUser: ({token, actor}) => (token.startsWith('ghs_') || actor.length === 0 ? APP_USER : actor),
    // Whom a company's registry trusts is its own business.
    tokenHosts: () => 'any',
    grant: image => `the right to push to \`${image.registry}/${image.repository}\``
  }
]

/** The row of `REGISTRIES` for a host. */
export function registryOf(host: string): Registry {
  const found = REGISTRIES.find(registry => registry.matches(host))
  if (found === undefined) throw new Error(`No row of REGISTRIES takes ${host}`)
  return found
}

/** The user name to log in with when someone gave a token and no name. */
export function tokenUserOf(login: TokenLogin): string {
  return registryOf(login.image.registry).tokenUser(login)
}

/**
 * Where a GitHub server keeps its packages: `ghcr.io` for github.com, `containers.<host>` for an enterprise server.
 *
 * Source: GitHub Enterprise documentation, "Working with the Container registry".
 */
export function packageRegistryOf(serverUrl: string): string {
  const host = URL.canParse(serverUrl) ? new URL(serverUrl).host : 'github.com'
  // A forge on loopback is a stand-in for github.com, as in this project's own tests.
  const isStandIn = /^(?:127(?:\.\d{1,3}){3}|localhost)(?::\d+)?$/.test(host)
  return host === 'github.com' || isStandIn ? 'ghcr.io' : `containers.${host}`
}

/**
 * Whether a registry's login may go to a token service on a host that the registry names.
 *
 * A registry that nobody wrote a row for may name any; of the known ones it is known where their services are.
 */
export function isTokenHost(registry: string, tokenHost: string): boolean {
  const row = registryOf(registry)
  const hosts = row.tokenHosts(registry)
  return hosts === 'any' || [registry, row.apiHost(registry), ...hosts].includes(tokenHost)
}

function regionOption({registry}: ImageName): string {
  const region = /\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\./.exec(registry)?.[1]
  return region === undefined ? '' : ` --region ${region}`
}

function ownerOf(image: ImageName): string {
  return image.repository.split('/')[0] ?? ''
}

function googleUser(token: string): string {
  if (token.trimStart().startsWith('{')) return '_json_key'
  return token.startsWith('ya29.') ? 'oauth2accesstoken' : '_json_key_base64'
}
