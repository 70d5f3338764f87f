import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {type ChosenWheel, groupWheels} from '../../src/wheels/grouping.ts'
import {layerKey} from '../../src/wheels/layer-key.ts'

const MB = 1024 ** 2

function wheel(project: string, megabytes: number): ChosenWheel {
  const name = `${project.replaceAll('-', '_')}-1.0-py3-none-any.whl`
  const sha256 = Buffer.from(project).toString('hex').padEnd(64, '0').slice(0, 64)
  return {project, file: {url: `https://files.pythonhosted.org/${name}`, name, sizeBytes: megabytes * MB, sha256}}
}

const TORCH_SET = [
  wheel('torch', 847),
  wheel('nvidia-cudnn-cu12', 674),
  wheel('nvidia-cublas-cu12', 567),
  wheel('nvidia-nvtx-cu12', 0.1),
  wheel('nvidia-cuda-runtime-cu12', 0.9),
  wheel('triton', 148),
  wheel('torchvision', 8),
  wheel('filelock', 0.1),
  wheel('sympy', 6),
  wheel('cuda-bindings', 12),
  wheel('my-app-lib', 0.2)
]

describe('groupWheels', () => {
  test('large wheels stand alone, small ones with their family, those first that change least', () => {
    expect(groupWheels(TORCH_SET).map(({title, wheels}) => [title, wheels.map(({project}) => project)])).toEqual([
      ['nvidia-cublas-cu12', ['nvidia-cublas-cu12']],
      ['nvidia-cudnn-cu12', ['nvidia-cudnn-cu12']],
      ['CUDA libraries', ['nvidia-cuda-runtime-cu12', 'nvidia-nvtx-cu12']],
      ['torch', ['torch']],
      ['triton', ['triton']],
      ['PyTorch family', ['torchvision']],
      ['what PyTorch needs', ['cuda-bindings', 'filelock', 'sympy']],
      ['requirements', ['my-app-lib']]
    ])
  })

  test('another requirement leaves the layers of PyTorch as they are', () => {
    const keys = (wheels: readonly ChosenWheel[]) =>
      groupWheels(wheels).map(group => layerKey(group, {format: 'zstd', level: 1, library: '1.5.7'}))
    const before = keys(TORCH_SET)
    const after = keys([...TORCH_SET, wheel('pandas', 12)])
    expect(after.filter(key => !before.includes(key)).length).toBe(1)
  })

  test('every wheel is in one layer, there are at most forty, and the order in which wheels come says nothing', () => {
    const wheels = fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('nvidia-', 'lib-', ''),
        fc.stringMatching(/^[a-z]{1,8}$/),
        fc.integer({min: 0, max: 2000})
      ),
      {maxLength: 120, selector: ([family, name]) => `${family}${name}`}
    )
    fc.assert(
      fc.property(wheels, fc.integer(), (made, seed) => {
        const all = made.map(([family, name, size]) => wheel(`${family}${name}`, size))
        const shuffled = all.toSorted((one, other) => hash(one.project, seed) - hash(other.project, seed))
        const groups = groupWheels(all)
        expect(groups.length).toBeLessThanOrEqual(40)
        expect(groups.flatMap(group => group.wheels).length).toBe(all.length)
        expect(groupWheels(shuffled)).toEqual(groups)
      })
    )
  })
})

function hash(text: string, seed: number): number {
  return [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) | 0, seed)
}
