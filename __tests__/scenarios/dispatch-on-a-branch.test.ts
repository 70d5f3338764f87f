import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a dispatch on a branch that nobody protects keeps its hands off what people pull', async () => {
  const played = await play({event: 'workflow-dispatch', options: {branch: 'speed'}, inputs: {tags: 'latest'}})
  expect(played.host.outputs).toMatchObject({pushed: 'true', 'push-reason': 'allowed'})
  expect(played.host.outputs.tags).toContain(':branch-speed')
  expect(played.registry.writes.join('\n')).not.toMatch(/latest/)
  expect(tellStory(played)).toMatchSnapshot()
})
