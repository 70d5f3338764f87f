import {describe, expect, test} from '@jest/globals'
import {type Installed, unmetRequirements} from '../../src/wheels/requirements.ts'

const ENVIRONMENT = {
  os_name: 'posix',
  sys_platform: 'linux',
  platform_system: 'Linux',
  platform_machine: 'x86_64',
  platform_python_implementation: 'CPython',
  implementation_name: 'cpython',
  python_version: '3.12',
  python_full_version: '3.12.4'
}

/** torch 2.8.0 with what a row says, beside a few others. */
function unmet(requires: readonly string[], others: Readonly<Record<string, string>> = {}): readonly string[] {
  const installed: Installed = Object.fromEntries([
    ['torch', {version: '2.8.0', requires}],
    ...Object.entries(others).map(([name, version]) => [name, {version, requires: []}] as const)
  ])
  return unmetRequirements(installed, ENVIRONMENT)
}

describe('what installed projects require of each other', () => {
  test.each([
    {given: 'nothing is required', requires: [], others: {}, then: []},
    {given: 'a version in the range', requires: ['sympy>=1.13.3'], others: {sympy: '1.14.0'}, then: []},
    {given: 'a local version', requires: ['torch==2.8.0'], others: {}, then: []},
    {
      given: 'another spelling of the name',
      requires: ['typing_extensions>=4.10.0'],
      others: {'typing-extensions': '4.15.0'},
      then: []
    },
    {
      given: 'the form with brackets of older wheels',
      requires: ['numpy (>=1.21,<2)'],
      others: {numpy: '1.26.4'},
      then: []
    },
    {
      given: 'an extra of what is required',
      requires: ['cuda-toolkit[cublas]==13.0.2'],
      others: {'cuda-toolkit': '13.0.2'},
      then: []
    },
    {given: 'a prerelease in the range', requires: ['jinja2>=3.1'], others: {jinja2: '3.2rc1'}, then: []},
    {given: 'an address', requires: ['jinja2 @ https://example.com/jinja2.whl'], others: {jinja2: '3.1'}, then: []},
    {given: 'a marker of another system', requires: ['pywin32; sys_platform == "win32"'], others: {}, then: []},
    {given: 'a marker that cannot be told', requires: ['foo; colour == "red"'], others: {}, then: []},
    {given: 'no name at all', requires: ['== 1'], others: {}, then: []},
    {
      given: 'something that is not there',
      requires: ['filelock'],
      others: {},
      then: ['torch 2.8.0 requires filelock, which is not installed']
    },
    {
      given: 'another version',
      requires: ['nvidia-cudnn-cu12==9.10.2.21; platform_system == "Linux" and platform_machine == "x86_64"'],
      others: {'nvidia-cudnn-cu12': '9.1.0.70'},
      then: ['torch 2.8.0 requires nvidia-cudnn-cu12 ==9.10.2.21, and 9.1.0.70 is installed']
    }
  ])('given $given', ({requires, others, then}) => {
    expect(unmet(requires, others)).toEqual(then)
  })

  test('a torchvision of another torch names both', () => {
    const installed = {
      torch: {version: '2.8.0+cu128', requires: []},
      torchvision: {version: '0.22.1', requires: ['torch==2.7.1', 'numpy']},
      numpy: {version: '2.1.0', requires: []}
    }
    expect(unmetRequirements(installed, ENVIRONMENT)).toEqual([
      'torchvision 0.22.1 requires torch ==2.7.1, and 2.8.0+cu128 is installed'
    ])
  })
})
