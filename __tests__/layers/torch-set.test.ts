import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {parseSet, pypiSetText, tabledGroups} from '../../scripts/layers/torch-set.ts'
import {UsageError} from '../../scripts/runner/options.ts'
import {knownDiffId} from '../../src/wheels/known-layers.ts'

const LOCKS = new URL('../wheels/locks/', import.meta.url)

describe('parseSet', () => {
  test.each([
    {
      word: '2.8.0/3.12',
      then: 'torch 2.8.0 for Python 3.12 on linux/amd64',
      packages: ['torch==2.8.0', 'torchvision==0.23.0', 'torchaudio==2.8.0']
    },
    {
      word: '2.15.0/3.13/arm64',
      then: 'torch 2.15.0 for Python 3.13 on linux/arm64',
      packages: ['torch==2.15.0', 'torchvision==0.29.2']
    },
    {
      word: '2.15.0/3.12/amd64',
      then: 'torch 2.15.0 for Python 3.12 on linux/amd64',
      packages: ['torch==2.15.0', 'torchvision==0.29.2']
    }
  ])('reads $word', ({word, then, packages}) => {
    const set = parseSet(word)
    expect(pypiSetText(set)).toBe(then)
    expect(set.packages).toEqual(packages)
  })

  test.each([
    {given: 'a release that nobody knows', word: '2.15.9/3.12', then: 'no torch 2.15.9. The nearest is 2.15.0'},
    {given: 'a Python that it has no wheels for', word: '2.15.0/3.10/arm64', then: 'Python 3.11, 3.12, 3.13, 3.14'},
    {given: 'a free-threaded Python', word: '2.15.0/3.14t', then: 'not 3.14t'},
    {given: 'another platform', word: '2.15.0/3.12/s390x', then: 'no platform s390x: amd64 or arm64'},
    {given: 'no Python', word: '2.15.0', then: '2.15.0 is no set'},
    {given: 'too much', word: '2.15.0/3.12/linux/arm64', then: 'is no set'}
  ])('refuses $given', ({word, then}) => {
    expect(() => parseSet(word)).toThrow(UsageError)
    expect(() => parseSet(word)).toThrow(then)
  })
})

describe('the layers that the table has rows for', () => {
  test.each([
    {lock: 'torch-2.8.0-cp312.pylock.toml', word: '2.8.0/3.12', machine: /x86_64\.whl$/, large: 'nvidia-cudnn-cu12'},
    {
      lock: 'torch-2.15.0-cp312-arm64.pylock.toml',
      word: '2.15.0/3.12/arm64',
      machine: /aarch64\.whl$/,
      large: 'nvidia-cudnn-cu13'
    }
  ])('of $word are those of PyTorch and NVIDIA alone, and the action’s table knows each', ({lock, word, ...then}) => {
    const groups = tabledGroups(readFileSync(new URL(lock, LOCKS), 'utf8'), parseSet(word))
    const titles = groups.map(({title}) => title)
    expect(titles).toEqual(expect.arrayContaining(['torch', 'triton', then.large, 'CUDA libraries', 'PyTorch family']))
    expect(titles).not.toContain('what PyTorch needs')
    for (const {title, wheels} of groups) {
      for (const {file} of wheels) expect(file.name).toMatch(then.machine)
      expect({title, known: knownDiffId(wheels.map(({file}) => file))}).toEqual({
        title,
        known: expect.stringMatching(/^sha256:/)
      })
    }
  })

  test('a set with a package that has no wheel for the platform is refused', () => {
    const lock = readFileSync(new URL('torch-2.8.0-cp312.pylock.toml', LOCKS), 'utf8')
    expect(() => tabledGroups(lock, parseSet('2.8.0/3.12/arm64'))).toThrow('no wheel for Python 3.12.0 on linux/arm64')
  })
})
