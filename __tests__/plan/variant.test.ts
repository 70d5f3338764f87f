import {describe, expect, test} from '@jest/globals'
import {LABELS} from '../../src/model/labels.ts'
import {stepOf} from '../../src/model/plan.ts'
import {makePlan} from '../../src/plan/plan.ts'
import {readVariant} from '../../src/plan/variant.ts'
import {type FactsSaid, makeDockerfile, makeFacts, makeStage} from '../support/facts.ts'

const V100 = {name: 'V100', capability: '7.0'}
const B200 = {name: 'B200', capability: '10.0'}

function argumentsOf(said: FactsSaid): Readonly<Record<string, string>> {
  const plan = makePlan(makeFacts(said))
  return (stepOf(plan, 'runtime').work.otherwise ?? stepOf(plan, 'build').work).buildArgs
}

describe('the built-in image', () => {
  test.each<{given: string; inputs: NonNullable<FactsSaid['inputs']>; then: Readonly<Record<string, string>>}>([
    {given: 'a Python', inputs: {python: '3.11'}, then: {BASE_IMAGE: 'python:3.11-slim'}},
    {given: 'a Python to the patch', inputs: {python: '3.11.9'}, then: {BASE_IMAGE: 'python:3.11.9-slim'}},
    {
      given: 'a Python and its base',
      inputs: {python: '3.11', baseImage: 'acme/python:3.11'},
      then: {BASE_IMAGE: 'acme/python:3.11'}
    },
    {
      given: 'a release whose triton ends before the usual Python',
      inputs: {torch: '2.3', given: ['torch']},
      then: {
        BASE_IMAGE: 'python:3.11-slim',
        TORCH_PACKAGES: 'torch==2.3.1 torchvision==0.18.1 torchaudio==2.3.1 numpy<2'
      }
    },
    {
      given: 'a GPU that needs another variant',
      inputs: {torch: '2.13', given: ['torch'], gpuTargets: [V100]},
      then: {INDEX_URL: 'https://download.pytorch.org/whl/cu126', TORCH_PACKAGES: 'torch==2.13.0 torchvision==0.28.0'}
    }
  ])('given $given, then it is built with that', ({inputs, then}) => {
    expect(argumentsOf({inputs})).toMatchObject(then)
  })

  test('given the usual Python, then the Dockerfile keeps its own base', () => {
    expect(argumentsOf({inputs: {python: '3.12'}})).not.toHaveProperty('BASE_IMAGE')
  })

  test.each<{given: string; said: FactsSaid; code: string; says: RegExp}>([
    {
      given: 'a base with another Python',
      said: {inputs: {python: '3.12', baseImage: 'python:3.11-slim'}},
      code: 'input-conflict',
      says: /base-image: python:3\.12-slim/
    },
    {
      given: 'a base on musl',
      said: {inputs: {baseImage: 'python:3.12-alpine'}},
      code: 'input-conflict',
      says: /python:3\.12-slim/
    },
    {
      given: 'a Python that the Dockerfile cannot do with',
      said: {inputs: {torch: '2.4', given: ['torch'], python: '3.8'}},
      code: 'input-invalid',
      says: /newer/
    },
    {
      given: 'a free-threaded Python without a base that has it',
      said: {inputs: {torch: '2.9', given: ['torch'], python: '3.13t'}},
      code: 'input-conflict',
      says: /base-image/
    },
    {
      given: 'a Python without a wheel',
      said: {inputs: {torch: '2.8.0', given: ['torch'], python: '3.14'}},
      code: 'no-such-set',
      says: /python: "3\.13"/
    },
    {
      given: 'arm64 where the wheels are for CPU',
      said: {inputs: {torch: '2.8.0', given: ['torch'], platforms: ['linux/arm64']}},
      code: 'no-such-set',
      says: /platforms: linux\/amd64/
    },
    {
      given: 'an arm64 machine where the wheels are for CPU',
      said: {inputs: {torch: '2.8.0', given: ['torch']}, machine: {arch: 'arm64'}},
      code: 'no-such-set',
      says: /torch: 2\.11\.0/
    },
    {
      given: 'a platform without wheels',
      said: {inputs: {platforms: ['linux/ppc64le']}},
      code: 'no-such-set',
      says: /linux\/amd64/
    },
    {
      given: 'a GPU that no build of the release has code for',
      said: {inputs: {torch: '2.13', given: ['torch'], gpuTargets: [V100, B200]}},
      code: 'no-such-set',
      says: /torch: 2\.10\.0/
    },
    {
      given: 'a GPU and a build for CPU',
      said: {inputs: {cuda: 'cpu', gpuTargets: [V100]}},
      code: 'no-such-set',
      says: /gpu-targets/
    }
  ])('given $given, then that is $code before anything is pulled', ({said, code, says}) => {
    const {problems} = readVariant(makeFacts(said))
    expect(problems).toEqual([expect.objectContaining({code, fix: expect.stringMatching(says)})])
  })

  test('tells in labels what it is for', () => {
    const {argv} = stepOf(makePlan(makeFacts()), 'build').work
    const labels = argv.filter((_, at) => argv[at - 1] === '--label')
    expect(labels).toEqual(
      expect.arrayContaining([
        `${LABELS.python}=3.12`,
        `${LABELS.minDriver}=525.60.13`,
        `${LABELS.archList}=7.0;7.5;8.0;8.6;9.0;10.0;12.0`
      ])
    )
  })

  test('the usual torch does not give way where the workflow names it', () => {
    const {problems} = readVariant(makeFacts({inputs: {torch: '2.8.0', cuda: 'cu121'}}))
    expect(problems.map(({code}) => code)).toEqual(['no-such-set'])
  })

  test('the usual torch gives way to what was asked for, and that is told', () => {
    const {variant, notices} = readVariant(makeFacts({inputs: {cuda: 'cu121'}}))
    expect(variant.torch).toBe('2.5.1')
    expect(notices).toEqual([expect.stringMatching(/2\.5\.1 .* 2\.8\.0/)])
  })

  test.each<{given: string; inputs: NonNullable<FactsSaid['inputs']>; says: RegExp}>([
    {
      given: 'a GPU of which nobody knows',
      inputs: {torch: 'latest', given: ['torch'], gpuTargets: [B200]},
      says: /B200 \(10\.0\) is not known/
    },
    {
      given: 'a Python without triton',
      inputs: {torch: '2.3', given: ['torch'], python: '3.12'},
      says: /torch\.compile will not work/
    },
    {
      given: 'a GPU of arm64 machines in an image for others',
      inputs: {gpuTargets: [{name: 'GB10', capability: '12.1'}]},
      says: /GB10 .*linux\/arm64/
    },
    {given: 'a driver older than the toolkit', inputs: {driverFloor: '535'}, says: /driver 535 .*570\.26/}
  ])('given $given, then there is a warning', ({inputs, says}) => {
    expect(readVariant(makeFacts({inputs})).warnings).toEqual([expect.stringMatching(says)])
  })
})

describe('a pull request from a fork', () => {
  const said: FactsSaid = {
    origin: 'fork-pull-request',
    inputs: {forkCuda: 'cpu', gpuTargets: [V100], driverFloor: '470'}
  }

  test('is built for CPU where that was asked for, whatever GPUs were named', () => {
    const plan = makePlan(makeFacts(said))
    expect(plan).toMatchObject({torch: '2.8.0', cuda: 'cpu'})
    expect(plan.driver).toBeUndefined()
    expect(argumentsOf(said).INDEX_URL).toBe('https://download.pytorch.org/whl/cpu')
    expect(plan.notices).toEqual([expect.stringContaining('CPU')])
  })

  const UNLABELLED = 'torch==2.8.0 torchvision==0.23.0 torchaudio==2.8.0'
  const LABELLED = 'torch==2.8.0+cpu torchvision==0.23.0+cpu torchaudio==2.8.0+cpu'
  const PYTORCHS = 'https://download.pytorch.org/whl/cpu'
  const OWN_INDEX = 'https://pypi.acme.test/simple'

  test.each<{given: string; indexUrl: string; platforms?: readonly string[]; then: Readonly<Record<string, string>>}>([
    {
      given: 'PyTorch’s index of a CUDA',
      indexUrl: 'https://download.pytorch.org/whl/cu126',
      then: {INDEX_URL: PYTORCHS, TORCH_PACKAGES: UNLABELLED}
    },
    {
      given: 'a mirror’s index of a CUDA',
      indexUrl: 'https://mirror.acme.test/whl/cu128/',
      then: {INDEX_URL: 'https://mirror.acme.test/whl/cpu/', TORCH_PACKAGES: UNLABELLED}
    },
    {
      given: 'a mirror’s index for CPU',
      indexUrl: 'https://mirror.acme.test/whl/cpu',
      then: {INDEX_URL: 'https://mirror.acme.test/whl/cpu', TORCH_PACKAGES: UNLABELLED}
    },
    {
      given: 'an index that names a CUDA elsewhere in its address',
      indexUrl: 'https://pypi.acme.test/pytorch-cu128/simple',
      then: {INDEX_URL: PYTORCHS, TORCH_PACKAGES: UNLABELLED}
    },
    {
      given: 'an index of all packages',
      indexUrl: OWN_INDEX,
      then: {PYPI_URL: OWN_INDEX, TORCH_PACKAGES: LABELLED}
    },
    {
      given: 'the same, for arm64 as well',
      indexUrl: OWN_INDEX,
      platforms: ['linux/amd64', 'linux/arm64'],
      then: {PYPI_URL: OWN_INDEX, TORCH_PACKAGES: UNLABELLED}
    }
  ])('given $given, then PyTorch’s packages come from there or its sibling', ({indexUrl, platforms = [], then}) => {
    expect(argumentsOf({...said, inputs: {...said.inputs, indexUrl, platforms}})).toEqual(then)
  })

  test('reads that index without its login', () => {
    const inputs = {...said.inputs, indexUrl: OWN_INDEX, indexLogin: {secret: 'index-url login'}}
    const {work} = stepOf(makePlan(makeFacts({...said, inputs})), 'lock')
    expect(work).toMatchObject({indexes: {torch: OWN_INDEX, others: OWN_INDEX}, expected: {cuda: 'cpu'}})
    expect(work).not.toHaveProperty('login')
  })

  test('a push takes the build of its CUDA from PyTorch, whatever index has all packages', () => {
    expect(argumentsOf({inputs: {cuda: 'cu126', indexUrl: OWN_INDEX}})).toMatchObject({
      INDEX_URL: 'https://download.pytorch.org/whl/cu126',
      PYPI_URL: OWN_INDEX
    })
  })

  test('is told to the user’s own Dockerfile as well, with the index that belongs to it', () => {
    const variables = (['CUDA_VARIANT', 'INDEX_URL'] as const).map(name => ({kind: 'ARG' as const, name, line: 2}))
    const dockerfile = makeDockerfile({stages: [makeStage({variables})]})
    expect(argumentsOf({...said, source: {dockerfile}})).toEqual({CUDA_VARIANT: 'cpu'})
    const inputs = {...said.inputs, indexUrl: 'https://mirror.acme.test/whl/cu126', given: ['index-url']}
    expect(argumentsOf({...said, inputs, source: {dockerfile}})).toEqual({
      CUDA_VARIANT: 'cpu',
      INDEX_URL: 'https://mirror.acme.test/whl/cpu'
    })
  })

  test('is built as asked without that, and so is everything else', () => {
    expect(makePlan(makeFacts({origin: 'fork-pull-request'})).cuda).toBe('cu128')
    expect(makePlan(makeFacts({inputs: {forkCuda: 'cpu'}})).cuda).toBe('cu128')
  })
})

describe('a Dockerfile of one’s own', () => {
  const own = (...stages: Parameters<typeof makeStage>[0][]) => ({
    dockerfile: makeDockerfile({stages: stages.map(makeStage)})
  })

  test.each<{given: string; said: FactsSaid; code: string}>([
    {
      given: 'a torch that was never built for that CUDA',
      said: {inputs: {torch: '2.9.0', cuda: 'cu121', given: ['torch', 'cuda']}, source: own({})},
      code: 'no-such-set'
    },
    {
      given: 'a base on musl, through a stage below',
      said: {
        inputs: {torch: '2.8.0', given: ['torch']},
        source: own({from: 'python:3.12-alpine', name: 'base'}, {from: 'base', line: 4})
      },
      code: 'input-conflict'
    },
    {
      given: 'a base with another Python than expected',
      said: {inputs: {python: '3.12', given: ['python']}, source: own({from: 'python:3.11-slim'})},
      code: 'input-conflict'
    }
  ])('given $given, then that is $code', ({said, code}) => {
    expect(readVariant(makeFacts(said)).problems.map(problem => problem.code)).toEqual([code])
  })

  test.each<{given: string; said: FactsSaid}>([
    {given: 'nothing', said: {source: own({})}},
    {given: 'arm64', said: {inputs: {platforms: ['linux/arm64']}, source: own({})}},
    {
      given: 'one stage with the Python',
      said: {inputs: {python: '3.12'}, source: own({from: 'python:3.12'}, {from: 'debian'})}
    },
    {given: 'a base that does not tell', said: {inputs: {python: '3.12'}, source: own({from: 'debian:13'})}}
  ])('given $given, then nothing is wrong', ({said}) => {
    expect(readVariant(makeFacts(said)).problems).toEqual([])
  })

  test('what is newer than the matrix is let through, and told', () => {
    const inputs = {torch: '3.1', cuda: 'cu140', python: '3.18', given: ['torch', 'cuda', 'python']}
    const {variant, problems, warnings} = readVariant(makeFacts({inputs, source: own({})}))
    expect(problems).toEqual([])
    expect(variant).toMatchObject({torch: '3.1', cuda: 'cu140', python: '3.18'})
    expect(variant.set).toBeUndefined()
    expect(warnings).toHaveLength(3)
  })

  test('only a set that was asked for whole stands in the plan', () => {
    const source = own({})
    expect(makePlan(makeFacts({inputs: {torch: '2.8', given: ['torch']}, source})).set).toBeUndefined()
    const inputs = {torch: '2.8', cuda: 'cu126', given: ['torch', 'cuda']}
    const {set, driver, python} = makePlan(makeFacts({inputs, source}))
    expect(set).toMatchObject({torch: '2.8.0', torchvision: '0.23.0', cuda: 'cu126'})
    expect(set?.python).toBeUndefined()
    expect(python).toBeUndefined()
    expect(driver?.oldest).toBe('525.60.13')
  })
})
