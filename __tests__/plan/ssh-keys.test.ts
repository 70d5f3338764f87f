import {describe, expect, test} from '@jest/globals'
import type {SshKey} from '../../src/model/credentials.ts'
import type {Inputs} from '../../src/model/inputs.ts'
import {stepOf} from '../../src/model/plan.ts'
import type {Mount} from '../../src/model/source.ts'
import {checkContract} from '../../src/plan/contract.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {type FactsSaid, makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const key = (path: string): SshKey => ({
  id: path.replaceAll('/', '-'),
  repositories: [{hostname: 'github.com', path}],
  key: {secret: `ssh-keys github.com/${path}`}
})
const ONE = [key('acme/kernels')]
const TWO = [key('acme/kernels'), key('acme/data')]
const RUN = '/home/runner/work/_temp/pytorch-cuda-image-7001-1'

function withKeys(inputs: Partial<Inputs>, mounts: readonly Mount[] = [], said: FactsSaid = {}) {
  return makeFacts({...said, inputs, source: {dockerfile: makeDockerfile({stages: [makeStage({mounts})]})}})
}

const ssh = (id: string, required = false): Mount => ({type: 'ssh', id, required, line: 3})

describe('keys in the build', () => {
  test.each([
    {given: 'one key', inputs: {sshKeys: ONE}, then: ['acme-kernels', 'default']},
    {given: 'several', inputs: {sshKeys: TWO}, then: ['acme-kernels', 'acme-data']},
    {
      given: 'one key and an agent',
      inputs: {sshKeys: ONE, ssh: [{id: 'default', paths: []}]},
      then: ['default', 'acme-kernels']
    }
  ])('given $given, then the ids are $then', ({inputs, then}) => {
    const {work} = stepOf(makePlan(withKeys(inputs)), 'build')
    expect(work.ssh.map(({id}) => id)).toEqual(then)
    for (const {id} of work.ssh) expect(work.argv.some(word => word === id || word.startsWith(`${id}=`))).toBe(true)
  })

  test('each key is one file below the private directory, named in the arguments by its path', () => {
    const {work} = stepOf(makePlan(withKeys({sshKeys: ONE})), 'build')
    expect(work.keyFiles).toEqual([
      {path: `${RUN}/build/ssh/acme-kernels`, key: {secret: 'ssh-keys github.com/acme/kernels'}}
    ])
    expect(work.argv.join(' ')).toContain(
      `--ssh acme-kernels=${RUN}/build/ssh/acme-kernels --ssh default=${RUN}/build/ssh/acme-kernels`
    )
  })

  test.each(['fork-pull-request', 'dependabot', 'pull-request-target', 'comment'] as const)(
    'given %s, then no key is written, asked with or given',
    origin => {
      const plan = makePlan(withKeys({sshKeys: TWO}, [], {origin}))
      expect(stepOf(plan, 'build').work).toMatchObject({ssh: [], keyFiles: []})
      expect(stepOf(plan, 'git').work).toMatchObject({keys: [], checks: []})
      expect(stepOf(plan, 'git').work.withheld).toEqual(['github.com/acme/kernels', 'github.com/acme/data'])
    }
  )
})

describe('the contract with the Dockerfile', () => {
  test.each([ssh('acme-kernels', true), ssh('acme-data'), ssh('other')])(
    'given several keys and a mount of $id, then all is well',
    mount => {
      expect(checkContract(withKeys({sshKeys: TWO}, [mount])).problems).toEqual([])
    }
  )

  test.each([true, false])(
    'given several keys and a mount without id (required: %s), then the ids are told',
    required => {
      const {problems} = checkContract(withKeys({sshKeys: TWO}, [ssh('default', required)]))
      expect(problems).toEqual([expect.objectContaining({code: 'secret-missing', evidence: ['Dockerfile:3']})])
      expect(problems[0]?.fix).toContain('`acme-kernels`, `acme-data`')
    }
  )

  test('given one key, then a required mount without id has it', () => {
    expect(checkContract(withKeys({sshKeys: ONE}, [ssh('default', true)]))).toEqual({problems: [], warnings: []})
  })
})

describe('the health check', () => {
  test('asks each repository of a key, and of a token that names one on the own server', () => {
    const gitCredentials = ['acme', 'acme/weights', 'a/b/c'].map(path => ({
      host: 'github.com',
      path,
      user: 'x',
      token: {secret: path}
    }))
    const elsewhere = {host: 'gitlab.com', path: 'group/subgroup', user: 'x', token: {secret: 'g'}}
    const {verdict, work} = stepOf(
      makePlan(withKeys({sshKeys: ONE, gitCredentials: [...gitCredentials, elsewhere]})),
      'git'
    )
    expect(verdict.allowed).toBe(true)
    expect(work.depth).toBe('none')
    expect(work.checks).toEqual([
      {url: 'ssh://git@github.com/acme/kernels', onUnreadable: 'fail'},
      {url: 'https://github.com/acme/weights', onUnreadable: 'warn'}
    ])
  })
})
