import type {CacheWork} from '../model/work-build.ts'
import {type Built, runBuildx, uponRuntime, variablesOf} from './buildx.ts'
import {claimLocalCache, saveLocalCache} from './local-cache.ts'
import type {StepContext, StepMade} from './step.ts'

/** Exports the layer cache by a second, fully cached build. Whatever happens here, the image stands: it only warns. */
export async function exportCache(work: CacheWork, context: StepContext): Promise<StepMade> {
  const {host, warn} = context
  if (isComplete(work, context)) return {made: `left as it is (${work.backend}): every step came from it`}
  if (work.localCache !== undefined) await claimLocalCache(work.localCache, host)
  const environment = {...work.buildArgs, ...variablesOf(work.runnerVariables, host)}
  const argv = uponRuntime(work.argv, context)
  const built = await host.log.group('Export the layer cache', () =>
    runBuildx(argv, environment, {context, cwd: host.env.GITHUB_WORKSPACE ?? '.'})
  )
  const failure = failureOf(built, work)
  if (failure !== undefined) {
    warn(`The layer cache (${work.backend}) was not written: the next build will be slower. ${failure}`)
    return {made: 'not written'}
  }
  if (work.localCache !== undefined) return {made: await saveLocalCache(work.localCache, host)}
  return {made: `written (${work.backend})`}
}

/** Why nothing was written; undefined where it was. */
function failureOf({ran, progress}: Built, {backend}: CacheWork): string | undefined {
  if (ran.exitCode !== 0) return progress.words().slice(-1).join('')
  if (progress.hasWrittenCache()) return undefined
  return backend === 'gha'
    ? 'buildx left it out: GitHub’s cache needs buildx 0.21, BuildKit 0.20 (Docker 28) and the variables of a runner.'
    : 'buildx left it out without a word.'
}

/**
 * Whether the cache in the registry already has all that this build needed.
 *
 * Written again then, it may lose layers: BuildKit has fetched none of them, and leaves out results of steps in between.
 */
function isComplete({backend, argv}: CacheWork, {products}: StepContext): boolean {
  const {cached, total} = products.cachedSteps ?? {cached: 0, total: 0}
  if (backend !== 'registry' || total === 0 || cached < total) return false
  const [, written] = /(?:^|,)ref=([^,]+)/.exec(argv[argv.indexOf('--cache-to') + 1] ?? '') ?? []
  return written !== undefined && products.cachesRead?.includes(written) === true
}
