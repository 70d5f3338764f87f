import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a registry that refuses the push of a branch stops the run before the build', async () => {
  const played = await play({
    event: 'push',
    push: {result: 'denied', status: 403, evidence: 'DENIED: permission_denied: write_package'}
  })
  expect(played.problems).toEqual(['push-denied'])
  expect(played.did.join('\n')).not.toContain('buildx build')
  expect(played.registry.writes).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
