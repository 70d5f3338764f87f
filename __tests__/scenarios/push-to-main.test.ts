import {beforeAll, describe, expect, test} from '@jest/globals'
import {type Played, play} from './scenario.ts'
import {tellEnvironments, tellStory} from './telling.ts'

describe('a push to main', () => {
  let played: Played

  beforeAll(async () => {
    played = await play({event: 'push'})
  })

  test('is built, pushed without a tag, and only then named', () => {
    expect(played.registry.named()).toEqual([
      'acme/vision:pytorch-cuda-image-layers',
      'acme/vision:sha-4f6d2c1ab0e9-cu128-py312-torch2.8',
      'acme/vision:main-cu128-py312-torch2.8',
      'acme/vision:main'
    ])
    expect(tellStory(played)).toMatchSnapshot()
  })

  test('gives each command no more variables than it needs', () => {
    expect(tellEnvironments(played)).toMatchSnapshot()
  })
})
