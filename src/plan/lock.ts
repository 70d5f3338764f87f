import {hostKeysFor} from '../git/ssh.ts'
import type {Facts} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'
import type {Verdict} from '../model/verdict.ts'
import type {LockTargetWork, LockWork, RequirementFile} from '../model/work-sources.ts'
import {INIT} from '../wheels/init.ts'
import {type LockTarget, misfitsOf} from '../wheels/lock-fit.ts'
import {sshKeysOf} from './access.ts'
import {packageSources} from './arguments.ts'
import {type DiskChoices, roomForLock} from './disk.ts'
import {choosesPackages, standsOnRuntime} from './own-runtime.ts'
import {within} from './paths.ts'
import {allow, permit, refuse} from './permit.ts'
import {buildCredentialsOf} from './secrets.ts'
import {platformsOf} from './stages.ts'
import type {Variant} from './variant.ts'

/** The uv whose words and locks we know. */
export const UV_VERSION = '0.13.8'

/** The name under which the build is given the lock. */
export const LOCK_CONTEXT = 'pylock'

/** Stands in the plan for the hash of a lock that is not made yet. */
export const LOCK_TO_COME = '{lock}'

/**
 * Platforms in uv's words. glibc 2.28 is the oldest that torch's wheels ask for since 2.6, and every Debian, Ubuntu and
 * RHEL that is still maintained has it.
 */
const UV_PLATFORMS: Readonly<Record<string, string>> = {
  'linux/amd64': 'x86_64-manylinux_2_28',
  'linux/arm64': 'aarch64-manylinux_2_28'
}

const PYPI = 'https://pypi.org/simple'

/** Whether every package is resolved before the build. */
export function lockVerdict(facts: Facts, variant: Variant): Verdict {
  const {source} = facts
  if (!choosesPackages(facts)) {
    return refuse('nothing-to-do', `${source.dockerfile.shown} says by itself what is installed.`)
  }
  if (variant.set === undefined) return refuse('nothing-to-do', 'The release of PyTorch is not known.')
  if (isSaid(facts, 'REQUIREMENTS')) {
    return refuse('not-asked', 'The input `build-args` sets REQUIREMENTS, so the build resolves what it says.')
  }
  if (isCommitted(facts)) return allow(`${source.lock?.shown ?? 'The lock'} names every package by its hash.`)
  const strange = platformsOf(facts).filter(platform => UV_PLATFORMS[platform] === undefined)
  if (strange.length > 0) {
    return refuse('nothing-to-do', `PyTorch has no wheels for ${strange.join(' and ')}; the build resolves by itself.`)
  }
  if (variant.python === undefined) {
    return refuse(
      'python-unknown',
      'The base image’s name does not tell its Python, and the input `python` does not either; so the build resolves the packages by itself.'
    )
  }
  return allow('Every package is resolved once, before the build, and installed by its hash.')
}

/** What the step does. */
export function lockWork(facts: Facts, {variant, ...choices}: DiskChoices): LockWork {
  const {inputs, paths, machine, source} = facts
  const {packages, torchIndex, othersIndex} = packageSources(facts, variant)
  const others = othersIndex ?? PYPI
  const mayUseLogin = permit(facts, 'build-secrets').allowed
  const {cuda, versions} = expectedOf(facts, variant)
  const room = roomForLock(facts, {variant, ...choices})
  return {
    ...(room === undefined ? {} : {room}),
    directory: `${paths.run}/uv`,
    output: lockFolder(facts),
    ...(isCommitted(facts) && source.lock !== undefined
      ? {committed: {path: source.lock.path, sha256: source.lock.sha256}}
      : {}),
    ...(inputs.mode === 'lock' && inputs.lock !== undefined ? {writeTo: within(inputs.lock, paths.workspace)} : {}),
    uv: {version: UV_VERSION, install: machine.uv?.version !== UV_VERSION},
    context: within(inputs.context, paths.workspace),
    requirements: inputs.requirements.map(asRequirement),
    packages: ['pip', ...packages],
    init: INIT.requirement,
    indexes: {torch: torchIndex ?? others, others},
    ...(inputs.indexLogin !== undefined && mayUseLogin ? {login: inputs.indexLogin} : {}),
    ...(inputs.caBundle === undefined ? {} : {caBundle: within(inputs.caBundle, paths.workspace)}),
    ...(source.gitRequirements === undefined ? {} : {git: lockGit(facts)}),
    ...lockExtensions(facts, variant),
    python: variant.python ?? '',
    targets: targetsOf(facts),
    expected: {versions, ...(cuda === undefined ? {} : {cuda})},
    onUnlockable: isLockAsked(facts) ? 'fail' : 'leave'
  }
}

function lockExtensions({inputs, source}: Facts, {cuda}: Variant): Pick<LockWork, 'extensions'> {
  const {packages} = inputs.extensions
  if (packages.length === 0 || source.dockerfile.source !== 'built-in') return {}
  return {extensions: {packages, isWithout: cuda === 'cpu', projects: source.extensions?.projects ?? []}}
}

/** What the build gets as well: it fetches the very commits that are found here. */
function lockGit(facts: Facts): NonNullable<LockWork['git']> {
  const mayRead = permit(facts, 'build-secrets').allowed
  const keys = mayRead ? sshKeysOf(facts) : []
  return {
    directory: `${facts.paths.run}/lock-git`,
    credentials: mayRead ? buildCredentialsOf(facts) : [],
    keys,
    hostKeys: hostKeysFor(keys, facts.inputs.knownHosts),
    onUnreadable: mayRead ? 'fail' : 'skip'
  }
}

/** The folder that the build gets as the context `pylock`. */
export function lockFolder({paths}: Facts): string {
  return `${paths.run}/pylock`
}

/** What the label of the lock says: its hash where it is known already, else a mark that `settlePlan` fills in. */
export function lockLabel(facts: Facts, verdict: Verdict): string | undefined {
  if (!verdict.allowed) return undefined
  return isCommitted(facts) ? facts.source.lock?.sha256 : LOCK_TO_COME
}

/** A lock that does not fit the image, and what only a lock could do where there can be none. */
export function checkLock(facts: Facts, variant: Variant): readonly Problem[] {
  const {inputs, source} = facts
  const verdict = lockVerdict(facts, variant)
  if (inputs.mode === 'lock' && !verdict.allowed) return [nothingToLock(verdict)]
  if (inputs.mode === 'lock' && platformsOf(facts).length > 1) return [onePlatform(platformsOf(facts))]
  const {lock: committed} = source
  if (!isCommitted(facts) || committed === undefined) return [...namedIndexes(facts), ...projectLocks(facts, verdict)]
  const {python} = variant
  const faults = platformsOf(facts).flatMap(platform => {
    const target: LockTarget = {platform, ...expectedOf(facts, variant), ...(python === undefined ? {} : {python})}
    return misfitsOf(committed.lock, target)
  })
  return faults.length === 0 ? [] : [unfit(committed.shown, [...new Set(faults)])]
}

/** `lock` with a Dockerfile that takes none. */
export function idleLock(facts: Facts): readonly string[] {
  const {inputs, source} = facts
  if (inputs.lock === undefined || choosesPackages(facts)) return []
  return [`The input \`lock\` has no effect: ${source.dockerfile.shown} says by itself what is installed.`]
}

/** A lock that is to be written anew is not read. */
function isCommitted({inputs, source}: Facts): boolean {
  return source.lock !== undefined && inputs.mode !== 'lock'
}

/** A `uv.lock` is read by uv on this machine alone; `mode: lock` is for nothing else; a runtime is laid of nothing else. */
function isLockAsked(facts: Facts): boolean {
  const {inputs} = facts
  return (
    inputs.mode === 'lock' ||
    standsOnRuntime(facts) ||
    inputs.requirements.some(path => asRequirement(path).kind === 'project-lock')
  )
}

/** Whether an argument takes the place of an input; those of the user's own Dockerfile mean what it says. */
function isSaid({inputs, source}: Facts, argument: string): boolean {
  return source.dockerfile.source === 'built-in' && inputs.buildArgs.some(({name}) => name === argument)
}

/** Packages of the user's own choice (`TORCH_PACKAGES`) are held to nothing. */
function expectedOf(facts: Facts, {set, cuda}: Variant): Pick<LockTarget, 'versions' | 'cuda' | 'numpy'> {
  if (isSaid(facts, 'TORCH_PACKAGES')) return {versions: {}}
  const {torch, torchvision, torchaudio, numpy} = set ?? {}
  const entries = Object.entries({torch, torchvision, torchaudio})
  return {
    versions: Object.fromEntries(
      entries.flatMap(([name, version]) => (version === undefined ? [] : [[name, version]]))
    ),
    ...(cuda === undefined ? {} : {cuda}),
    ...(numpy === undefined ? {} : {numpy})
  }
}

function asRequirement(path: string): RequirementFile {
  const name = path.split('/').at(-1) ?? path
  if (name === 'uv.lock') return {path, kind: 'project-lock'}
  return {path, kind: name.startsWith('constraints') ? 'constraints' : 'requirements'}
}

/** The name of a platform's lock in its folder. */
export function lockFile(facts: Facts, platform: string): string {
  return platformsOf(facts).length === 1 ? 'pylock.toml' : `pylock.${platform.split('/')[1]}.toml`
}

function targetsOf(facts: Facts): readonly LockTargetWork[] {
  return platformsOf(facts).map(platform => ({
    platform,
    uvPlatform: UV_PLATFORMS[platform] ?? platform,
    file: lockFile(facts, platform)
  }))
}

/** An index that a file adds answers for every package: whoever owns it may replace any of them. */
function namedIndexes(facts: Facts): readonly Problem[] {
  const {namedIndexes: found} = facts.source
  if (found.length === 0 || !choosesPackages(facts)) return []
  return [
    new Problem('index-ambiguous', {
      what: `${[...new Set(found.map(({path}) => path))].join(' and ')} names a package index.`,
      why: 'Each package comes from one named index. With one more, whichever answers first decides which bytes are installed, and so may bring a torch for another CUDA.',
      fix: 'Take the line out: the index of the asked CUDA is used without it. For packages of your own, set `index-url` to an index that has them and PyPI’s, or name an `explicit` index in `pyproject.toml` under `[tool.uv.sources]`.',
      evidence: found.map(({path, line, option}) => `${path}:${line}: ${option}`)
    })
  ]
}

function projectLocks({inputs}: Facts, verdict: Verdict): readonly Problem[] {
  const locks = inputs.requirements.filter(path => asRequirement(path).kind === 'project-lock')
  if (locks.length === 0 || verdict.allowed) return []
  return [
    new Problem('input-conflict', {
      what: `The input \`requirements\` names ${locks.join(' and ')}, and no lock is made in this run.`,
      why: verdict.because,
      fix: 'Export it to a requirements file: `uv export --no-emit-project --format requirements.txt`.'
    })
  ]
}

function nothingToLock({because}: Verdict): Problem {
  return new Problem('input-conflict', {
    what: 'The input `mode` says lock, and there is nothing to lock.',
    why: because,
    fix: 'Leave `file` out and use a context without a Dockerfile, with a `base-image` whose name tells its Python (`python:3.12-slim`).'
  })
}

function onePlatform(platforms: readonly string[]): Problem {
  return new Problem('input-conflict', {
    what: `The input \`mode\` says lock, and \`platforms\` names ${platforms.join(', ')}.`,
    why: 'A lock that is written down is for one platform.',
    fix: 'Name one platform; runs without `lock` resolve for each of them.'
  })
}

function unfit(shown: string, faults: readonly string[]): Problem {
  return new Problem('lock-unfit', {
    what: `${shown} is the lock of another image than the one that is asked for.`,
    why: 'It would be installed as it is, whatever the inputs say.',
    fix: `Write it anew for these inputs (\`npm run local -- lock\`, or \`mode: lock\`), or set the inputs to what it holds.`,
    evidence: faults
  })
}
