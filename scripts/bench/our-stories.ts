import {openCountingGate, openMountGate} from '../world/registry-gate.ts'
import {onOneCore} from './cores.ts'
import {type Measured, medianOf} from './measure.ts'
import {appOf, commitCode, indented, measureBuild, pullAndImport} from './parts.ts'
import {emptyEngine} from './stand.ts'
import type {Part, Scene, Story} from './story.ts'
import {type Job, runOurs} from './ways.ts'

/** How often one line is changed. Odd, so that there is a middle one: how fast PyPI answers is a good part of its time. */
const LINES = 3

/** This action, with everything that a first build leaves for later ones. */
export const OUR_STORY: Story = {
  name: 'ours',
  diskBytes: 35e9,
  parts: [
    part({name: 'cold', seconds: 110, play: scene => buildOurs(scene, 'first')}),
    part({name: 'again', after: ['cold'], seconds: 5, play: scene => buildOurs(scene, 'again')}),
    part({name: 'line', after: ['cold'], seconds: 15, play: buildLines}),
    {
      name: 'pull',
      after: ['cold'],
      yields: ['pull', 'import'],
      seconds: 55,
      play: scene => pullAndImport(scene, {pull: 'pull', import: 'import'})
    },
    {name: 'share', after: ['cold'], yields: [], seconds: 10, play: share},
    part({name: 'second', after: ['share'], seconds: 60, play: buildSecond}),
    part({name: 'second-copied', after: ['share'], seconds: 80, play: buildBehindGate}),
    part({name: 'python', after: ['cold'], seconds: 90, play: buildOtherPython}),
    part({name: 'flavor', after: ['cold'], seconds: 180, play: scene => buildCounted(scene, {flavor: 'compile'})})
  ]
}

/** A patch release that PyPI has, nearest to 2.8.0: of PyTorch's set only torch, its family and Triton are new in it. */
export const PATCH_STORY: Story = {
  name: 'patch',
  diskBytes: 25e9,
  parts: [
    {
      name: 'patch-before',
      after: [],
      yields: [],
      seconds: 110,
      play: async scene => {
        await buildOurs(scene, 'first', {inputs: {torch: '2.7.0'}})
        return {}
      }
    },
    part({
      name: 'patch',
      after: ['patch-before'],
      seconds: 80,
      play: scene => buildCounted(scene, {torch: '2.7.1'})
    })
  ]
}

/** A first build by an action that has one core, while engine and registry have all. */
export const ONE_CORE_STORY: Story = {
  name: 'one-core',
  diskBytes: 25e9,
  parts: [part({name: 'one-core', seconds: 180, play: scene => onOneCore(() => buildOurs(scene, 'first'))})]
}

interface Single extends Pick<Part, 'name' | 'seconds'> {
  readonly after?: Part['after']
  play(scene: Scene): Promise<Measured>
}

/** A part with one measurement, which bears its name. */
function part({name, after = [], seconds, play}: Single): Part {
  return {name, after, seconds, yields: [name], play: async scene => ({[name]: await play(scene)})}
}

/** Commits code that says a word, and builds it by this action; what the inputs leave open is as in most stories. */
export async function buildOurs(
  scene: Scene,
  word: string,
  {job = appOf(scene), inputs = {}}: {readonly job?: Job; readonly inputs?: Readonly<Record<string, string>>} = {}
): Promise<Measured> {
  const {stand, packages} = scene
  await commitCode(scene.workspace, word)
  const all = {
    torch: '2.8.0',
    'base-image': stand.base,
    ...(packages === undefined ? {} : {'build-args': `TORCH_PACKAGES=${packages}`}),
    ...inputs
  }
  const name = [...Object.values(inputs), word].join(', ')
  return measureBuild(scene, `this action, ${name}`, {
    job,
    build: () => runOurs(job, {inputs: all, say: indented(scene)})
  })
}

/** Changes a line, each time on an empty builder. */
async function buildLines(scene: Scene): Promise<Measured> {
  const measured: Measured[] = []
  for (let line = 1; line <= LINES; line++) {
    if (line > 1) await emptyEngine(scene.stand)
    measured.push(await buildOurs(scene, `changed, ${line}`))
  }
  return medianOf(measured)
}

/** Tells the store what `acme/app` has: one registry, so nothing moves. */
async function share(scene: Scene): Promise<Record<string, Measured>> {
  await buildOurs(scene, 'shared', {inputs: storeAt(scene.registry.host)})
  return {}
}

function buildSecond(scene: Scene): Promise<Measured> {
  const {host} = scene.registry
  return buildOurs(scene, 'second', {job: {...appOf(scene), image: `${host}/acme/second`}, inputs: storeAt(host)})
}

/** The same registry seen through a gate that answers a mount with an ordinary upload. */
async function buildBehindGate(scene: Scene): Promise<Measured> {
  const gate = await openMountGate(scene.registry.host, 202)
  try {
    scene.stand.logIn(gate.host)
    const job = {...appOf(scene), image: `${gate.host}/acme/third`}
    const measured = await buildOurs(scene, 'third', {job, inputs: storeAt(gate.host)})
    if (gate.refused() === 0) throw new Error('No mount was asked for, so nothing was copied.')
    return {...measured, sentBytes: gate.receivedBytes()}
  } finally {
    scene.stand.logIn(scene.registry.host)
    await gate.close()
  }
}

/** Builds `acme/app` through a gate that counts what is sent. */
async function buildCounted(scene: Scene, inputs: Readonly<Record<string, string>>): Promise<Measured> {
  const gate = await openCountingGate(scene.registry.host)
  try {
    scene.stand.logIn(gate.host)
    const measured = await buildOurs(scene, 'first', {job: {...appOf(scene), image: `${gate.host}/acme/app`}, inputs})
    return {...measured, sentBytes: gate.receivedBytes()}
  } finally {
    scene.stand.logIn(scene.registry.host)
    await gate.close()
  }
}

async function buildOtherPython(scene: Scene): Promise<Measured> {
  return buildCounted(scene, {'base-image': await scene.stand.otherBase()})
}

function storeAt(host: string): Readonly<Record<string, string>> {
  return {'layer-store': `${host}/acme/layers protected`}
}
