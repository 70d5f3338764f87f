import {copyFileSync, existsSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {EventOptions} from '../../scripts/runner/events.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {errorCodes, hasBuilt, markOf, summaryOf} from '../support/built-action.ts'
import {type Job, type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {scriptCluster} from '../support/scripted-cluster.ts'
import {type ScriptedGpu, scriptGpu} from '../support/scripted-gpu.ts'

// The engine, the registry and the pull by digest are real. The GPU is a script: no line here was made by hardware.

jest.setTimeout(120_000)

let world: JobWorld
let gpu: ScriptedGpu
let inputs: Readonly<Record<string, string>>
/** Where the report of the last validation was kept before post took it away. */
let kept: string

beforeAll(async () => {
  world = await makeJobWorld('gpu')
  gpu = scriptGpu(world.place, world.engine.dockerPath)
  kept = join(world.place, 'gpu-report.json')
  inputs = {image: world.image, 'registry-credentials': world.login, cache: 'none', torch: '2.8.0', cuda: 'cu128'}
  change('first')
}, 240_000)

afterAll(() => world?.stop())

function change(text: string): void {
  world.checkout({Dockerfile: `FROM ${world.tiny}\n${world.fresh}\nCOPY app.txt /app.txt\n`, 'app.txt': `${text}\n`})
}

/** A job on the machine with the scripted GPU. */
function runOnGpu(job: Job): Promise<RunResult> {
  return runWith(gpu.folder, job)
}

/** A job with the programs of a folder; what it reports is kept, as an upload step of the job would. */
function runWith(folder: string, job: Job): Promise<RunResult> {
  const root = join(world.place, 'runner')
  return world.run({
    ...job,
    root,
    machine: 'self-hosted',
    variables: {PATH: `${folder}:${process.env.PATH}`},
    onLine: ({text}) => {
      if (!/^(?:validate: |.*gpu-failed)/.test(text) || text.endsWith('begins')) return
      const temp = join(root, '_temp')
      const report = readdirSync(temp).find(name => name.endsWith('.gpu-report.json'))
      if (report !== undefined) copyFileSync(join(temp, report), kept)
    }
  })
}

/** A job that ends with a candidate. The image holds no torch: what runs it without a GPU is scripted, too. */
async function build(options: EventOptions): Promise<RunResult> {
  const variables = {PATH: `${gpu.folder}:${process.env.PATH}`}
  const built = await world.run({inputs: {...inputs, mode: 'build'}, options, variables})
  expect(built).toMatchObject({conclusion: 'success', outputs: {pushed: 'false', 'push-reason': 'not-asked'}})
  return built
}

describe('given a machine with a GPU, in one job', () => {
  let first: RunResult

  test('the candidate is pulled by its digest, runs on the GPU, and then gets its tags', async () => {
    first = await runOnGpu({inputs: {...inputs, gpu: 'required'}})
    expect(errorCodes(first)).toEqual([])
    expect(first).toMatchObject({conclusion: 'success', outputs: {pushed: 'true', 'gpu-result': 'pass'}})
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(first.outputs.digest)
    expect(readFileSync(join(gpu.folder, 'runs'), 'utf8')).toContain(`image@${first.outputs.digest}`)
    expect(summaryOf(first)).toContain('1 × NVIDIA A100-SXM4-80GB')
  })

  test('the engine keeps neither the image nor a container', () => {
    expect(world.docker('image', 'ls', '--digests', '--no-trunc')).not.toContain(first.outputs.digest)
    expect(world.docker('ps', '--all', '--format', '{{.Names}}')).not.toContain(markOf(first))
  })

  test('a failing tier leaves every tag where it is, keeps the candidate, and says why', async () => {
    change('no GPU in the container')
    gpu.plays({devices: []})
    const failed = await runOnGpu({inputs: {...inputs, gpu: 'required'}, options: {runNumber: 8}})
    expect(failed).toMatchObject({conclusion: 'failure', outputs: {pushed: 'false', 'gpu-result': 'fail'}})
    expect(errorCodes(failed)).toEqual(['gpu-failed'])
    expect(failed.outputs.digest).not.toBe(first.outputs.digest)
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(first.outputs.digest)
    expect(world.manifest(`${world.image}@${failed.outputs.digest}`)).toBeDefined()
    expect(summaryOf(failed)).toContain('NO_GPU')
    expect(summaryOf(failed)).toContain('not run: T3 failed')
  })

  test('a check that hangs is killed in its time and told as a result', async () => {
    change('a hanging kernel')
    gpu.plays({misbehave: {sum: 'hang'}})
    const hung = await runOnGpu({inputs: {...inputs, gpu: 'required'}, options: {runNumber: 9}})
    expect(errorCodes(hung)).toEqual(['gpu-failed'])
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(first.outputs.digest)
    expect(summaryOf(hung)).toContain('TIMEOUT')
    expect(summaryOf(hung)).toContain('about to hang in sum')
  })
})

describe('given three jobs of one run', () => {
  const options = {runNumber: 21}
  let digest: string

  test('build ends with a candidate that no tag points to', async () => {
    change('three jobs')
    gpu.plays({})
    const before = world.manifest(`${world.image}:main`)?.digest
    const built = await build(options)
    digest = built.outputs.digest ?? ''
    expect(digest).toMatch(/^sha256:/)
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(before)
  })

  test('validate builds nothing, runs that digest, and hands over a report', async () => {
    const validated = await runOnGpu({inputs: {...inputs, mode: 'validate', digest}, options})
    expect(errorCodes(validated)).toEqual([])
    expect(validated).toMatchObject({conclusion: 'success', outputs: {'gpu-result': 'pass', pushed: 'false', tags: ''}})
    expect(hasBuilt(validated)).toBe(false)
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({result: 'pass', image: {digest}})
  })

  test('promote refuses another digest, another run, and a report that was edited, and moves no tag', async () => {
    const before = world.tags()
    const standing = world.manifest(`${world.image}:main`)?.digest
    const promote = {...inputs, mode: 'promote', gpu: 'required'}
    const other = `sha256:${'cd'.repeat(32)}`
    const refusals = [
      await world.run({inputs: {...promote, digest: other, 'gpu-report': kept}, options}),
      await world.run({inputs: {...promote, digest, 'gpu-report': kept}, options: {runNumber: 22}}),
      await world.run({inputs: {...promote, digest, 'gpu-report': `${kept} ${other}`}, options}),
      await world.run({inputs: {...promote, digest}, options})
    ]
    expect(refusals.map(errorCodes)).toEqual([
      ['gpu-report-mismatch'],
      ['gpu-report-stale'],
      ['gpu-report-changed'],
      ['gpu-report-missing']
    ])
    expect(world.tags()).toEqual(before)
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(standing)
  })

  test('promote puts the tags onto that very digest', async () => {
    const inputsOfPromotion = {...inputs, mode: 'promote', digest, gpu: 'required', 'gpu-report': kept}
    const promoted = await world.run({inputs: inputsOfPromotion, options})
    expect(errorCodes(promoted)).toEqual([])
    expect(promoted).toMatchObject({conclusion: 'success', outputs: {pushed: 'true', digest}})
    expect(hasBuilt(promoted)).toBe(false)
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(digest)
  })
})

describe('given a candidate that is a single manifest', () => {
  test('promote puts that very manifest under its tags, where others wrap it into an index', async () => {
    change('one platform')
    const options = {runNumber: 25}
    const built = await build(options)
    const index = world.manifest(`${world.image}@${built.outputs.digest}`)?.json as {manifests: {digest: string}[]}
    const digest = index.manifests[0]?.digest ?? ''
    const promoted = await world.run({inputs: {...inputs, mode: 'promote', digest}, options})
    expect(errorCodes(promoted)).toEqual([])
    const standing = world.manifest(`${world.image}:main`)
    expect(standing?.digest).toBe(digest)
    expect(standing?.json).not.toHaveProperty('manifests')
  })
})

describe('given a cluster with a GPU, and a machine without one', () => {
  const options = {runNumber: 31}

  test('the candidate runs there in a Job, and the report is one that promotion takes', async () => {
    const cluster = scriptCluster(world.place)
    change('in a cluster')
    const built = await build(options)
    const digest = built.outputs.digest ?? ''
    const asked = {...inputs, mode: 'validate', digest, 'gpu-injection': 'kubernetes', gpu: 'required'}
    const validated = await runWith(cluster.folder, {inputs: asked, options})
    expect(errorCodes(validated)).toEqual([])
    expect(validated).toMatchObject({conclusion: 'success', outputs: {'gpu-result': 'pass', pushed: 'false'}})
    expect(summaryOf(validated)).toContain('in a Job of the cluster, without a witness')
    const report = JSON.parse(readFileSync(kept, 'utf8'))
    expect(report).toMatchObject({result: 'pass', image: {digest}, host: {place: 'cluster'}, witnessed: []})
    const verbs = cluster.asked().map(line => line.split(' ')[0])
    expect(new Set(verbs)).toEqual(new Set(['get', 'create', 'exec', 'attach', 'delete']))
    expect(existsSync(join(cluster.folder, 'job.json'))).toBe(false)
    const promote = {...inputs, mode: 'promote', digest, gpu: 'required', 'gpu-report': kept}
    const promoted = await world.run({inputs: promote, options})
    expect(errorCodes(promoted)).toEqual([])
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(digest)
  })
})

describe("given a fork's pull request on the GPU machine", () => {
  test.each([
    {given: 'that is built and would be validated', job: {}},
    {given: 'that asks for the validation alone', job: {mode: 'validate', digest: `sha256:${'ab'.repeat(32)}`}}
  ])('$given, then the GPU is refused in green', async ({job}) => {
    const before = readFileSync(join(gpu.folder, 'runs'), 'utf8')
    const refused = await runOnGpu({event: 'fork-pull-request', inputs: {...inputs, gpu: 'required', ...job}})
    expect(refused).toMatchObject({conclusion: 'success', outputs: {pushed: 'false', 'gpu-result': '', trust: 'none'}})
    expect(readFileSync(join(gpu.folder, 'runs'), 'utf8')).toBe(before)
  })
})
