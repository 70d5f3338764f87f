import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import type {Lock, LockedPackage} from '../../src/model/lock.ts'
import {parseLock} from '../../src/wheels/lock.ts'
import {cudaOf, downloadBytes, type LockTarget, misfitsOf} from '../../src/wheels/lock-fit.ts'

const TORCH = parseLock(readFileSync(new URL('locks/torch-2.8.0-cp312.pylock.toml', import.meta.url), 'utf8'), 'lock')
const TARGET: LockTarget = {
  python: '3.12',
  platform: 'linux/amd64',
  versions: {torch: '2.8.0', torchvision: '0.23.0', torchaudio: '2.8.0'},
  cuda: 'cu128'
}

function wheel(name: string, version: string, tags: string): LockedPackage {
  const file = `${name.replaceAll('-', '_')}-${version}-${tags}.whl`
  const wheels = [{url: `https://a.example/${file}`, name: file, sha256: 'a'.repeat(64)}]
  return {name, version, source: {kind: 'wheels', wheels}}
}

function lockOf(...packages: readonly LockedPackage[]): Lock {
  return {createdBy: 'test', packages}
}

describe('misfitsOf', () => {
  test('the lock of torch 2.8.0 for Python 3.12 fits the image that it was made for', () => {
    expect(misfitsOf(TORCH, TARGET)).toEqual([])
  })

  test.each([
    {given: 'another torch', target: {versions: {torch: '2.9.0'}}, fault: /has torch 2\.8\.0, .* for torch 2\.9\.0/},
    {given: 'a package that is missing', target: {versions: {torchtext: '0.18.0'}}, fault: /has no torchtext/},
    {given: 'another CUDA', target: {cuda: 'cu126'}, fault: /built for cu128, .* for cu126/},
    {given: 'a NumPy that this torch does not work with', target: {numpy: '<2'}, fault: /has numpy 2\.\S+, .* numpy<2/},
    {given: 'an older Python', target: {python: '3.11'}, fault: /requires Python >=3\.12/},
    {given: 'a newer Python', target: {python: '3.13'}, fault: /torch 2\.8\.0 has no wheel for Python 3\.13/},
    {
      given: 'another processor',
      target: {platform: 'linux/arm64'},
      fault: /torch 2\.8\.0 has no wheel for Python 3\.12 on linux\/arm64/
    }
  ])('given $given, then it says so', ({target, fault}) => {
    const faults = misfitsOf(TORCH, {...TARGET, ...target})
    expect(faults).toEqual(expect.arrayContaining([expect.stringMatching(fault)]))
  })

  test('a CPU build under the name of a CUDA one is found out', () => {
    const cpu = lockOf(wheel('torch', '2.8.0', 'cp312-cp312-manylinux_2_28_aarch64'))
    const faults = misfitsOf(cpu, {...TARGET, platform: 'linux/arm64', versions: {torch: '2.8.0'}})
    expect(faults).toEqual([expect.stringMatching(/is a CPU build/)])
  })

  test.each([
    {tags: 'py3-none-any', fits: true},
    {tags: 'py2.py3-none-any', fits: true},
    {tags: 'cp312-cp312-manylinux_2_28_x86_64', fits: true},
    {tags: 'cp39-abi3-manylinux2014_x86_64', fits: true},
    {tags: 'py3-none-manylinux_2_17_x86_64', fits: true},
    {tags: 'cp313-abi3-manylinux2014_x86_64', fits: false},
    {tags: 'cp312-cp312-musllinux_1_2_x86_64', fits: false},
    {tags: 'cp312-cp312t-manylinux_2_28_x86_64', fits: false},
    {tags: 'cp312-cp312-win_amd64', fits: false}
  ])('a wheel for $tags fits Python 3.12 on x86-64: $fits', ({tags, fits}) => {
    expect(misfitsOf(lockOf(wheel('six', '1.17.0', tags)), {...TARGET, versions: {}, cuda: 'cpu'})).toHaveLength(
      fits ? 0 : 1
    )
  })
})

describe('cudaOf', () => {
  test.each([
    {given: 'a local version', packages: [wheel('torch', '2.8.0+cu126', 'cp312-cp312-linux_x86_64')], then: 'cu126'},
    {given: 'the CPU index', packages: [wheel('torch', '2.8.0+cpu', 'cp312-cp312-linux_x86_64')], then: 'cpu'},
    {
      given: 'the runtime of CUDA 13, whose name has no number',
      packages: [wheel('torch', '2.15.0', 'cp312-cp312-any'), wheel('nvidia-cuda-runtime', '13.2.75', 'py3-none-any')],
      then: 'cu132'
    },
    {given: 'torch alone', packages: [wheel('torch', '2.8.0', 'cp312-cp312-any')], then: 'cpu'},
    {given: 'no torch', packages: [wheel('six', '1.17.0', 'py3-none-any')], then: undefined}
  ])('given $given, then it is $then', ({packages, then}) => {
    expect(cudaOf(lockOf(...packages))).toBe(then)
  })

  test('the lock of PyPI’s torch 2.8.0 is for cu128', () => {
    expect(cudaOf(TORCH)).toBe('cu128')
  })
})

test('downloadBytes is the sum of the wheels', () => {
  expect(downloadBytes(TORCH)).toBeGreaterThan(3.9e9)
  expect(downloadBytes(TORCH)).toBeLessThan(4.0e9)
})
