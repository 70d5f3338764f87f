import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {sayOnStderr} from './say.ts'

/** Programs of Go, each with its module: the checksum database vouches for the sources. */
export const GO_TOOLS = {
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  act: 'github.com/nektos/act@v0.2.89',
  kustomize: 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1'
} as const

/** Programs on PyPI. */
export const PYTHON_TOOLS = {zizmor: '1.32.0', 'check-jsonschema': '0.39.0', 'kubernetes-validate': '1.37.0'} as const

/** Builds a program of Go into the world's folder where it is missing; undefined where this machine cannot. */
export function goTool(folder: string, name: keyof typeof GO_TOOLS): string | undefined {
  const bin = join(folder, 'tools', 'bin')
  const program = join(bin, name)
  if (existsSync(program)) return program
  const environment = {...process.env, GOBIN: bin, CGO_ENABLED: '0'}
  if (succeeds('go', ['install', GO_TOOLS[name]], environment)) return program
  sayOnStderr(`${GO_TOOLS[name]} is built by a newer Go than this machine has, if any: not run.`)
  return undefined
}

/** Installs a program of PyPI into the world's folder where it is missing; undefined where this machine has no venv. */
export function pythonTool(folder: string, name: keyof typeof PYTHON_TOOLS): string | undefined {
  const venv = join(folder, 'tools', 'python')
  const program = join(venv, 'bin', name)
  if (existsSync(program)) return program
  const python = join(venv, 'bin', 'python3')
  if (!existsSync(python) && !makeVenv(venv)) {
    sayOnStderr(`${name} needs Python with venv (Debian: apt-get install python3-venv), or uv: not run.`)
    return undefined
  }
  const wanted = `${name}==${PYTHON_TOOLS[name]}`
  const isInstalled =
    succeeds(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', wanted]) ||
    succeeds('uv', ['pip', 'install', '--quiet', '--python', python, wanted])
  if (isInstalled) return program
  throw new Error(`${wanted} could not be installed from PyPI; the lines above say why.`)
}

// Debian's python3 comes without what venv needs; root can add it, in CI without being asked.
function makeVenv(venv: string): boolean {
  if (succeeds('python3', ['-m', 'venv', venv]) || succeeds('uv', ['venv', '--quiet', venv])) return true
  if (process.getuid?.() !== 0 || process.env.CI !== 'true') return false
  const environment = {...process.env, DEBIAN_FRONTEND: 'noninteractive'}
  succeeds('apt-get', ['-qq', 'update'], environment)
  const install = ['-qq', '--yes', 'install', '--no-install-recommends', 'python3-venv']
  return succeeds('apt-get', install, environment) && succeeds('python3', ['-m', 'venv', '--clear', venv])
}

function succeeds(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): boolean {
  return spawnSync(program, args, {env, stdio: ['ignore', 'ignore', 'inherit']}).status === 0
}
