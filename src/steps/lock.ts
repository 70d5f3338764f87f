import type {Lock} from '../model/lock.ts'
import type {LockAnswer} from '../model/plan.ts'
import {Problem} from '../model/problem.ts'
import type {Products} from '../model/report.ts'
import type {LockTargetWork, LockWork} from '../model/work-sources.ts'
import {packagesToBuild} from '../wheels/choice.ts'
import {hasRoom, refineForecast, roomProblem, roomWarning} from '../wheels/disk-room.ts'
import {isPyTorchs} from '../wheels/grouping.ts'
import {INIT} from '../wheels/init.ts'
import {lockHash} from '../wheels/lock.ts'
import {downloadBytes, misfitsOf} from '../wheels/lock-fit.ts'
import {AT_ONCE, inTurns} from './in-turns.ts'
import {extensionsChecked} from './lock-extensions.ts'
import {openResolver, type Resolver} from './lock-resolver.ts'
import {isLeft, type Left} from './lock-words.ts'
import type {StepContext, StepMade} from './step.ts'

/** Names of PyTorch's packages and of what they need, beside the lock: they get layers apart from the requirements'. */
const SET_FILE = 'torch-set.txt'

interface MadeLock {
  readonly target: LockTargetWork
  readonly text: string
  readonly lock: Lock
}

/**
 * Resolves every package of the image, with the hash of every file; or takes the lock that the repository holds.
 *
 * Throws `lock-conflict` where the requirements want another PyTorch, `lock-unfit` where an index serves another build
 * than was asked for, `index-unauthorized`, and `lock-failed` with uv's own words.
 */
export async function makeLock(work: LockWork, context: StepContext): Promise<StepMade> {
  const {host} = context
  const made = await (work.committed === undefined
    ? resolvedLocks(work, context)
    : committedLocks(work.committed, work, context))
  if (isLeft(made)) return leaveToBuild(made, work, context)
  await host.files.makeDirectory(work.output)
  for (const {target, text} of made) await host.files.write(`${work.output}/${target.file}`, text)
  await host.files.write(`${work.output}/${SET_FILE}`, setText(made))
  if (work.writeTo !== undefined) await host.files.write(work.writeTo, made[0]?.text ?? '')
  const bytes = made.reduce((sum, {lock}) => sum + downloadBytes(lock), 0)
  checkRoom(bytes, work, context)
  if (work.committed === undefined) tellOfInit(made, work, context)
  const locks = await keepBesideReport(made, context)
  const mustBuild = [...new Set(made.flatMap(({lock}) => packagesToBuild(lock)))]
  const answer: LockAnswer = {
    sha256: lockHash(...made.map(({text}) => text)),
    downloadBytes: bytes,
    ...(mustBuild.length === 0 ? {} : {mustBuild})
  }
  return {made: made.map(sentenceOf).join('; '), products: {locks, answers: {lock: answer}}}
}

/** What the forecast did not know: the requirements, and what the set weighs today. */
function checkRoom(wheelBytes: number, {room}: LockWork, {warn}: StepContext): void {
  if (room === undefined) return
  const forecast = refineForecast(room.forecast, wheelBytes)
  if (hasRoom(forecast)) return
  if (room.onShort === 'fail') throw roomProblem(forecast)
  warn(roomWarning(forecast))
}

/** A lock of the repository is looked at before it is taken. */
function tellOfInit(made: readonly MadeLock[], {init, indexes}: LockWork, {notice}: StepContext): void {
  const bare = made.filter(({lock}) => !lock.packages.some(({name}) => name === INIT.project))
  if (bare.length === 0) return
  notice(
    `The index ${indexes.others} has no ${init} for ${bare.map(({target}) => target.platform).join(' and ')}, so a container’s ` +
      'command is its first process. `docker run --init` puts one before it.'
  )
}

/** The build resolves by itself then, in its own sandbox; the plan's label speaks of no lock. */
async function leaveToBuild(left: Left, {output}: LockWork, {host, notice}: StepContext): Promise<StepMade> {
  notice(`The packages are resolved inside the build, so this image has no lock. ${left.because}`)
  await host.files.makeDirectory(output)
  return {made: 'left to the build', products: {answers: {lock: {sha256: null}}}}
}

/** Platforms have nothing to do with each other, and uv lets several of it share one cache. */
async function resolvedLocks(work: LockWork, context: StepContext): Promise<readonly MadeLock[] | Left> {
  const resolver = await openResolver(work, context)
  const locks = await inTurns(work.targets, AT_ONCE.asking, target => lockFor(target, work, resolver))
  return locks.find(isLeft) ?? locks.flatMap(lock => (isLeft(lock) ? [] : [lock]))
}

async function lockFor(target: LockTargetWork, work: LockWork, resolver: Resolver): Promise<MadeLock | Left> {
  const resolved = await resolver.resolve(target)
  if (isLeft(resolved)) return resolved
  const {lock, text} = extensionsChecked(resolved, `The lock for ${target.platform}`, work)
  const misfits = misfitsOf(lock, {platform: target.platform, python: work.python, ...work.expected})
  if (misfits.length > 0) throw otherThanAsked(target, misfits, work)
  const elsewhere = lock.packages.find(({source}) => source.kind === 'directory')
  if (elsewhere !== undefined) return resolver.left({kind: 'source', package: elsewhere.name})
  return {target, text, lock}
}

/** Read once more: what was checked is what must be installed. */
async function committedLocks(
  {path, sha256}: NonNullable<LockWork['committed']>,
  work: LockWork,
  context: StepContext
): Promise<readonly MadeLock[]> {
  const written = (await context.host.files.read(path)) ?? ''
  if (lockHash(written) !== sha256) {
    throw new Problem('lock-invalid', {
      what: `${path} was changed while the action was running.`,
      why: 'What was checked is not what would be installed.',
      fix: 'Let no other step write the lock at the same time.'
    })
  }
  const {lock, text} = extensionsChecked(written, path, work)
  return work.targets.map(target => ({target, text, lock}))
}

/** The report's neighbour: it stays until the job ends. Nothing without `RUNNER_TEMP`. */
async function keepBesideReport(
  made: readonly MadeLock[],
  {host}: StepContext
): Promise<NonNullable<Products['locks']>> {
  const directory = host.env.RUNNER_TEMP
  return Promise.all(
    made.map(async ({target, text, lock}) => {
      const name = target.file.replace('pylock.', `pylock.pytorch-cuda-image-${host.place.runName}.`)
      const path = directory === undefined || directory === '' ? '' : `${directory}/${name}`
      if (path !== '') {
        host.ledger.record({kind: 'remove-path', path})
        await host.files.write(path, text)
      }
      return {
        platform: target.platform,
        path,
        sha256: lockHash(text),
        packages: lock.packages.length,
        sizeBytes: downloadBytes(lock)
      }
    })
  )
}

function setText(made: readonly MadeLock[]): string {
  const names = made.flatMap(({lock}) => lock.packages.map(({name}) => name)).filter(isPyTorchs)
  return `${[...new Set(names)].toSorted().join('\n')}\n`
}

function sentenceOf({target, lock}: MadeLock): string {
  const gigabytes = (downloadBytes(lock) / 1e9).toFixed(2)
  return `${lock.packages.length} packages, ${gigabytes} GB for ${target.platform}`
}

function otherThanAsked({platform}: LockTargetWork, misfits: readonly string[], {indexes}: LockWork): Problem {
  return new Problem('lock-unfit', {
    what: `The index ${indexes.torch} has no PyTorch for ${platform} as it was asked for.`,
    why: 'The image would bear the name of one build and hold another.',
    fix: 'Set `cuda` to what that index serves for this platform, name the index of the asked CUDA with `index-url`, or leave the platform out.',
    evidence: misfits
  })
}
