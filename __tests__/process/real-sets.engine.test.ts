import {randomBytes} from 'node:crypto'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {cacheRecords, removeCacheSince} from '../../scripts/world/disk.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {type BaseImage, baseImage} from '../../scripts/world/rootfs.ts'
import {ACTION, errorCodes, summaryOf} from '../support/built-action.ts'
import {type JobWorld, makeJobWorld, READER} from '../support/job-world.ts'

jest.setTimeout(1_800_000)

/** Each set fetches 3 to 4 GB and needs 25 GB of disk: asked for by name. */
const real = process.env.REAL_TORCH === '1' ? test.each : test.skip.each
const IMPORTS = `
import json, numpy, torch, torchvision
boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.1, 0.1, 2.0, 2.0], [5.0, 5.0, 6.0, 6.0]])
kept = torchvision.ops.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist()
print(json.dumps([torch.__version__.split("+")[0], torch.version.cuda, torchvision.__version__.split("+")[0], kept, torch.ones(2).numpy().tolist()]))
`

let world: JobWorld
let bases: Registry
let base: BaseImage
/** A docker configuration that may pull what was pushed. */
let logins: string
/** What the builder remembered before: what these tests unpack is tens of gigabytes. */
let cacheBefore: ReadonlySet<string>
/** What was pushed, by its torch. */
const built = new Map<string, string>()

beforeAll(async () => {
  if (process.env.REAL_TORCH !== '1') return
  const folder = resolve(process.env.WORLD_FOLDER ?? `${ACTION}/.world`)
  world = await makeJobWorld('real-sets')
  bases = await startRegistry({folder, name: `real-sets-bases-${randomBytes(3).toString('hex')}`, say() {}})
  base = await baseImage({folder, engine: world.engine, registry: bases})
  cacheBefore = await cacheRecords(world.engine)
  logins = join(world.place, 'logins')
  mkdirSync(logins)
  const auth = Buffer.from(`${READER.name}:${READER.password}`).toString('base64')
  writeFileSync(join(logins, 'config.json'), JSON.stringify({auths: {[world.registry.host]: {auth}}}))
  world.checkout({'app.py': 'print("ready")\n', 'requirements.txt': 'tqdm==4.67.1\n'})
}, 600_000)

afterAll(async () => {
  if (cacheBefore !== undefined) await removeCacheSince(world.engine, cacheBefore)
  await bases?.stop()
  await world?.stop()
}, 300_000)

describe('a set that PyPI serves is built, pushed and imported (REAL_TORCH=1)', () => {
  real([
    {what: 'the newest, on CUDA 13', torch: '2.15.0', cuda: '13.2', torchvision: '0.29.2'},
    {what: 'the one that is taken where nothing is said', torch: '2.8.0', cuda: '12.8', torchvision: '0.23.0'},
    {what: 'an old one, which needs numpy 1', torch: '2.2.2', cuda: '12.1', torchvision: '0.17.2'}
  ])('$what: torch $torch', async ({torch, cuda, torchvision}) => {
    const result = await world.run({
      inputs: {
        image: world.image,
        'registry-credentials': world.login,
        'base-image': base.reference,
        torch,
        requirements: 'requirements.txt',
        cache: 'none'
      }
    })
    expect({conclusion: result.conclusion, torch: result.outputs.torch, summary: summaryOf(result)}).toMatchObject({
      conclusion: 'success',
      torch
    })
    expect(summaryOf(result)).toContain('Proof without a GPU: ✅')
    built.set(torch, result.outputs.digest ?? '')
    const reference = `${world.image}@${result.outputs.digest}`
    const confined = ['--rm', '--network', 'none', '--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL']
    try {
      const said = world.docker('--config', logins, 'run', '--quiet', ...confined, reference, 'python', '-c', IMPORTS)
      expect(JSON.parse(said)).toEqual([torch, cuda, torchvision, [0, 2], [1, 1]])
    } finally {
      world.docker('image', 'rm', '--force', reference)
    }
  })
})

describe('real wheels that are not what somebody expects (REAL_TORCH=1)', () => {
  // An image of the user's own, of which the inputs alone say what it shall hold.
  real([
    {what: 'a GPU that they have no kernel for', expects: {'gpu-targets': 'GTX 1080'}, then: 'gpu-without-kernels'},
    {what: 'another CUDA', expects: {cuda: 'cu126'}, then: 'torch-not-as-asked'}
  ])('$what: torch 2.8.0 is stopped by $then', async ({expects, then}) => {
    world.checkout({Dockerfile: `FROM ${world.image}@${built.get('2.8.0')}\n${world.fresh}\n`}, {directory: 'own'})
    const result = await world.run({
      workspace: join(world.place, 'own'),
      inputs: {image: world.image, 'registry-credentials': world.login, cache: 'none', tags: 'never', ...expects}
    })
    expect(errorCodes(result)).toEqual([then])
    expect(world.tags()).not.toContain('never')
  })
})
