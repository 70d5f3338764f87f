import {callsOf, commandsIn, phrasesIn} from './advice-phrases.ts'
import type {AdviceRule} from './advice-rule.ts'
import {isSecretName} from './token-shapes.ts'

const KEY_FILE =
  /(?:^|\/)id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?$|(?:^|\/)\.ssh\/?$|(?:^|\/)\.netrc$|(?:^|\/)\.git-credentials$/
const VARIABLE_IN_ADDRESS = /:\/\/(?:[^/\s@]*:)?\$\{?\w+[^/\s@]*@/
const MOUNT = 'Mount it for the one step that needs it'

/** Secrets on their way into layers and history. */
export const SECRET_RULES: readonly AdviceRule[] = [
  {
    name: 'secret-in-variable',
    level: 'warning',
    why: 'Build arguments and variables stand in the history of the image and in its provenance; `unset` takes nothing back.',
    otherNames: ['SecretsUsedInArgOrEnv'],
    find: ({stages}) =>
      stages
        .flatMap(({stage}) => stage.variables)
        .filter(({kind, name, value}) => isSecretName(name) && !(kind === 'ENV' && value === ''))
        .map(({kind, name, line}) => ({
          line,
          what: `\`${kind} ${name}\` carries a secret into the image.`,
          fix: `${MOUNT}: \`RUN --mount=type=secret,id=${idOf(name)} ${name}="$(cat /run/secrets/${idOf(name)})" …\`, given by the input \`secrets\`.`
        })),
    examples: {
      found: 'FROM python:3.12-slim\nARG GIT_TOKEN\nRUN git ls-remote https://git.acme.test/kernels\n',
      mended:
        'FROM python:3.12-slim\nRUN --mount=type=secret,id=git-token GIT_TOKEN="$(cat /run/secrets/git-token)" ./fetch-kernels\n'
    }
  },
  {
    name: 'token-in-address',
    level: 'warning',
    why: 'Git and pip keep the address with the token in it: in `.git/config`, in `direct_url.json`, in the log.',
    find: view =>
      phrasesIn(view)
        .filter(({text}) => VARIABLE_IN_ADDRESS.test(text))
        .map(({line}) => ({
          line,
          what: 'A token is written into an address.',
          fix: 'Let the action fetch the code before the build (a submodule, with the input `git-credentials`) and `COPY --link` it, or clone over ssh with `RUN --mount=type=ssh`.'
        })),
    examples: {
      found: 'FROM python:3.12\nRUN git clone https://x-access-token:${GIT_TOKEN}@github.com/acme/kernels /kernels\n',
      mended: 'FROM python:3.12\nRUN --mount=type=ssh git clone git@github.com:acme/kernels /kernels\n'
    }
  },
  {
    name: 'key-in-layer',
    level: 'warning',
    why: 'A file that a layer holds can be taken out of it by everyone who pulls the image, also after a later `rm`.',
    find: view => [
      ...view.stages
        .flatMap(({instructions}) => instructions)
        .filter(({keyword, from}) => (keyword === 'COPY' || keyword === 'ADD') && from === undefined)
        .filter(({sources}) => sources.some(source => KEY_FILE.test(source)))
        .map(({line, keyword}) => ({line, what: `\`${keyword}\` puts a key into a layer.`, fix: KEY_FIX})),
      ...commandsIn(view)
        .filter(({command: {words}}) =>
          words.some((word, at) => /^>>?$/.test(words[at - 1] ?? '') && KEY_FILE.test(word))
        )
        .map(({command}) => ({line: command.line, what: 'A key is written into a layer.', fix: KEY_FIX}))
    ],
    examples: {
      found: 'FROM python:3.12\nCOPY deploy/id_ed25519 /root/.ssh/id_ed25519\n',
      mended: 'FROM python:3.12\nRUN --mount=type=ssh git clone git@github.com:acme/kernels /kernels\n'
    }
  }
]

const KEY_FIX =
  'Take it out and replace the key; give it with the input `ssh` and `RUN --mount=type=ssh …`, which leaves nothing behind.'

/** Whom a build or an image believes without asking. */
export const TRUST_RULES: readonly AdviceRule[] = [
  {
    name: 'host-key-unchecked',
    level: 'warning',
    why: 'Whoever answers in the place of the git server gets to deliver the code.',
    find: view =>
      phrasesIn(view)
        .filter(({text}) =>
          /StrictHostKeyChecking[\s=]+["']?(?:no|off|accept-new)\b|UserKnownHostsFile[\s=]+["']?\/dev\/null/i.test(text)
        )
        .map(({line}) => ({
          line,
          what: 'The host key of the git server is not checked.',
          fix: `Write the server’s published keys into a file of the repository and \`COPY --link known_hosts /etc/ssh/ssh_known_hosts\`; ${GITHUB_KEYS}`
        })),
    examples: {
      found:
        'FROM python:3.12\nRUN --mount=type=ssh GIT_SSH_COMMAND="ssh -o StrictHostKeyChecking=no" git clone git@github.com:acme/kernels /kernels\n',
      mended:
        'FROM python:3.12\nCOPY --link known_hosts /etc/ssh/ssh_known_hosts\nRUN --mount=type=ssh git clone git@github.com:acme/kernels /kernels\n'
    }
  },
  {
    name: 'ssh-keyscan',
    level: 'warning',
    why: '`ssh-keyscan` trusts whoever answers at that moment, which is what a host key is to prevent.',
    find: view =>
      callsOf(view, 'ssh-keyscan').map(({command}) => ({
        line: command.line,
        what: 'Host keys are asked for over the very connection that they shall protect.',
        fix: `Write the published keys into a file of the repository and copy it to /etc/ssh/ssh_known_hosts; ${GITHUB_KEYS}`
      })),
    examples: {
      found: 'FROM python:3.12\nRUN mkdir -p ~/.ssh && ssh-keyscan github.com >> ~/.ssh/known_hosts\n',
      mended: 'FROM python:3.12\nCOPY --link known_hosts /etc/ssh/ssh_known_hosts\n'
    }
  },
  {
    name: 'certificate-unchecked',
    level: 'warning',
    why: 'What is fetched may come from anyone on the way.',
    find: view =>
      phrasesIn(view)
        .filter(({text}) =>
          /^curl\b.*\s(?:-[a-zA-Z]*k[a-zA-Z]*|--insecure)(?:\s|$)|--no-check-certificate\b|--trusted-host\b|^PIP_TRUSTED_HOST=.|http\.sslVerify[\s=]+false|^GIT_SSL_NO_VERIFY=.|^NODE_TLS_REJECT_UNAUTHORIZED=["']?0|--allow-unauthenticated\b/.test(
            text
          )
        )
        .map(({line}) => ({
          line,
          what: 'The certificate of a server is not checked.',
          fix: 'Take the option away. For a network with a CA of its own, mount its certificates: the input `ca-bundle` gives them as the secret `ca-bundle`.'
        })),
    examples: {
      found:
        'FROM python:3.12\nRUN pip install --no-cache-dir --trusted-host pypi.acme.test --require-hashes -r lock.txt\n',
      mended:
        'FROM python:3.12\nRUN --mount=type=secret,id=ca-bundle PIP_CERT=/run/secrets/ca-bundle pip install --no-cache-dir --require-hashes -r lock.txt\n'
    }
  }
]

const GITHUB_KEYS = 'GitHub publishes its own at https://api.github.com/meta (`ssh_keys`).'

function idOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}
