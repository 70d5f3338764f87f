import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {
  archFlagsOf,
  checkHost,
  type HostState,
  type ImageState,
  injectionOf,
  matchOf
} from '../../src/gpu/host-checks.ts'
import {chosenOf, devicesOf, readDriverCuda, readGpus, readInstances, readProcesses} from '../../src/gpu/nvidia-smi.ts'
import {makeImage, makeState, SMI} from './machines.ts'

const GPU = makeState().gpus[0] as HostState['gpus'][number]
const DEVICE = makeState().devices[0] as HostState['devices'][number]
const ENGINE = makeState().engine as NonNullable<HostState['engine']>

function verdicts(state: HostState, image: ImageState, injection: 'gpus' | 'cdi' | 'runtime' = 'gpus') {
  const checks = checkHost(state, image, {injection, place: 'engine'})
  return Object.fromEntries(checks.map(({id, status, code}) => [id, code === undefined ? status : `${status} ${code}`]))
}

describe('T0', () => {
  test('given a machine that fits the image, then every check passes', () => {
    expect(new Set(Object.values(verdicts(makeState(), makeImage())))).toEqual(new Set(['pass']))
  })

  test.each<{
    given: string
    state?: Partial<HostState>
    image?: Partial<ImageState>
    injection?: 'gpus' | 'cdi' | 'runtime'
    check: string
    then: string
  }>([
    {given: 'no GPU', state: {gpus: [], devices: []}, check: 't0.gpu', then: 'fail GPU_ABSENT'},
    {given: 'a GPU in ERR!', state: {gpus: readGpus(SMI.broken)}, check: 't0.gpu', then: 'fail GPU_HW'},
    {
      given: 'memory errors that were counted',
      state: {gpus: [{...GPU, uncorrectable: 3}]},
      check: 't0.gpu',
      then: 'warn GPU_HW'
    },
    {given: 'two kinds of GPU', state: {gpus: readGpus(SMI.mixed)}, check: 't0.kinds', then: 'fail GPU_MIXED'},
    {given: 'a named GPU that is not there', state: {unknown: ['7']}, check: 't0.gpu', then: 'fail GPU_UNKNOWN'},
    {given: 'CUDA 13 on a driver of 570', image: {cuda: 'cu130'}, check: 't0.driver', then: 'fail DRIVER_TOO_OLD'},
    {
      given: 'CUDA 13 on exactly 580.65.06',
      state: {gpus: [{...GPU, driver: '580.65.06'}]},
      image: {cuda: 'cu130'},
      check: 't0.driver',
      then: 'pass'
    },
    {
      given: 'CUDA 12 on 525.60.12',
      state: {gpus: [{...GPU, driver: '525.60.12'}]},
      check: 't0.driver',
      then: 'fail DRIVER_TOO_OLD'
    },
    {
      given: 'CUDA 11 on 450.80.02',
      state: {gpus: [{...GPU, driver: '450.80.02'}]},
      image: {cuda: 'cu118'},
      check: 't0.driver',
      then: 'pass'
    },
    {
      given: 'an image that asks for a newer driver than its CUDA does',
      image: {minDriver: '575.51.03'},
      check: 't0.driver',
      then: 'fail DRIVER_TOO_OLD'
    },
    {
      given: 'an image that asks for an older driver than its CUDA does',
      state: {gpus: [{...GPU, driver: '520.61.05'}]},
      image: {minDriver: '450.80.02'},
      check: 't0.driver',
      then: 'fail DRIVER_TOO_OLD'
    },
    {given: 'a CPU image', image: {cuda: 'cpu'}, check: 't0.driver', then: 'fail NO_GPU'},
    {
      given: 'a GPU that the image has no kernel for',
      state: {devices: [{...DEVICE, capability: '7.0'}]},
      check: 't0.arch',
      then: 'fail ARCH_MISSING'
    },
    {
      given: 'a capability that nvidia-smi does not tell',
      state: {devices: [{...DEVICE, capability: ''}]},
      check: 't0.arch',
      then: 'pass'
    },
    {given: 'no engine', state: {engine: undefined as never}, check: 't0.toolkit', then: 'fail ENGINE_MISSING'},
    {
      given: 'no toolkit',
      state: {toolkit: undefined as never, engine: {...ENGINE, runtimes: ['runc']}},
      check: 't0.toolkit',
      then: 'fail TOOLKIT_MISSING'
    },
    {
      given: 'no runtime named nvidia, which was asked for',
      state: {engine: {...ENGINE, runtimes: ['runc']}},
      injection: 'runtime',
      check: 't0.toolkit',
      then: 'fail TOOLKIT_MISSING'
    },
    {
      given: 'CDI turned off',
      state: {engine: {...ENGINE, hasCdi: false}},
      injection: 'cdi',
      check: 't0.toolkit',
      then: 'fail CDI_DISABLED'
    },
    {
      given: 'CDI without a specification',
      state: {engine: {...ENGINE, knowsGpu: false}},
      injection: 'cdi',
      check: 't0.toolkit',
      then: 'fail CDI_SPEC_MISSING'
    },
    {given: 'too little disk', state: {freeBytes: 11e9}, check: 't0.disk', then: 'fail DISK_SHORT'},
    {given: 'just enough disk', state: {freeBytes: 11.75e9}, check: 't0.disk', then: 'pass'},
    {
      given: 'a GPU that someone uses',
      state: {processes: [{pid: 1, gpu_uuid: 'GPU-a', used_mib: 9000}]},
      check: 't0.idle',
      then: 'warn GPU_BUSY'
    }
  ])('given $given, then $check is $then', ({state, image, injection, check, then}) => {
    expect(verdicts(makeState(state), makeImage(image), injection)[check]).toBe(then)
  })

  test('given an image without labels, then it is refused, and what depends on them is not guessed', () => {
    const {torch: _t, cuda: _c, ...rest} = makeImage({labels: {}, archList: []})
    const found = verdicts(makeState(), rest)
    expect(found).toMatchObject({'t0.driver': 'fail IMAGE_UNLABELLED', 't0.arch': 'skip'})
  })

  test('given a job that runs in the image itself, then neither toolkit nor disk nor engine is looked at', () => {
    const checks = checkHost(makeState(), makeImage(), {injection: 'gpus', place: 'container'})
    expect(checks.map(({id}) => id)).toEqual(['t0.gpu', 't0.kinds', 't0.driver', 't0.arch'])
  })
})

describe('injectionOf', () => {
  test.each([
    {given: 'an ordinary engine', engine: ENGINE, asked: 'auto', then: 'gpus'},
    {given: 'a rootless engine with CDI', engine: {...ENGINE, isRootless: true}, asked: 'auto', then: 'cdi'},
    {
      given: 'a rootless engine without CDI',
      engine: {...ENGINE, isRootless: true, hasCdi: false},
      asked: 'auto',
      then: 'gpus'
    },
    {given: 'a wish', engine: ENGINE, asked: 'runtime', then: 'runtime'}
  ] as const)('given $given, then it is $then', ({engine, asked, then}) => {
    expect(injectionOf(asked, makeState({engine}))).toBe(then)
  })
})

describe('matchOf', () => {
  test.each([
    {flags: ['sm_86'], capability: '8.9', then: 'sass'},
    {flags: ['sm_86'], capability: '8.0', then: 'none'},
    {flags: ['sm_80'], capability: '9.0', then: 'none'},
    {flags: ['sm_120'], capability: '12.1', then: 'sass'},
    {flags: ['sm_90a'], capability: '9.0', then: 'sass'},
    {flags: ['sm_80', 'compute_90'], capability: '12.0', then: 'ptx'},
    {flags: ['compute_120'], capability: '9.0', then: 'none'}
  ])('$flags on $capability is $then', ({flags, capability, then}) => {
    expect(matchOf(flags, capability)).toBe(then)
  })
})

describe('archFlagsOf', () => {
  test.each([
    {text: '7.5;8.0;9.0+PTX', then: ['sm_75', 'sm_80', 'sm_90', 'compute_90']},
    {text: '9.0a 12.0', then: ['sm_90a', 'sm_120']},
    {text: 'sm_80 compute_90', then: ['sm_80', 'compute_90']},
    {text: '', then: []},
    {text: 'all of them', then: []}
  ])('$text', ({text, then}) => {
    expect(archFlagsOf(text)).toEqual(then)
  })
})

describe('nvidia-smi', () => {
  test('one GPU', () => {
    expect(readGpus(SMI.a100)).toEqual([
      {
        index: 0,
        uuid: 'GPU-aaaaaaaa-0000-0000-0000-000000000000',
        name: 'NVIDIA A100-SXM4-80GB',
        capability: '8.0',
        memory_mib: 81920,
        driver: '570.124.06',
        uncorrectable: 0,
        used_mib: 4,
        isBroken: false
      }
    ])
  })

  test('a GPU without ECC counts no errors', () => {
    expect(readGpus(SMI.consumer)[0]).toMatchObject({uncorrectable: 0, isBroken: false})
  })

  test('MIG instances stand in place of their GPU', () => {
    const devices = devicesOf(readGpus(SMI.a100), readInstances(SMI.migList))
    expect(devices).toMatchObject([
      {index: 0, uuid: 'MIG-11111111', mig_profile: '3g.40gb', memory_mib: 40960, capability: '8.0'},
      {index: 1, uuid: 'MIG-22222222', mig_profile: '1g.10gb', memory_mib: 10240}
    ])
    expect(devicesOf(readGpus(SMI.a100), readInstances(SMI.list))).toHaveLength(1)
  })

  test.each([
    {names: [], uuids: ['GPU-aaaaaaaa', 'GPU-bbbbbbbb'], unknown: []},
    {names: ['1'], uuids: ['GPU-bbbbbbbb'], unknown: []},
    {names: ['GPU-aaaaaaaa'], uuids: ['GPU-aaaaaaaa'], unknown: []},
    {names: ['0', '7', 'MIG-9'], uuids: ['GPU-aaaaaaaa'], unknown: ['7', 'MIG-9']}
  ])('of two GPUs, the names $names choose $uuids', ({names, uuids, unknown}) => {
    const chosen = chosenOf(names, {gpus: readGpus(SMI.mixed), instances: []})
    expect({uuids: chosen.gpus.map(({uuid}) => uuid), unknown: chosen.unknown}).toEqual({uuids, unknown})
  })

  test('a named MIG instance leaves its neighbours and keeps its GPU', () => {
    const all = {gpus: readGpus(SMI.a100), instances: readInstances(SMI.migList)}
    const {gpus, instances, unknown} = chosenOf(['MIG-22222222'], all)
    expect(devicesOf(gpus, instances)).toMatchObject([{index: 0, uuid: 'MIG-22222222', mig_profile: '1g.10gb'}])
    expect(unknown).toEqual([])
  })

  test('processes and the CUDA of the driver', () => {
    expect(readProcesses('4711, GPU-aaaaaaaa, 612\n[Not Found], -, -\n')).toEqual([
      {pid: 4711, gpu_uuid: 'GPU-aaaaaaaa', used_mib: 612}
    ])
    expect(readDriverCuda('| NVIDIA-SMI 570.124.06   Driver Version: 570.124.06   CUDA Version: 12.8     |')).toBe(
      '12.8'
    )
  })

  test('any text is read without an error', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        readGpus(text)
        readInstances(text)
        readProcesses(text)
      })
    )
  })
})
