import {describe, expect, test} from '@jest/globals'
import type {Inputs} from '../../src/model/inputs.ts'
import type {Mount} from '../../src/model/source.ts'
import {checkContract} from '../../src/plan/contract.ts'
import {type FactsSaid, makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const KERNELS: Inputs['secrets'][number] = {id: 'kernels', from: 'value', value: {secret: 'kernels'}}

function withMounts(mounts: readonly Mount[], said: FactsSaid = {}) {
  return makeFacts({...said, source: {dockerfile: makeDockerfile({stages: [makeStage({mounts})]})}})
}

const required = (type: Mount['type'], id: string): Mount => ({type, id, required: true, line: 7})
const optional = (type: Mount['type'], id: string): Mount => ({type, id, required: false, line: 7})

describe('the secret contract', () => {
  test.each([
    {given: 'a required secret that is given', mount: required('secret', 'kernels'), inputs: {secrets: [KERNELS]}},
    {given: 'an optional secret that is absent', mount: optional('secret', 'kernels'), inputs: {}},
    {
      given: 'a required key that is given',
      mount: required('ssh', 'default'),
      inputs: {ssh: [{id: 'default', paths: []}]}
    },
    {given: 'an optional key that is absent', mount: optional('ssh', 'default'), inputs: {}},
    {given: 'certificates that are given', mount: required('secret', 'ca-bundle'), inputs: {caBundle: '/etc/ca.crt'}}
  ])('given $given, then all is well', ({mount, inputs}) => {
    expect(checkContract(withMounts([mount], {inputs}))).toEqual({problems: [], warnings: []})
  })

  test.each([
    {given: 'secret', mount: required('secret', 'kernels'), input: 'secrets'},
    {given: 'ssh key', mount: required('ssh', 'kernels'), input: 'ssh'}
  ])('given a required $given that is absent, then line and input are named', ({mount, input}) => {
    const {problems} = checkContract(withMounts([mount]))
    expect(problems).toEqual([expect.objectContaining({code: 'secret-missing', evidence: ['Dockerfile:7']})])
    expect(problems[0]?.fix).toContain(`\`${input}\``)
  })

  test('given two steps with the same required secret, then it is told once', () => {
    const {problems} = checkContract(
      withMounts([required('secret', 'a'), required('secret', 'a'), required('secret', 'b')])
    )
    expect(problems).toHaveLength(2)
  })

  test('given a fork’s pull request and a required secret, then the way out is told before the build', () => {
    const facts = withMounts([required('secret', 'kernels')], {
      origin: 'fork-pull-request',
      inputs: {secrets: [KERNELS]}
    })
    const {problems, warnings} = checkContract(facts)
    expect(problems).toEqual([expect.objectContaining({code: 'secret-missing'})])
    expect(problems[0]?.fix).toContain('required=false')
    expect(warnings).toEqual([])
  })

  test.each([
    {given: 'a secret', inputs: {secrets: [KERNELS]}, named: 'kernels'},
    {given: 'a key', inputs: {ssh: [{id: 'default', paths: []}]}, named: 'default'},
    {given: 'a certificate bundle', inputs: {caBundle: '/etc/ca.crt'}, named: 'ca-bundle'}
  ])('given $given that no step mounts, then that is a warning', ({inputs, named}) => {
    const {problems, warnings} = checkContract(withMounts([], {inputs}))
    expect(problems).toEqual([])
    expect(warnings).toEqual([expect.stringContaining(`\`${named}\``)])
  })

  test('given a secret that BuildKit itself reads, then it needs no mount', () => {
    const secrets: Inputs['secrets'] = [{id: 'GIT_AUTH_TOKEN.github.com', from: 'value', value: {secret: 'git'}}]
    expect(checkContract(withMounts([], {inputs: {secrets}})).warnings).toEqual([])
  })

  test('given a stage that the target does not reach, then its mounts do not count', () => {
    const stages = [
      makeStage({name: 'private', mounts: [required('secret', 'kernels')], line: 1}),
      makeStage({name: 'public', line: 5})
    ]
    const dockerfile = makeDockerfile({stages})
    expect(checkContract(makeFacts({source: {dockerfile}})).problems).toEqual([])
    expect(checkContract(makeFacts({source: {dockerfile}, inputs: {target: 'private'}})).problems).toHaveLength(1)
  })

  test('given a target that does not exist, then its names are told', () => {
    const dockerfile = makeDockerfile({stages: [makeStage({name: 'runtime'})]})
    const {problems} = checkContract(makeFacts({source: {dockerfile}, inputs: {target: 'runtme'}}))
    expect(problems).toEqual([
      expect.objectContaining({code: 'input-invalid', why: expect.stringContaining('runtime')})
    ])
  })

  test('given a build argument that no ARG takes, then that is a warning', () => {
    const buildArgs = [
      {name: 'TORCH_VERSON', value: '2.8.0'},
      {name: 'http_proxy', value: 'http://proxy.example.com'}
    ]
    expect(checkContract(withMounts([], {inputs: {buildArgs}})).warnings).toEqual([
      expect.stringContaining('TORCH_VERSON')
    ])
  })
})
