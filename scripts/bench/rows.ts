import {join} from 'node:path'
import {type Say, timed} from '../world/say.ts'
import {commit} from './checkout.ts'
import {type Measured, measure, medianOf} from './measure.ts'
import {emptyEngine, openRegistry, type Stand} from './stand.ts'
import {buildBare, certificateOptions, type Job, runOurs, USUAL_DOCKERFILE} from './ways.ts'

/** The same work in two ways. */
export interface Row {
  readonly work: string
  /** At most this part of the usual way's time; absent where that is said of PyTorch and something else was built. */
  readonly target?: number
  readonly usual: Measured
  readonly ours: Measured
}

/** What the rows are measured with. */
export interface Bench {
  readonly stand: Stand
  /** Packages in place of PyTorch's own. */
  readonly packages?: string
  readonly say: Say
}

/** Odd, so that there is a middle one. */
const NO_OP_RUNS = 5

/** Nothing changed and everything cached: what the action costs around the build that it does. */
export async function benchNoOp({stand, say}: Bench): Promise<Row> {
  const registry = await openRegistry(stand, 'no-op', say)
  const workspace = join(stand.place, 'no-op')
  await commit(workspace, {Dockerfile: `FROM ${stand.tiny}\nCOPY app.txt /app.txt\n`, 'app.txt': 'hello\n'})
  const bare = {stand, workspace, image: `${registry.host}/acme/bare`}
  const action = {stand, workspace, image: `${registry.host}/acme/ours`}
  const quiet = {inputs: {}, say: () => {}}
  const usual: Measured[] = []
  const ours: Measured[] = []
  try {
    await buildBare(bare, [])
    await runOurs(action, quiet)
    for (let run = 1; run <= NO_OP_RUNS; run++) {
      say(`nothing changed, ${run} of ${NO_OP_RUNS}`)
      usual.push(await measure(registry, () => buildBare(bare, [])))
      ours.push(await measure(registry, () => runOurs(action, quiet)))
    }
  } finally {
    await registry.stop()
  }
  return {work: 'nothing changed, warm builder', target: 5, usual: medianOf(usual), ours: medianOf(ours)}
}

/** A first build of the built-in image, then one changed line of code, each on an empty builder. */
export async function benchImage(bench: Bench): Promise<readonly Row[]> {
  // One way after the other: the layers of both at once would take twice the disk.
  const usual = await playStory(bench, 'usual', buildUsual)
  const ours = await playStory(bench, 'ours', buildOurs)
  return [
    {work: 'first build, empty builder and registry', ...targetOf(bench, 0.2), usual: usual.cold, ours: ours.cold},
    {
      // The usual way has no such thing: what it is held against is its first build.
      work: 'the same lock again, other code, everything on this machine gone',
      ...targetOf(bench, 0.02),
      usual: usual.cold,
      ours: ours.again
    },
    {
      work: 'one changed line, empty builder, warm registry cache',
      ...targetOf(bench, 0.05),
      usual: usual.line,
      ours: ours.line
    }
  ]
}

function targetOf({packages}: Bench, target: number): Pick<Row, 'target'> {
  return packages === undefined ? {target} : {}
}

async function playStory(
  bench: Bench,
  name: string,
  build: (bench: Bench, job: Job) => Promise<number>
): Promise<{readonly cold: Measured; readonly again: Measured; readonly line: Measured}> {
  const {stand, say} = bench
  const registry = await openRegistry(stand, name, say)
  const workspace = join(stand.place, name)
  const job = {stand, workspace, image: `${registry.host}/acme/app`}
  try {
    await commit(workspace, {'app.py': 'print("first")\n'})
    await emptyEngine(stand)
    const cold = await measure(registry, () => timed(say, `first build, ${name}`, () => build(bench, job)))
    await commit(workspace, {'app.py': 'print("again")\n'})
    await emptyEngine(stand)
    const again = await measure(registry, () => timed(say, `the same lock again, ${name}`, () => build(bench, job)))
    await commit(workspace, {'app.py': 'print("changed")\n'})
    await emptyEngine(stand)
    const line = await measure(registry, () => timed(say, `one changed line, ${name}`, () => build(bench, job)))
    return {cold, again, line}
  } finally {
    await registry.stop()
    await emptyEngine(stand)
  }
}

function buildUsual({stand, packages}: Bench, job: Job): Promise<number> {
  const cache = `type=registry,ref=${job.image}:cache`
  return buildBare(job, [
    ...['--file', USUAL_DOCKERFILE, '--build-arg', `BASE_IMAGE=${stand.base}`],
    ...(packages === undefined ? [] : ['--build-arg', `TORCH_PACKAGES=${packages}`]),
    ...certificateOptions(stand),
    ...['--cache-from', cache, '--cache-to', `${cache},mode=max`]
  ])
}

function buildOurs({stand, packages, say}: Bench, job: Job): Promise<number> {
  const inputs = {
    torch: '2.8.0',
    'base-image': stand.base,
    ...(packages === undefined ? {} : {'build-args': `TORCH_PACKAGES=${packages}`})
  }
  return runOurs(job, {inputs, say: line => say(`  ${line}`)})
}
