import type {ProblemCode} from '../model/problem.ts'
import type {FailureRow} from './failure-row.ts'
import type {Repository} from './repository.ts'
import {SSH_ROWS} from './ssh-failures.ts'

/** Why git could not fetch something. */
export interface Failure {
  readonly code: ProblemCode
  /** Worth another try: a server or network that may answer the next time. */
  readonly passes: boolean
  readonly why: string
  readonly fix: string
  /** Git's own last lines. */
  readonly evidence: readonly string[]
}

const EVIDENCE_LINES = 6

/** What git prints, and what it means; the first row that fits counts. The texts are git's in the C locale. */
const LOCAL_ROWS: readonly FailureRow[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    code: 'disk-full',
    why: () => 'The disk of this machine is full.',
    fix: () => 'Free some space before this step, or use a machine with a larger disk.'
  },
  {
    pattern: /dubious ownership/i,
    why: () => 'The directory belongs to another user than the one who runs this step, so git does not touch it.',
    fix: () => 'Run the checkout and this step as one user; in a container job give both the same `--user`.'
  },
  {
    pattern:
      /did not contain [0-9a-f]{40}|not our ref|unadvertised object|unable to find current revision|upload-pack: not our/i,
    why: () =>
      'The commit that the superproject names is not on the server: it was never pushed, or it was force-pushed away.',
    fix: ({path}) => `Push that commit to \`${path}\`, or let the superproject name one that is there.`
  },
  {
    pattern: /couldn't find remote ref|Remote branch .* not found/i,
    why: () => 'The branch, tag or commit that is asked for is not on the server.',
    fix: ({path}) => `Name one that \`${path}\` has, or push it.`
  }
]

/** The same for repositories that are reached by HTTPS; the texts are git's and curl's. */
const WEB_ROWS: readonly FailureRow[] = [
  {
    pattern: /could not read Username|terminal prompts disabled/i,
    why: ({host, credential}) =>
      credential === undefined
        ? `${host} wants a login: the repository is private or does not exist, and no credential was given for this path.`
        : `The credential \`${credential.token.secret}\` has no answer for this address.`,
    fix: credentialLine
  },
  {
    pattern: /Authentication failed|returned error: 401|HTTP Basic: Access denied/i,
    why: ({credential}) =>
      credential === undefined
        ? 'The server wants a login, and no credential was given for this path.'
        : `The server did not accept \`${credential.token.secret}\`: it is wrong, has expired, or was revoked.`,
    fix: credentialLine
  },
  {
    pattern: /returned error: 403|Write access to repository not granted/i,
    why: ({credential}) =>
      credential === undefined
        ? 'The server refuses reading without a login.'
        : `The server knows \`${credential.token.secret}\`, but refuses it this repository: a permission is missing, single sign-on was not authorised for the token, or the network is not on the organisation's list.`,
    fix: repository =>
      `Give the token read access to contents (a classic one: authorise it for the organisation's single sign-on), or another one: ${credentialLine(repository)}`
  },
  {
    pattern:
      /repository .* not found|returned error: 404|Repository not found|could not be found or you don't have permission/i,
    why: ({credential}) =>
      credential === undefined
        ? 'There is no such repository, or it is private and no credential was given for it.'
        : `There is no such repository, or \`${credential.token.secret}\` may not see it. The job's own token reads only its own repository.`,
    fix: credentialLine
  },
  {
    pattern: /certificate|SSL_ERROR|SSL connect error|gnutls_handshake/i,
    why: ({host}) => `The certificate of ${host} could not be proven, or no secure connection came about.`,
    fix: () =>
      "If it is a company's own certificate authority, tell git of it: `git config --global http.sslCAInfo <bundle>`, or GIT_SSL_CAINFO."
  },
  {
    pattern: /Could not resolve host|Name or service not known/i,
    passes: true,
    why: ({host}) => `The name ${host} could not be resolved.`,
    fix: ({written}) =>
      `Look whether the address is right, and whether this machine reaches it. An alias of an ssh configuration must be written as the real host (\`${written}\`).`
  },
  {
    pattern:
      /Failed to connect|Couldn't connect|Connection refused|Connection timed out|Operation timed out|No route to host|gave no answer/i,
    passes: true,
    why: ({host}) => `${host} gave no answer.`,
    fix: () => 'Look whether this machine reaches the host, and whether it needs a proxy (HTTPS_PROXY, NO_PROXY).'
  },
  {
    pattern:
      /returned error: (?:429|5\d\d)|early EOF|unexpected disconnect|Connection reset|RPC failed|hung up unexpectedly|Operation too slow|transfer closed/i,
    passes: true,
    why: ({host}) => `${host} answered with an error of its own, or the connection broke, several times.`,
    fix: () => 'Run the job again later; look at the status page of the host.'
  },
  {
    pattern: /transport '.*' not allowed/i,
    code: 'submodule-url-refused',
    why: () => 'Only HTTPS is used to fetch submodules.',
    fix: () => 'Write the address as `https://host/owner/repository.git`.'
  }
]

/** What git's own words mean for a repository. */
export function failureOf(stderr: string, repository: Repository): Failure {
  const rows = [...LOCAL_ROWS, ...(repository.ssh === undefined ? WEB_ROWS : SSH_ROWS)]
  const row = rows.find(({pattern}) => pattern.test(stderr))
  return {
    code: row?.code ?? 'submodule-unreadable',
    passes: row?.passes ?? false,
    why: row?.why(repository) ?? 'Git ended with an error whose cause we do not know.',
    fix: row?.fix(repository) ?? 'Mend what the lines of git name.',
    evidence: lastLines(stderr)
  }
}

/** The line for the workflow that would give this repository a credential of its own. */
export function credentialLine({host, path}: Pick<Repository, 'host' | 'path'>): string {
  const name = (path.split('/').at(-1) ?? 'repository').replace(/[^a-z0-9]+/gi, '_').toUpperCase()
  return `Add to \`git-credentials\`: \`${host}/${path} \${{ secrets.${name}_READ_TOKEN }}\`, with a token that may read the contents of that repository.`
}

/** Git's last lines without its progress and without empty ones. */
function lastLines(stderr: string): readonly string[] {
  return stderr
    .split(/[\r\n]+/)
    .map(line => line.trim())
    .filter(
      line =>
        line !== '' && !/^(?:Cloning into|remote: (?:Counting|Compressing|Enumerating)|Receiving|Resolving)/.test(line)
    )
    .slice(-EVIDENCE_LINES)
    .map(line => line.replace(/\/\/[^/@\s]+@/g, '//***@').slice(0, 300))
}
