import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {coverageOf} from '../../src/pytorch/coverage.ts'
import {GPU_NAMES, gpuOf} from '../../src/pytorch/gpus.ts'
import {MATRIX} from '../../src/pytorch/matrix.ts'
import {problemOf} from '../../src/pytorch/refusal.ts'
import {askedDimensions, DIMENSION_TABLE, type SetRequest} from '../../src/pytorch/request.ts'
import {type Refusal, resolveSet} from '../../src/pytorch/resolve.ts'
import {type MatrixSet, SETS, setText} from '../../src/pytorch/sets.ts'

const gpus = (...names: readonly string[]) => names.flatMap(name => gpuOf(name) ?? [])

function setOf(request: SetRequest): MatrixSet {
  const resolution = resolveSet(request)
  if ('refusal' in resolution) throw problemOf(resolution.refusal)
  return resolution.set
}

function refusalOf(request: SetRequest): Refusal {
  const resolution = resolveSet(request)
  if ('set' in resolution) throw new Error(`It resolves to ${setText(resolution.set)}`)
  return resolution.refusal
}

const shown = ({torch, cuda, python}: MatrixSet) => `${torch}+${cuda} py${python}`

describe('a request that a set answers', () => {
  test.each<{given: string; request: SetRequest; then: string}>([
    {given: 'nothing', request: {}, then: '2.15.0+cu132 py3.12'},
    {given: 'a release', request: {torch: '2.8.0'}, then: '2.8.0+cu128 py3.12'},
    {given: 'the beginning of one', request: {torch: '2.7'}, then: '2.7.1+cu126 py3.12'},
    {given: 'the latest', request: {torch: 'latest'}, then: '2.15.0+cu132 py3.12'},
    {given: 'a range', request: {torch: '>=2.5,<2.7'}, then: '2.6.0+cu124 py3.12'},
    {given: 'a compatible release', request: {torch: '~=2.4.0'}, then: '2.4.1+cu121 py3.12'},
    {given: 'a torchvision', request: {torchvision: '0.23.0'}, then: '2.8.0+cu128 py3.12'},
    {given: 'a torchaudio of one release', request: {torchaudio: '2.5.1'}, then: '2.5.1+cu124 py3.12'},
    {given: 'a CUDA', request: {cuda: 'cu121'}, then: '2.5.1+cu121 py3.12'},
    {given: 'a major of CUDA', request: {cuda: 'cu12', torch: '2.11'}, then: '2.11.0+cu128 py3.12'},
    {given: 'the newest CUDA of a release', request: {cuda: 'latest', torch: '2.8'}, then: '2.8.0+cu129 py3.12'},
    {given: 'CPU', request: {cuda: 'cpu', torch: '2.8'}, then: '2.8.0+cpu py3.12'},
    {given: 'a Python', request: {python: '3.9'}, then: '2.8.0+cu128 py3.9'},
    {given: 'a free-threaded Python', request: {python: '3.13t'}, then: '2.12.0+cu130 py3.13t'},
    {
      given: 'a Python without triton, by its name',
      request: {torch: '2.3', python: '3.12'},
      then: '2.3.1+cu121 py3.12'
    },
    {given: 'a release without triton there', request: {torch: '2.3'}, then: '2.3.1+cu121 py3.11'},
    {given: 'Volta', request: {gpus: gpus('V100')}, then: '2.14.1+cu126 py3.12'},
    {given: 'Blackwell on 2.7', request: {torch: '2.7', gpus: gpus('B200')}, then: '2.7.0+cu128 py3.12'},
    {given: 'Volta and Blackwell', request: {gpus: gpus('V100', 'B200')}, then: '2.10.0+cu128 py3.12'},
    {given: 'an old driver', request: {torch: '2.13', driverFloor: '535'}, then: '2.13.0+cu126 py3.12'},
    {given: 'a very old driver', request: {driverFloor: '470'}, then: '2.7.1+cu118 py3.12'},
    {given: 'arm64', request: {torch: '2.11', platforms: ['linux/arm64']}, then: '2.11.0+cu130 py3.12'},
    {given: 'arm64 on CPU', request: {torch: '2.8', cuda: 'cpu', platforms: ['linux/arm64']}, then: '2.8.0+cpu py3.12'},
    {given: 'a preference that fits', request: {preferred: {torch: '2.8.0'}}, then: '2.8.0+cu128 py3.12'},
    {
      given: 'a preference that does not fit',
      request: {preferred: {torch: '2.8.0'}, cuda: 'cu121'},
      then: '2.5.1+cu121 py3.12'
    }
  ])('given $given, then it is $then', ({request, then}) => {
    expect(shown(setOf(request))).toBe(then)
  })

  test('given GPUs, then the release is one of which it is known that it has code for them', () => {
    const set = setOf({gpus: gpus('H100')})
    expect(coverageOf(set, {capability: '9.0'})).toBe('machine-code')
    expect(coverageOf(setOf({torch: 'latest', gpus: gpus('H100')}), {capability: '9.0'})).toBe('unknown')
  })
})

describe('a request that no set answers', () => {
  test('torch 2.8.0 with torchvision 0.19.0 on CUDA 12.1 is answered with the right sets', () => {
    const {contradictions, nearest} = refusalOf({torch: '2.8.0', torchvision: '0.19.0', cuda: 'cu121'})
    expect(contradictions).toEqual([
      ['torch', 'torchvision'],
      ['torch', 'cuda']
    ])
    expect(nearest.map(({set}) => setText(set))).toEqual([
      'torch 2.8.0+cu126, torchvision 0.23.0, torchaudio 2.8.0, Python 3.12',
      'torch 2.4.0+cu121, torchvision 0.19.0, torchaudio 2.4.0, Python 3.12',
      'torch 2.5.1+cu121, torchvision 0.20.1, torchaudio 2.5.1, Python 3.12'
    ])
  })

  test('torch 2.9.0 on CUDA 12.1 likewise, and the reason names what there is', () => {
    const refusal = refusalOf({torch: '2.9.0', cuda: 'cu121'})
    expect(refusal.nearest.map(({set}) => shown(set))).toEqual(['2.9.0+cu126 py3.12', '2.5.1+cu121 py3.12'])
    const {code, why, fix} = problemOf(refusal)
    expect(code).toBe('no-such-set')
    expect(why).toContain('With torch 2.9.0: cpu, cu126, cu128 and cu130.')
    expect(why).toContain('With CUDA cu121: torch 2.1.0 to 2.5.1.')
    expect(fix).toContain('`cuda: cu126`')
  })

  test.each<{given: string; request: SetRequest; contradictions: readonly (readonly string[])[]; nearest: string}>([
    {
      given: 'a torch that does not exist',
      request: {torch: '2.8.7'},
      contradictions: [['torch']],
      nearest: '2.8.0+cu128 py3.12'
    },
    {given: 'a torch before 2', request: {torch: '1.13'}, contradictions: [['torch']], nearest: '2.0.0+cu117 py3.11'},
    {
      given: 'a CUDA of no release',
      request: {cuda: 'cu140'},
      contradictions: [['cuda']],
      nearest: '2.15.0+cu132 py3.12'
    },
    {
      given: 'a Python without a wheel',
      request: {torch: '2.8', python: '3.14'},
      contradictions: [['torch', 'python']],
      nearest: '2.8.0+cu128 py3.13'
    },
    {
      given: 'the one Python patch that torchvision shuts out',
      request: {torch: '2.11', python: '3.14.1'},
      contradictions: [['torch', 'python']],
      nearest: '2.11.0+cu130 py3.14'
    },
    {
      given: 'a GPU that CUDA 13 dropped',
      request: {torch: 'latest', gpus: gpus('V100')},
      contradictions: [['torch', 'gpu-targets']],
      nearest: '2.15.0+cu132 py3.12'
    },
    {
      given: 'a GPU on CPU',
      request: {cuda: 'cpu', gpus: gpus('A100')},
      contradictions: [['cuda', 'gpu-targets']],
      nearest: '2.14.1+cu130 py3.12'
    },
    {
      given: 'a driver that is too old',
      request: {torch: '2.13', driverFloor: '470'},
      contradictions: [['torch', 'cuda', 'driver-floor']],
      nearest: '2.13.0+cu126 py3.12'
    },
    {
      given: 'arm64 where PyPI has CPU wheels only',
      request: {torch: '2.8', platforms: ['linux/amd64', 'linux/arm64']},
      contradictions: [['torch', 'cuda', 'platforms']],
      nearest: '2.8.0+cu128 py3.12'
    },
    {
      given: 'a platform without any wheel',
      request: {platforms: ['linux/386']},
      contradictions: [['platforms']],
      nearest: '2.15.0+cu132 py3.12'
    }
  ])(
    'given $given, then that is what contradicts, and the nearest is $nearest',
    ({request, contradictions, nearest}) => {
      const refusal = refusalOf(request)
      expect(refusal.contradictions).toEqual(contradictions)
      expect(refusal.nearest.slice(0, 1).map(({set}) => shown(set))).toEqual([nearest])
    }
  )

  test.each([
    {given: 'a variant that may exist', request: {torch: '2.15', cuda: 'cu130'}, says: /unknown to it/},
    {given: 'a variant that one source names', request: {torch: '2.11', cuda: 'cu129'}, says: /no other confirms/}
  ])('given $given, then it is said that this is not known', ({request, says}) => {
    expect(problemOf(refusalOf(request)).why).toMatch(says)
  })
})

const anyRequest: fc.Arbitrary<SetRequest> = fc.record(
  {
    torch: fc.oneof(
      fc.constantFrom(
        ...MATRIX.releases.map(({torch}) => torch),
        'latest',
        '2',
        '2.4',
        '2.8',
        '2.99.9',
        '>=2.3,<2.9',
        '1.13'
      ),
      fc.tuple(fc.nat(3), fc.nat(20), fc.nat(3)).map(parts => parts.join('.'))
    ),
    torchvision: fc.constantFrom('0.19.0', '0.23.0', '0.30.0', '0.29'),
    torchaudio: fc.constantFrom('2.4.0', '2.11.0', '9.9.9'),
    cuda: fc.constantFrom('cpu', 'latest', 'cu11', 'cu12', 'cu13', 'cu140', ...MATRIX.cudas.map(({cuda}) => cuda)),
    python: fc.constantFrom('3.8', '3.11', '3.12', '3.12.4', '3.13t', '3.14.1', '3.15', '3.20'),
    gpus: fc.subarray([...gpus(...GPU_NAMES)], {maxLength: 3}),
    driverFloor: fc.constantFrom('390', '450.80.02', '470', '525', '535.104.05', '580', '600'),
    platforms: fc.subarray(['linux/amd64', 'linux/arm64', 'linux/386'])
  },
  {requiredKeys: []}
)

describe('over all requests', () => {
  test('every answer is a set of the matrix that has all that was asked for', () => {
    fc.assert(
      fc.property(anyRequest, request => {
        const resolution = resolveSet(request)
        if ('refusal' in resolution) return
        expect(SETS).toContain(resolution.set)
        for (const name of askedDimensions(request)) {
          expect(DIMENSION_TABLE[name].admits(resolution.set, request)).toBe(true)
        }
      }),
      {numRuns: 100}
    )
  })

  test('every refusal names what contradicts, and a nearest set that its request gives', () => {
    let refused = 0
    fc.assert(
      fc.property(anyRequest, request => {
        const resolution = resolveSet(request)
        if ('set' in resolution) return
        refused += 1
        const {contradictions, nearest} = resolution.refusal
        expect(contradictions.length).toBeGreaterThan(0)
        expect(nearest.length).toBeGreaterThan(0)
        for (const {set, request: changed} of nearest) expect(resolveSet(changed)).toEqual({set})
        // Whatever stands in a contradiction is needed for it.
        for (const names of contradictions) {
          for (const name of names) {
            const others = names.filter(other => other !== name)
            expect(SETS.some(set => others.every(other => DIMENSION_TABLE[other].admits(set, request)))).toBe(true)
          }
        }
        const {what, why, fix} = problemOf(resolution.refusal)
        expect([what, why, fix].join(' ')).not.toMatch(/undefined|NaN|nothing|\s\s/)
      }),
      {numRuns: 100}
    )
    expect(refused).toBeGreaterThan(25)
  })
})
