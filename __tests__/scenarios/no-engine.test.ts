import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a machine whose engine does not answer is told so before anything is touched', async () => {
  const played = await play({event: 'push', engine: 'silent'})
  expect(played.problems).toEqual(['engine-missing'])
  expect(played.files).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
