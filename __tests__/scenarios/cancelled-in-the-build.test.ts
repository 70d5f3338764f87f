import {expect, test} from '@jest/globals'
import {buildIsCancelled} from './builds.ts'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a run that is cancelled in the build moves no tag, says that it was cancelled, and leaves nothing', async () => {
  const played = await play({event: 'push', build: buildIsCancelled})
  expect(played.report?.conclusion).toBe('cancelled')
  expect(played.problems).toEqual(['cancelled'])
  // The index of layers is no image that anyone pulls.
  expect(played.registry.named()).toEqual(['acme/vision:pytorch-cuda-image-layers'])
  expect(tellStory(played)).toMatchSnapshot()
})
