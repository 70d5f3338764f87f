import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a registry that does not answer the question is worth a notice, and the run goes on', async () => {
  const played = await play({event: 'push', push: {result: 'unknown', status: 0, evidence: 'connect ETIMEDOUT'}})
  expect(played.report?.conclusion).toBe('success')
  expect(played.host.outputs).toMatchObject({pushed: 'true', 'push-reason': 'unverified'})
  expect(tellStory(played)).toMatchSnapshot()
})
