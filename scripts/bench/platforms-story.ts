import {packagesOf} from '../layers/torch-set.ts'
import {openConversation} from '../registry-client.ts'
import {readImageFiles} from './image-files.ts'
import type {Measured} from './measure.ts'
import {buildOurs} from './our-stories.ts'
import {appOf} from './parts.ts'
import {PASSWORD, ROBOT} from './stand.ts'
import {lookAt} from './static-image.ts'
import type {Scene, Story} from './story.ts'
import {buildUsual} from './usual-story.ts'

/**
 * The torch of these stories: the newest whose wheels on PyPI have CUDA for both platforms. Those of 2.8.0, with which
 * everything else is measured, are for the CPU alone on arm64, as all are up to 2.10.
 */
export const TORCH = '2.15.0'

const OTHER = 'arm64'
/** What a build without CUDA lacks, beside what every torch has. */
const FILES = ['torch/lib/libtorch_cuda.so', 'torch/lib/libtorch_cpu.so', 'torchvision/__init__.py']

/** The usual way for linux/amd64 alone: for linux/arm64 it would run pip under emulation. */
export const USUAL_PLATFORM_STORY: Story = {
  name: 'usual-platform',
  diskBytes: 30e9,
  parts: [
    {
      name: 'usual-platform',
      after: [],
      yields: ['usual-platform'],
      seconds: 250,
      play: async scene => ({
        'usual-platform': await buildUsual(scene, 'first', {
          base: await scene.stand.baseForBoth(),
          packages: packagesOf(TORCH).join(' ')
        })
      })
    }
  ]
}

/** This action for both platforms on one machine, which runs linux/amd64. */
export const PLATFORMS_STORY: Story = {
  name: 'platforms',
  diskBytes: 35e9,
  parts: [
    {
      name: 'platforms',
      after: [],
      yields: ['platforms'],
      seconds: 200,
      play: async scene => ({platforms: await buildBoth(scene)})
    }
  ]
}

async function buildBoth(scene: Scene): Promise<Measured> {
  if (process.arch !== 'x64') throw new Error('This is said of x86-64 machines, and this one is another.')
  const base = await scene.stand.baseForBoth()
  const platforms = `linux/amd64, linux/${OTHER}`
  const measured = await buildOurs(scene, 'first', {inputs: {torch: TORCH, 'base-image': base, platforms}})
  await lookAtOther(scene)
  return measured
}

/** Looks at the image that does not run here. Throws where it is not what it must be: then its time counts for nothing. */
async function lookAtOther(scene: Scene): Promise<void> {
  const conversation = openConversation(process.env)
  try {
    const image = {registry: scene.registry.host, repository: appOf(scene).image.replace(`${scene.registry.host}/`, '')}
    const place = conversation.placeOf({image, login: {user: ROBOT, token: PASSWORD}})
    const read = await readImageFiles(conversation, {place, tag: 'main', architecture: OTHER})
    const {faults, ...seen} = lookAt(read, {architecture: OTHER, packages: packagesOf(TORCH), files: FILES})
    if (faults.length > 0) {
      throw new Error(
        `The image for linux/${OTHER} is not what it must be (${faults.length}): ${faults[0]}\n${faults.slice(1, 20).join('\n')}`
      )
    }
    scene.say(
      `linux/${OTHER}, looked at without running it: ${seen.libraries} libraries and programs, all of them its own; ` +
        `${seen.packages} packages with all ${seen.recordedFiles} files that they record; ${seen.bytecode} of bytecode.`
    )
  } finally {
    conversation.close()
  }
}
