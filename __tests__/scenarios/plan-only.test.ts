import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('`mode: plan` needs no engine and no network, and only says what would be done', async () => {
  const played = await play({event: 'push', engine: 'none', inputs: {mode: 'plan'}})
  expect(played.report?.conclusion).toBe('success')
  expect(played.host.outputs).toMatchObject({origin: 'own-branch', trust: 'full', pushed: 'false'})
  expect(tellStory(played)).toMatchSnapshot()
})
