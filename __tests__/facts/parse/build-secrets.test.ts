import {describe, expect, test} from '@jest/globals'
import {readInputs} from '../../../src/facts/read-inputs.ts'
import type {Origin} from '../../../src/model/event.ts'
import {makeFacts} from '../../support/facts.ts'
import {type FakeHost, makeFakeHost} from '../../support/fake-host.ts'

function read(
  secrets: string,
  {origin = 'own-branch', env = {}}: {origin?: Origin; env?: Record<string, string>} = {}
) {
  const host: FakeHost = makeFakeHost({inputs: {token: 'ghs_token-of-the-job', secrets}, env})
  const {inputs, problems} = readInputs(host, makeFacts({origin}).event)
  const valueAt = (name: string) => host.secrets.redeem({secret: name}).reveal()
  return {secrets: inputs.secrets, problems, notices: inputs.notices, valueAt}
}

describe('secrets', () => {
  test('a value, a file and a variable', () => {
    const {secrets, valueAt} = read('a=letmein-please\nb=file:keys/b\nc=env:PIP_TOKEN', {
      env: {PIP_TOKEN: 'from-the-step'}
    })
    expect(secrets).toEqual([
      {id: 'a', from: 'value', value: {secret: 'secrets a'}},
      {id: 'b', from: 'file', path: 'keys/b'},
      {id: 'c', from: 'env', variable: 'PIP_TOKEN', value: {secret: 'secrets c'}}
    ])
    expect([valueAt('secrets a'), valueAt('secrets c')]).toEqual(['letmein-please', 'from-the-step'])
  })

  test.each([
    {given: 'equal signs', text: 'a=x=y==', value: 'x=y=='},
    {given: 'commas', text: 'a=one,two,three', value: 'one,two,three'},
    {
      given: 'several lines in quotes',
      text: '"a=line one\nline two\n\nline four"',
      value: 'line one\nline two\n\nline four'
    },
    {given: 'doubled quotes in quotes', text: '"a={""key"": ""value""}"', value: '{"key": "value"}'},
    {given: 'quotes in the middle', text: 'a={"key": "value"}', value: '{"key": "value"}'},
    {given: 'a quote behind a comma', text: 'a={"k": 1,"l": 2}', value: '{"k": 1,"l": 2}'},
    {given: 'a hash sign', text: 'a=pass#word-42', value: 'pass#word-42'}
  ])('a value with $given stays whole', ({text, value}) => {
    const {problems, valueAt} = read(text)
    expect(problems).toEqual([])
    expect(valueAt('secrets a')).toBe(value)
  })

  test.each([
    {given: 'no name', text: 'a-value-without-any-name'},
    {given: 'an id with a slash', text: '../a=letmein-please'},
    {given: 'an empty id', text: '=letmein-please'},
    {given: 'an empty value', text: 'a='},
    {given: 'no path', text: 'a=file:'},
    {given: 'no variable', text: 'a=env:'},
    {given: 'a variable that is none', text: 'a=env:NOT A NAME'},
    {given: 'a variable without a value', text: 'a=env:NOT_SET'},
    {given: 'one id twice', text: 'a=letmein-please\na=env:PATH'},
    {given: 'the form of docker build', text: 'id=pip,src=./pip.conf'},
    {given: 'a quote that stays open', text: '"a=letmein-please'}
  ])('$given is a fault, told without the value', ({text}) => {
    const {problems} = read(text, {env: {PATH: '/bin'}})
    expect(problems.map(({code}) => code)).toEqual(['input-invalid'])
    expect(problems[0]?.message).not.toMatch(/letmein|without-any-name/)
  })

  test.each<Origin>(['fork-pull-request', 'dependabot'])('on a %s an empty one is left out and told', origin => {
    const {secrets, problems, notices} = read('a=\nb=env:NOT_SET\nc=file:c', {origin})
    expect(problems).toEqual([])
    expect(secrets.map(({id}) => id)).toEqual(['c'])
    expect(notices).toHaveLength(2)
  })
})
