import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a pull request that asks for it pushes its own number, and moves no other name', async () => {
  const played = await play({event: 'pull-request', inputs: {'opt-in': 'pr-push', tags: 'latest\n1.2.3'}})
  expect(played.host.outputs).toMatchObject({pushed: 'true', 'push-reason': 'allowed', trust: 'limited'})
  expect(played.registry.writes.join('\n')).not.toMatch(/latest|1\.2\.3|main/)
  expect(tellStory(played)).toMatchSnapshot()
})
