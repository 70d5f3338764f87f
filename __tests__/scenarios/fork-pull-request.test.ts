import {beforeAll, describe, expect, test} from '@jest/globals'
import {type Played, play} from './scenario.ts'
import {tellEnvironments, tellStory} from './telling.ts'

describe('a pull request from a fork', () => {
  let played: Played

  beforeAll(async () => {
    played = await play({event: 'fork-pull-request'})
  })

  test('is built without the private code and without any credential, and pushes nothing, in green', () => {
    expect(played.report?.conclusion).toBe('success')
    expect(played.host.outputs).toMatchObject({trust: 'none', pushed: 'false', 'push-reason': 'fork'})
    expect(played.registry.writes).toEqual([])
    expect([...played.secretFiles.values()]).toEqual(['docker configuration'])
    expect(tellStory(played)).toMatchSnapshot()
  })

  test('hands no login to any command', () => {
    expect(tellEnvironments(played)).toMatchSnapshot()
  })
})
