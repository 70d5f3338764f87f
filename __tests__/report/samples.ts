import type {Origin} from '../../src/model/event.ts'
import type {Plan, PlannedStep, StepName, Work} from '../../src/model/plan.ts'
import {Problem} from '../../src/model/problem.ts'
import type {Outcome, Products, StepResult} from '../../src/model/report.ts'
import type {Verdict} from '../../src/model/verdict.ts'

const APP = {registry: 'ghcr.io', repository: 'acme/app'}
const CREDENTIAL = {host: 'ghcr.io', path: '', user: 'octo', token: {secret: 'token'}}
const RUN = '/home/runner/work/_temp/pytorch-cuda-image-7001-1'

export const DIGEST = `sha256:${'3f'.repeat(32)}`

const YES: Verdict = {allowed: true, code: 'allowed', because: 'The code is this repository’s own.'}

const WORK: Work = {
  git: {
    workspace: '/home/runner/work/app/app',
    directory: `${RUN}/git`,
    depth: 'recursive',
    credentials: [{host: 'github.com', path: 'acme/kernels', user: 'x-access-token', token: {secret: 'git'}}],
    keys: [],
    hostKeys: [],
    checks: [],
    withheld: [],
    originUrl: 'https://github.com/acme/app',
    onUnreadable: 'fail'
  },
  lock: {
    directory: `${RUN}/uv`,
    output: `${RUN}/pylock`,
    uv: {version: '0.13.8', install: true},
    context: '/home/runner/work/app/app',
    requirements: [{path: 'requirements.txt', kind: 'requirements'}],
    packages: ['pip', 'torch==2.8.0', 'torchvision==0.23.0', 'torchaudio==2.8.0'],
    init: 'dumb-init==1.2.5.post1',
    indexes: {torch: 'https://pypi.org/simple', others: 'https://pypi.org/simple'},
    python: '3.12',
    targets: [{platform: 'linux/amd64', uvPlatform: 'x86_64-manylinux_2_28', file: 'pylock.toml'}],
    expected: {versions: {torch: '2.8.0', torchvision: '0.23.0', torchaudio: '2.8.0'}, cuda: 'cu128'},
    onUnlockable: 'leave'
  },
  preflight: {
    images: [{image: APP, credential: CREDENTIAL}],
    onDenied: 'fail',
    secondTry: 'none',
    tokens: [],
    pusher: {owner: 'acme', name: 'app', packages: 'ghcr.io'}
  },
  builder: {
    use: 'create',
    name: 'pytorch-cuda-image-7001-1',
    driver: 'docker-container',
    because: 'The engine has no containerd image store.',
    docker: '/usr/bin/docker',
    driverOptions: ['network=host'],
    directory: `${RUN}/docker`,
    inheritsLogins: true,
    reach: 'door',
    routes: []
  },
  runtime: {
    python: '3.12',
    images: [
      {
        platform: 'linux/amd64',
        isForeign: false,
        lock: `${RUN}/pylock/pylock.toml`,
        foundation: {
          base: {
            image: {registry: 'docker.io', repository: 'library/python'},
            credential: null,
            text: 'python:3.12-slim',
            reference: '3.12-slim'
          },
          isPublic: true,
          dockerfile: '/action/dockerfiles/foundation.Dockerfile',
          argv: ['buildx', 'build', `${RUN}/foundation/amd64`],
          directory: `${RUN}/foundation/amd64`,
          metadataFile: `${RUN}/foundation/amd64.json`
        },
        flavor: null,
        bytecode: {
          argv: ['buildx', 'build', `${RUN}/sources`],
          directory: `${RUN}/bytecode/amd64`,
          metadataFile: `${RUN}/bytecode/amd64.json`,
          archives: `${RUN}/bytecode-of/amd64`
        }
      }
    ],
    into: {image: APP, credential: CREDENTIAL},
    packing: {format: 'zstd', level: 1},
    directory: `${RUN}/wheels`,
    sources: `${RUN}/sources`,
    store: {tag: 'pytorch-cuda-image-layers', mayRead: true, mayWrite: true},
    isWhole: true,
    settings: {
      user: '10001:10001',
      workingDirectory: '/app',
      environment: {VIRTUAL_ENV: '/opt/venv'},
      path: {before: '/opt/venv/bin', after: '/home/app/.local/bin'},
      start: {init: ['/opt/venv/bin/dumb-init', '--'], command: ['python3']}
    },
    otherwise: {
      argv: ['buildx', 'build', '.'],
      buildArgs: {},
      secrets: [],
      dockerfile: {source: 'built-in', path: '/action/dockerfiles/pytorch-cuda.Dockerfile'},
      cache: YES
    }
  },
  build: {
    argv: ['buildx', 'build', '.'],
    workspace: '/home/runner/work/app/app',
    directory: RUN,
    buildArgs: {},
    secrets: [{id: 'pip', from: 'value', value: {secret: 'secrets pip'}}],
    ssh: [],
    access: {credentials: [], hostKeys: [], isBySsh: false},
    keyFiles: [],
    dockerfile: {source: 'built-in', path: '/action/dockerfiles/pytorch-cuda.Dockerfile'},
    ignore: [],
    metadataFile: `${RUN}/metadata.json`,
    output: 'candidate',
    candidate: {image: APP, credential: CREDENTIAL}
  },
  prove: {
    image: {image: APP, credential: CREDENTIAL},
    subject: 'runtime',
    isPulledAgain: false,
    expected: {
      torch: '2.8.0',
      cuda: 'cu128',
      gpus: [
        {name: 'A100', capability: '8.0'},
        {name: 'B200', capability: '10.0'}
      ],
      archList: ['sm_80', 'sm_100']
    },
    docker: '/usr/bin/docker',
    directory: `${RUN}/proof`,
    validator: '/action/validator',
    container: 'pytorch-cuda-image-proof-7001-1',
    platform: 'amd64',
    disk: '/var/lib/docker',
    memory: {mayRead: true, mayWrite: true},
    run: 'https://github.com/acme/app/actions/runs/7001'
  },
  validate: {
    image: {image: APP, credential: CREDENTIAL},
    level: 'quick',
    devices: [],
    injection: 'auto',
    floors: {},
    compareWith: [],
    place: 'engine',
    docker: '/usr/bin/docker',
    directory: `${RUN}/gpu`,
    validator: '/action/validator',
    container: 'pytorch-cuda-image-7001-1',
    platform: 'amd64',
    disk: '/var/lib/docker',
    reportFile: `${RUN}.gpu-report.json`,
    run: {id: '7001', attempt: 1, workflow: 'image', revision: '4b825dc642cb6eb9a060e54bf8d69288fbee4904'},
    runner: {ephemeral: true, kind: 'github-hosted'}
  },
  promote: {
    reports: [],
    runId: '7001',
    images: [{image: APP, credential: CREDENTIAL}],
    tags: [
      {tag: 'sha-4b825dc642cb-cu128-torch2.8', class: 'immutable'},
      {tag: 'main', class: 'moving'}
    ],
    revision: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
    runNumber: 42,
    workflow: 'image'
  },
  cache: {backend: 'registry', argv: ['buildx', 'build', '.']}
}

const FORK: Verdict = {
  allowed: false,
  code: 'fork',
  because: 'The code was written outside this repository; a maintainer publishes it by merging the pull request.'
}

/** What a test says about a plan; everything else is a push to `main` that may do all. */
export interface PlanSaid {
  readonly origin?: Origin
  readonly mode?: Plan['mode']
  readonly refused?: Readonly<Partial<Record<StepName, Verdict>>>
  readonly work?: Partial<Work>
  readonly notices?: readonly string[]
  readonly warnings?: readonly string[]
  readonly advice?: Plan['advice']
  readonly pending?: Plan['pending']
}

const CREDENTIALS: Plan['credentials'] = [
  {
    token: {secret: 'token', kind: 'github-installation'},
    reach: ['GitHub'],
    uses: [{purpose: 'push-image', places: ['ghcr.io/acme/app']}]
  },
  {
    token: {secret: 'git-credentials github.com/acme/kernels', kind: 'github-fine-grained'},
    reach: ['github.com/acme/kernels'],
    uses: [{purpose: 'read-code', places: ['github.com/acme/kernels']}]
  }
]

/** A plan with all steps, on a machine without a GPU. */
export function makeSamplePlan(said: PlanSaid = {}): Plan {
  const work = {...WORK, ...said.work}
  const names = Object.keys(WORK) as StepName[]
  return {
    schemaVersion: 1,
    mode: said.mode ?? 'auto',
    directory: RUN,
    origin: said.origin ?? 'own-branch',
    torch: '2.8.0',
    cuda: 'cu128',
    python: '3.12',
    set: {
      torch: '2.8.0',
      torchvision: '0.23.0',
      torchaudio: '2.8.0',
      cuda: 'cu128',
      python: '3.12',
      platforms: ['linux/amd64'],
      triton: '3.4.0',
      cudnn: '9.10.2.21',
      nccl: '2.27.3',
      isOnPypi: true,
      kernels: [{platform: 'linux/amd64', sass: ['7.0', '7.5', '8.0', '8.6', '9.0', '10.0', '12.0']}],
      downloadBytes: 3_952_393_496
    },
    driver: {
      oldest: '525.60.13',
      complete: '570.26',
      because: 'It needs NVIDIA driver 525.60.13 or newer where it runs, because it is built with CUDA 12.8.'
    },
    gpuTargets: [
      {name: 'A100', capability: '8.0'},
      {name: 'B200', capability: '10.0'}
    ],
    disk: {
      place: '/var/lib/docker',
      freeBytes: 21_400_000_000,
      neededBytes: 12_641_942_896,
      parts: [
        {what: 'base image', bytes: 350_000_000},
        {what: 'wheels, installed', bytes: 8_102_406_667},
        {what: 'layers, compressed', bytes: 4_189_536_229}
      ],
      isEstimate: false
    },
    trust: said.origin === 'fork-pull-request' ? 'none' : 'full',
    pending: said.pending ?? [],
    steps: names.map(
      name =>
        ({name, verdict: said.refused?.[name] ?? (name === 'validate' ? NO_GPU : YES), work: work[name]}) as PlannedStep
    ),
    credentials: CREDENTIALS,
    notices: said.notices ?? [],
    warnings: said.warnings ?? [],
    advice: said.advice ?? []
  }
}

/** The plan of a pull request from a fork. */
export function makeForkPlan(): Plan {
  const git = {...WORK.git, credentials: [], withheld: ['github.com/acme/kernels'], onUnreadable: 'skip'} as const
  return makeSamplePlan({
    origin: 'fork-pull-request',
    refused: {preflight: FORK, promote: FORK, cache: FORK},
    work: {git, build: {...WORK.build, secrets: [], output: 'discard', candidate: null}}
  })
}

const NO_GPU: Verdict = {allowed: false, code: 'no-gpu', because: 'This machine has no GPU that nvidia-smi knows.'}

const MADE: Readonly<Record<StepName, string>> = {
  git: '1 submodule fetched',
  lock: '30 packages, 3.92 GB for linux/amd64',
  preflight: 'ghcr.io/acme/app takes the push',
  builder: 'builder pytorch-cuda-image-7001-1',
  runtime: '30 wheels in 15 layers, 14 of them found, Python 3.12.3',
  build: `${DIGEST} (12 of 14 steps from cache)`,
  prove: '9 of 11 checks pass, 2 do not apply',
  validate: 'pass on 1 GPU',
  promote: `2 tags on ${DIGEST}`,
  cache: 'exported'
}

const TIMES: Readonly<Record<StepName, number>> = {
  git: 812,
  lock: 2_550,
  preflight: 240,
  builder: 1_900,
  runtime: 3_100,
  build: 47_300,
  prove: 38_400,
  validate: 61_000,
  promote: 620,
  cache: 2_400
}

const check = (id: string, message: string) => ({
  id,
  tier: id.slice(0, 2).toUpperCase(),
  status: 'pass' as const,
  message,
  evidence: [],
  measured: {},
  threshold: {},
  duration_ms: 3,
  budget_ms: 10_000
})

const PRODUCTS: Products = {
  proof: {
    subject: `sha256:${'b7'.repeat(32)}`,
    kind: 'runtime',
    origin: 'made',
    result: 'pass',
    checks: [
      check('t1.requirements', 'Every package has what it requires.'),
      check('t2.kernels', 'Kernels for A100 (8.0), B200 (10.0) are there.'),
      {...check('t2.numpy', 'The image holds no NumPy.'), status: 'skip'}
    ]
  },
  submodules: [{path: 'third_party/kernels', url: 'https://github.com/acme/kernels', state: 'fetched'}],
  digest: DIGEST,
  imageId: `sha256:${'a7'.repeat(32)}`,
  candidate: `ghcr.io/acme/app@${DIGEST}`,
  metadata: {'containerimage.digest': DIGEST},
  cachedSteps: {cached: 12, total: 14},
  layers: [
    {
      digest: `sha256:${'11'.repeat(32)}`,
      sizeBytes: 29_126_484,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd'
    },
    {
      digest: `sha256:${'22'.repeat(32)}`,
      sizeBytes: 2_731_004_118,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd'
    },
    {
      digest: `sha256:${'33'.repeat(32)}`,
      sizeBytes: 1_144_870_021,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd'
    },
    {digest: `sha256:${'44'.repeat(32)}`, sizeBytes: 48_213, mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd'}
  ],
  previous: {
    reference: 'ghcr.io/acme/app:main',
    layers: [
      {
        digest: `sha256:${'11'.repeat(32)}`,
        sizeBytes: 29_126_484,
        mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd'
      },
      {
        digest: `sha256:${'22'.repeat(32)}`,
        sizeBytes: 2_731_004_118,
        mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd'
      },
      {digest: `sha256:${'99'.repeat(32)}`, sizeBytes: 47_900, mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd'}
    ]
  },
  runtime: {
    digest: `sha256:${'b7'.repeat(32)}`,
    images: [
      {
        platform: 'linux/amd64',
        digest: `sha256:${'b7'.repeat(32)}`,
        python: '3.12.3',
        isForeign: false,
        libraries: 0
      }
    ],
    layers: [
      {
        title: 'torch',
        wheels: ['torch 2.8.0'],
        digest: `sha256:${'22'.repeat(32)}`,
        diffId: `sha256:${'5f'.repeat(32)}`,
        sizeBytes: 2_731_004_118,
        origin: 'found'
      },
      {
        title: 'nvidia-nccl-cu12, nvidia-nvshmem-cu12',
        wheels: ['nvidia-nccl-cu12 2.27.3', 'nvidia-nvshmem-cu12 3.3.20'],
        digest: `sha256:${'33'.repeat(32)}`,
        diffId: `sha256:${'5f'.repeat(32)}`,
        sizeBytes: 1_144_870_021,
        origin: 'made'
      }
    ],
    fetchedBytes: 0
  },
  pushedBytes: 3_905_048_836,
  tags: ['ghcr.io/acme/app:sha-4b825dc642cb-cu128-torch2.8', 'ghcr.io/acme/app:main'],
  keptTags: []
}

/** What came of a plan when every permitted step did its work. */
export function makeSampleOutcome(plan: Plan, said: Partial<Outcome> = {}): Outcome {
  const results = plan.steps.map(
    ({name, verdict}): StepResult =>
      verdict.allowed
        ? {name, state: 'done', durationMs: TIMES[name], made: MADE[name]}
        : {name, state: 'skipped', durationMs: 0, made: verdict.because}
  )
  return {plan, results, products: PRODUCTS, notices: [], warnings: [], problems: [], ...said}
}

/** The outcome of a run that a step's problem ended. */
export function makeStoppedOutcome(plan: Plan, at: StepName, problem: Problem): Outcome {
  const reached = plan.steps.findIndex(({name}) => name === at)
  const results = plan.steps.map(({name}, index): StepResult => {
    if (index > reached) return {name, state: 'not-reached', durationMs: 0, made: ''}
    if (index === reached) return {name, state: 'failed', durationMs: TIMES[name], made: problem.what}
    return {name, state: 'done', durationMs: TIMES[name], made: MADE[name]}
  })
  return {plan, results, products: {}, notices: [], warnings: [], problems: [problem]}
}

/** A push that the registry refused. */
export const DENIED = new Problem('push-denied', {
  what: 'ghcr.io refuses a push to ghcr.io/acme/app with the login octo.',
  why: 'It answered 403, so the image could be built and never published.',
  fix: 'Add this to the job:\npermissions:\n  contents: read\n  packages: write',
  evidence: ['POST /v2/acme/app/blobs/uploads/ → 403', 'DENIED: permission_denied: write_package']
})
