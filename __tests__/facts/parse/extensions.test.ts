import {describe, expect, test} from '@jest/globals'
import {parseExtensions} from '../../../src/facts/parse/extensions.ts'
import type {Explanation} from '../../../src/model/problem.ts'

function read(text: string) {
  const faults: Explanation[] = []
  const desk = {
    input: 'extensions',
    env: {},
    actor: 'octo',
    isWithoutSecrets: false,
    fault: (fault: Explanation) => void faults.push(fault),
    notice: () => {},
    keep: (name: string) => ({secret: name}),
    find: () => undefined
  }
  return {...parseExtensions(text, desk), faults: faults.length}
}

describe('the input extensions', () => {
  test.each([
    {given: 'a path', text: 'third_party/kernels', then: {folders: ['third_party/kernels'], packages: []}},
    {given: 'a folder of the context itself', text: './kernels/', then: {folders: ['kernels'], packages: []}},
    {given: 'a name', text: 'kernels', then: {folders: [], packages: ['kernels']}},
    {given: 'a name as it is spelt elsewhere', text: 'Flash_Attn', then: {folders: [], packages: ['flash-attn']}},
    {
      given: 'both, some of them twice',
      text: '# compiled\nthird_party/kernels\nflash-attn, flash_attn\n./third_party/kernels',
      then: {folders: ['third_party/kernels'], packages: ['flash-attn']}
    },
    {given: 'the context as a whole', text: './', then: {folders: ['.'], packages: []}}
  ])('given $given', ({text, then}) => {
    expect(read(text)).toEqual({...then, faults: 0})
  })

  test.each([
    {given: 'a folder of the machine', text: '/srv/kernels'},
    {given: 'a folder beside the context', text: '../kernels'},
    {given: 'a version', text: 'flash-attn==2.8.3'},
    {given: 'the folder of the context without a slash', text: '.'}
  ])('given $given, it is refused', ({text}) => {
    expect(read(text)).toEqual({folders: [], packages: [], faults: 1})
  })
})
