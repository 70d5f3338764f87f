import {describe, expect, test} from '@jest/globals'
import {archListOf, compareCapabilities, coverageOf} from '../../src/pytorch/coverage.ts'
import {driverNeed} from '../../src/pytorch/driver.ts'
import {GPU_NAMES, GPUS, gpuOf, likeliestGpu} from '../../src/pytorch/gpus.ts'
import {resolveSet} from '../../src/pytorch/resolve.ts'

describe('GPUs', () => {
  test.each([
    {text: 'A100', then: '8.0'},
    {text: 'NVIDIA A100-SXM4-80GB', then: '8.0'},
    {text: 'NVIDIA H100 80GB HBM3', then: '9.0'},
    {text: 'h200', then: '9.0'},
    {text: 'Tesla T4', then: '7.5'},
    {text: 'Tesla V100-SXM2-16GB', then: '7.0'},
    {text: 'NVIDIA L4', then: '8.9'},
    {text: 'L40S', then: '8.9'},
    {text: 'NVIDIA GeForce RTX 4090', then: '8.9'},
    {text: 'rtx4070 ti super', then: '8.9'},
    {text: 'NVIDIA RTX 6000 Ada Generation', then: '8.9'},
    {text: 'NVIDIA RTX PRO 6000 Blackwell Server Edition', then: '12.0'},
    {text: 'B200', then: '10.0'},
    {text: 'NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition', then: '12.0'},
    {text: 'NVIDIA GeForce RTX 4090 D', then: '8.9'},
    {text: 'NVIDIA RTX 4000 SFF Ada Generation', then: '8.9'},
    {text: 'Tesla V100-SXM3-32GB-H', then: '7.0'},
    {text: 'Tesla V100S-PCIE-32GB', then: '7.0'},
    {text: 'A100-80G', then: '8.0'},
    {text: 'NVIDIA A100-SXM4-40GB MIG 1g.5gb', then: '8.0'},
    {text: 'NVIDIA A40-48Q', then: '8.6'},
    {text: 'B300', then: '10.3'},
    {text: 'Jetson Thor', then: '11.0'},
    {text: 'GB10', then: '12.1'},
    {text: '8.6', then: '8.6'},
    {text: 'sm_90', then: '9.0'},
    {text: '9.0a', then: '9.0'},
    {text: '12.0+PTX', then: '12.0'},
    {text: '120', then: '12.0'},
    {text: 'A1000', then: undefined},
    {text: '4.2', then: undefined},
    {text: '', then: undefined}
  ])('given "$text", then the compute capability is $then', ({text, then}) => {
    expect(gpuOf(text)?.capability).toBe(then)
  })

  test.each([
    {text: '4090', then: 'RTX 4090'},
    {text: 'A6000', then: 'RTX A6000'},
    {text: 'Orin', then: 'JETSON ORIN NX'},
    {text: 'hopper', then: 'H100'},
    {text: 'Ada', then: 'L4'},
    {text: 'A1000', then: undefined},
    {text: '', then: undefined}
  ])('given "$text", which is none, it is most likely $then', ({text, then}) => {
    expect([gpuOf(text), likeliestGpu(text)]).toEqual([undefined, then])
  })

  test('stand in order, each name once, and each is found by its name', () => {
    const capabilities = GPUS.map(({capability}) => capability)
    expect(capabilities).toEqual([...new Set(capabilities)].toSorted(compareCapabilities))
    expect(new Set(GPU_NAMES).size).toBe(GPU_NAMES.length)
    for (const {names, capability} of GPUS) {
      for (const name of names) expect(gpuOf(name)).toEqual({name, capability})
    }
  })
})

function setOf(torch: string, cuda: string) {
  const resolution = resolveSet({torch, cuda})
  if ('refusal' in resolution) throw new Error(`${torch}+${cuda} is not in the matrix`)
  return resolution.set
}

describe('what a build has code for', () => {
  test.each([
    {torch: '2.8.0', cuda: 'cu128', gpu: 'A100', then: 'machine-code'},
    {torch: '2.8.0', cuda: 'cu128', gpu: 'L4', then: 'machine-code'},
    {torch: '2.8.0', cuda: 'cu128', gpu: 'B300', then: 'machine-code'},
    {torch: '2.8.0', cuda: 'cu128', gpu: 'GB10', then: 'machine-code'},
    {torch: '2.8.0', cuda: 'cu128', gpu: 'P100', then: 'none'},
    {torch: '2.8.0', cuda: 'cu126', gpu: 'B200', then: 'none'},
    {torch: '2.7.0', cuda: 'cu128', gpu: 'V100', then: 'none'},
    {torch: '2.0.1', cuda: 'cu117', gpu: 'H100', then: 'none'},
    {torch: '2.0.1', cuda: 'cu118', gpu: 'H100', then: 'machine-code'},
    {torch: '2.7.1', cuda: 'cu128', gpu: 'H100', then: 'unknown'},
    {torch: '2.15.0', cuda: 'cu132', gpu: 'H100', then: 'unknown'},
    {torch: '2.15.0', cuda: 'cu132', gpu: 'V100', then: 'none'},
    {torch: '2.13.0', cuda: 'cu130', gpu: 'Jetson Thor', then: 'machine-code'},
    {torch: '2.8.0', cuda: 'cpu', gpu: 'A100', then: 'none'}
  ])('PyTorch $torch+$cuda on $gpu: $then', ({torch, cuda, gpu, then}) => {
    const target = gpuOf(gpu)
    expect(target && coverageOf(setOf(torch, cuda), target)).toBe(then)
  })

  test('PTX serves what is newer, by compilation', () => {
    const set = {...setOf('2.7.0', 'cu128'), kernels: [{platform: 'linux/amd64' as const, sass: ['9.0'], ptx: ['9.0']}]}
    expect(coverageOf(set, {capability: '12.0'})).toBe('ptx')
    expect(coverageOf(set, {capability: '8.0'})).toBe('none')
  })

  test.each([
    {torch: '2.8.0', cuda: 'cu128', then: '7.0;7.5;8.0;8.6;9.0;10.0;12.0'},
    {torch: '2.7.0', cuda: 'cu128', then: '7.5;8.0;8.6;9.0;10.0;12.0+PTX'},
    {torch: '2.15.0', cuda: 'cu132', then: undefined},
    {torch: '2.8.0', cuda: 'cpu', then: ''}
  ])('the list of $torch+$cuda is $then', ({torch, cuda, then}) => {
    expect(archListOf(setOf(torch, cuda))).toBe(then)
  })
})

describe('the driver', () => {
  test.each([
    {cuda: 'cu118', oldest: '450.80.02', complete: '520.61.05'},
    {cuda: 'cu128', oldest: '525.60.13', complete: '570.26'},
    {cuda: 'cu132', oldest: '580.65.06', complete: '595.45.04'}
  ])('of $cuda is $oldest or newer, said in one sentence with its reason', ({cuda, oldest, complete}) => {
    const need = driverNeed(cuda)
    expect(need).toMatchObject({oldest, complete})
    expect(need?.because).toMatch(new RegExp(`${oldest}.* because .*${complete}`))
  })

  test('of a CPU build is none', () => {
    expect(driverNeed('cpu')).toBeUndefined()
  })

  test('of Blackwell is said to be 570, and that this is not confirmed', () => {
    expect(driverNeed('cu128', [{name: 'B200', capability: '10.0'}])?.because).toMatch(/570 .*not confirmed/)
    expect(driverNeed('cu130', [{name: 'B200', capability: '10.0'}])?.because).not.toMatch(/not confirmed/)
  })
})
