import type {FoundCommand} from './advice-phrases.ts'
import type {AdviceView, PlacedCommand, ViewedInstruction, ViewedStage} from './advice-view.ts'
import {RUNTIME_CONTEXT} from './named-runtime.ts'

/** An installation of Python packages. */
export interface PythonInstall {
  readonly tool: 'pip' | 'uv' | 'conda' | 'poetry'
  /** Names, files and addresses, options left out. */
  readonly packages: readonly string[]
  /** Files of `-r`. */
  readonly files: readonly string[]
  readonly options: readonly string[]
}

const PIP = /^pip[\d.]*$/
const CONDA = ['conda', 'mamba', 'micromamba']
const TORCH = /^(?:pytorch|torch|torchvision|torchaudio)(?:$|[\s=<>!~;[@+])/
const FILE_OPTIONS = ['-r', '--requirement', '--requirements', '--file']
const WITH_VALUE = [
  ...FILE_OPTIONS,
  '-f',
  '-c',
  '--constraint',
  '-i',
  '--index-url',
  '--extra-index-url',
  '--index',
  '--default-index',
  '--find-links',
  '--target',
  '-t',
  '--prefix',
  '--root',
  '--python',
  '-p',
  '--trusted-host',
  '--platform',
  '--cache-dir',
  '--timeout',
  '--retries',
  '-n',
  '--name',
  '--channel',
  '--only-binary',
  '--no-binary',
  '--torch-backend'
]
const TORCH_IMAGES =
  /^(?:docker\.io\/)?(?:(?:library\/)?pytorch\/pytorch|rocm\/pytorch)[:@]?|^nvcr\.io\/nvidia\/(?:pytorch|nemo|tritonserver)[:@]?/

/** What a command installs, if it is an installation of Python packages. */
export function pythonInstall({words}: PlacedCommand): PythonInstall | undefined {
  const [program = '', ...rest] = words
  if (program === 'uv' && rest[0] === 'pip') return installOf('uv', rest.slice(1), ['install', 'sync'])
  if (program === 'uv') return installOf('uv', rest, ['sync', 'add'])
  if (PIP.test(program)) return installOf('pip', rest, ['install'])
  if (CONDA.includes(program))
    return installOf('conda', rest[0] === 'env' ? rest.slice(1) : rest, ['install', 'create', 'update'])
  return program === 'poetry' ? installOf('poetry', rest, ['install', 'add']) : undefined
}

function installOf(
  tool: PythonInstall['tool'],
  words: readonly string[],
  verbs: readonly string[]
): PythonInstall | undefined {
  const verb = words.findIndex(word => !word.startsWith('-'))
  if (verb === -1 || !verbs.includes(words[verb] ?? '')) return undefined
  const packages: string[] = []
  const files: string[] = []
  const options: string[] = words.slice(0, verb)
  for (let at = verb + 1; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const value = words[at + 1] ?? ''
    const attached = /^(?:-r|--requirements?=)(?<file>.+)$/.exec(word)?.groups?.file
    if (attached !== undefined && !WITH_VALUE.includes(word)) files.push(attached)
    else if (!word.startsWith('-')) packages.push(word)
    else if (WITH_VALUE.includes(word)) {
      if (FILE_OPTIONS.includes(word)) files.push(value)
      else options.push(`${word}=${value}`)
      at += 1
    } else options.push(word)
  }
  return {tool, packages, files, options}
}

/** Whether PyTorch is surely among what is installed, with its CUDA libraries. */
export function namesTorch(install: PythonInstall): boolean {
  return install.packages.some(name => TORCH.test(name)) && !isForCpu(install) && !install.options.includes('--no-deps')
}

/** Whether PyTorch may be among it: a list of requirements seldom goes without. */
export function mayHoldTorch(install: PythonInstall): boolean {
  const {tool, packages, files, options} = install
  const isProject = (tool === 'poetry' || tool === 'uv') && packages.length === 0
  const isEnvironment = tool === 'conda' && options.some(option => option.startsWith('-f='))
  return namesTorch(install) || (!isForCpu(install) && (files.length > 0 || isProject || isEnvironment))
}

function isForCpu({options}: PythonInstall): boolean {
  return options.some(option => /\/whl\/cpu\b|torch-backend=cpu\b/.test(option))
}

/** Whether an image brings PyTorch along. */
export function isTorchImage(image: string): boolean {
  return TORCH_IMAGES.test(image)
}

/** Where in a stage the layers of PyTorch lie. */
interface TorchPlace {
  readonly holds: boolean
  /** The instructions that stand on them. */
  readonly over: readonly ViewedInstruction[]
}

/** The instructions of stages that stand on the layers of PyTorch: each of those would be pulled and unpacked for them. */
export function overTorch(view: AdviceView): readonly ViewedInstruction[] {
  return [...torchPlaces(view).values()].flatMap(({over}) => over)
}

/** Stage by stage; what one begins with or copies from stands before it. */
function torchPlaces({stages, offersRuntime}: AdviceView): ReadonlyMap<ViewedStage, TorchPlace> {
  const places = new Map<ViewedStage, TorchPlace>()
  const holdsNamed = (name: string) =>
    [...places].some(([{stage}, {holds}]) => holds && stage.name !== undefined && stage.name === name)
  for (const viewed of stages) {
    const {stage, image, parent, instructions} = viewed
    const isRuntime = stage.from === RUNTIME_CONTEXT && offersRuntime
    const begins =
      isRuntime ||
      (image !== undefined && isTorchImage(image)) ||
      (parent !== undefined && places.get(parent)?.holds === true)
    const harmless = filesWithoutTorch(instructions)
    const first = begins ? -1 : instructions.findIndex(instruction => bringsTorch(instruction, {holdsNamed, harmless}))
    const over = begins || first !== -1 ? instructions.slice(first + 1) : []
    places.set(viewed, {holds: begins || first !== -1, over})
  }
  return places
}

interface TorchSources {
  /** Whether a stage of that name holds PyTorch. */
  readonly holdsNamed: (name: string) => boolean
  /** Files of requirements that are known not to ask for it. */
  readonly harmless: readonly string[]
}

function bringsTorch(instruction: ViewedInstruction, {holdsNamed, harmless}: TorchSources): boolean {
  if (instruction.keyword === 'RUN') {
    return instruction.commands.some(command => {
      const install = pythonInstall(command)
      if (install === undefined) return false
      return mayHoldTorch({...install, files: install.files.filter(file => !harmless.includes(file))})
    })
  }
  const isWhole = instruction.sources.some(path => /venv|site-packages|conda|\/local|^\/$|\/layer/.test(path))
  return isWhole && instruction.from !== undefined && holdsNamed(instruction.from)
}

/** What the Dockerfile itself writes can be read: `COPY <<EOF /requirements.txt`. */
function filesWithoutTorch(instructions: readonly ViewedInstruction[]): readonly string[] {
  return instructions.flatMap(({goal, heredocs}) => {
    const isHarmless = heredocs.length === 1 && !heredocs[0]?.lines.some(line => TORCH.test(line))
    return goal !== undefined && isHarmless ? [goal] : []
  })
}

/** Whether a command lays the layers of PyTorch. */
export function installsTorch({command}: Pick<FoundCommand, 'command'>): boolean {
  const install = pythonInstall(command)
  return install !== undefined && mayHoldTorch(install)
}
