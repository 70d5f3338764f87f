import {expect, test} from '@jest/globals'
import {buildIsCancelled} from './builds.ts'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a run that is cancelled in the build moves no tag, says that it was cancelled, and leaves nothing', async () => {
  const played = await play({event: 'push', build: buildIsCancelled})
  expect(played.report?.conclusion).toBe('cancelled')
  expect(played.problems).toEqual(['cancelled'])
  expect(played.registry.writes).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
