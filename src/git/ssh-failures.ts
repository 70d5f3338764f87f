import type {FailureRow} from './failure-row.ts'
import {hostName} from './host-keys.ts'
import type {Repository} from './repository.ts'

/**
 * What ssh and the servers behind it print, and what it means; the first row that fits counts.
 *
 * The texts are OpenSSH's own and GitHub's. A key that the server does not know and a key that belongs to another
 * repository look alike to most people: here they are told apart, because the cures differ.
 */
export const SSH_ROWS: readonly FailureRow[] = [
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED|host key for .* has changed/i,
    code: 'host-key-changed',
    why: ({ssh}) => `${serverOf(ssh)} showed another key than the one that is known for it.`,
    fix: ({ssh}) =>
      `Ask its operator whether the key was changed, and compare fingerprints. If it was, replace the line for ${serverOf(ssh)} in \`known-hosts\`; if not, someone stands between.`
  },
  {
    pattern: /Host key verification failed|host key is known for|no matching host key type/i,
    code: 'host-key-changed',
    why: ({ssh}) => `${serverOf(ssh)} showed a key of a kind that is not known for it.`,
    fix: ({ssh}) =>
      `Add its key of that kind to \`known-hosts\`: \`${serverOf(ssh)} ssh-ed25519 AAAA…\`, from its operator.`
  },
  {
    pattern: /invalid format|error in libcrypto|bad permissions|Load key /i,
    code: 'ssh-key-refused',
    why: ({ssh}) => `This machine's ssh cannot read the key \`${ssh?.key.id}\`.`,
    fix: () => 'Make a new one with `ssh-keygen -t ed25519 -N "" -f deploy-key`, and store the file, whole.'
  },
  {
    pattern: /Permission denied|Too many authentication failures|no such identity/i,
    code: 'ssh-key-refused',
    why: ({ssh}) =>
      `${serverOf(ssh)} does not know the key \`${ssh?.key.id}\`${shownFingerprint(ssh)}: it is wrong, or was removed there.`,
    fix: deployKeyLine
  },
  {
    pattern:
      /SAML|single sign-on|IP allow list|access (?:to .*)?(?:is )?denied|read access|not (?:authorized|allowed)|403/i,
    code: 'ssh-key-refused',
    why: ({ssh, path}) =>
      `${serverOf(ssh)} knows the key \`${ssh?.key.id}\`${shownFingerprint(ssh)}, but refuses it reading \`${path}\`: a rule of the owner stands against it.`,
    fix: ({path}) =>
      `Look what its owner allows: single sign-on of the key's person, lists of networks, whether deploy keys are enabled for ${path.split('/')[0]}.`
  },
  {
    pattern: /Repository not found|does not exist|not found|could not be found|does not appear to be a git repository/i,
    code: 'ssh-key-refused',
    why: ({ssh, path}) =>
      `${serverOf(ssh)} knows the key \`${ssh?.key.id}\`${shownFingerprint(ssh)}, but shows it no repository \`${path}\`: a deploy key opens one repository, and this one seems to be another's.`,
    fix: deployKeyLine
  },
  {
    pattern: /Could not resolve hostname|Name or service not known|Temporary failure in name resolution/i,
    passes: true,
    why: ({ssh}) => `The name ${ssh?.hostname} could not be resolved.`,
    fix: () => 'Look whether the address is right, and whether this machine has a name server that knows it.'
  },
  {
    pattern:
      /Connection (?:refused|timed out|reset|closed)|No route to host|Network is unreachable|Operation timed out|kex_exchange_identification|banner exchange|gave no answer|Broken pipe|hung up unexpectedly|early EOF/i,
    passes: true,
    why: ({ssh}) => `${ssh?.hostname} gave no answer on port ${ssh?.port}.`,
    fix: ({ssh}) =>
      ssh?.hostname === 'github.com'
        ? 'Look whether this machine may speak ssh to the outside. GitHub answers on port 443 too: write the address as `ssh://git@ssh.github.com:443/owner/repository.git`.'
        : 'Look whether this machine reaches that port; ssh passes no HTTP proxy.'
  },
  {
    pattern: /(?:ssh: (?:command )?not found|cannot run ssh|exec: .*ssh)/i,
    code: 'runner-unsupported',
    why: () => 'This machine has no ssh.',
    fix: () => 'Install the package openssh-client on the runner, or give a token in `git-credentials`.'
  }
]

function serverOf(ssh: Repository['ssh']): string {
  return ssh === undefined ? 'The server' : hostName(ssh)
}

/** As a line of `ssh-keys` names the server. */
function placeOf(ssh: Repository['ssh']): string {
  return ssh === undefined || ssh.port === 22 ? (ssh?.hostname ?? '') : `${ssh.hostname}:${ssh.port}`
}

function shownFingerprint(ssh: Repository['ssh']): string {
  return ssh?.key.fingerprint === undefined ? '' : ` (${ssh.key.fingerprint})`
}

function deployKeyLine({ssh, path, host}: Repository): string {
  const page = host === 'github.com' ? `https://github.com/${path}/settings/keys` : `the settings of \`${path}\``
  const shown =
    ssh?.key.fingerprint === undefined ? '' : ` Its list shows fingerprints: this key's is ${ssh.key.fingerprint}.`
  return `Add the public half of the key as a deploy key in ${page} (reading is enough), or put the right key below \`${placeOf(ssh)}/${path}\` in \`ssh-keys\`.${shown}`
}
