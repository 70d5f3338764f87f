import {spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {goTool, pythonTool} from './world/fetched.ts'
import {sayOnStderr} from './world/say.ts'
import {ensureTools} from './world/tools.ts'

// `npm run lint [-- <linter> …]`: the linters that are no npm packages, fetched into `.world/` where they are missing.
// Exit status: 1 where something was found, 3 where nothing was found but a linter could not be had on this machine.

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const folder = join(root, '.world')
const bin = join(folder, 'tools', 'bin')

const NOT_HERE = 3

/** A linter: how to get it (undefined where this machine cannot have it), and what to look at. */
interface Linter {
  readonly get: () => string | undefined | Promise<string | undefined>
  readonly runs: () => readonly (readonly string[])[]
}

const LINTERS: Readonly<Record<string, Linter>> = {
  actionlint: {get: () => goTool(folder, 'actionlint'), runs: () => [['-color', ...workflows(), ...examples()]]},
  zizmor: {
    get: () => pythonTool(folder, 'zizmor'),
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
    get: () => pythonTool(folder, 'check-jsonschema'),
    runs: () => [
      ['--builtin-schema', 'vendor.github-actions', 'action.yml'],
      ['--builtin-schema', 'vendor.github-workflows', ...workflows(), ...examples()]
    ]
  },
  kubernetes: {
    get: () => pythonTool(folder, 'kubernetes-validate'),
    runs: () => [['--strict', ...manifests()]]
  },
  shellcheck: {
    get: () => ensureTools(folder, ['shellcheck'], sayOnStderr),
    runs: () => [['.ci/run', ...trackedShellScripts()]]
  }
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

/** What a cluster is given; what kustomize makes of it is tested with the overlay that the action writes. */
function manifests(): readonly string[] {
  return ['validate/job', 'validate/role', 'validate/validator', 'train/job'].map(
    name => `deploy/kubernetes/${name}.yaml`
  )
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
