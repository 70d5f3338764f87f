import {describe, expect, test} from '@jest/globals'
import {parseDockerfile} from '../../src/image/dockerfile.ts'
import {bytecodeDockerfile, bytecodeKey, isBytecode, isSource} from '../../src/wheels/bytecode.ts'

const SITE = 'opt/venv/lib/python/site-packages'

describe('what is compiled', () => {
  test.each([
    {given: 'a module', path: `${SITE}/torch/nn/functional.py`, then: true},
    {given: 'a library', path: `${SITE}/torch/lib/libtorch.so`, then: false},
    {given: 'a stub', path: `${SITE}/torch/nn/functional.pyi`, then: false},
    {given: 'a script, which is run and never imported', path: 'opt/venv/bin/tool.py', then: false}
  ])('given $given, then $then', ({path, then}) => {
    expect(isSource(path)).toBe(then)
  })
})

describe('what a builder may give as bytecode', () => {
  test.each([
    {given: 'that of a module', path: `${SITE}/torch/nn/__pycache__/functional.cpython-312.pyc`, then: true},
    {given: 'a source', path: `${SITE}/torch/nn/functional.py`, then: false},
    {given: 'a program', path: 'opt/venv/bin/python3', then: false},
    {given: 'bytecode of the base image', path: 'usr/lib/python3/x.pyc', then: false},
    {given: 'a path that leads out', path: `${SITE}/../../../../../../etc/x.pyc`, then: false}
  ])('given $given, then $then', ({path, then}) => {
    expect(isBytecode(path)).toBe(then)
  })
})

describe('the key of bytecode', () => {
  test('tells the layer and the whole version of Python apart', () => {
    const keys = ['3.12.4', '3.12.5', '3.13.0'].flatMap(python => ['a', 'b'].map(layer => bytecodeKey(layer, python)))
    expect(new Set(keys).size).toBe(6)
  })
})

test('the Dockerfile names each archive, gives what was compiled alone, and can be read', () => {
  const text = bytecodeDockerfile(['0.tar', '7.tar'])
  expect(text).toContain('python3 -W ignore - 0.tar 7.tar <<')
  expect(text.match(/^COPY .*$/gm)).toEqual(['COPY --from=compile /bytecode/ /'])
  expect(parseDockerfile(text).stages.map(({from}) => from)).toEqual(['foundation', 'scratch'])
})
