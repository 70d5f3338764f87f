import {expect, test} from '@jest/globals'
import {SUBMODULE} from './machine.ts'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('a private submodule that the given token may not read stops the run before anything is asked or built', async () => {
  const played = await play({
    event: 'push',
    submoduleDenied: `remote: Repository not found.\nfatal: repository '${SUBMODULE.url}/' not found\n`
  })
  expect(played.problems).toEqual(['submodule-unreadable'])
  expect(played.did.join('\n')).not.toContain('buildx build')
  expect(played.registry.writes).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
