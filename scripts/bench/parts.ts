import {type Say, timed} from '../world/say.ts'
import {commit} from './checkout.ts'
import {type Measured, measure, type Work} from './measure.ts'
import {imageBytesOf, importTorch, pullImage} from './pulled.ts'
import type {Bench, Scene} from './story.ts'
import type {Job} from './ways.ts'

/** Does a build and measures it, with the image that it ends with. */
export async function measureBuild(
  {registry, stand, say}: Scene,
  what: string,
  {job, build}: {readonly job: Job; readonly build: () => Promise<Work>}
): Promise<Measured> {
  const measured = await measure(registry, () => timed(say, what, build))
  return {...measured, imageBytes: await imageBytesOf(stand, `${job.image}:main`)}
}

/** Commits a program that says a word: other code on the same lock. */
export function commitCode(workspace: string, word: string): Promise<void> {
  return commit(workspace, {'app.py': `print("${word}")\n`})
}

/** The image `acme/app` of a scene. */
export function appOf({stand, registry, workspace}: Scene): Job {
  return {stand, workspace, image: `${registry.host}/acme/app`}
}

/** Pulls an image and imports torch in it; tiny wheels have no torch, so that is left out with them. */
export async function pullAndImport(
  scene: Scene,
  names: {readonly pull: string; readonly import: string}
): Promise<Readonly<Record<string, Measured>>> {
  const {stand, registry, packages} = scene
  const reference = `${appOf(scene).image}:main`
  const pulled = await measure(registry, () => timed(scene.say, names.pull, () => pullImage(stand, reference)))
  if (packages !== undefined) return {[names.pull]: pulled}
  return {[names.pull]: pulled, [names.import]: await measure(registry, () => importTorch(stand, reference))}
}

/** Lines of the action's log, told apart from the bench's own. */
export function indented({say}: Bench): Say {
  return line => say(`  ${line}`)
}
