import {describe, expect, test} from '@jest/globals'
import {parseWheelName, wheelText} from '../../src/wheels/wheel-name.ts'

describe('parseWheelName', () => {
  test.each([
    {
      given: 'a wheel for one Python',
      name: 'torch-2.8.0-cp312-cp312-manylinux_2_28_x86_64.whl',
      then: {
        distribution: 'torch',
        version: '2.8.0',
        pythons: ['cp312'],
        abis: ['cp312'],
        platforms: ['manylinux_2_28_x86_64']
      }
    },
    {
      given: 'a wheel for several platforms, with a local version',
      name: 'torch-2.7.1+cu118-cp39-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
      then: {
        distribution: 'torch',
        version: '2.7.1+cu118',
        pythons: ['cp39'],
        abis: ['abi3'],
        platforms: ['manylinux2014_x86_64', 'manylinux_2_17_x86_64']
      }
    },
    {
      given: 'a wheel that was uploaded again under a build number',
      name: 'torch-2.10.0-3-cp312-cp312-manylinux_2_28_x86_64.whl',
      then: {
        distribution: 'torch',
        version: '2.10.0',
        build: '3',
        pythons: ['cp312'],
        abis: ['cp312'],
        platforms: ['manylinux_2_28_x86_64']
      }
    },
    {
      given: 'a wheel for every Python and platform',
      name: 'six-1.17.0-py2.py3-none-any.whl',
      then: {distribution: 'six', version: '1.17.0', pythons: ['py2', 'py3'], abis: ['none'], platforms: ['any']}
    },
    {given: 'a source archive', name: 'antlr4-python3-runtime-4.9.3.tar.gz', then: undefined},
    {given: 'too few parts', name: 'torch-2.8.0-any.whl', then: undefined},
    {given: 'a build number that is none', name: 'torch-2.8.0-x-cp312-cp312-any.whl', then: undefined},
    {given: 'an empty part', name: 'torch--cp312-cp312-any.whl', then: undefined}
  ])('given $given, then its parts are told', ({name, then}) => {
    expect(parseWheelName(name)).toEqual(then)
  })
})

describe('wheelText', () => {
  test.each([
    {name: 'nvidia_nccl_cu12-2.27.3-py3-none-manylinux_2_18_x86_64.whl', then: 'nvidia-nccl-cu12 2.27.3'},
    {name: 'torch-2.7.1+cu118-cp39-abi3-linux_x86_64.whl', then: 'torch 2.7.1+cu118'},
    {name: 'notes.txt', then: 'notes.txt'}
  ])('$name is $then', ({name, then}) => {
    expect(wheelText(name)).toBe(then)
  })
})
