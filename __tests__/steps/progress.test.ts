import {describe, expect, test} from '@jest/globals'
import {makeProgress} from '../../src/steps/progress.ts'

const STEP = 'sha256:aa'
const OTHER = 'sha256:bb'

function shown(...messages: readonly unknown[]): {lines: string[]; progress: ReturnType<typeof makeProgress>} {
  const lines: string[] = []
  const progress = makeProgress(line => lines.push(line))
  for (const message of messages) progress.take(typeof message === 'string' ? message : JSON.stringify(message))
  return {lines, progress}
}

const begun = {digest: STEP, name: '[runtime 2/4] RUN uv pip install', started: '2026-11-01T10:00:00Z'}

describe('progress of a build', () => {
  test.each([
    {
      given: 'a step that begins and ends',
      messages: [{vertexes: [begun]}, {vertexes: [{...begun, completed: '2026-11-01T10:00:12.5Z'}]}],
      then: ['#1 [runtime 2/4] RUN uv pip install', '#1 [runtime 2/4] RUN uv pip install done in 12.5 s']
    },
    {
      given: 'a step from the cache',
      messages: [{vertexes: [{...begun, completed: '2026-11-01T10:00:00Z', cached: true}]}],
      then: ['#1 [runtime 2/4] RUN uv pip install cached']
    },
    {
      given: 'the same message twice',
      messages: [{vertexes: [begun]}, {vertexes: [begun]}],
      then: ['#1 [runtime 2/4] RUN uv pip install']
    },
    {
      given: 'lines that a step prints',
      messages: [{vertexes: [begun]}, {logs: [{vertex: STEP, data: Buffer.from('one\ntwo\r\n').toString('base64')}]}],
      then: ['#1 [runtime 2/4] RUN uv pip install', '#1   one', '#1   two']
    },
    {
      given: 'a line that is no progress',
      messages: ['ERROR: failed to solve: nothing', ''],
      then: ['ERROR: failed to solve: nothing']
    }
  ])('given $given, then just that is shown', ({messages, then}) => {
    expect(shown(...messages).lines).toEqual(then)
  })

  test('messages over many lines, as buildx 0.13 prints them, are read as those in one line', () => {
    const lines: string[] = []
    const progress = makeProgress(line => lines.push(line))
    const pretty = JSON.stringify({vertexes: [begun]}, undefined, 2)
    for (const line of [...pretty.split('\n'), 'Dockerfile:2', ...pretty.split('\n')]) progress.take(line)
    expect(lines).toEqual(['#1 [runtime 2/4] RUN uv pip install', 'Dockerfile:2'])
  })

  test('only steps of the Dockerfile that work count, cached or not', () => {
    const {progress} = shown({
      vertexes: [
        {digest: 'sha256:1', name: '[internal] load build context', completed: 'x', cached: true},
        {digest: 'sha256:2', name: '[base 1/3] FROM python:3.12-slim', completed: 'x', cached: true},
        {digest: 'sha256:3', name: '[base 2/3] RUN true', completed: 'x'},
        {digest: 'sha256:5', name: '[base 3/3] COPY . .', completed: 'x', cached: true},
        {digest: 'sha256:4', name: 'exporting to image', completed: 'x'}
      ]
    })
    expect(progress.counts()).toEqual({cached: 1, total: 2})
  })

  test('in a build without cache, what BuildKit calls cached is a step that another one of this build is the same as', () => {
    const lines: string[] = []
    const progress = makeProgress(line => lines.push(line), {sparedBy: 'twin'})
    const time = '2026-11-01T10:00:00Z'
    const [first, second] = [
      {digest: 'sha256:1', name: '[nccl 1/1] RUN /uv/lay', started: time, completed: time},
      {digest: 'sha256:2', name: '[torch 1/1] RUN /uv/lay', started: time, completed: time, cached: true}
    ]
    progress.take(JSON.stringify({vertexes: [first, second]}))
    expect(lines).toEqual([
      '#1 [nccl 1/1] RUN /uv/lay done in 0.0 s',
      '#2 [torch 1/1] RUN /uv/lay done with another step that is the same'
    ])
    expect(progress.counts()).toEqual({cached: 0, total: 1})
  })

  test('what a step prints is covered after it was decoded, in what is shown and in what is kept', () => {
    const lines: string[] = []
    const cover = (text: string) => text.replaceAll('s3cr3t-value', '***')
    const progress = makeProgress(line => lines.push(line), {cover})
    const data = Buffer.from('it is s3cr3t-value.\n').toString('base64')
    progress.take(JSON.stringify({vertexes: [{...begun, error: 'exit code: 1'}], logs: [{vertex: STEP, data}]}))
    expect(lines.at(-1)).toBe('#1   it is ***.')
    expect(progress.failure()?.tail).toEqual(['it is ***.'])
  })

  test('a step from a cache stays one while its layer is fetched, and ends once more only where that takes a while', () => {
    const again = (completed?: string) => ({
      vertexes: [{...begun, started: '2026-11-01T10:00:01Z', ...(completed === undefined ? {} : {completed})}]
    })
    const {lines, progress} = shown(
      {
        vertexes: [
          {...begun, cached: true},
          {...begun, completed: '2026-11-01T10:00:00Z', cached: true}
        ]
      },
      again(),
      again('2026-11-01T10:00:01.4Z'),
      again(),
      again('2026-11-01T10:00:41Z')
    )
    expect(lines).toEqual([
      '#1 [runtime 2/4] RUN uv pip install',
      '#1 [runtime 2/4] RUN uv pip install cached',
      '#1 [runtime 2/4] RUN uv pip install cached, fetched in 40.0 s'
    ])
    expect(progress.counts()).toEqual({cached: 1, total: 1})
  })

  test('the failure is the step that failed first, not one that was cancelled because of it', () => {
    const {progress} = shown(
      {vertexes: [{digest: OTHER, name: '[b 1/1] RUN sleep', error: 'context canceled', completed: 'x'}]},
      {vertexes: [begun], logs: [{vertex: STEP, data: Buffer.from('no such package').toString('base64')}]},
      {vertexes: [{...begun, error: 'exit code: 1', completed: 'x'}]}
    )
    expect(progress.failure()).toEqual({step: begun.name, error: 'exit code: 1', tail: ['no such package']})
  })

  test('a cache that cannot be read is not what a build fails of', () => {
    const {progress} = shown(
      {
        vertexes: [
          {digest: OTHER, name: 'importing cache manifest from 127.0.0.1:5000/app', error: 'not found', completed: 'x'}
        ]
      },
      {vertexes: [{...begun, error: 'exit code: 1', completed: 'x'}]}
    )
    expect(progress.failure()?.step).toBe(begun.name)
  })

  test('caches that were read are told by name, those that were not there are not', () => {
    const at = {started: '2026-11-01T10:00:00Z', completed: '2026-11-01T10:00:01Z'}
    const {progress} = shown({
      vertexes: [
        {digest: STEP, name: 'importing cache manifest from 127.0.0.1:1/acme/app:buildcache-main', ...at},
        {
          digest: OTHER,
          name: 'importing cache manifest from 127.0.0.1:1/acme/app:buildcache-new',
          ...at,
          error: 'not found'
        }
      ]
    })
    expect(progress.cachesRead()).toEqual(['127.0.0.1:1/acme/app:buildcache-main'])
  })

  test.each([
    {name: 'exporting cache to registry', more: {}, then: true},
    {name: 'exporting cache to client directory', more: {}, then: true},
    {name: 'exporting to GitHub Actions Cache', more: {}, then: true},
    {name: 'exporting cache to registry', more: {error: '403 Forbidden'}, then: false},
    {name: 'exporting to image', more: {}, then: false}
  ])('given "$name" $more, then a layer cache was written: $then', ({name, more, then}) => {
    const time = '2026-11-01T10:00:00Z'
    const {progress} = shown({vertexes: [{digest: STEP, name, started: time, completed: time, ...more}]})
    expect(progress.hasWrittenCache()).toBe(then)
  })

  test('a beat tells what is being moved, with megabytes', () => {
    const {lines, progress} = shown({
      statuses: [{id: 'pushing layers', vertex: STEP, current: 3_000_000, total: 9_000_000}]
    })
    progress.beat()
    expect(lines).toEqual(['#1   pushing layers 3.0 MB of 9.0 MB'])
  })
})
