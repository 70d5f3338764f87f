import {expect, test} from '@jest/globals'
import {play} from './scenario.ts'
import {tellStory} from './telling.ts'

const IMAGE = {registry: 'ghcr.io', repository: 'acme/vision'}
const NEWER = {
  'org.opencontainers.image.version': '1.3.0',
  'org.opencontainers.image.revision': '8d1a6e0f5b2c394d7a81e6f0c5b4d3a29180f7e6'
}
const VARIANT = 'cu128-py312-torch2.8'
const TAKEN = ['1', 'latest', `1-${VARIANT}`, `latest-${VARIANT}`]

test('a pushed tag 1.2.3 names all its versions, and leaves what 1.3.0 has already taken', async () => {
  const played = await play({
    event: 'push-tag',
    before: registry => {
      for (const tag of TAKEN) registry.put(IMAGE, NEWER, tag)
    }
  })
  expect(played.report?.conclusion).toBe('success')
  expect(played.registry.writes).toContain(`acme/vision:1.2.3-${VARIANT}`)
  for (const tag of TAKEN) expect(played.registry.writes).not.toContain(`acme/vision:${tag}`)
  expect(tellStory(played)).toMatchSnapshot()
})
