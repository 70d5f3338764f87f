import type {HostState, ImageState} from '../../src/gpu/host-checks.ts'

/** Answers of nvidia-smi, put together from its documentation and from reports; none was printed by a machine of ours. */
export const SMI = {
  a100: '0, GPU-aaaaaaaa-0000-0000-0000-000000000000, NVIDIA A100-SXM4-80GB, 8.0, 81920, 570.124.06, 0, 4\n',
  two: '0, GPU-aaaaaaaa, NVIDIA H100 80GB HBM3, 9.0, 81559, 580.95.05, 0, 1\n1, GPU-bbbbbbbb, NVIDIA H100 80GB HBM3, 9.0, 81559, 580.95.05, 0, 1\n',
  mixed:
    '0, GPU-aaaaaaaa, NVIDIA A100-SXM4-80GB, 8.0, 81920, 580.95.05, 0, 1\n1, GPU-bbbbbbbb, NVIDIA L4, 8.9, 23034, 580.95.05, 0, 1\n',
  consumer: '0, GPU-cccccccc, NVIDIA GeForce RTX 5090, 12.0, 32607, 580.65.06, [N/A], 512\n',
  broken: '0, [Unknown Error], NVIDIA A100-SXM4-80GB, ERR!, 81920, 570.124.06, ERR!, ERR!\n',
  list: 'GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-aaaaaaaa-0000-0000-0000-000000000000)\n',
  migList:
    'GPU 0: NVIDIA A100-SXM4-80GB (UUID: GPU-aaaaaaaa-0000-0000-0000-000000000000)\n  MIG 3g.40gb     Device  0: (UUID: MIG-11111111)\n  MIG 1g.10gb     Device  1: (UUID: MIG-22222222)\n'
} as const

/** A machine with one A100 that is fit for everything, with what a test says instead. */
export function makeState(said: Partial<HostState> = {}): HostState {
  const gpu = {
    index: 0,
    uuid: 'GPU-aaaaaaaa',
    name: 'NVIDIA A100-SXM4-80GB',
    capability: '8.0',
    memory_mib: 81920,
    driver: '570.124.06',
    uncorrectable: 0,
    used_mib: 4,
    isBroken: false
  }
  return {
    gpus: [gpu],
    devices: [{index: 0, uuid: gpu.uuid, name: gpu.name, capability: gpu.capability, memory_mib: gpu.memory_mib}],
    processes: [],
    unknown: [],
    words: [],
    toolkit: '1.18.0',
    engine: {version: '28.5.2', isRootless: false, runtimes: ['nvidia', 'runc'], hasCdi: true, knowsGpu: true},
    freeBytes: 100e9,
    ...said
  }
}

export const DIGEST = `sha256:${'ab'.repeat(32)}`

/** An image of torch 2.8.0 for CUDA 12.8, with what a test says instead. */
export function makeImage(said: Partial<ImageState> = {}): ImageState {
  return {
    digest: DIGEST,
    manifest: DIGEST,
    compressedBytes: 3.9e9,
    layers: 12,
    user: '1000',
    labels: {'org.opencontainers.image.revision': 'abc'},
    torch: '2.8.0',
    cuda: 'cu128',
    archList: ['sm_75', 'sm_80', 'sm_86', 'sm_90', 'sm_100', 'sm_120'],
    ...said
  }
}
