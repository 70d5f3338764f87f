import type {DenialCause} from '../../src/identity/denial.ts'
import {CAUSE_ROWS} from '../../src/identity/denial-rows.ts'
import {KIND_ROWS} from '../../src/identity/token-kinds.ts'
import {REGISTRIES} from '../../src/image/registries.ts'
import {table} from './tables.ts'

/** What shows each cause, for readers: the rows themselves test it on answers. */
const SIGNS: Readonly<Record<DenialCause, string>> = {
  'no-login': 'no credential leads to the image',
  'name-refused': '`NAME_INVALID`',
  'token-kind-forbidden': 'GitHub: “forbids access via a personal access token (classic)”, or via a fine-grained one',
  'fine-grained-token': 'the prefix `github_pat_`',
  'sso-not-authorised': 'the header `X-GitHub-SSO: required`, or “SAML”',
  'token-rejected': 'GitHub answers 401 to the token',
  'app-not-admitted': 'a token that `github-app` minted is refused',
  'token-lacks-scope': 'the header `X-OAuth-Scopes` without `write:packages`',
  'other-organisation': 'the image’s owner is not the repository’s, or “requested installation does not exist”',
  'package-not-linked': '`permission_denied: write_package`, or the package is linked to another repository',
  'job-lacks-permission':
    '“not allowed to Write organization package”, or the header `x-accepted-github-permissions: packages=…`',
  'creation-forbidden': '“not allowed to Create organization package”',
  'role-lacking': 'a good personal token with the scope is refused',
  'repository-missing': '`NAME_UNKNOWN`, 404',
  'login-rejected': '401, “expired”, “incorrect username or password”',
  'right-lacking': '403, `insufficient_scope`, and nothing that says more'
}

const PACKAGES = {yes: 'yes', no: 'no', unsettled: 'the registry’s answer tells'} as const

/** Kinds of tokens. */
export function printKinds(): string {
  return table(
    ['prefix', 'kind', 'lives', "GitHub's container registry takes it"],
    KIND_ROWS.map(({prefixes, name, lifetime, onPackages, service}) => [
      prefixes.map(prefix => `\`${prefix}\``).join(', '),
      name,
      lifetime,
      service === 'GitHub' ? PACKAGES[onPackages] : 'no: another service’s'
    ])
  )
}

/** Causes of a refused push, in the order in which they are looked for. */
export function printDenials(): string {
  return table(
    ['cause', 'what shows it'],
    CAUSE_ROWS.map(({cause}) => [`\`${cause}\``, SIGNS[cause]])
  )
}

/** Registries, and what a login needs there. */
export function printRegistries(): string {
  const image = {registry: 'registry.example', repository: 'acme/app'}
  return table(
    ['registry', 'what a login needs to push `acme/app`', 'a push makes the repository'],
    REGISTRIES.map(({name, grant, create}) => [name, grant(image), create === undefined ? 'yes' : 'no'])
  )
}
