import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a pull request, which does not push, does not even ask a registry that would refuse', async () => {
  const played = await play({
    event: 'pull-request',
    push: {result: 'denied', status: 403, evidence: 'DENIED: permission_denied: write_package'}
  })
  expect(played.report?.conclusion).toBe('success')
  expect(played.did.join('\n')).not.toContain('may push')
  expect(played.registry.writes).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
