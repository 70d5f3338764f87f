import {describe, expect, test} from '@jest/globals'
import type {Lock, LockedPackage} from '../../src/model/lock.ts'
import {chooseWheels} from '../../src/wheels/choice.ts'

const TARGET = {platform: 'linux/amd64', python: '3.11.2'}

function packageOf(name: string, wheels: readonly string[], more: Partial<LockedPackage> = {}): LockedPackage {
  const files = wheels.map(file => ({
    url: `https://files.pythonhosted.org/${file}`,
    name: file,
    sha256: 'a'.repeat(64)
  }))
  return {name, version: '1.0', source: {kind: 'wheels', wheels: files}, ...more}
}

function choose(...packages: readonly LockedPackage[]) {
  const lock: Lock = {createdBy: 'uv', packages}
  const {wheels, hindrances} = chooseWheels(lock, TARGET)
  return {names: wheels.map(({file}) => file.name), hindrances}
}

describe('chooseWheels, for CPython 3.11 on linux/amd64', () => {
  test.each([
    {given: 'a wheel for any', wheels: ['a-1.0-py3-none-any.whl'], then: 'a-1.0-py3-none-any.whl'},
    {
      given: 'a wheel for this Python beside one for any',
      wheels: ['a-1.0-py3-none-any.whl', 'a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl'],
      then: 'a-1.0-cp311-cp311-manylinux_2_17_x86_64.whl'
    },
    {
      given: 'two versions of glibc',
      wheels: ['a-1.0-cp311-cp311-manylinux2014_x86_64.whl', 'a-1.0-cp311-cp311-manylinux_2_28_x86_64.whl'],
      then: 'a-1.0-cp311-cp311-manylinux_2_28_x86_64.whl'
    },
    {
      given: 'the stable ABI of an older Python',
      wheels: ['a-1.0-cp38-abi3-manylinux_2_28_x86_64.whl', 'a-1.0-cp312-cp312-manylinux_2_28_x86_64.whl'],
      then: 'a-1.0-cp38-abi3-manylinux_2_28_x86_64.whl'
    },
    {
      given: 'tags for several platforms in one name',
      wheels: ['a-1.0-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl'],
      then: 'a-1.0-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl'
    }
  ])('given $given, then $then is laid', ({wheels, then}) => {
    expect(choose(packageOf('a', wheels))).toEqual({names: [then], hindrances: []})
  })

  test.each([
    {given: 'another Python alone', wheels: ['a-1.0-cp312-cp312-manylinux_2_28_x86_64.whl']},
    {given: 'another machine alone', wheels: ['a-1.0-cp311-cp311-manylinux_2_28_aarch64.whl']},
    {given: 'musl alone', wheels: ['a-1.0-cp311-cp311-musllinux_1_2_x86_64.whl']},
    {given: 'a glibc that is too new', wheels: ['a-1.0-cp311-cp311-manylinux_2_39_x86_64.whl']},
    {given: 'Python 2 alone', wheels: ['a-1.0-py2-none-any.whl']}
  ])('given a wheel for $given, then it hinders', ({wheels}) => {
    expect(choose(packageOf('a', wheels))).toEqual({names: [], hindrances: [expect.stringContaining('a 1.0')]})
  })

  test('what needs to be built hinders, and says so by name', () => {
    const sdist: LockedPackage = {
      name: 'flash-attn',
      version: '2.8.3',
      source: {kind: 'sdist', sdist: {url: 'https://x/f.tar.gz', name: 'f.tar.gz', sha256: 'b'.repeat(64)}}
    }
    expect(choose(sdist).hindrances).toEqual(['flash-attn 2.8.3 has no wheel and must be built'])
  })

  test('a package under a marker for elsewhere is not there', () => {
    const windows = packageOf('colorama', ['colorama-1.0-py3-none-any.whl'], {marker: "sys_platform == 'win32'"})
    expect(choose(windows)).toEqual({names: [], hindrances: []})
  })

  test('a marker that is not understood hinders', () => {
    const odd = packageOf('a', ['a-1.0-py3-none-any.whl'], {marker: "extra == 'gpu'"})
    expect(choose(odd).hindrances).toEqual([expect.stringContaining("extra == 'gpu'")])
  })
})
