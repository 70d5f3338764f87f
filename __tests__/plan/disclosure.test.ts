import {describe, expect, test} from '@jest/globals'
import type {BuildArg} from '../../src/model/inputs.ts'
import type {Variable} from '../../src/model/source.ts'
import {checkDisclosure} from '../../src/plan/disclosure.ts'
import {makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

// Put together here, so that scanners do not take this file for a leak.
const TOKEN = ['ghp', 'x'.repeat(36)].join('_')

function withVariable(variable: Variable) {
  return makeFacts({source: {dockerfile: makeDockerfile({stages: [makeStage({variables: [variable]})]})}})
}

const codes = (facts: ReturnType<typeof makeFacts>) => checkDisclosure(facts).map(({code}) => code)

describe('a build argument', () => {
  test.each([
    {given: 'a kept secret', argument: {name: 'A', value: 'x', carriesSecret: {secret: 'token'}}, isRefused: true},
    {given: 'the shape of a token', argument: {name: 'A', value: TOKEN}, isRefused: true},
    {
      given: 'a token inside an address',
      argument: {name: 'A', value: `https://x:${TOKEN}@github.com/`},
      isRefused: true
    },
    {
      given: 'a password in an address',
      argument: {name: 'A', value: 'https://me:hunter2@pypi.example.com'},
      isRefused: true
    },
    {given: 'a name that says so', argument: {name: 'GIT_TOKEN', value: '0123456789abcdef'}, isRefused: true},
    {given: 'such a name for a switch', argument: {name: 'GIT_TOKEN', value: 'no'}, isRefused: false},
    {given: 'such a name for a path', argument: {name: 'API_TOKEN', value: '/run/secrets/api'}, isRefused: false},
    {given: 'a version', argument: {name: 'TORCH_VERSION', value: '2.8.0'}, isRefused: false},
    {given: 'a tokenizer', argument: {name: 'TOKENIZER', value: 'bert-base-uncased'}, isRefused: false}
  ] satisfies readonly {given: string; argument: BuildArg; isRefused: boolean}[])(
    'with $given: refused is $isRefused',
    ({argument, isRefused}) => {
      const facts = makeFacts({inputs: {buildArgs: [argument]}})
      expect(codes(facts)).toEqual(isRefused ? ['secret-in-build-arg'] : [])
    }
  )

  test('is refused with the rewrite to use, and without its value', () => {
    const [problem] = checkDisclosure(makeFacts({inputs: {buildArgs: [{name: 'GIT_TOKEN', value: TOKEN}]}}))
    expect(problem?.fix).toContain('git-token=${{ secrets.GIT_TOKEN }}')
    expect(problem?.fix).toContain('RUN --mount=type=secret,id=git-token')
    expect(JSON.stringify(problem) + problem?.message).not.toContain(TOKEN)
  })
})

describe('a Dockerfile', () => {
  test.each([
    {given: 'a token in ENV', variable: {kind: 'ENV', name: 'X', value: TOKEN, line: 4}, isRefused: true},
    {
      given: 'a token as the default of ARG',
      variable: {kind: 'ARG', name: 'X', value: TOKEN, line: 4},
      isRefused: true
    },
    {
      given: 'a kept secret',
      variable: {kind: 'ENV', name: 'X', value: 'y', line: 4, carriesSecret: {secret: 'kernels'}},
      isRefused: true
    },
    {given: 'a declaration alone', variable: {kind: 'ARG', name: 'GIT_TOKEN', line: 4}, isRefused: false},
    {
      given: 'another variable',
      variable: {kind: 'ENV', name: 'GIT_TOKEN', value: '$' + '{TOKEN}', line: 4},
      isRefused: false
    }
  ] satisfies readonly {given: string; variable: Variable; isRefused: boolean}[])(
    'with $given: refused is $isRefused',
    ({variable, isRefused}) => {
      expect(codes(withVariable(variable))).toEqual(isRefused ? ['secret-in-dockerfile'] : [])
    }
  )

  test('is refused by line, without the value', () => {
    const [problem] = checkDisclosure(withVariable({kind: 'ENV', name: 'X', value: TOKEN, line: 4}))
    expect(problem?.evidence).toEqual(['Dockerfile:4'])
    expect(JSON.stringify(problem) + problem?.message).not.toContain(TOKEN)
  })
})

describe('other ways out', () => {
  test('given a label with a token, then it is refused', () => {
    expect(codes(makeFacts({inputs: {labels: [{name: 'note', value: TOKEN}]}}))).toEqual(['secret-in-build-arg'])
  })

  test('given an index with a password, then it is refused', () => {
    const indexUrl = 'https://me:hunter2@pypi.example.com/simple'
    expect(codes(makeFacts({inputs: {indexUrl}}))).toEqual(['secret-in-build-arg'])
  })

  test('given a context that would send a credential, then the line for .dockerignore is told', () => {
    const exposed = [{path: '.git/config', holds: 'a token of actions/checkout'}]
    const [problem] = checkDisclosure(makeFacts({source: {exposed}}))
    expect(problem?.code).toBe('context-holds-credential')
    expect(problem?.fix).toContain('**/.git')
  })
})
