import {describe, expect, test} from '@jest/globals'
import {playStories, type Staging} from '../../scripts/bench/play.ts'
import type {Part, Scene, Story} from '../../scripts/bench/story.ts'

const MEASURED = {seconds: 1, addedBytes: 0, fetchedBytes: 0, loadBefore: 0}

function part(name: string, {after = [], fails = false}: {after?: readonly string[]; fails?: boolean} = {}): Part {
  return {
    name,
    after,
    yields: [`${name} time`],
    seconds: 1,
    play: async () => {
      if (fails) throw new Error(`no room for ${name}\n  second line`)
      return {[`${name} time`]: MEASURED}
    }
  }
}

const story = (name: string, ...parts: readonly Part[]): Story => ({name, diskBytes: 1, parts})

function staging(events: string[], broken = ''): Staging {
  return {
    async open({name}) {
      if (name === broken) throw new Error('no registry')
      events.push(`open ${name}`)
      return {scene: {} as Scene, close: async () => void events.push(`close ${name}`)}
    },
    prepare: async ({name}) => void events.push(`empty for ${name}`),
    onPart: ({name}, {played: {measured, missing}}) => void events.push(`${name}: ${measured.size} and ${missing.size}`)
  }
}

describe('playStories', () => {
  test('plays part after part, each on an emptied engine', async () => {
    const events: string[] = []
    await playStories([story('one', part('a'), part('b'))], staging(events))
    expect(events).toEqual(['open one', 'empty for a', 'a: 1 and 0', 'empty for b', 'b: 2 and 0', 'close one'])
  })

  test('given a part that fails, it loses its own measurements and those that stand on it, and no others', async () => {
    const events: string[] = []
    const stories = [
      story('one', part('a', {fails: true}), part('b', {after: ['a']}), part('c', {after: ['b']}), part('d')),
      story('two', part('e'))
    ]
    const {measured, missing} = await playStories(stories, staging(events))
    expect([...measured.keys()]).toEqual(['d time', 'e time'])
    expect(Object.fromEntries(missing)).toEqual({
      'a time': 'no room for a\n  second line',
      'b time': 'It stands on "a", which failed: no room for a\n  second line',
      'c time': 'It stands on "b", which failed: It stands on "a", which failed: no room for a\n  second line'
    })
    expect(events).toContain('close one')
  })

  test('given a story that cannot be set up, the next one is played', async () => {
    const {measured, missing} = await playStories(
      [story('one', part('a')), story('two', part('b'))],
      staging([], 'one')
    )
    expect([...measured.keys()]).toEqual(['b time'])
    expect([...missing]).toEqual([['a time', 'no registry']])
  })
})
