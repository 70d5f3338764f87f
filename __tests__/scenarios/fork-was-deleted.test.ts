import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a pull request whose fork was deleted is treated as one from a fork', async () => {
  const played = await play({event: 'deleted-fork-pull-request'})
  expect(played.report?.conclusion).toBe('success')
  expect(played.host.outputs).toMatchObject({origin: 'fork-pull-request', trust: 'none', pushed: 'false'})
  expect(played.registry.writes).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
