import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {act, callByAct} from '../support/act.ts'
import {type JobWorld, makeJobWorld, ROBOT} from '../support/job-world.ts'
import {scriptGpu} from '../support/scripted-gpu.ts'

// The reusable workflows, called as a repository would call them, by act: a runner that is not ours. It runs jobs on this very
// machine, and takes the action as it is built here. Where Go is too old to build act, this is skipped and says so.

jest.setTimeout(240_000)

let world: JobWorld
let place: string

beforeAll(async () => {
  world = await makeJobWorld('act')
  place = mkdtempSync(join(tmpdir(), 'act-'))
}, 240_000)

afterAll(async () => {
  await world?.stop()
  if (place !== undefined) rmSync(place, {recursive: true, force: true})
})

/** In place of GitHub's artifact service, which is none of act's that a machine without a network has: a folder. */
function keeping(folder: string): Readonly<Record<string, string>> {
  const kept = `'${folder}'/"$NAME"`
  return {
    'actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a': `mkdir -p ${kept} && if [ -d "$PLACE" ]; then cp -r "$PLACE/." ${kept}; else cp "$PLACE" ${kept}; fi`,
    'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c': `mkdir -p "$PLACE" && cp -r '${folder}/.' "$PLACE"`
  }
}

const given = act === undefined ? describe.skip : describe

given('build-image.yml, called by a workflow and run by act', () => {
  test('builds the image of a push and publishes nothing', () => {
    const {status, log} = callByAct(
      {
        called: 'build-image.yml',
        caller: 'permissions: {contents: read}',
        // Without the cache, whose registry is out of reach of a machine without a network.
        changes: [[/^( +)push: never$/gm, '$1push: never\n$1cache: none']],
        standIns: keeping(join(place, 'build-artifacts'))
      },
      {engine: world.engine, place: join(place, 'build')}
    )
    expect(log).toContain('Job succeeded')
    expect(log).toContain('::set-output:: origin=own-branch')
    expect(log).toContain('::set-output:: push-reason=not-asked')
    expect(log).toMatch(/::set-output:: digest=sha256:[0-9a-f]{64}/)
    expect(log).toContain('::set-output:: pushed=false')
    expect(status).toBe(0)
  })
})

// GitHub's machines have jq, which names the reports.
const withJq = spawnSync('jq', ['--version']).status === 0 ? given : describe.skip

withJq('publish-image.yml, called by a workflow and run by act, with a scripted GPU', () => {
  /** Three jobs, of which the second is on the GPU machine: here all machines are this one. */
  function publish(name: string, torch: Readonly<Record<string, unknown>>) {
    const folder = join(place, name)
    const gpu = scriptGpu(folder, world.engine.dockerPath)
    gpu.plays(torch)
    return callByAct(
      {
        called: 'publish-image.yml',
        caller: `permissions: {contents: read, packages: write}
with:
  image: ${world.registry.host}/acme/${name}
  torch: 2.8.0
  cuda: cu128
  gpu: required
  gpu-runners: '[{"name": "a100", "labels": ["self-hosted", "a100"]}]'
secrets:
  registry-credentials: \${{ secrets.REGISTRY_LOGIN }}`,
        changes: [
          [/^( +)mode: build$/gm, '$1mode: build\n$1cache: none'],
          // act does not know which leg of a matrix a job is; here there is one.
          [/strategy\.job-index/g, '0']
        ],
        standIns: keeping(join(folder, 'artifacts')),
        secrets: {REGISTRY_LOGIN: [world.registry.host, ROBOT.name, ROBOT.password].join(' ')},
        programs: [gpu.folder]
      },
      {engine: world.engine, place: folder}
    )
  }

  test('builds, runs that digest on the GPU, and puts the tags onto it', () => {
    const {status, log} = publish('published', {})
    expect(log).toContain('::set-output:: gpu-result=pass')
    expect(status).toBe(0)
    const [, digest] = /::set-output:: digest=(sha256:[0-9a-f]{64})/.exec(log) ?? []
    expect(world.manifest(`${world.registry.host}/acme/published:main`)?.digest).toBe(digest)
  })

  test('moves no tag where a tier fails', () => {
    const {status, log} = publish('refused', {devices: []})
    expect(log).toContain('::set-output:: gpu-result=fail')
    expect(status).not.toBe(0)
    expect(world.tags('acme/refused')).toEqual([])
  })
})
