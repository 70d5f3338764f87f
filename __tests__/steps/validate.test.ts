import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import type {Command} from '../../src/host/host.ts'
import type {GpuReport} from '../../src/model/gpu-report.ts'
import {LABELS} from '../../src/model/labels.ts'
import type {ValidateWork} from '../../src/model/work-release.ts'
import {gpuSection} from '../../src/report/gpu-section.ts'
import type {StepContext} from '../../src/steps/step.ts'
import {validateOnGpu} from '../../src/steps/validate.ts'
import {SMI} from '../gpu/machines.ts'
import {type FakeHost, makeFakeHost} from '../support/fake-host.ts'
import {makeMemoryRegistry} from '../support/memory-registry.ts'
import {APP, isReport, type Machine, makeWork, playMachine} from './gpu-stage.ts'

interface Told {
  readonly report: GpuReport
  readonly host: FakeHost
  readonly asked: readonly Command[]
  readonly warnings: readonly string[]
  readonly problems: readonly string[]
  readonly causes: readonly string[]
  readonly summary: string
}

const place = mkdtempSync(join(tmpdir(), 'validate-'))

beforeAll(() => {
  const folder = join(place, 'packages/acme_app-1.0.dist-info')
  mkdirSync(folder, {recursive: true})
  writeFileSync(
    join(folder, 'METADATA'),
    'Metadata-Version: 2.1\nName: acme-app\nVersion: 1.0\nRequires-Dist: numpy<2\n'
  )
})

afterAll(() => rmSync(place, {recursive: true}))

const CU128 = {[LABELS.torch]: '2.8.0', [LABELS.cuda]: 'cu128', [LABELS.archList]: '8.0;9.0'}

async function validate(
  machine: Machine,
  {
    labels = CU128,
    work = {},
    files = {}
  }: {labels?: Record<string, string>; work?: Partial<ValidateWork>; files?: Record<string, string>} = {}
): Promise<Told> {
  const registry = makeMemoryRegistry()
  const {digest} = registry.put(APP, labels)
  const asked: Command[] = []
  const warnings: string[] = []
  const host = makeFakeHost({registry, programs: playMachine(machine, asked), files})
  const context = {
    host,
    products: {digest},
    resources: {},
    notice: () => {},
    warn: (text: string) => warnings.push(text)
  }
  const {products, problems = []} = await validateOnGpu(makeWork(work), context as unknown as StepContext)
  const report = products?.gpu?.report as GpuReport
  isReport(JSON.parse(JSON.stringify(report)))
  expect(isReport.errors ?? []).toEqual([])
  expect(JSON.parse(host.stored.get('/temp/run.gpu-report.json') ?? '')).toEqual(JSON.parse(JSON.stringify(report)))
  return {
    report,
    host,
    asked,
    warnings,
    problems: problems.map(({code}) => code),
    causes: report.diagnosis.map(({check, code}) => `${check} ${code}`),
    summary: gpuSection(products ?? {}, 'https://docs/').join('\n\n')
  }
}

function tiersOf({tiers}: GpuReport): Readonly<Record<string, string>> {
  return Object.fromEntries(tiers.map(({id, status}) => [id, status]))
}

describe('given an image that fits the GPU of its machine', () => {
  let told: Told

  test('it passes every tier, and the host saw it on the GPU', async () => {
    told = await validate({})
    expect(tiersOf(told.report)).toEqual({T0: 'pass', T1: 'pass', T2: 'pass', T3: 'pass', T4: 'pass', RUN: 'pass'})
    expect(told.report).toMatchObject({
      result: 'pass',
      run: {id: '7001'},
      witnessed: [{gpu_uuid: 'GPU-aaaaaaaa-0000-0000-0000-000000000000', used_mib: 612}],
      devices: [{name: 'NVIDIA A100-SXM4-80GB', capability: '8.0', sm_match: 'sass'}],
      diagnosis: []
    })
    expect(told.problems).toEqual([])
  })

  test('it is pulled by its digest through a door of ours', () => {
    const pull = told.asked.find(({args}) => args[0] === 'pull')
    expect(pull?.args.at(-1)).toBe(`127.0.0.1:41000/image@${told.report.image.digest}`)
    expect(told.host.deeds).toContain('open door for image (pull)')
    expect(told.host.deeds).toContain('close door')
  })

  test('it runs without network, secrets, socket, capabilities or root, and writes to /tmp alone', () => {
    const run = told.asked.find(({args}) => args[0] === 'run')
    expect(run?.args).toEqual(
      expect.arrayContaining(['--network=none', '--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges'])
    )
    expect(run?.args).toEqual(expect.arrayContaining(['--pids-limit=4096', '--shm-size=2g', '--user=65532:65532']))
    const mounts = run?.args.filter(argument => /^(?:--volume|--mount|-v)/.test(argument)) ?? []
    expect(mounts).toHaveLength(1)
    expect(mounts[0]).toMatch(/validator:\/opt\/[\w-]+:ro$/)
    expect(run?.args.join(' ')).not.toMatch(/docker\.sock|--privileged|--env-file|--ipc=host/)
    const variables = run?.args.filter((argument, at, all) => argument.startsWith('--env') || all[at - 1] === '--env')
    expect(variables).toEqual(['--env=NVIDIA_DRIVER_CAPABILITIES=compute,utility'])
  })

  test('nothing of it stays: container, image and files are in the ledger', () => {
    expect(told.host.undos.map(({kind}) => kind)).toEqual([
      'remove-image',
      'remove-container',
      'remove-path',
      'remove-path'
    ])
    expect(told.asked.filter(({args}) => args[0] === 'rm' || args[0] === 'image')).toHaveLength(2)
  })

  test('the number that only this run knows is in no argument and in no file but standard input', () => {
    const run = told.asked.find(({args}) => args[0] === 'run')
    expect(typeof run?.stdin).toBe('object')
    for (const text of told.host.stored.values()) expect(text).not.toMatch(/nonce/)
  })

  test('a JUnit file lies beside the report, and neither names the machine', () => {
    const junit = told.host.stored.get('/temp/run.gpu-report.xml') ?? ''
    expect(junit.match(/<testcase /g)?.length).toBe(told.report.tiers.flatMap(({checks}) => checks).length)
    expect(junit).not.toContain('<failure')
    expect(JSON.stringify(told.report)).not.toContain('hostname')
  })

  test('the summary shows the tiers', () => {
    expect(told.summary).toContain('1 × NVIDIA A100')
    expect(told.summary).toMatch(/✅&nbsp;T4/)
  })
})

describe('the four causes that are told most often, each from what is printed then', () => {
  test.each<{given: string; machine: Machine; labels?: Record<string, string>; then: string}>([
    {
      given: 'no driver',
      machine: {gpus: '', list: ''},
      then: 't0.gpu GPU_ABSENT'
    },
    {
      given: 'no driver that the container runtime finds',
      machine: {
        run: {
          exitCode: 125,
          stderr:
            'nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file\n'
        }
      },
      then: 'run.complete DRIVER_MISSING'
    },
    {given: 'no toolkit', machine: {runtimes: ['runc']}, then: 't0.toolkit TOOLKIT_MISSING'},
    {
      given: 'no toolkit, which only the engine tells',
      machine: {
        run: {
          exitCode: 125,
          stderr: 'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]]\n'
        }
      },
      then: 'run.complete TOOLKIT_MISSING'
    },
    {given: 'a container without --gpus', machine: {torch: {devices: []}}, then: 't3.available NO_GPU'},
    {
      given: 'CUDA that is newer than the driver, told by the label before the pull',
      machine: {},
      labels: {...CU128, [LABELS.cuda]: 'cu130'},
      then: 't0.driver DRIVER_TOO_OLD'
    },
    {
      given: 'CUDA that is newer than the driver, which only torch tells',
      machine: {
        torch: {
          misbehave: {init: 'raise: The NVIDIA driver on your system is too old (found version 12080). Please update.'}
        }
      },
      then: 't3.available DRIVER_TOO_OLD'
    }
  ])('given $given, then it is $then', async ({machine, labels, then}) => {
    const told = await validate(machine, labels === undefined ? {} : {labels})
    expect(told.causes).toContain(then)
    expect(told).toMatchObject({report: {result: 'fail'}, problems: ['gpu-failed']})
    expect(told.summary).toContain(then.split(' ')[1]?.replaceAll('_', '&#95;'))
    expect(told.asked.some(({args}) => args[0] === 'pull')).toBe(!then.startsWith('t0'))
  })
})

describe('a validation that does not end as it should', () => {
  test.each<{given: string; machine: Machine; then: string}>([
    {
      given: 'a check that takes its process down',
      machine: {torch: {misbehave: {sum: 'kill'}}},
      then: 't3.first-use@0 CRASHED'
    },
    {
      given: 'a kernel that is missing after all',
      machine: {
        torch: {misbehave: {sum: 'raise: CUDA error: no kernel image is available for execution on the device'}}
      },
      then: 't3.first-use@0 ARCH_MISSING'
    },
    {
      given: 'a container that nothing was heard of',
      machine: {run: {exitCode: 137, stderr: 'Killed\n'}},
      then: 'run.complete RUN_FAILED'
    },
    {
      given: 'an image without Python',
      machine: {
        run: {
          exitCode: 127,
          stderr:
            'docker: Error response from daemon: failed to create task for container: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "python3": executable file not found in $PATH: unknown\n'
        }
      },
      then: 'run.complete NO_PYTHON'
    },
    {
      given: 'a validator that was killed half-way',
      machine: {edit: line => (/"event":"(?:tier|end)"|"tier":"T4"/.test(line) ? undefined : line)},
      then: 'run.complete REPORT_INCOMPLETE'
    },
    {
      given: 'a line that was lost',
      machine: {edit: line => (line.includes('"t3.count"') ? undefined : line)},
      then: 'run.complete REPORT_INCOMPLETE'
    },
    {
      given: 'a line that was changed on its way',
      machine: {
        torch: {arch_flags: 'sm_50'},
        edit: line =>
          line.replace(
            '"id":"t4.coverage","tier":"T4","status":"fail"',
            '"id":"t4.coverage","tier":"T4","status":"pass"'
          )
      },
      then: 'run.marks REPORT_FORGED'
    },
    {
      given: 'code of the image that prints a report of its own',
      machine: {
        edit: line =>
          line.includes('"begin"')
            ? `{"format":1,"seq":0,"event":"end","result":"pass","mac":"${'0'.repeat(64)}"}`
            : line
      },
      then: 'run.marks REPORT_FORGED'
    },
    {
      given: 'a GPU that another process holds, and ours does not',
      machine: {processes: '99, GPU-aaaaaaaa, 612\n'},
      then: 'run.witnessed NOT_SEEN'
    },
    {
      given: 'a pull that fails',
      machine: {pull: {exitCode: 1, stderr: 'write /var/lib/docker/x: no space left on device\n'}},
      then: 'run.pull DISK_FULL'
    },
    {
      given: 'a registry that ends the pull',
      machine: {
        pull: {exitCode: 1, stderr: 'read tcp 10.0.0.4:51844->140.82.121.34:443: read: connection reset by peer\n'}
      },
      then: 'run.pull REGISTRY_TIMEOUT'
    },
    {
      given: 'a pull that fails in words of its own',
      machine: {pull: {exitCode: 1, stderr: 'manifest unknown\n'}},
      then: 'run.pull PULL_FAILED'
    }
  ])('given $given, then it is $then and nothing passes', async ({machine, then}) => {
    const told = await validate(machine)
    expect(told.causes).toContain(then)
    expect(told).toMatchObject({report: {result: 'fail'}, problems: ['gpu-failed']})
  })

  test('given two GPUs of different kinds, then nothing is pulled and nothing passes', async () => {
    const told = await validate({gpus: SMI.mixed, list: ''})
    expect(told).toMatchObject({report: {result: 'fail'}, problems: ['gpu-failed']})
    expect(told.causes).toContain('t0.kinds GPU_MIXED')
    expect(told.asked.some(({args}) => args[0] === 'pull')).toBe(false)
  })

  test('given an image without labels, then nothing is pulled and nothing passes', async () => {
    const told = await validate({}, {labels: {}})
    expect(told).toMatchObject({report: {result: 'fail'}, problems: ['gpu-failed']})
    expect(told.causes).toEqual(['t0.driver IMAGE_UNLABELLED'])
    expect(told.asked.some(({args}) => args[0] === 'pull')).toBe(false)
  })

  test('given packages that do not fit each other, then T1 fails by the verdict of the host', async () => {
    const told = await validate({packages: join(place, 'packages')})
    expect(tiersOf(told.report)).toMatchObject({T1: 'fail', T3: 'pass'})
    expect(told.causes).toContain('t1.requirements REQUIREMENT_UNMET')
    expect(told).toMatchObject({report: {result: 'fail'}, problems: ['gpu-failed']})
  })
})

describe('given two GPUs of different kinds, and the one to use by name', () => {
  const L4 = {uuid: 'GPU-bbbbbbbb', name: 'NVIDIA L4', capability: '8.9', memory_mib: 23034}
  const machine = {gpus: SMI.mixed, list: '', torch: {devices: [L4], arch_flags: 'sm_80 sm_86'}}
  const labels = {...CU128, [LABELS.archList]: '8.0;8.6'}

  test.each([
    {injection: 'gpus', name: '1', flags: ['--gpus', '"device=1"']},
    {injection: 'cdi', name: 'GPU-bbbbbbbb', flags: ['--device', 'nvidia.com/gpu=GPU-bbbbbbbb']},
    {injection: 'runtime', name: '1', flags: ['--runtime', 'nvidia', '--env', 'NVIDIA_VISIBLE_DEVICES=1']}
  ] as const)('$name by $injection: the container gets that one', async ({injection, name, flags}) => {
    const witnessed = {...machine, processes: '4711, GPU-bbbbbbbb, 612\n'}
    const told = await validate(witnessed, {labels, work: {devices: [name], injection}})
    expect(told.report).toMatchObject({result: 'pass', devices: [{index: 0, uuid: 'GPU-bbbbbbbb', name: 'NVIDIA L4'}]})
    const run = told.asked.find(({args}) => args[0] === 'run')
    expect(run?.args.join(' ')).toContain(flags.join(' '))
  })

  test('in the job’s own container, torch is shown that one', async () => {
    const told = await validate(machine, {labels, work: {devices: ['1'], place: 'container'}})
    expect(told.report.result).toBe('pass')
    expect(told.asked.find(({file}) => file === 'python3')?.env).toMatchObject({CUDA_VISIBLE_DEVICES: 'GPU-bbbbbbbb'})
  })

  test('one that is not there is told before anything is pulled', async () => {
    const told = await validate(machine, {labels, work: {devices: ['5']}})
    expect(told.causes).toContain('t0.gpu GPU_UNKNOWN')
    expect(told.asked.some(({args}) => args[0] === 'pull')).toBe(false)
  })
})

describe('the name of the machine', () => {
  test('is taken out of what was printed on it', async () => {
    const stderr = 'docker: Error response from daemon: node gpu-01.acme.dev: no such runtime\n'
    const told = await validate(
      {run: {exitCode: 125, stderr}},
      {files: {'/proc/sys/kernel/hostname': 'gpu-01.acme.dev\n'}}
    )
    expect(told.host.stored.get('/temp/run.gpu-report.json')).toContain('node <host>: no such runtime')
    for (const path of ['/temp/run.gpu-report.json', '/temp/run.gpu-report.xml']) {
      expect(told.host.stored.get(path)).not.toContain('gpu-01')
    }
    expect(told.summary).not.toContain('gpu-01')
  })
})

describe('where the job itself runs in the image', () => {
  test('the validator runs right there, and the report says that nobody looked on', async () => {
    const told = await validate({}, {work: {place: 'container'}})
    expect(told.report).toMatchObject({result: 'pass', host: {place: 'container'}, witnessed: []})
    expect(told.asked.filter(({file}) => file === 'docker')).toEqual([])
    expect(told.summary).toContain('without a witness')
  })
})
