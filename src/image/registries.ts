import type {ImageName} from '../model/facts.ts'

/** What is particular about one kind of registry. */
export interface Registry {
  readonly name: string
  matches(host: string): boolean
  /** Where its API answers, which need not be the host in the image's name. */
  apiHost(host: string): string
  /** The user name that goes with a token, where the token's kind or the image decides it. */
  tokenUser(login: TokenLogin): string
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
 * "Authenticate with Azure Container Registry", GitLab "Authenticate with the container registry"; read 2026-11.
 */
export const REGISTRIES: readonly Registry[] = [
  {
    name: 'GitHub Container Registry',
    matches: host => host === 'ghcr.io' || /^containers\./.test(host),
    apiHost: host => host,
    // GHCR takes any user name beside an installation token; a personal token is checked against its owner.
    tokenUser: ({token, actor}) => (token.startsWith('ghs_') || actor.length === 0 ? APP_USER : actor)
  },
  {
    name: 'Docker Hub',
    matches: host => host === 'docker.io',
    apiHost: () => 'registry-1.docker.io',
    // Personal namespaces bear their owner's name, and organization tokens log in as the organization.
    tokenUser: ({image}) => ownerOf(image)
  },
  {
    name: 'Amazon ECR',
    matches: host =>
      /^\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/.test(host) ||
      host === 'public.ecr.aws',
    apiHost: host => host,
    tokenUser: () => 'AWS'
  },
  {
    name: 'Google Artifact Registry',
    matches: host => /(?:^|[.-])docker\.pkg\.dev$/.test(host) || /(?:^|\.)gcr\.io$/.test(host),
    apiHost: host => host,
    tokenUser: ({token}) => googleUser(token)
  },
  {
    name: 'Azure Container Registry',
    matches: host => /\.azurecr\.(?:io|cn|us)$/.test(host),
    apiHost: host => host,
    tokenUser: () => '00000000-0000-0000-0000-000000000000'
  },
  {
    name: 'GitLab Container Registry',
    matches: host => /^registry\.gitlab\./.test(host),
    apiHost: host => host,
    tokenUser: ({token}) => (token.startsWith('glcbt-') ? 'gitlab-ci-token' : 'oauth2')
  },
  {
    name: 'Quay',
    matches: host => host === 'quay.io',
    apiHost: host => host,
    tokenUser: () => '$oauthtoken'
  },
  {
    name: 'a plain registry',
    matches: () => true,
    apiHost: host => host,
    tokenUser: ({token, actor}) => (token.startsWith('ghs_') || actor.length === 0 ? APP_USER : actor)
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

function ownerOf(image: ImageName): string {
  return image.repository.split('/')[0] ?? ''
}

function googleUser(token: string): string {
  if (token.trimStart().startsWith('{')) return '_json_key'
  return token.startsWith('ya29.') ? 'oauth2accesstoken' : '_json_key_base64'
}
