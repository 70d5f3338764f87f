import {spawnSync} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {sayOnStderr} from './world/say.ts'
import {ensureTools} from './world/tools.ts'

// `npm run lint [-- <linter> …]`: the linters that are no npm packages, fetched into `.world/` where they are missing.
// Exit status: 1 where something was found, 3 where nothing was found but a linter could not be had on this machine.

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const folder = join(root, '.world')
const bin = join(folder, 'tools', 'bin')
const venv = join(folder, 'tools', 'python')

const NOT_HERE = 3

/** A linter: how to get it (undefined where this machine cannot have it), and what to look at. */
interface Linter {
  readonly get: () => Promise<string | undefined>
  readonly runs: () => readonly (readonly string[])[]
}

const ACTIONLINT = 'v1.7.12'
const PYTHON_TOOLS = {zizmor: '1.32.0', 'check-jsonschema': '0.39.0', 'kubernetes-validate': '1.37.0'} as const

const LINTERS: Readonly<Record<string, Linter>> = {
  actionlint: {get: getActionlint, runs: () => [['-color', ...workflows(), ...examples()]]},
  zizmor: {
    get: () => getPythonTool('zizmor'),
    runs: () => [
      [
        '--offline',
        '--no-progress',
        '--quiet',
        '--config=.github/zizmor.yml',
        '--persona=pedantic',
        '.github',
        'action.yml',
        ...examples()
      ]
    ]
  },
  schemas: {
    get: () => getPythonTool('check-jsonschema'),
    runs: () => [
      ['--builtin-schema', 'vendor.github-actions', 'action.yml'],
      ['--builtin-schema', 'vendor.github-workflows', ...workflows(), ...examples()]
    ]
  },
  kubernetes: {
    get: () => getPythonTool('kubernetes-validate'),
    runs: () => [['--strict', ...manifests()]]
  },
  shellcheck: {
    get: () => ensureTools(folder, ['shellcheck'], sayOnStderr),
    runs: () => [['.ci/run', ...trackedShellScripts()]]
  }
}

/** From the Go module proxy: its checksum database vouches for the sources. */
async function getActionlint(): Promise<string | undefined> {
  const program = join(bin, 'actionlint')
  if (existsSync(program)) return program
  const environment = {...process.env, GOBIN: bin, CGO_ENABLED: '0'}
  const install = ['install', `github.com/rhysd/actionlint/cmd/actionlint@${ACTIONLINT}`]
  if (succeeds('go', install, environment)) return program
  sayOnStderr(`actionlint ${ACTIONLINT} is built by Go 1.21 or newer, which is not on this machine: not checked.`)
  return undefined
}

async function getPythonTool(name: keyof typeof PYTHON_TOOLS): Promise<string | undefined> {
  const program = join(venv, 'bin', name)
  if (existsSync(program)) return program
  const python = join(venv, 'bin', 'python3')
  if (!existsSync(python) && !makeVenv()) {
    sayOnStderr(`${name} needs Python with venv (Debian: apt-get install python3-venv), or uv: not checked.`)
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
function makeVenv(): boolean {
  if (succeeds('python3', ['-m', 'venv', venv]) || succeeds('uv', ['venv', '--quiet', venv])) return true
  if (process.getuid?.() !== 0 || process.env.CI !== 'true') return false
  const environment = {...process.env, DEBIAN_FRONTEND: 'noninteractive'}
  succeeds('apt-get', ['-qq', 'update'], environment)
  const install = ['-qq', '--yes', 'install', '--no-install-recommends', 'python3-venv']
  return succeeds('apt-get', install, environment) && succeeds('python3', ['-m', 'venv', '--clear', venv])
}

function succeeds(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): boolean {
  return spawnSync(program, args, {cwd: root, env, stdio: ['ignore', 'ignore', 'inherit']}).status === 0
}

function workflows(): readonly string[] {
  return yamlFiles('.github/workflows')
}

function examples(): readonly string[] {
  return yamlFiles('examples')
}

function yamlFiles(place: string): readonly string[] {
  return readdirSync(join(root, place))
    .filter(name => name.endsWith('.yml'))
    .map(name => join(place, name))
}

/** What a cluster is given; kustomizations are kustomize's own. */
function manifests(): readonly string[] {
  return ['validate/job', 'validate/validator', 'train/job'].map(name => `deploy/kubernetes/${name}.yaml`)
}

/** Shell scripts by name; `.ci/run` has none that says so. */
function trackedShellScripts(): readonly string[] {
  const {stdout} = spawnSync('git', ['ls-files', '*.sh'], {cwd: root, encoding: 'utf8'})
  return (stdout ?? '').split('\n').filter(name => name !== '')
}

/** Runs one linter over everything it is for; returns the exit status. */
async function lint(name: string): Promise<number> {
  const linter = LINTERS[name]
  if (linter === undefined) throw new Error(`There is no linter ${name}; there are ${Object.keys(LINTERS).join(', ')}.`)
  const program = await linter.get()
  if (program === undefined) return NOT_HERE
  // actionlint looks for shellcheck on the PATH.
  const env = {...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`}
  const found = linter.runs().filter(args => spawnSync(program, args, {cwd: root, env, stdio: 'inherit'}).status !== 0)
  process.stdout.write(`${name}: ${found.length === 0 ? 'nothing found' : 'see above'}\n`)
  return found.length === 0 ? 0 : 1
}

mkdirSync(bin, {recursive: true})
const asked = process.argv.slice(2)
const statuses: number[] = []
for (const name of asked.length === 0 ? Object.keys(LINTERS) : asked) statuses.push(await lint(name))
process.exitCode = statuses.includes(1) ? 1 : Math.max(...statuses)
