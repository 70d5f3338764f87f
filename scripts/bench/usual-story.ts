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
      play: async scene => ({'usual-cold': await build(scene, 'first')})
    },
    {
      name: 'usual-line',
      after: ['usual-cold'],
      yields: ['usual-line'],
      seconds: 80,
      play: async scene => ({'usual-line': await build(scene, 'changed')})
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

async function build(scene: Scene, word: string) {
  const {stand, workspace, packages} = scene
  await commitCode(workspace, word)
  const job = appOf(scene)
  const cache = `type=registry,ref=${job.image}:cache`
  const options = [
    ...['--file', USUAL_DOCKERFILE, '--build-arg', `BASE_IMAGE=${stand.base}`],
    ...(packages === undefined ? [] : ['--build-arg', `TORCH_PACKAGES=${packages}`]),
    ...certificateOptions(stand),
    ...['--cache-from', cache, '--cache-to', `${cache},mode=max`]
  ]
  return measureBuild(scene, `usual way, ${word}`, {job, build: () => buildBare(job, options)})
}
