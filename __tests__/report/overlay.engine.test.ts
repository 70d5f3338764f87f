import {spawnSync} from 'node:child_process'
import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, describe, expect, jest, test} from '@jest/globals'
import {parseAllDocuments} from 'yaml'
import {goTool, pythonTool} from '../../scripts/world/fetched.ts'
import {makeReport, publish} from '../../src/report/report.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {DIGEST, makeSampleOutcome, makeSamplePlan} from './samples.ts'

// Real kustomize, and the schema of Kubernetes. Where Go is too old to build kustomize, this is skipped and says so.

jest.setTimeout(300_000)

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..')
const folder = process.env.WORLD_FOLDER ?? join(ROOT, '.world')
const kustomize = goTool(folder, 'kustomize')
const validate = pythonTool(folder, 'kubernetes-validate')
const place = mkdtempSync(join(tmpdir(), 'overlay-'))
const manifests = join(place, 'kubernetes')

afterAll(() => rmSync(place, {recursive: true, force: true}))

function build(name: string): string {
  const {stdout, stderr} = spawnSync(kustomize ?? '', ['build', join(manifests, name)], {encoding: 'utf8'})
  expect(stderr).toBe('')
  return stdout
}

const given = kustomize === undefined || validate === undefined ? describe.skip : describe

given('kustomize, of what is laid into a cluster', () => {
  test('the overlay that a run writes for what it published puts that digest into every container', async () => {
    const host = makeFakeHost({env: {RUNNER_TEMP: '/temp'}})
    await publish(makeReport(makeSampleOutcome(makeSamplePlan()), 1), host)
    const overlay = host.stored.get('/temp/pytorch-cuda-image-7001-1.kustomize/kustomization.yaml') ?? ''
    cpSync(join(ROOT, 'deploy/kubernetes'), manifests, {recursive: true})
    writeFileSync(join(manifests, 'example/image/kustomization.yaml'), overlay)
    const built = build('example')
    expect(built.match(/^ *(?:- )?image: .*$/gm)?.map(line => line.trim().replace('- ', ''))).toEqual([
      `image: ghcr.io/acme/app@${DIGEST}`,
      `image: ghcr.io/acme/app@${DIGEST}`
    ])
  })

  test.each(['example', 'train', 'validate'])('%s is what the schema of Kubernetes takes', name => {
    const file = join(place, `${name}.yaml`)
    const built = build(name)
    expect(parseAllDocuments(built).length).toBeGreaterThan(0)
    writeFileSync(file, built)
    expect(readFileSync(file, 'utf8')).toContain('kind: Job')
    const {status, stdout, stderr} = spawnSync(validate ?? '', ['--strict', file], {encoding: 'utf8'})
    expect(`${stdout}${stderr}`).not.toMatch(/error|fail/i)
    expect(status).toBe(0)
  })
})
