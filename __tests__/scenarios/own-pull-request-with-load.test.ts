import {expect, test} from '@jest/globals'
import {type Build, buildWorks, layerIsLost} from './builds.ts'
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

test('an engine that loses a layer while it unpacks the image gets it from the cache by a second build', async () => {
  const builds = [layerIsLost, buildWorks]
  const build: Build = (command, site) => (builds.shift() ?? buildWorks)(command, site)
  const played = await play({event: 'pull-request', inputs: {load: 'true'}, build})
  expect([played.problems, builds]).toEqual([[], []])
  expect(played.did.filter(deed => / buildx build .*type=docker/.test(deed))).toHaveLength(2)
})
