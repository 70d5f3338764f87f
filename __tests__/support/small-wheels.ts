import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {zipOf} from '../wheels/zip-writer.ts'
import {ACTION} from './built-action.ts'

/** A small wheel of a test. */
export interface TestWheel {
  readonly project: string
  readonly version: string
  /** Files by name; their text or bytes, or that many bytes that no compressor makes smaller. */
  readonly files: Readonly<Record<string, string | number | Uint8Array>>
  /** Behind the version in its name; `py3-none-any` where nothing is said. */
  readonly tag?: string
  readonly requires?: readonly string[]
  /** What the index sends in its place. */
  readonly sent?: Uint8Array
  /** What the lock says of it in place of its own hash. */
  readonly lockedAs?: Uint8Array
}

/** The wheel's file name. */
export function nameOfWheel({project, version, tag = 'py3-none-any'}: TestWheel): string {
  return `${project.replaceAll('-', '_')}-${version}-${tag}.whl`
}

/** The same bytes for the same wheel. */
export function bytesOfWheel({project, version, files, tag = 'py3-none-any', requires = []}: TestWheel): Uint8Array {
  const info = `${project.replaceAll('-', '_')}-${version}.dist-info`
  const isPure = tag.endsWith('-any')
  const needs = requires.map(name => `Requires-Dist: ${name}\n`).join('')
  const all = [
    ...Object.entries(files).map(([name, content]) => ({
      name,
      content: typeof content === 'number' ? noise(project, content) : content
    })),
    {
      name: `${info}/METADATA`,
      content: `Metadata-Version: 2.1\nName: ${project}\nVersion: ${version}\n${needs}`
    },
    {name: `${info}/WHEEL`, content: `Wheel-Version: 1.0\nRoot-Is-Purelib: ${isPure}\nTag: ${tag}\n`}
  ]
  const rows = all.map(({name, content}) => {
    const hash = createHash('sha256').update(content).digest('base64url')
    return `${name},sha256=${hash},${Buffer.byteLength(content)}\n`
  })
  return zipOf([...all, {name: `${info}/RECORD`, content: `${rows.join('')}${info}/RECORD,,\n`}])
}

/** What the built-in image of torch 2.8.0 for CUDA 12.8 is made of, each a stand-in of some hundred bytes. */
export function standInSet(torch: Readonly<Record<string, unknown>> = {}): readonly TestWheel[] {
  const stands = (name: string) =>
    readFileSync(join(ACTION, '__tests__/validator/stand_in', name, '__init__.py'), 'utf8')
  const script = JSON.stringify({arch_flags: 'sm_70 sm_75 sm_80 sm_86 sm_90 sm_100 sm_120', ...torch})
  const module = stands('torch').replace("os.environ.get('STAND_IN_TORCH', '{}')", JSON.stringify(script))
  return [
    {project: 'pip', version: '25.3', files: {'pip/__init__.py': ''}},
    {
      project: 'torch',
      version: '2.8.0',
      requires: ['nvidia-cuda-runtime-cu12==12.8.90'],
      files: {'torch/__init__.py': module}
    },
    {
      project: 'torchvision',
      version: '0.23.0',
      requires: ['torch==2.8.0'],
      files: {'torchvision/__init__.py': stands('torchvision')}
    },
    {project: 'torchaudio', version: '2.8.0', requires: ['torch==2.8.0'], files: {'torchaudio/__init__.py': ''}},
    {
      project: 'nvidia-cuda-runtime-cu12',
      version: '12.8.90',
      files: {'nvidia_cuda_runtime_cu12/__init__.py': ''}
    }
  ]
}

/** Bytes that no compressor makes smaller, the same for the same name: SHA-256 of a counter. */
function noise(name: string, count: number): Buffer {
  const blocks = Array.from({length: Math.ceil(count / 32)}, (_, at) =>
    createHash('sha256').update(`${name} ${at}`).digest()
  )
  return Buffer.concat(blocks).subarray(0, count)
}
