import {installsTorch, overTorch, pythonInstall} from './advice-packages.ts'
import type {AdviceRule} from './advice-rule.ts'
import type {AdviceView, ViewedInstruction} from './advice-view.ts'
import {parseJsonForm, splitWords} from './dockerfile-lines.ts'
import {RUNTIME_CONTEXT} from './named-runtime.ts'

const UNPACKS = 'A builder that holds nothing pulls and unpacks 4 GB of PyTorch for it, about 40 s'
/** Files that say what to install, whom to trust or how to run: they seldom change with the code. */
const SELDOM =
  /(?:requirements|constraints|environment|pyproject|setup|lock|known_hosts|id_)[^/]*$|\.(?:txt|toml|lock|ya?ml|cfg|ini|conf|list|crt|pem)$/i

/** What makes a change of one line cost as much as a change of everything. */
export const LAYER_RULES: readonly AdviceRule[] = [
  {
    name: 'copy-without-link',
    level: 'warning',
    why: `${UNPACKS}; with \`--link\` the layer is put on top without reading a byte of them (0.8 s instead of 88 s for a changed line).`,
    find: view =>
      overTorch(view)
        .filter(({keyword, flags}) => isCopy(keyword) && !flags.some(flag => /^--link(?:=true)?$/.test(flag)))
        .map(instruction => ({
          line: instruction.line,
          what: `\`${instruction.keyword}\` without \`--link\` over the layers of PyTorch.`,
          fix: `Write \`${linked(instruction)}\`.${numbersNeeded(instruction)}`
        })),
    examples: {
      found: 'FROM python:3.12\nRUN pip install torch\nCOPY . /app/\n',
      mended: 'FROM python:3.12\nRUN pip install torch\nCOPY --link . /app/\n'
    }
  },
  {
    name: 'late-run',
    level: 'warning',
    why: `${UNPACKS}, and that on every change of the code that it stands behind.`,
    find: view =>
      behindCode(view)
        .filter(({keyword}) => keyword === 'RUN')
        .map(({line}) => ({
          line,
          what: 'A `RUN` over the layers of PyTorch runs again on every change of the code.',
          fix: 'Move it before PyTorch is installed, or into a stage of its own and `COPY --link --from=<stage>` what comes of it.'
        })),
    examples: {
      found: 'FROM python:3.12\nRUN pip install torch\nCOPY --link . /app/\nRUN python /app/build.py\n',
      mended:
        'FROM python:3.12 AS built\nCOPY . /app/\nRUN python /app/build.py\n\nFROM python:3.12\nRUN pip install torch\nCOPY --link --from=built /app/ /app/\n'
    }
  },
  {
    name: 'workdir-over-torch',
    level: 'warning',
    why: `\`WORKDIR\` makes a folder in the whole file system. ${UNPACKS}.`,
    find: view =>
      overTorch(view)
        .filter(({keyword}) => keyword === 'WORKDIR')
        .map(({line, rest}) => ({
          line,
          what: '`WORKDIR` stands over the layers of PyTorch.',
          fix:
            view.offersRuntime && view.chain[0]?.stage.from === RUNTIME_CONTEXT
              ? 'Leave it out: the runtime begins in `/app`. Where another folder is meant, write paths in full.'
              : `Move \`WORKDIR ${rest}\` up, before PyTorch is installed; every stage \`FROM\` that one has it too.`
        })),
    examples: {
      found: 'FROM python:3.12\nRUN pip install torch\nWORKDIR /app\nCOPY --link . /app/\n',
      mended: 'FROM python:3.12\nWORKDIR /app\nRUN pip install torch\nCOPY --link . /app/\n'
    }
  },
  {
    name: 'run-binds-context',
    level: 'warning',
    why: 'Every file of the context is part of such a step’s cache key: it runs again on every commit (84 s instead of 0.8 s where PyTorch lies below).',
    find: ({stages}) =>
      stages
        .flatMap(({instructions}) => instructions)
        .filter(({keyword, flags}) => keyword === 'RUN' && flags.some(bindsContext))
        .map(({line}) => ({
          line,
          what: '`RUN` mounts the whole context.',
          fix: 'Mount the one file that it reads: `--mount=type=bind,source=requirements.txt,target=/requirements.txt`.'
        })),
    examples: {
      found:
        'FROM python:3.12\nRUN --mount=type=bind,target=/src pip install --no-cache-dir -r /src/requirements.txt\n',
      mended:
        'FROM python:3.12\nRUN --mount=type=bind,source=requirements.txt,target=/requirements.txt pip install --no-cache-dir -r /requirements.txt\n'
    }
  },
  {
    name: 'install-after-code',
    level: 'warning',
    why: 'Every change of the code installs all packages again: minutes and gigabytes for one line.',
    find: view =>
      view.stages
        .flatMap(({instructions}) => afterCode(instructions))
        .filter(instruction => isInstallation(instruction) && !behindCode(view).includes(instruction))
        .map(({line}) => ({
          line,
          what: 'Packages are installed behind the code that changes.',
          fix: 'Copy the file of requirements alone, install, and copy the code last: `COPY --link requirements.txt /`, `RUN pip install … -r /requirements.txt`, `COPY --link . /app/`.'
        })),
    examples: {
      found: 'FROM python:3.12\nCOPY . /app/\nRUN pip install --no-cache-dir -r /app/requirements.txt\n',
      mended:
        'FROM python:3.12\nCOPY --link requirements.txt /\nRUN pip install --no-cache-dir -r /requirements.txt\nCOPY --link . /app/\n'
    }
  }
]

/** Instructions over PyTorch that come behind code, so that each of its changes makes them anew. */
function behindCode(view: AdviceView): readonly ViewedInstruction[] {
  const over = overTorch(view)
  return view.stages
    .flatMap(({instructions}) => afterCode(instructions))
    .filter(instruction => over.includes(instruction))
}

function afterCode(instructions: readonly ViewedInstruction[]): readonly ViewedInstruction[] {
  const first = instructions.findIndex(
    ({keyword, from, sources}) => isCopy(keyword) && from === undefined && sources.some(isCode)
  )
  return first === -1 ? [] : instructions.slice(first + 1)
}

function isCopy(keyword: string): boolean {
  return keyword === 'COPY' || keyword === 'ADD'
}

function isCode(source: string): boolean {
  return !SELDOM.test(source) && !/^(?:https?|git|ssh):|^git@/.test(source)
}

function isInstallation({commands}: ViewedInstruction): boolean {
  return commands.some(command => {
    const install = pythonInstall(command)
    return installsTorch({command}) || install?.packages.some(name => !/^[./]|^-e$/.test(name)) === true
  })
}

/** `--mount=type=bind` without a source, or with the context’s root as one. */
function bindsContext(flag: string): boolean {
  if (!flag.startsWith('--mount=')) return false
  const fields = flag.slice('--mount='.length).split(',')
  const optionOf = (...names: readonly string[]) =>
    fields.find(field => names.includes(field.split('=')[0] ?? ''))?.replace(/^[^=]*=/, '')
  const isBind = (optionOf('type') ?? 'bind') === 'bind' && optionOf('from') === undefined
  return isBind && /^\.?\/?$/.test(optionOf('source', 'src') ?? '.')
}

/** `--link` looks no name up in the image. */
function numbersNeeded({flags}: ViewedInstruction): string {
  const isNamed = flags.some(flag => /^--chown=.*[a-z_]/i.test(flag) && !flag.includes('$'))
  return isNamed ? ' With `--link` an owner is given by number (`--chown=10001:10001`).' : ''
}

/** The instruction with `--link`, as short as it can be said. */
function linked({keyword, flags, rest}: ViewedInstruction): string {
  const words = parseJsonForm(rest) ?? splitWords(rest)
  const shown = words.some(word => word.startsWith('<<')) ? ['…'] : words
  return [keyword, '--link', ...flags.filter(flag => !flag.startsWith('--link')), ...shown].join(' ')
}
