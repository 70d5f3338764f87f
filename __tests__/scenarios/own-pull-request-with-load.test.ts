import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a pull request of the repository itself gets the private code, and its image is loaded to be tested', async () => {
  const played = await play({event: 'pull-request', inputs: {load: 'true'}})
  expect(played.report?.conclusion).toBe('success')
  expect(played.host.outputs).toMatchObject({trust: 'limited', pushed: 'false', 'push-reason': 'unmerged'})
  expect(played.host.outputs.loaded).not.toBe('')
  expect(played.registry.writes).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
