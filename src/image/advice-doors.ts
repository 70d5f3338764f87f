import {callsOf, phrasesIn} from './advice-phrases.ts'
import type {AdviceFound, AdviceRule} from './advice-rule.ts'
import type {AdviceView} from './advice-view.ts'

const WITHOUT_LOGIN =
  /\b(?:NotebookApp|ServerApp|IdentityProvider|PasswordIdentityProvider)\.(?:token|password|hashed_password)\s*=\s*(?:""|'')?\s*$|\b(?:NotebookApp|ServerApp|IdentityProvider|PasswordIdentityProvider)\.(?:token|password|hashed_password)=(?:\s|$)|^JUPYTER_TOKEN=$/
const ROOT = ['root', '0']
/** Publishers whose images start as root. */
const STARTS_AS_ROOT =
  /^(?:docker\.io\/)?(?:library\/)?[^/:@]+(?:[:@]|$)|^(?:docker\.io\/)?(?:nvidia\/cuda|pytorch\/pytorch|rocm\/pytorch|continuumio\/[^/]+|condaforge\/[^/]+|mambaorg\/[^/]+)(?:[:@]|$)|^nvcr\.io\/nvidia\//

/** What an image leaves open when it runs. */
export const DOOR_RULES: readonly AdviceRule[] = [
  {
    name: 'open-jupyter',
    level: 'warning',
    why: 'Jupyter runs any code for whoever reaches its port; without a token, or as root, that is the whole machine’s GPU and data.',
    find: view =>
      phrasesIn(view)
        .filter(
          ({text}) =>
            WITHOUT_LOGIN.test(text) || (/\bjupyter(?:-lab|-notebook)?\b/.test(text) && /--allow-root\b/.test(text))
        )
        .map(({line, text}) => ({
          line,
          what: /--allow-root\b/.test(text) ? 'Jupyter is let run as root.' : 'Jupyter is started without a login.',
          fix: 'Set a `USER`, take `--allow-root` away, and let the token come from the environment or a mounted file; or use `flavor: notebook`, which refuses to start without one.'
        })),
    examples: {
      found:
        'FROM python:3.12-slim@sha256:0000\nUSER 10001\nCMD ["jupyter", "lab", "--ip=0.0.0.0", "--allow-root", "--ServerApp.token="]\n',
      mended: 'FROM python:3.12-slim@sha256:0000\nUSER 10001\nCMD ["jupyter", "lab", "--ip=0.0.0.0"]\n'
    }
  },
  {
    name: 'open-ssh',
    level: 'warning',
    why: 'Port 22 with a password, or with root behind it, is tried by every scanner within minutes.',
    find: view => [
      ...phrasesIn(view)
        .filter(({text}) =>
          /^(?!\s*#)(?:.*\W)?(?:PermitRootLogin\s+(?:yes|without-password|prohibit-password)|PasswordAuthentication\s+yes|PermitEmptyPasswords\s+yes)/i.test(
            text
          )
        )
        .map(({line}) => openSsh(line, 'The ssh server lets root or passwords in.')),
      ...callsOf(view, 'chpasswd', 'passwd').map(({command}) =>
        openSsh(command.line, 'A password is set in the image.')
      )
    ],
    examples: {
      found: `FROM debian:13-slim\nRUN echo 'PermitRootLogin yes' >> /etc/ssh/sshd_config\nUSER 10001\n`,
      mended: `FROM debian:13-slim\nRUN printf 'PermitRootLogin no\\nPasswordAuthentication no\\n' > /etc/ssh/sshd_config.d/keys-only.conf\nUSER 10001\n`
    }
  },
  {
    name: 'host-keys-baked',
    level: 'warning',
    why: 'All containers then share host keys that everyone who pulls the image has: each of them can pose as any other.',
    find: view => view.stages.flatMap(({instructions}) => instructions).flatMap(bakedKeys),
    examples: {
      found:
        'FROM debian:13-slim\nRUN apt-get update && apt-get install -y openssh-server && rm -rf /var/lib/apt/lists/*\nUSER 10001\n',
      mended:
        'FROM debian:13-slim\nRUN apt-get update && apt-get install -y openssh-server && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_*\nUSER 10001\n'
    }
  },
  {
    name: 'sudo-without-password',
    level: 'warning',
    why: 'A user who may become root without a password is root.',
    find: view =>
      phrasesIn(view)
        .filter(({text}) => /\bNOPASSWD\b/.test(text))
        .map(({line}) => ({
          line,
          what: 'The user may become root without a password.',
          fix: 'Install what is needed before `USER`, and take sudo away; in a cluster set `allowPrivilegeEscalation: false`.'
        })),
    examples: {
      found: `FROM debian:13-slim\nRUN echo 'app ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/app\nUSER app\n`,
      mended: 'FROM debian:13-slim\nRUN useradd --uid 10001 app\nUSER 10001\n'
    }
  },
  {
    name: 'root-at-end',
    level: 'warning',
    why: 'What breaks out of the process is then root, and Kubernetes refuses it where `runAsNonRoot` is set.',
    otherNames: ['DL3002'],
    find: rootAtEnd,
    examples: {
      found: 'FROM python:3.12-slim\nCMD ["python", "main.py"]\n',
      mended: 'FROM python:3.12-slim\nUSER 10001:10001\nCMD ["python", "main.py"]\n'
    }
  }
]

function openSsh(line: number, what: string): AdviceFound {
  return {
    line,
    what,
    fix: 'Write `PermitRootLogin no`, `PasswordAuthentication no` and take the key from a mounted secret; or use `flavor: ssh`.'
  }
}

function bakedKeys(instruction: AdviceView['stages'][number]['instructions'][number]): readonly AdviceFound[] {
  if (instruction.keyword !== 'RUN') return []
  const {commands} = instruction
  const maker = commands.find(
    ({words}) =>
      (words[0] === 'ssh-keygen' && words.includes('-A')) ||
      (/^apt(?:-get)?$/.test(words[0] ?? '') && words.includes('install') && words.includes('openssh-server')) ||
      (words[0] === 'dpkg-reconfigure' && words.includes('openssh-server'))
  )
  const isRemoved = commands.some(({words}) => words[0] === 'rm' && words.some(word => word.includes('ssh_host_')))
  if (maker === undefined || isRemoved) return []
  return [
    {
      line: maker.line,
      what:
        maker.words[0] === 'ssh-keygen'
          ? 'Host keys are made in the build.'
          : 'Installing openssh-server makes host keys, and they stay in the layer.',
      fix: 'Remove them in the same `RUN` (`rm -f /etc/ssh/ssh_host_*`) and make them when the container starts.'
    }
  ]
}

function rootAtEnd(view: AdviceView): readonly AdviceFound[] {
  const fix =
    'End with `USER 10001:10001` (a number, so that Kubernetes can tell), and give that user the folders it writes to.'
  const users = view.chain.flatMap(({instructions}) => instructions).filter(({keyword}) => keyword === 'USER')
  const last = users.at(-1)
  if (last !== undefined) {
    const isRoot = ROOT.includes(last.rest.split(':')[0] ?? '')
    return isRoot ? [{line: last.line, what: 'The image ends as root.', fix}] : []
  }
  const [outermost] = view.chain
  const isKnown =
    outermost?.image !== undefined && outermost.image !== 'scratch' && STARTS_AS_ROOT.test(outermost.image)
  const end = view.chain.at(-1)
  return isKnown && end !== undefined
    ? [{line: end.stage.line, what: `The image runs as root: ${outermost.image} does, and no \`USER\` follows.`, fix}]
    : []
}
