import type {TokenKind} from '../model/token.ts'

/** A kind of token: how it is told, whose it is, and what is known of it before anybody is asked. */
export interface KindRow {
  readonly kind: TokenKind
  /** What people call it. */
  readonly name: string
  readonly prefixes: readonly string[]
  readonly service: Service
  /** How long it lives, for a reader of the plan. */
  readonly lifetime: string
  /** Whether GitHub's container registry takes it: for sure, never, or as nobody can say. */
  readonly onPackages: 'yes' | 'no' | 'unsettled'
  /** Its scopes come back with every answer (`x-oauth-scopes`). */
  readonly hasScopes: boolean
  /** It is a person's, so that it may do what this person may. */
  readonly isPersonal: boolean
}

/** Who gives out tokens that their prefix tells. */
export type Service = 'GitHub' | 'GitLab' | 'Docker Hub'

/**
 * Kinds of tokens by prefix.
 *
 * An installation token has had two forms (`ghs_` and 36 letters; since April 2026 `ghs_`, a number and a signed part of
 * some 500 characters with dots), so only the prefix counts. Sources: GitHub "About authentication to GitHub", "Generating
 * an installation access token", "Working with the Container registry"; GitLab "Token overview"; Docker "Access tokens";
 * read 2026-11.
 */
export const KIND_ROWS: readonly KindRow[] = [
  {
    kind: 'github-classic',
    name: 'classic personal token',
    prefixes: ['ghp_'],
    service: 'GitHub',
    lifetime: 'until the date its owner chose, or for ever',
    onPackages: 'yes',
    hasScopes: true,
    isPersonal: true
  },
  {
    kind: 'github-fine-grained',
    name: 'fine-grained personal token',
    prefixes: ['github_pat_'],
    service: 'GitHub',
    lifetime: 'until the date its owner chose, or for ever',
    onPackages: 'no',
    hasScopes: false,
    isPersonal: true
  },
  {
    kind: 'github-installation',
    name: 'installation token (`GITHUB_TOKEN`, or a GitHub App’s)',
    prefixes: ['ghs_'],
    service: 'GitHub',
    lifetime: 'until the job ends; a GitHub App’s one hour',
    onPackages: 'yes',
    hasScopes: false,
    isPersonal: false
  },
  {
    kind: 'github-oauth',
    name: 'OAuth token',
    prefixes: ['gho_'],
    service: 'GitHub',
    lifetime: 'until it is revoked, or unused for a year',
    onPackages: 'unsettled',
    hasScopes: true,
    isPersonal: true
  },
  {
    kind: 'github-app-user',
    name: 'user token of a GitHub App',
    prefixes: ['ghu_'],
    service: 'GitHub',
    lifetime: 'eight hours',
    onPackages: 'unsettled',
    hasScopes: false,
    isPersonal: true
  },
  {
    kind: 'github-refresh',
    name: 'refresh token',
    prefixes: ['ghr_'],
    service: 'GitHub',
    lifetime: 'six months',
    onPackages: 'no',
    hasScopes: false,
    isPersonal: true
  },
  {
    kind: 'gitlab',
    name: 'GitLab token',
    prefixes: ['glpat-', 'gldt-', 'glcbt-'],
    service: 'GitLab',
    lifetime: 'a year at most; a job token until the job ends',
    onPackages: 'no',
    hasScopes: false,
    isPersonal: true
  },
  {
    kind: 'docker',
    name: 'Docker access token',
    prefixes: ['dckr_pat_', 'dckr_oat_'],
    service: 'Docker Hub',
    lifetime: 'until the date its owner chose, or for ever',
    onPackages: 'no',
    hasScopes: false,
    isPersonal: true
  }
]

/** The kind of a token, by its prefix alone; undefined where the prefix says nothing. */
export function tokenKindOf(token: string): TokenKind | undefined {
  return KIND_ROWS.find(({prefixes}) => prefixes.some(prefix => token.startsWith(prefix)))?.kind
}

/** What is known of a kind. */
export function kindRow(kind: TokenKind): KindRow {
  const found = KIND_ROWS.find(row => row.kind === kind)
  if (found === undefined) throw new Error(`KIND_ROWS has no row for ${kind}`)
  return found
}

/** Whether a token of this kind is GitHub's. */
export function isGitHubToken(kind: TokenKind | undefined): kind is TokenKind {
  return kind !== undefined && kindRow(kind).service === 'GitHub'
}

/** Hosts that are known to take no other service's tokens. Any other host may be a server of any of them. */
const HOSTS: readonly {readonly service: Service | 'others'; readonly name: string; readonly pattern: RegExp}[] = [
  {
    service: 'GitHub',
    name: 'GitHub',
    pattern: /^(?:(?:www\.|api\.|docker\.pkg\.)?github\.com|ghcr\.io|(?:.+\.)?ghe\.com)$/
  },
  {service: 'GitLab', name: 'GitLab', pattern: /^(?:registry\.)?gitlab\.com$/},
  {service: 'Docker Hub', name: 'Docker Hub', pattern: /^(?:index\.|registry-1\.)?docker\.io$/},
  {service: 'others', name: 'Quay', pattern: /^quay\.io$/},
  {service: 'others', name: 'Bitbucket', pattern: /^bitbucket\.org$/},
  {service: 'others', name: 'Amazon ECR', pattern: /\.amazonaws\.com(?:\.cn)?$|\.on\.aws$|^public\.ecr\.aws$/},
  {service: 'others', name: 'Google Artifact Registry', pattern: /(?:^|[.-])docker\.pkg\.dev$|(?:^|\.)gcr\.io$/},
  {service: 'others', name: 'Azure Container Registry', pattern: /\.azurecr\.(?:io|cn|us)$/}
]

/**
 * Why a token cannot be meant for a host, as a clause; undefined where it may be.
 *
 * Only services whose hosts are known are judged: a company's own server may be any of them.
 */
export function strangerAt(host: string, kind: TokenKind | undefined): string | undefined {
  if (kind === undefined) return undefined
  const place = HOSTS.find(({pattern}) => pattern.test(host))
  const {service, name} = kindRow(kind)
  if (place === undefined || place.service === service) return undefined
  return `is a ${name.replace(/ \(.*\)$/, '')} of ${service}, which ${place.name} does not know`
}
