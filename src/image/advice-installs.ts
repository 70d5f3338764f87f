import {mayHoldTorch, namesTorch, type PythonInstall, pythonInstall} from './advice-packages.ts'
import {callsOf, commandsIn, type FoundCommand, phrasesIn} from './advice-phrases.ts'
import type {AdviceRule} from './advice-rule.ts'
import type {AdviceView} from './advice-view.ts'

interface FoundInstall extends FoundCommand {
  readonly install: PythonInstall
}

const LOCAL = /^(?:\.|\/|file:|-e$|\.\/)|\.whl$|\.tar\.gz$/

/** How packages come into the image. */
export const INSTALL_RULES: readonly AdviceRule[] = [
  {
    name: 'two-indexes',
    level: 'warning',
    why: 'pip takes the highest version of either index: one day that is another CUDA build, or a stranger’s package under a private name.',
    find: view =>
      phrasesIn(view)
        .filter(({text}) => /--extra-index-url\b|^(?:PIP|UV)_EXTRA_INDEX_URL=./.test(text))
        .map(({line}) => ({
          line,
          what: 'Packages are looked for in two indexes at once.',
          fix: 'Install the PyTorch packages in a command of their own with `--index-url https://download.pytorch.org/whl/cu128`, and the rest with the usual index; or name the index per package with uv (`explicit = true`).'
        })),
    examples: {
      found:
        'FROM python:3.12\nRUN pip install torch==2.8.0 --extra-index-url https://download.pytorch.org/whl/cu126\n',
      mended: 'FROM python:3.12\nRUN pip install torch==2.8.0 --index-url https://download.pytorch.org/whl/cu126\n'
    }
  },
  {
    name: 'package-cache-kept',
    level: 'warning',
    why: 'The cache holds every wheel once more: with PyTorch 3.9 GB that nothing reads.',
    otherNames: ['DL3042'],
    find: view =>
      installsIn({...view, stages: view.chain})
        .filter(found => keepsCache(found, view))
        .map(({command, install}) => ({
          line: command.line,
          what: `${install.tool} keeps its cache in the layer.`,
          fix:
            install.tool === 'conda'
              ? 'End the same `RUN` with `conda clean --all --yes`.'
              : `Add \`--no-cache${install.tool === 'pip' ? '-dir' : ''}\`, or \`--mount=type=cache,target=/root/.cache\`.`
        })),
    examples: {
      found: 'FROM python:3.12\nRUN pip install torch==2.8.0\n',
      mended: 'FROM python:3.12\nRUN pip install --no-cache-dir torch==2.8.0\n'
    }
  },
  {
    name: 'pip-without-hash',
    level: 'notice',
    why: 'Without hashes an index decides anew what a version is, and since 2.11 the set behind one version of PyTorch drifts: the lock is the hashes.',
    otherNames: ['DL3013'],
    find: view =>
      installsIn(view)
        .filter(({install}) => isUnlocked(install))
        .map(({command}) => ({
          line: command.line,
          what: 'Packages are installed without hashes.',
          fix: 'Lock once (`uv pip compile --generate-hashes requirements.in -o requirements.txt`) and install with `--require-hashes -r requirements.txt`.'
        })),
    examples: {
      found: 'FROM python:3.12\nRUN pip install --no-cache-dir -r requirements.txt\n',
      mended: 'FROM python:3.12\nRUN pip install --no-cache-dir --require-hashes -r requirements.txt\n'
    }
  },
  {
    name: 'apt-without-cleaning',
    level: 'notice',
    why: 'The package lists stay in the layer: tens of megabytes that are out of date tomorrow.',
    otherNames: ['DL3009'],
    find: view =>
      callsOf({stages: view.chain}, 'apt-get', 'apt')
        .filter(({command: {words}}) => words.includes('install'))
        .filter(({instruction}) => !cleansLists(instruction))
        .map(({command}) => ({
          line: command.line,
          what: 'apt’s package lists are left in the layer.',
          fix: 'End the same `RUN` with `&& rm -rf /var/lib/apt/lists/*`, or mount `--mount=type=cache,target=/var/lib/apt/lists`.'
        })),
    examples: {
      found: 'FROM debian:13-slim\nRUN apt-get update && apt-get install -y git\n',
      mended: 'FROM debian:13-slim\nRUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*\n'
    }
  },
  {
    name: 'layer-too-big',
    level: 'notice',
    why: 'PyTorch 2.8.0 with its CUDA libraries is one layer of 4.0 GB this way: it is compressed by one core, pulled over one connection, and fetched whole again when one package changes.',
    find: view =>
      installsIn({...view, stages: view.chain})
        .filter(({install}) => namesTorch(install) && !isSplit(install, view))
        .map(({command}) => ({
          line: command.line,
          what: 'This makes one layer of about 4 GB, far more than 1.5 GB.',
          fix: 'Leave the Dockerfile out and name your files in `requirements`: the built-in one lays each group of wheels as a layer of its own. Or install the `nvidia-*` packages in a `RUN` before this one.'
        })),
    examples: {
      found: 'FROM python:3.12\nRUN pip install --no-cache-dir torch==2.8.0 torchvision==0.23.0\n',
      mended:
        'FROM python:3.12\nRUN pip install --no-cache-dir nvidia-cudnn-cu12==9.10.2.21 nvidia-cublas-cu12==12.8.4.1\nRUN pip install --no-cache-dir torch==2.8.0 torchvision==0.23.0\n'
    }
  }
]

function installsIn(view: AdviceView): readonly FoundInstall[] {
  return commandsIn(view).flatMap(found => {
    const install = pythonInstall(found.command)
    return install === undefined || found.instruction.keyword !== 'RUN' ? [] : [{...found, install}]
  })
}

function keepsCache({install, instruction, command, stage}: FoundInstall, {chain}: AdviceView): boolean {
  const {tool, options} = install
  if (tool === 'poetry') return false
  if (instruction.flags.some(flag => /^--mount=.*type=cache/.test(flag))) return false
  if (tool === 'conda') return !instruction.commands.some(({words}) => words.includes('clean'))
  if (options.some(option => /^(?:--no-cache(?:-dir)?|-n)$/.test(option))) return false
  if (instruction.commands.some(({words}) => words[0] === 'rm' && words.some(word => word.includes('.cache'))))
    return false
  const name = tool === 'pip' ? 'PIP_NO_CACHE_DIR' : 'UV_NO_CACHE'
  const variables = chain.slice(0, chain.indexOf(stage) + 1).flatMap(({stage}) => stage.variables)
  return (
    !variables.some(variable => variable.name === name) &&
    !command.assignments.some(text => text.startsWith(`${name}=`))
  )
}

/** Something with a name is asked of an index, and nothing holds its bytes. */
function isUnlocked({tool, packages, files, options}: PythonInstall): boolean {
  if (tool !== 'pip' && tool !== 'uv') return false
  if (options.some(option => /^(?:--require-hashes|--no-index|--frozen|--locked)$/.test(option))) return false
  const named = packages.filter(name => !LOCAL.test(name))
  return named.length > 0 || files.some(file => !/pylock|\.lock$/.test(file))
}

function cleansLists({commands, flags}: FoundCommand['instruction']): boolean {
  if (flags.some(flag => /^--mount=.*(?:target|dst|destination)=\/var\/lib\/apt/.test(flag))) return true
  return commands.some(({words}) => words[0] === 'rm' && words.some(word => word.startsWith('/var/lib/apt')))
}

/** The CUDA libraries were laid before, in layers of their own. */
function isSplit(install: PythonInstall, view: AdviceView): boolean {
  const others = installsIn({...view, stages: view.chain}).map(found => found.install)
  return others.some(
    other =>
      other.packages.join() !== install.packages.join() &&
      other.packages.some(name => name.startsWith('nvidia-')) &&
      !mayHoldTorch(other)
  )
}
