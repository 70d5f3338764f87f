import {afterAll, describe, expect, jest, test} from '@jest/globals'
import type {EventName} from '../../scripts/runner/events.ts'
import {playBare, removeFolders} from '../support/bare-job.ts'
import {errorCodes, logOf, told} from '../support/built-action.ts'
import {clientOf, contextAt, folderWithDocker, WITHOUT_BUILDKIT} from '../support/scripted-docker.ts'

jest.setTimeout(30_000)
afterAll(removeFolders)

const FILES = {Dockerfile: 'FROM scratch\nCOPY . /\n'}

describe('where BuildKit’s image cannot be had', () => {
  // No engine of this machine is reached past the client.
  const engine = {context: contextAt('unix:///nowhere/docker.sock')}
  const script = clientOf(engine, [WITHOUT_BUILDKIT, '"buildx create"*|"buildx rm"*) exit 0 ;;'])
  const play = (event: EventName) => playBare({event, files: FILES, variables: {PATH: folderWithDocker(script)}})

  test('a fork’s pull request without secrets is built in the engine’s own builder, and a notice says so', async () => {
    const result = await play('fork-pull-request')
    // It got as far as the build, which this docker cannot do.
    expect(errorCodes(result)).toEqual(['build-failed'])
    expect(told(result, 'notice').join('\n')).toMatch(/pull access denied for moby\/buildkit.*engine’s own/)
  })

  test.each(['fork-pull-request-with-secrets', 'dependabot-pull-request', 'fork-pull-request-target'] as const)(
    '%s, whose job holds more, is not built at all',
    async event => {
      const result = await play(event)
      expect(errorCodes(result)).toEqual(['builder-failed'])
      expect(logOf(result)).not.toContain('docker buildx build')
    }
  )
})
