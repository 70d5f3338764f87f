import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {stepOf} from '../../src/model/plan.ts'
import {argumentsOf} from '../../src/plan/arguments.ts'
import {checkExtensions, compilesExtensions} from '../../src/plan/extensions.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {readVariant} from '../../src/plan/variant.ts'
import {parseLock} from '../../src/wheels/lock.ts'
import {type FactsSaid, makeDockerfile, makeFacts} from '../support/facts.ts'

const EVERY_SOURCE = readFileSync(new URL('../wheels/locks/every-source.pylock.toml', import.meta.url), 'utf8')
const NONE = {folders: [], packages: []}
const FLASH = {folders: [], packages: ['flash-attn']}
const DIGEST = `sha256:${'a'.repeat(64)}`

function checked(inputs: FactsSaid['inputs'], source: FactsSaid['source'] = {}) {
  const facts = makeFacts({
    inputs: {torch: '2.15.0', extensions: {folders: ['kernels'], packages: []}, ...inputs},
    source
  })
  const {variant} = readVariant(facts)
  const {problems, warnings} = checkExtensions(facts, variant)
  const {EXTENSIONS, EXTENSION_PACKAGES, CUDA_DEVEL, TORCH_CUDA_ARCH_LIST} = argumentsOf(facts, variant)
  return {
    problems: problems.map(({code}) => code),
    warnings: warnings.length,
    EXTENSIONS,
    EXTENSION_PACKAGES,
    compiles: compilesExtensions(facts, variant),
    CUDA_DEVEL,
    TORCH_CUDA_ARCH_LIST
  }
}

describe('extensions with CUDA sources', () => {
  test.each<{given: string; inputs: FactsSaid['inputs']; then: object}>([
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
      inputs: {extensions: NONE, torch: '2.8.0', cudaDevel: `ghcr.io/acme/toolchain@${DIGEST}`},
      then: {problems: [], warnings: 1, CUDA_DEVEL: undefined}
    },
    {given: 'no CUDA', inputs: {cuda: 'cpu'}, then: {problems: [], warnings: 1, EXTENSIONS: undefined}},
    {
      given: 'four folders',
      inputs: {extensions: {folders: ['a', 'b', 'c', 'd'], packages: []}},
      then: {problems: ['input-invalid']}
    },
    {
      given: 'a package',
      inputs: {extensions: FLASH},
      then: {problems: [], EXTENSIONS: undefined, EXTENSION_PACKAGES: 'flash-attn', compiles: true}
    },
    {
      given: 'a package and no CUDA',
      inputs: {extensions: FLASH, cuda: 'cpu'},
      then: {problems: [], warnings: 1, EXTENSION_PACKAGES: undefined, compiles: false}
    },
    {
      given: 'a package for CUDA 12',
      inputs: {extensions: FLASH, torch: '2.8.0'},
      then: {problems: ['input-conflict']}
    },
    {
      given: 'none',
      inputs: {extensions: NONE, torch: '2.8.0'},
      then: {problems: [], warnings: 0, EXTENSIONS: undefined}
    }
  ])('given $given', ({inputs, then}) => {
    expect(checked(inputs)).toMatchObject(then)
  })

  test.each<{given: string; extensions: {folders: string[]; packages: string[]}; fix: string}>([
    {
      given: 'a folder that is not there',
      extensions: {folders: ['third_party/kernls'], packages: []},
      fix: 'Did you mean `extensions: third_party/kernels`?'
    },
    {
      given: 'a folder with the name of a package',
      extensions: {folders: ['flash-attn'], packages: []},
      fix: 'Did you mean `extensions: flash-attn`?'
    },
    {
      given: 'what is like nothing that there is',
      extensions: {folders: ['somewhere/else'], packages: []},
      fix: 'Name a folder as seen from `context`'
    }
  ])('given $given, the one error names the nearest folder or package', ({extensions, fix}) => {
    const source = {
      extensions: {absent: extensions.folders, projects: ['third_party/kernels', 'tools'], packages: ['flash-attn']}
    }
    const facts = makeFacts({inputs: {torch: '2.15.0', extensions}, source})
    const {problems} = checkExtensions(facts, readVariant(facts).variant)
    expect(problems).toEqual([expect.objectContaining({code: 'extension-unknown', fix: expect.stringContaining(fix)})])
  })

  test('a name that a lock of the repository does not have is refused before anything is done', () => {
    const lock = {
      path: '/w/pylock.toml',
      shown: 'pylock.toml',
      sha256: '1f'.repeat(32),
      lock: parseLock(EVERY_SOURCE, '')
    }
    const facts = makeFacts({inputs: {torch: '2.15.0', extensions: FLASH}, source: {lock}})
    const {problems} = checkExtensions(facts, readVariant(facts).variant)
    expect(problems.map(({code}) => code)).toEqual(['extension-unknown'])
  })

  test.each<{given: string; inputs: FactsSaid['inputs']; then: unknown}>([
    {given: 'a torch with CUDA', inputs: {}, then: {packages: ['flash-attn'], isWithout: false, projects: ['tools']}},
    {
      given: 'a torch for CPU',
      inputs: {cuda: 'cpu'},
      then: {packages: ['flash-attn'], isWithout: true, projects: ['tools']}
    },
    {given: 'folders alone', inputs: {extensions: {folders: ['tools'], packages: []}}, then: undefined}
  ])('given $given, the lock is told what it needs to know of them', ({inputs, then}) => {
    const source = {extensions: {absent: [], projects: ['tools'], packages: []}}
    const plan = makePlan(makeFacts({inputs: {torch: '2.15.0', extensions: FLASH, ...inputs}, source}))
    expect(stepOf(plan, 'lock').work.extensions).toEqual(then)
  })

  test('with a Dockerfile of one’s own nothing is refused: it may have a compiler', () => {
    expect(checked({torch: '2.8.0'}, {dockerfile: makeDockerfile()})).toMatchObject({problems: []})
  })
})
