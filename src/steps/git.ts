import {isWithin, locateRepository, type Repository} from '../git/repository.ts'
import {isRefused, shownUrl} from '../git/url.ts'
import {Problem, Problems, problemsOf} from '../model/problem.ts'
import type {Products} from '../model/report.ts'
import type {GitWork} from '../model/work-sources.ts'
import {audit} from './audit.ts'
import {mintTokens} from './git-app.ts'
import {directoryOf, fetchModule, findObstacle, type History, isPresent, loginOf, unreadable} from './git-fetch.ts'
import {askedText, type Check, locateChecks, problemsOfChecks} from './git-health.ts'
import {fetchLargeFiles} from './git-lfs.ts'
import {type FoundModule, linkedFile, noRepository, readModules, type WorkTree} from './git-modules.ts'
import {type GitSession, openGit} from './git-session.ts'
import {AT_ONCE, inTurns} from './in-turns.ts'
import type {StepContext, StepMade} from './step.ts'

type Fate = NonNullable<Products['submodules']>[number]

/** What the functions of this step share. */
interface Errand {
  readonly work: GitWork
  readonly git: GitSession
  readonly context: StepContext
  readonly history: History
}

/**
 * Fetches submodules level by level, each with the one credential that is for its path, or with none.
 *
 * Every level's addresses are checked before git reaches them, and every server is asked before anything is fetched; on
 * the first level also for the repositories that credentials were given for. Throws `submodule-unreadable`,
 * `submodule-url-refused`, `submodule-config-invalid`, `ssh-key-refused`, `host-key-changed`, `repository-unreadable`:
 * all of a level together.
 */
export async function fetchSubmodules(planned: GitWork, context: StepContext): Promise<StepMade> {
  const audited = audit(planned.audit, context)
  try {
    const fetched = await fetchAll(planned, context)
    return {...fetched, products: {...fetched.products, ...(await audited)}}
  } finally {
    // What GitHub says of a token is told also where a server refused it.
    await audited
  }
}

async function fetchAll(planned: GitWork, context: StepContext): Promise<StepMade> {
  const {host} = context
  const {credentials, appTokens} = await mintTokens(planned, context)
  const work: GitWork = {...planned, credentials}
  const minted = appTokens.length === 0 ? {} : {appTokens}
  const git = await openGit(work, host)
  // Git compares `safe.directory` with real paths.
  const directory = (await host.files.realPath(work.workspace)) ?? work.workspace
  const root: WorkTree = {directory, place: '', origin: work.originUrl}
  const {keys} = work
  const own = locateRepository(work.originUrl, {origin: '', credentials, keys})
  const checks = locateChecks(work)
  await git.admit([...(isRefused(own) ? [] : [own]), ...checks.map(({repository}) => repository)], [root.directory])
  const errand: Errand = {work, git, context, history: await historyOf(root, git)}
  if (work.depth === 'none') {
    stopAt(await problemsOfChecks(checks, errand))
    return {made: askedText(checks.length), products: minted}
  }

  if (!isRefused(own)) await fetchLargeFiles({directory: root.directory, place: '', repository: own}, errand)
  const fates: Fate[] = []
  let level: readonly WorkTree[] = [root]
  let toCheck = checks
  while (level.length > 0) {
    const {fetched, leftOut} = await fetchLevel(level, {errand, checks: toCheck})
    toCheck = []
    fates.push(...fetched.map(fateOf('fetched')), ...leftOut.map(fateOf('left-out')))
    level = work.depth === 'top' ? [] : fetched.map(treeOf)
  }
  return {
    made: fates.length === 0 ? askedText(checks.length) : summaryOf(fates),
    products: {submodules: fates, ...minted}
  }
}

/** The workspace's own history says how much its owner wants: actions/checkout fetches one commit unless told otherwise. */
async function historyOf({directory}: WorkTree, git: GitSession): Promise<History> {
  const {stdout} = await git.ask(['rev-parse', '--is-shallow-repository'], directory)
  return stdout.trim() === 'true' ? 'one-commit' : 'whole'
}

async function fetchLevel(
  level: readonly WorkTree[],
  {errand, checks}: {errand: Errand; checks: readonly Check[]}
): Promise<{readonly fetched: readonly FoundModule[]; readonly leftOut: readonly FoundModule[]}> {
  const {work, git, context} = errand
  const {host} = context
  const modules = await modulesOf(level, errand)
  if (modules.length === 0) {
    stopAt(await problemsOfChecks(checks, errand))
    return {fetched: [], leftOut: []}
  }
  await git.admit(
    modules.map(({repository}) => repository),
    modules.map(directoryOf)
  )
  const presence = await inTurns(modules, AT_ONCE.asking, module => isPresent(module, {git, host}))
  const present = modules.filter((_, index) => presence[index])
  const absent = modules.filter((_, index) => !presence[index])
  for (const module of present.filter(isWithheld(work))) {
    context.warn(
      `The submodule \`${module.place}\` needs a credential that this event does not get, but an earlier step or run has already put it into the workspace: this build contains it.`
    )
  }

  const withheld = absent.filter(isWithheld(work))
  for (const {place} of withheld) {
    context.notice(
      `The submodule \`${place}\` was left out: reading it needs a credential that this event does not get.`
    )
  }
  const open = absent.filter(module => !withheld.includes(module))
  const asked = new Set(open.map(({repository}) => identityOf(repository)))
  const others = checks.filter(({repository}) => !asked.has(identityOf(repository)))
  const [readable, problems] = await Promise.all([
    held(
      keepGoing(open, {errand, atOnce: AT_ONCE.asking}, module =>
        findObstacle(module, {git, host, directory: work.directory})
      )
    ),
    problemsOfChecks(others, errand)
  ])
  stopAt([...readable.problems, ...problems])
  const fetched = await keepGoing(readable.value, {errand, atOnce: AT_ONCE.fetching}, module =>
    fetchOne(module, errand)
  )
  for (const module of [...present, ...fetched]) {
    await fetchLargeFiles({directory: directoryOf(module), place: module.place, repository: module.repository}, errand)
  }
  return {
    fetched: [...present, ...fetched],
    leftOut: [...withheld, ...open.filter(module => !fetched.includes(module))]
  }
}

/** The submodules of all work trees of a level; faults of all of them together. */
async function modulesOf(level: readonly WorkTree[], {work, git, context}: Errand): Promise<readonly FoundModule[]> {
  const found: FoundModule[] = []
  const problems: Problem[] = []
  for (const tree of level) {
    const {files} = context.host
    const list = `${tree.directory}/.gitmodules`
    if ((await files.kindOf(list)) === 'absent') continue
    // A link could show any file of the machine as a list of submodules; git refuses it as well.
    if ((await files.realPath(list)) !== list) {
      problems.push(linkedFile(tree))
      continue
    }
    if ((await files.kindOf(`${tree.directory}/.git`)) === 'absent') throw noRepository(tree)
    try {
      found.push(...(await readModules(tree, {git, credentials: work.credentials, keys: work.keys})))
    } catch (thrown) {
      if (thrown instanceof Problems) problems.push(...thrown.problems)
      else if (thrown instanceof Problem) problems.push(thrown)
      else throw thrown
    }
  }
  if (problems.length > 0) throw new Problems(problems)
  return found
}

async function fetchOne(module: FoundModule, {git, context, history}: Errand) {
  const {host} = context
  const startedMs = host.clock.elapsedMs()
  host.log.info(
    `git: fetching ${module.place} from ${shownUrl(module.repository.written)} with ${loginOf(module.repository)}`
  )
  const failure = await fetchModule(module, {git, host, history})
  if (failure === undefined) {
    host.log.info(`git: ${module.place} is there in ${((host.clock.elapsedMs() - startedMs) / 1000).toFixed(1)} s`)
  }
  return failure
}

/** Tells whether two addresses are the same repository by the same way. */
function identityOf({ssh, host, path}: Repository): string {
  return `${ssh?.key.id ?? host}/${path}`.toLowerCase()
}

/** What came of something, with the problems that it threw. */
async function held<T>(doing: Promise<readonly T[]>): Promise<{value: readonly T[]; problems: readonly Problem[]}> {
  try {
    return {value: await doing, problems: []}
  } catch (thrown) {
    const problems = problemsOf(thrown)
    if (problems.length === 0) throw thrown
    return {value: [], problems}
  }
}

function stopAt(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new Problems(problems)
}

/** Does something for each submodule, and goes on with those where nothing stood in the way; the others fail, or are left out. */
async function keepGoing(
  modules: readonly FoundModule[],
  {errand: {work, context}, atOnce}: {readonly errand: Errand; readonly atOnce: number},
  act: (module: FoundModule) => ReturnType<typeof findObstacle>
): Promise<readonly FoundModule[]> {
  const failures = await inTurns(modules, atOnce, act)
  const problems: Problem[] = []
  for (const [index, module] of modules.entries()) {
    const failure = failures[index]
    if (failure === undefined) continue
    // A full disk is no question of who may read what.
    if (work.onUnreadable === 'fail' || failure.code === 'disk-full') problems.push(unreadable(module, failure))
    else context.notice(`The submodule \`${module.place}\` was left out. ${failure.why} This event gets no credential.`)
  }
  if (problems.length > 0) throw new Problems(problems)
  return modules.filter((_, index) => failures[index] === undefined)
}

/** A whole host withholds nothing: public repositories on it can be read by anyone, and trying costs nothing. */
function isWithheld({withheld}: GitWork): (module: FoundModule) => boolean {
  const places = withheld.map(place => {
    const [host = '', ...path] = place.split('/')
    return {host: host.toLowerCase().replace(/:443$/, ''), path: path.join('/')}
  })
  return ({repository}) =>
    places.some(({host, path}) => path !== '' && host === repository.host && isWithin(repository.path, path))
}

function treeOf(module: FoundModule): WorkTree {
  return {directory: directoryOf(module), place: module.place, origin: module.repository.written}
}

function fateOf(state: Fate['state']): (module: FoundModule) => Fate {
  return ({place, repository}) => ({path: place, url: shownUrl(repository.written), state})
}

function summaryOf(fates: readonly Fate[]): string {
  const leftOut = fates.filter(({state}) => state === 'left-out').length
  const fetched = `${fates.length - leftOut} ${fates.length - leftOut === 1 ? 'submodule' : 'submodules'}`
  return leftOut === 0 ? fetched : `${fetched}, ${leftOut} left out`
}
