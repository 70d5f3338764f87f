import {expect, test} from '@jest/globals'
import {buildFails} from './builds.ts'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a build that fails shows the step and its last words, and names no tag', async () => {
  const played = await play({event: 'push', build: buildFails})
  expect(played.problems).toEqual(['build-failed'])
  // The index of layers is no image that anyone pulls.
  expect(played.registry.named()).toEqual(['acme/vision:pytorch-cuda-image-layers'])
  expect(tellStory(played)).toMatchSnapshot()
})
