import {describe, expect, test} from '@jest/globals'
import type {ProblemCode} from '../../src/model/problem.ts'
import {problemOfBuild} from '../../src/steps/buildx.ts'
import {makeProgress} from '../../src/steps/progress.ts'

const STEP = '[runtime 2/4] RUN uv pip install'

/** What a build leaves behind that failed in a step which printed `log`, with these last words of buildx. */
function failed({log = '', error = '', words = ''}: {log?: string; error?: string; words?: string}) {
  const progress = makeProgress(() => {})
  if (error !== '') {
    const vertex = {digest: 'sha256:1', name: STEP, started: '2026-11-01T10:00:00Z'}
    const logs = [{vertex: 'sha256:1', data: Buffer.from(log).toString('base64')}]
    progress.take(JSON.stringify({vertexes: [vertex], logs}))
    progress.take(JSON.stringify({vertexes: [{...vertex, completed: '2026-11-01T10:00:01Z', error}]}))
  }
  for (const line of words.split('\n')) progress.take(line)
  return {ran: {exitCode: 1, stdout: '', stderr: ''}, progress}
}

describe('the problem that a failed build is', () => {
  test.each<{given: string; build: Parameters<typeof failed>[0]; code: ProblemCode}>([
    {
      given: 'a step that fails',
      build: {log: 'No matching distribution found for torch==9.9', error: 'exit code: 1'},
      code: 'build-failed'
    },
    {
      given: 'a full disk that only the step itself names',
      build: {log: 'OSError: [Errno 28] No space left on device', error: 'exit code: 1'},
      code: 'disk-full'
    },
    {
      given: 'a command for another platform',
      build: {log: 'exec /bin/sh: exec format error', error: 'exit code: 255'},
      code: 'emulation-missing'
    },
    {
      given: 'an engine that was killed',
      build: {
        words: 'ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF'
      },
      code: 'engine-lost'
    },
    {
      given: 'an engine that is down',
      build: {words: 'ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?'},
      code: 'engine-lost'
    },
    {
      given: 'a registry that refuses a blob',
      build: {
        words: 'ERROR: failed to push 127.0.0.1:5000/app: unexpected status from PUT request: 429 Too Many Requests'
      },
      code: 'registry-refused'
    },
    {given: 'no word at all', build: {}, code: 'build-failed'}
  ])('$given is $code', ({build, code}) => {
    expect(problemOfBuild(failed(build)).code).toBe(code)
  })

  test('the evidence begins with the step and holds what it printed last', () => {
    const problem = problemOfBuild(failed({log: 'collecting\nNo matching distribution', error: 'exit code: 1'}))
    expect(problem.evidence).toEqual([STEP, 'collecting', 'No matching distribution', 'exit code: 1'])
  })
})
