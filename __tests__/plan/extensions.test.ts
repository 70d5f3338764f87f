import {describe, expect, test} from '@jest/globals'
import {argumentsOf} from '../../src/plan/arguments.ts'
import {checkExtensions} from '../../src/plan/extensions.ts'
import {readVariant} from '../../src/plan/variant.ts'
import {type FactsSaid, makeDockerfile, makeFacts} from '../support/facts.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`

function checked(inputs: FactsSaid['inputs'], source: FactsSaid['source'] = {}) {
  const facts = makeFacts({inputs: {torch: '2.15.0', extensions: ['kernels'], ...inputs}, source})
  const {variant} = readVariant(facts)
  const {problems, warnings} = checkExtensions(facts, variant)
  const {EXTENSIONS, CUDA_DEVEL, TORCH_CUDA_ARCH_LIST} = argumentsOf(facts, variant)
  return {
    problems: problems.map(({code}) => code),
    warnings: warnings.length,
    EXTENSIONS,
    CUDA_DEVEL,
    TORCH_CUDA_ARCH_LIST
  }
}

describe('extensions with CUDA sources', () => {
  test.each([
    {given: 'CUDA 13', inputs: {}, then: {problems: [], warnings: 0, EXTENSIONS: 'kernels'}},
    {
      given: 'GPUs, two of them of one kind',
      inputs: {
        gpuTargets: [
          {name: 'A100', capability: '8.0'},
          {name: 'A30', capability: '8.0'},
          {name: 'H100', capability: '9.0'}
        ]
      },
      then: {TORCH_CUDA_ARCH_LIST: '8.0;9.0'}
    },
    {given: 'CUDA 12', inputs: {torch: '2.8.0'}, then: {problems: ['input-conflict']}},
    {
      given: 'CUDA 12 and an image that has its compiler',
      inputs: {torch: '2.8.0', cudaDevel: `nvidia/cuda:12.8.1-devel-ubuntu24.04@${DIGEST}`},
      then: {problems: [], CUDA_DEVEL: `nvidia/cuda:12.8.1-devel-ubuntu24.04@${DIGEST}`}
    },
    {
      given: 'an image whose name does not tell its CUDA',
      inputs: {torch: '2.8.0', cudaDevel: `ghcr.io/acme/toolchain@${DIGEST}`},
      then: {problems: [], CUDA_DEVEL: `ghcr.io/acme/toolchain@${DIGEST}`}
    },
    {
      given: 'an image with the compiler of another CUDA',
      inputs: {torch: '2.8.0', cudaDevel: `nvidia/cuda:12.4.1-devel-ubuntu22.04@${DIGEST}`},
      then: {problems: ['input-conflict']}
    },
    {
      given: 'an image and nothing to compile',
      inputs: {extensions: [], torch: '2.8.0', cudaDevel: `ghcr.io/acme/toolchain@${DIGEST}`},
      then: {problems: [], warnings: 1, CUDA_DEVEL: undefined}
    },
    {given: 'no CUDA', inputs: {cuda: 'cpu'}, then: {problems: [], warnings: 1, EXTENSIONS: undefined}},
    {given: 'four folders', inputs: {extensions: ['a', 'b', 'c', 'd']}, then: {problems: ['input-invalid']}},
    {given: 'none', inputs: {extensions: [], torch: '2.8.0'}, then: {problems: [], warnings: 0, EXTENSIONS: undefined}}
  ])('given $given', ({inputs, then}) => {
    expect(checked(inputs)).toMatchObject(then)
  })

  test('with a Dockerfile of one’s own nothing is refused: it may have a compiler', () => {
    expect(checked({torch: '2.8.0'}, {dockerfile: makeDockerfile()})).toMatchObject({problems: []})
  })
})
