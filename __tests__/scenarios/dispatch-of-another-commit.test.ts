import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a dispatch that checked out another commit than its own is not trusted with anything', async () => {
  const played = await play({event: 'workflow-dispatch', head: '77aa6e0f5b2c394d7a81e6f0c5b4d3a29180f7e6'})
  expect(played.report?.conclusion).toBe('success')
  expect(played.host.outputs).toMatchObject({origin: 'dispatch', trust: 'none', 'push-reason': 'unknown-code'})
  expect(played.registry.writes).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
