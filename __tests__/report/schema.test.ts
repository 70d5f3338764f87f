import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {Ajv2020} from 'ajv/dist/2020.js'
import {STEP_NAMES} from '../../src/model/plan.ts'
import type {Outcome, Products} from '../../src/model/report.ts'
import {makeReport} from '../../src/report/report.ts'
import {DENIED, makeForkPlan, makeSampleOutcome, makeSamplePlan, makeStoppedOutcome} from './samples.ts'

const schemaOf = (name: string) => JSON.parse(readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8'))
const SCHEMA = schemaOf('report.schema.json')
const ajv = new Ajv2020({allErrors: true, strict: true, strictTypes: false})
const isReport = ajv
  .addSchema(schemaOf('plan.schema.json'), 'plan.schema.json')
  .addSchema(schemaOf('gpu-report.schema.json'), 'gpu-report.schema.json')
  .compile(SCHEMA)

function faultsOf(report: unknown): readonly string[] {
  isReport(JSON.parse(JSON.stringify(report)))
  return (isReport.errors ?? []).map(({instancePath, message}) => `${instancePath} ${message}`)
}

const DIGEST = `sha256:${'5e'.repeat(32)}`
const pushed = makeSampleOutcome(makeSamplePlan())
const LAID: Products = {
  runtime: {
    digest: DIGEST,
    images: [
      {platform: 'linux/amd64', digest: DIGEST, python: '3.12.4', isForeign: false, libraries: 0},
      {platform: 'linux/arm64', digest: DIGEST, python: '3.12.4', isForeign: true, libraries: 34}
    ],
    fetchedBytes: 0,
    layers: [{title: 'torch', digest: DIGEST, diffId: DIGEST, sizeBytes: 880_000_000, origin: 'found'}]
  },
  cachesRead: ['{door}/ghcr.io/acme/app:cache']
}

describe('the published schema of the report', () => {
  test.each<{given: string; outcome: Outcome}>([
    {given: 'a push', outcome: makeSampleOutcome(makeSamplePlan())},
    {given: 'a runtime and a cache', outcome: {...pushed, products: {...pushed.products, ...LAID}}},
    {given: 'a fork', outcome: makeSampleOutcome(makeForkPlan())},
    {given: 'a refusal', outcome: makeStoppedOutcome(makeSamplePlan(), 'preflight', DENIED)},
    {given: 'mode plan', outcome: {...makeSampleOutcome(makeSamplePlan()), results: [], products: {}}}
  ])('takes the report of $given', ({outcome}) => {
    expect(faultsOf(makeReport(outcome, 1_234))).toEqual([])
  })

  test('knows every step', () => {
    const {results} = SCHEMA.properties.outcome.properties
    expect(results.items.properties.name.enum).toEqual([...STEP_NAMES])
  })

  test('refuses a report without its plan', () => {
    const report = makeReport(makeSampleOutcome(makeSamplePlan()), 1)
    expect(faultsOf({...report, outcome: {...report.outcome, plan: undefined}})).not.toEqual([])
  })
})
