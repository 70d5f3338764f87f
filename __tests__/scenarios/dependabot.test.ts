import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a pull request by Dependabot is built without private code, and pushes nothing', async () => {
  const played = await play({event: 'dependabot-pull-request'})
  expect(played.report?.conclusion).toBe('success')
  expect(played.host.outputs).toMatchObject({origin: 'dependabot', pushed: 'false', 'push-reason': 'dependabot'})
  expect(played.registry.writes).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
