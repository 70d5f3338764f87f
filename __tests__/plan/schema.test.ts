import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {Ajv2020} from 'ajv/dist/2020.js'
import {ORIGINS} from '../../src/model/event.ts'
import {STEP_NAMES} from '../../src/model/plan.ts'
import {VERDICT_CODES} from '../../src/model/verdict.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const SCHEMA = JSON.parse(readFileSync(new URL('../../docs/plan.schema.json', import.meta.url), 'utf8'))
const ajv = new Ajv2020({allErrors: true, strict: true, strictTypes: false})
const isPlan = ajv.compile(SCHEMA)

function faultsOf(plan: unknown): readonly string[] {
  isPlan(JSON.parse(JSON.stringify(plan)))
  return (isPlan.errors ?? []).map(({instancePath, message}) => `${instancePath} ${message}`)
}

describe('the published schema of the plan', () => {
  test.each(ORIGINS)('takes a plan for %s', origin => {
    expect(faultsOf(makePlan(makeFacts({origin})))).toEqual([])
  })

  test('takes a plan with everything in it', () => {
    const facts = makeFacts({
      inputs: {
        timeoutMs: 60_000,
        load: true,
        driver: 'docker-container',
        cache: {backend: 'local'},
        ssh: [{id: 'default', paths: ['/run/agent.sock']}],
        sshKeys: [
          {
            id: 'acme-kernels',
            repositories: [{hostname: 'git.acme.test', port: 2222, path: 'acme/kernels'}],
            key: {secret: 'ssh-keys'},
            fingerprint: 'SHA256:x'
          }
        ],
        githubApp: {
          id: '77',
          key: {secret: 'github-app'},
          repositories: [{owner: 'acme', name: 'kernels'}],
          packages: 'write'
        },
        knownHosts: [{host: '[git.acme.test]:2222', type: 'ssh-ed25519', key: 'AAAA'}],
        secrets: [
          {id: 'a', from: 'value', value: {secret: 'a'}},
          {id: 'b', from: 'file', path: 'b'}
        ],
        tags: [{tag: 'edge', image: {registry: 'quay.io', repository: 'acme/app'}}]
      },
      machine: {buildx: undefined},
      source: {
        submodules: [{name: 'k', path: 'k', url: 'https://github.com/acme/k'}],
        dockerfile: makeDockerfile({
          stages: [makeStage({mounts: [{type: 'secret', id: 'git-credentials', required: true, line: 2}]})]
        }),
        advice: [{rule: 'late-run', level: 'warning', file: 'Dockerfile', line: 3, what: 'a', why: 'b', fix: 'c'}]
      }
    })
    expect(faultsOf(makePlan(facts))).toEqual([])
  })

  test('takes a plan with a flavour and packages of apt', () => {
    const facts = makeFacts({inputs: {flavor: 'notebook', aptPackages: ['git']}})
    expect(faultsOf(makePlan(facts))).toEqual([])
  })

  test.each([
    {given: 'another version', change: {schemaVersion: 2}},
    {given: 'an origin that does not exist', change: {origin: 'somewhere'}},
    {given: 'a step too few', change: {steps: makePlan(makeFacts()).steps.slice(1)}},
    {given: 'a field that nobody documented', change: {extra: true}}
  ])('refuses $given', ({change}) => {
    expect(faultsOf({...makePlan(makeFacts()), ...change})).not.toEqual([])
  })

  test('knows the same words as the code', () => {
    expect(SCHEMA.properties.origin.enum).toEqual(ORIGINS)
    expect(SCHEMA.$defs.verdict.properties.code.enum).toEqual(VERDICT_CODES)
    const names = SCHEMA.properties.steps.prefixItems.map(
      (step: {properties: {name: {const: string}}}) => step.properties.name.const
    )
    expect(names).toEqual(STEP_NAMES)
  })
})
