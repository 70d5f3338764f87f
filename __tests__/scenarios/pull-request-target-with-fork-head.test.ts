import {expect, test} from '@jest/globals'
import {makeEvent} from '../../scripts/runner/events.ts'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

test('pull_request_target with the code of a fork checked out has every right of the repository, and uses none', async () => {
  const {payload} = makeEvent('fork-pull-request-target')
  const {pull_request: pull} = payload as {readonly pull_request: {readonly head: {readonly sha: string}}}
  const played = await play({event: 'fork-pull-request-target', head: pull.head.sha})
  expect(played.report?.conclusion).toBe('success')
  expect(played.host.outputs).toMatchObject({trust: 'none', pushed: 'false'})
  expect(played.registry.writes).toEqual([])
  expect(tellStory(played)).toMatchSnapshot()
})
