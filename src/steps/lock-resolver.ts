import {Problem} from '../model/problem.ts'
import type {Secret} from '../model/secret.ts'
import type {LockTargetWork, LockWork, RequirementFile} from '../model/work-sources.ts'
import {withoutVersions} from '../wheels/lock-text.ts'
import {packagesNamedIn} from '../wheels/requirement-names.ts'
import {BUILD_PLACE, type Pins, ROOT_PROJECT, readUnresolved} from '../wheels/resolver-words.ts'
import {
  checkMisspelt,
  sourceArgs,
  tellUnstated,
  type UnstatedPackage,
  unstatedArgs,
  unstatedIn
} from './lock-extensions.ts'
import {openLockGit} from './lock-git.ts'
import {judge, type Left, type Obstacle} from './lock-words.ts'
import type {StepContext} from './step.ts'

const RESOLVE_TIMEOUT_MS = 10 * 60_000

/** Lines of uv that are shown. */
const MOST_WORDS = 12

/** Of several packages in an explicit index, none comes from anywhere else, and no other package comes from it. */
const INDEX_NAME = 'pytorch'

/** uv, ready to resolve what one image needs. */
export interface Resolver {
  /** The text of a lock for a platform; or why the build must do it. */
  resolve(target: LockTargetWork): Promise<string | Left>
  /** Stops, or says why the build must do it. */
  left(obstacle: Obstacle): Left
}

/** Provides uv, and lays out what it reads: a project for PyTorch's packages, and copies of the requirement files. */
export async function openResolver(work: LockWork, context: StepContext): Promise<Resolver> {
  const {host} = context
  const {directory} = work
  await host.files.makeDirectory(directory)
  const uv = work.uv.install ? await host.tools.uv(work.uv.version, `${directory}/download`) : 'uv'
  if (work.extensions !== undefined) await host.files.write(`${directory}/cache/${BUILD_PLACE}`, '')
  const project = `${directory}/project/pyproject.toml`
  const init = `${directory}/project/init.txt`
  await host.files.write(init, `${work.init}\n`)
  await host.files.write(project, projectOf(work))
  const made = `${directory}/locks`
  await host.files.makeDirectory(made)
  const stage = `${directory}/requirements`
  await host.files.makeDirectory(stage)
  const texts: string[] = []
  for (const file of work.requirements) texts.push(...(await copyRequirement(file, {work, stage}, context)))
  const git = work.git === undefined ? undefined : await openLockGit(texts, {...work, git: work.git}, context)
  const environment = {...(await environmentOf(work, context)), ...git?.environment}

  const run = async (args: readonly string[]): Promise<readonly string[] | undefined> => {
    const words: string[] = []
    const ran = await host.commands.follow(
      {file: uv, args, env: environment, cwd: stage, timeoutMs: RESOLVE_TIMEOUT_MS},
      line => void words.push(line)
    )
    return ran.exitCode === 0 ? undefined : words.slice(-MOST_WORDS)
  }
  const left = (obstacle: Obstacle, words: readonly string[] = []): Left => {
    if (obstacle.kind === 'git' && git !== undefined) throw git.unreadable(obstacle.address, words)
    const judged = judge(obstacle, {work, words})
    if (judged instanceof Problem) throw judged
    return judged
  }

  const sources: string[] = []
  for (const file of work.requirements) {
    if (file.kind !== 'project-lock') sources.push(...(file.kind === 'constraints' ? ['--constraints'] : []), file.path)
    else {
      const exported = `${directory}/exported-${sources.length}.txt`
      const failure = await run(exportArgs(file, exported))
      if (failure !== undefined) throw unreadableProjectLock(file, failure)
      sources.push(exported)
    }
  }
  return {
    left,
    resolve: async target => {
      const output = `${made}/${target.file}`
      const attempt = async (more: readonly string[]) => {
        const args = [...compileArgs(work, target), ...more, '--output-file', output, project, ...sources]
        const first = await run([...args, init])
        return first !== undefined && isOf(work.init, first) ? run(args) : first
      }
      const unstated: UnstatedPackage[] = []
      for (;;) {
        const failure = await attempt(await unstatedArgs(unstated, `${directory}/unstated-${target.file}`, host))
        if (failure === undefined) {
          tellUnstated(unstated, context)
          return withoutVersions(
            (await host.files.read(output)) ?? '',
            unstated.flatMap(each => (each.isDirect ? each.name : []))
          )
        }
        const obstacle = readUnresolved(failure.join('\n'), pinsOf(work))
        const next = unstatedIn(obstacle, work)
        if (next === undefined) checkMisspelt(obstacle, texts.flatMap(packagesNamedIn), work)
        if (next === undefined || unstated.some(({name}) => name === next.name)) return left(obstacle, failure)
        unstated.push(next)
      }
    }
  }
}

/**
 * Never builds a package: that would run whatever its setup says on this machine, beside the credentials of the job.
 * The build does it in its own sandbox, where that is needed.
 */
function compileArgs({python, indexes, extensions}: LockWork, {uvPlatform}: LockTargetWork): readonly string[] {
  return [
    ...['pip', 'compile', '--quiet', '--no-header'],
    ...sourceArgs(extensions?.packages ?? []),
    ...['--format', 'pylock.toml'],
    // Any Python of this machine will do, since version and platform are said. Looking for one of that very version, uv
    // would start each that it finds, which takes half of the time of a resolution.
    ...['--python', 'python3'],
    ...['--python-version', python, '--python-platform', uvPlatform, '--default-index', indexes.others]
  ]
}

/** The versions that the project's own lock holds; their hashes come with the resolution. */
function exportArgs({path}: RequirementFile, output: string): readonly string[] {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
  return [
    ...['export', '--quiet', '--frozen', '--no-header', '--no-annotate', '--no-hashes', '--no-emit-project'],
    ...['--format', 'requirements.txt', '--project', folder, '--output-file', output]
  ]
}

/** Whether uv says of a requirement that there is no set with it. An index that does not answer would not do so without it either. */
function isOf(requirement: string, words: readonly string[]): boolean {
  const text = words.join('\n')
  const [name = requirement] = requirement.split('==')
  return text.includes(name) && readUnresolved(text, {}).kind !== 'network'
}

/** Packages that are asked for beside PyTorch's, and come from where all others come from. */
const FROM_OTHERS: readonly string[] = ['pip', 'numpy']

function projectOf({packages, indexes}: LockWork): string {
  const named = packages.flatMap(name => /^[\w.-]+/.exec(name)?.[0] ?? [])
  const names = named.filter(name => !FROM_OTHERS.includes(name))
  return [
    '[project]',
    `name = "${ROOT_PROJECT}"`,
    'version = "0"',
    `dependencies = [${packages.map(name => JSON.stringify(name)).join(', ')}]`,
    '[[tool.uv.index]]',
    `name = "${INDEX_NAME}"`,
    `url = ${JSON.stringify(indexes.torch)}`,
    'explicit = true',
    '[tool.uv.sources]',
    ...names.map(name => `${name} = { index = "${INDEX_NAME}" }`),
    ''
  ].join('\n')
}

/** Nothing of the user's own uv: no configuration, no stored login, no Python of its own; and a cache that ends with the run. */
async function environmentOf(work: LockWork, {host}: StepContext): Promise<Record<string, string | Secret>> {
  const {directory, login, caBundle} = work
  const netrc = `${directory}/netrc`
  await host.files.write(netrc, login === undefined ? '' : host.secrets.redeem(login))
  return {
    UV_NO_CONFIG: '1',
    UV_PREVIEW_FEATURES: 'pylock',
    UV_CACHE_DIR: `${directory}/cache`,
    UV_CREDENTIALS_DIR: `${directory}/credentials`,
    UV_KEYRING_PROVIDER: 'disabled',
    UV_PYTHON_DOWNLOADS: 'never',
    UV_HTTP_TIMEOUT: '60',
    UV_HTTP_RETRIES: '5',
    UV_NO_PROGRESS: '1',
    NO_COLOR: '1',
    NETRC: netrc,
    ...(caBundle === undefined ? {} : {SSL_CERT_FILE: caBundle})
  }
}

/** Only files that are named, and no link that leads out of the context: uv quotes what it cannot read. Returns their texts. */
async function copyRequirement(
  {path, kind}: RequirementFile,
  {work, stage}: {work: LockWork; stage: string},
  {host}: StepContext
): Promise<readonly string[]> {
  const texts: string[] = []
  const names = kind === 'project-lock' ? [path, path.replace(/uv\.lock$/, 'pyproject.toml')] : [path]
  const root = (await host.files.realPath(work.context)) ?? work.context
  for (const name of names) {
    const real = await host.files.realPath(`${work.context}/${name}`)
    const text = real?.startsWith(`${root}/`) === true ? await host.files.read(real) : undefined
    if (text === undefined) {
      throw new Problem('lock-failed', {
        what: `${name} is not in the build context, or is a link that leads out of it.`,
        why:
          kind === 'project-lock'
            ? 'A uv.lock is read together with its pyproject.toml.'
            : 'Its packages are to be installed.',
        fix: 'Put the file itself into the context.'
      })
    }
    const stray = strayInclude(text)
    if (stray !== undefined) throw leadsOut(name, stray)
    await host.files.write(`${stage}/${name}`, text)
    texts.push(text)
  }
  return texts
}

/** The first line that includes something else than a file beside it (`-r /etc/passwd`, `-c https://…`). */
function strayInclude(text: string): string | undefined {
  const lines = text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)
  return lines.find(line => {
    const place = /^\s*(?:-r|-c|--requirements?|--constraints?)[\s=]*(\S+)/.exec(line)?.[1]
    return place !== undefined && (/^[/~]|[$:\\]/.test(place) || place.split('/').includes('..'))
  })
}

function leadsOut(name: string, line: string): Problem {
  return new Problem('lock-failed', {
    what: `${name} includes a file that is not in the build context.`,
    why: 'Only what the context holds is read, so that no file of this machine comes into a log or an image.',
    fix: 'Put the file into the context and name it in `requirements` as well.',
    evidence: [line.trim().slice(0, 200)]
  })
}

function pinsOf({packages}: LockWork): Pins {
  return Object.fromEntries(
    packages.flatMap(name => (name.includes('==') ? [name.split('==') as [string, string]] : []))
  )
}

function unreadableProjectLock({path}: RequirementFile, words: readonly string[]): Problem {
  return new Problem('lock-failed', {
    what: `uv could not read ${path}.`,
    why: 'The lines below are its own words.',
    fix: 'Write it anew with `uv lock`, with a uv that is not newer than the action’s.',
    evidence: words
  })
}
