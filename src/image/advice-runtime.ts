import {namesTorch, type PythonInstall, pythonInstall} from './advice-packages.ts'
import {commandsIn} from './advice-phrases.ts'
import type {AdviceRule} from './advice-rule.ts'
import type {AdviceView} from './advice-view.ts'

/** Official images of Python upon Debian: a runtime can begin with one, and its name tells the Python. */
const PLAIN_PYTHON = /^(?:docker\.io\/)?(?:library\/)?python:3\.\d+(?:\.\d+)?(?:-slim)?(?:-[a-z]+)?(?:@|$)/
const MUSL = /-alpine/
/** Builds of PyTorch that are in no release for CUDA, and places that are not the environment of the image. */
const ELSEWHERE = /\/whl\/(?:nightly|rocm|xpu|test)|^--pre$|^(?:--target|-t|--prefix|--root)\b/
const TORCH_RELEASE = /^torch==(?<release>\d+\.\d+(?:\.\d+)?)/
const BEFORE_2 = /^torch[=~<]=?[01]\./

/** PyTorch by hand where the action would lay it. */
export const RUNTIME_RULES: readonly AdviceRule[] = [
  {
    name: 'torch-by-hand',
    level: 'notice',
    why: '`FROM runtime` begins with PyTorch whose locked wheels the action lays as layers, without a `RUN`: 4 GB are fetched and packed once for all branches, where this line does it on every builder that has no cache of it.',
    find: torchByHand,
    examples: {
      found:
        'FROM python:3.12-slim@sha256:0000\nRUN pip install --no-cache-dir torch==2.8.0 einops\nCOPY --link . /app/\nUSER 10001\n',
      mended: 'FROM runtime\nCOPY --link --chown=10001:10001 . /app/\n'
    }
  }
]

function torchByHand({chain, offersRuntime}: AdviceView): ReturnType<AdviceRule['find']> {
  const image = chain[0]?.image
  const isPlain = image !== undefined && PLAIN_PYTHON.test(image) && !MUSL.test(image)
  if (!isPlain || !offersRuntime) return []
  return commandsIn({stages: chain}).flatMap(({command, instruction}) => {
    const install = instruction.keyword === 'RUN' ? pythonInstall(command) : undefined
    if (install === undefined || !isReleased(install)) return []
    const inputs = [`base-image: ${image}`, ...inputsOf(install)].map(input => `\`${input}\``)
    return [
      {
        line: command.line,
        what: 'PyTorch is installed by a `RUN` upon a plain Python.',
        fix: `Begin with \`FROM runtime\`, take this line out, set ${listed(inputs)}, and name the other packages in a file of \`requirements\` (docs/layers.md).`
      }
    ]
  })
}

function isReleased(install: PythonInstall): boolean {
  const {tool, packages, options} = install
  if ((tool !== 'pip' && tool !== 'uv') || !namesTorch(install)) return false
  return !options.some(option => ELSEWHERE.test(option)) && !packages.some(name => BEFORE_2.test(name))
}

/** What the line says of release and CUDA, as inputs. */
function inputsOf({packages, options}: PythonInstall): readonly string[] {
  const release = packages.flatMap(name => TORCH_RELEASE.exec(name)?.groups?.release ?? [])[0]
  const cuda = options.flatMap(option => /\/whl\/(cu\d{3})\b/.exec(option)?.[1] ?? [])[0]
  return [...(release === undefined ? [] : [`torch: ${release}`]), ...(cuda === undefined ? [] : [`cuda: ${cuda}`])]
}

function listed(inputs: readonly string[]): string {
  return inputs.length === 1 ? (inputs[0] ?? '') : `${inputs.slice(0, -1).join(', ')} and ${inputs.at(-1)}`
}
