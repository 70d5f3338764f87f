import type {Measured} from './measure.ts'
import {appOf, commitCode, measureBuild, pullAndImport} from './parts.ts'
import type {Scene, Story} from './story.ts'
import {buildBare, certificateOptions, USUAL_DOCKERFILE} from './ways.ts'

/** The usual way: one layer of wheels by pip, buildx's defaults, a registry cache. */
export const USUAL_STORY: Story = {
  name: 'usual',
  diskBytes: 35e9,
  parts: [
    {
      name: 'usual-cold',
      after: [],
      yields: ['usual-cold'],
      seconds: 280,
      play: async scene => ({'usual-cold': await buildUsual(scene, 'first')})
    },
    {
      name: 'usual-line',
      after: ['usual-cold'],
      yields: ['usual-line'],
      seconds: 80,
      play: async scene => ({'usual-line': await buildUsual(scene, 'changed')})
    },
    {
      name: 'usual-pull',
      after: ['usual-cold'],
      yields: ['usual-pull', 'usual-import'],
      seconds: 90,
      play: scene => pullAndImport(scene, {pull: 'usual-pull', import: 'usual-import'})
    }
  ]
}

/** Commits code that says a word, and builds it in the usual way; of the usual packages where none are named. */
export async function buildUsual(
  scene: Scene,
  word: string,
  {base = scene.stand.base, packages = scene.packages}: {readonly base?: string; readonly packages?: string} = {}
): Promise<Measured> {
  const {stand, workspace} = scene
  await commitCode(workspace, word)
  const job = appOf(scene)
  const cache = `type=registry,ref=${job.image}:cache`
  const options = [
    ...['--file', USUAL_DOCKERFILE, '--build-arg', `BASE_IMAGE=${base}`],
    ...(packages === undefined ? [] : ['--build-arg', `TORCH_PACKAGES=${packages}`]),
    ...certificateOptions(stand),
    ...['--cache-from', cache, '--cache-to', `${cache},mode=max`]
  ]
  return measureBuild(scene, `usual way, ${word}`, {job, build: () => buildBare(job, options)})
}
