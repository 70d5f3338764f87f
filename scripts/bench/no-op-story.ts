import {join} from 'node:path'
import {commit} from './checkout.ts'
import {type Measured, measure, medianOf} from './measure.ts'
import type {Scene, Story} from './story.ts'
import {buildBare, runOurs} from './ways.ts'

/** Odd, so that there is a middle one. */
const RUNS = 5

/** Nothing changed and everything cached: what the action costs around the build that it does. */
export const NO_OP_STORY: Story = {
  name: 'no-op',
  diskBytes: 1e9,
  parts: [{name: 'no-op', after: [], yields: ['usual-no-op', 'no-op'], seconds: 15, play: playNoOp}]
}

async function playNoOp({stand, registry, workspace: parent, say}: Scene): Promise<Record<string, Measured>> {
  const workspace = join(parent, 'tiny')
  await commit(workspace, {Dockerfile: `FROM ${stand.tiny}\nCOPY app.txt /app.txt\n`, 'app.txt': 'hello\n'})
  const bare = {stand, workspace, image: `${registry.host}/acme/bare`}
  const action = {stand, workspace, image: `${registry.host}/acme/ours`}
  const quiet = {inputs: {}, say: () => {}}
  const usual: Measured[] = []
  const ours: Measured[] = []
  await buildBare(bare, [])
  await runOurs(action, quiet)
  for (let run = 1; run <= RUNS; run++) {
    say(`nothing changed, ${run} of ${RUNS}`)
    usual.push(await measure(registry, () => buildBare(bare, [])))
    ours.push(await measure(registry, () => runOurs(action, quiet)))
  }
  return {'usual-no-op': medianOf(usual), 'no-op': medianOf(ours)}
}
