import {chmodSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, describe, expect, jest, test} from '@jest/globals'
import type {EventName} from '../../scripts/runner/events.ts'
import {folderWithGit, playBare, removeFolders} from '../support/bare-job.ts'
import {errorCodes, logOf, told} from '../support/built-action.ts'

jest.setTimeout(30_000)
afterAll(removeFolders)

const FILES = {Dockerfile: 'FROM scratch\nCOPY . /\n'}

/** A PATH with a docker that does what a shell script says. */
function withDocker(script: string): string {
  const folder = folderWithGit()
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'docker'), 0o755)
  return folder
}

describe('where BuildKit’s image cannot be had', () => {
  const info = JSON.stringify({
    ServerVersion: '28.5.2',
    Driver: 'overlayfs',
    DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
    DockerRootDir: '/',
    Name: 'runner',
    ClientInfo: {Version: '28.5.2', Plugins: [{Name: 'buildx', Version: 'v0.29.1'}]}
  })
  const script = [
    'case "$*" in',
    `  "info "*) echo '${info}' ;;`,
    '  "context inspect"*) echo \'{"Name":"default","Endpoints":{"docker":{"Host":"unix:///nowhere/docker.sock"}}}\' ;;',
    '  *"--driver docker-container"*) echo "ERROR: pull access denied for moby/buildkit" >&2; exit 1 ;;',
    '  "buildx create"*|"buildx rm"*) exit 0 ;;',
    '  *) exit 1 ;;',
    'esac'
  ].join('\n')
  const play = (event: EventName) => playBare({event, files: FILES, variables: {PATH: withDocker(script)}})

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
