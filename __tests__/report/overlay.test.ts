import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'
import {Problem} from '../../src/model/problem.ts'
import {overlayOf} from '../../src/report/overlay.ts'
import {makeReport, publish} from '../../src/report/report.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {DIGEST, makeForkPlan, makeSampleOutcome, makeSamplePlan, makeStoppedOutcome} from './samples.ts'

const EXAMPLE = new URL('../../deploy/kubernetes/example/image/kustomization.yaml', import.meta.url)
const plan = makeSamplePlan()

describe('the overlay for a cluster', () => {
  test('names what was published by its digest, in the shape of the example', () => {
    const overlay = parse(overlayOf(makeReport(makeSampleOutcome(plan), 1)) ?? '')
    expect(overlay).toEqual({
      ...parse(readFileSync(EXAMPLE, 'utf8')),
      images: [{name: 'app', newName: 'ghcr.io/acme/app', digest: DIGEST}]
    })
  })

  test.each([
    {given: 'a fork’s build', outcome: makeSampleOutcome(makeForkPlan())},
    {
      given: 'a candidate that failed on a GPU',
      outcome: makeStoppedOutcome(plan, 'validate', new Problem('gpu-failed', {what: 'a', why: 'b', fix: 'c'}))
    }
  ])('given $given, then there is none', async ({outcome}) => {
    const host = makeFakeHost({env: {RUNNER_TEMP: '/temp'}})
    await publish(makeReport(outcome, 1), host)
    expect([...host.stored.keys()].filter(path => path.includes('kustom'))).toEqual([])
  })

  test('it lies beside the report until post, and the summary and the report name it', async () => {
    const host = makeFakeHost({env: {RUNNER_TEMP: '/temp'}})
    await publish(makeReport(makeSampleOutcome(plan), 1), host)
    const directory = '/temp/pytorch-cuda-image-7001-1.kustomize'
    expect(host.undos).toContainEqual({kind: 'remove-path', path: directory})
    expect(JSON.parse(host.stored.get(host.outputs.report ?? '') ?? '')).toMatchObject({overlay: directory})
    expect(host.summaries.join('')).toContain('kubectl apply -k')
  })
})
