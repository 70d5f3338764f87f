import {createHash, randomBytes} from 'node:crypto'
import {mkdirSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {EventName} from '../../scripts/runner/events.ts'
import {logOf, told} from '../support/built-action.ts'
import {type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {layDocker, WITHOUT_BUILDKIT} from '../support/scripted-docker.ts'

// The one case in which code without trust is built by the engine's own builder: a fork's pull request without secrets, where
// BuildKit's image cannot be had. What an earlier build left there must be of no use to it.

jest.setTimeout(120_000)

/** No test run is answered from what an earlier one left, also where BuildKit goes by the contents of a file. */
const unique = randomBytes(4).toString('hex')
const SECRETS = {API_TOKEN: `api-token-that-only-trusted-code-sees-${unique}`}
/** What a step makes of the secret: it proves that the step had it, and is no secret itself. */
const PROOF = createHash('sha256').update(SECRETS.API_TOKEN).digest('hex')

let world: JobWorld
/** Where a docker stands that is the real one, but for the image that it cannot get. */
let path: string

beforeAll(async () => {
  world = await makeJobWorld('without own builder')
  world.checkout({
    // Every kind of step that carries on what a step with a secret made; what has to be run, and what need not.
    Dockerfile: [
      `FROM ${world.tiny} AS base`,
      'ARG TRIAL',
      'RUN --mount=type=secret,id=api : $TRIAL; sha256sum < /run/secrets/api > /made || echo nothing > /made',
      'WORKDIR /one',
      'RUN echo "after a folder: $(cut -c1-64 < /made)"',
      'COPY . /src',
      'COPY --link Dockerfile /linked',
      'WORKDIR /two',
      'RUN echo "after copies: $(cut -c1-64 < /made)"',
      'RUN --mount=type=cache,id=wheels,target=/wheels echo "left=[$(cat /wheels/* 2>/dev/null)]"; date > /wheels/$TRIAL',
      // Two folders alike: what is done with either is one and the same work, though no line says so.
      'WORKDIR /alike-1',
      'WORKDIR /alike-2',
      'FROM scratch AS carried',
      'COPY --from=base /made /made',
      'FROM base AS twin-1',
      'RUN --mount=type=bind,from=base,source=/alike-1,target=/alike echo "of two alike" > /twin',
      'FROM base AS twin-2',
      'RUN --mount=type=bind,from=base,source=/alike-2,target=/alike echo "of two alike" > /twin',
      'FROM base',
      'COPY --link --from=carried /made /carried',
      'COPY --from=twin-1 /twin /twin-1',
      'COPY --from=twin-2 /twin /twin-2',
      'RUN echo "by another stage: $(cut -c1-64 < /carried)"',
      ''
    ].join('\n')
  })
  path = join(world.place, 'bin')
  mkdirSync(path)
  layDocker(path, ['case "$*" in', WITHOUT_BUILDKIT, 'esac', `exec '${world.engine.dockerPath}' "$@"`])
}, 900_000)

afterAll(() => world?.stop())

async function build(event: EventName) {
  const result = await world.run({
    event,
    inputs: {
      image: world.image,
      'registry-credentials': world.login,
      secrets: 'api=${{ secrets.API_TOKEN }}',
      'build-args': `TRIAL=${unique}`
    },
    secrets: SECRETS,
    variables: {PATH: [path, dirname(world.engine.dockerPath), process.env.PATH].join(delimiter)}
  })
  const log = logOf(result)
  return {
    result,
    log,
    proofs: [...log.matchAll(/^#\d+ +(?:after|by) [a-z ]+: (\w+)$/gm)].map(([, proof]) => proof),
    left: /^#\d+ +left=\[([^\]]*)\]/m.exec(log)?.[1],
    counted: /^build: .*\((\d+) of \d+ steps from cache\)/m.exec(log)?.[1]
  }
}

describe('a fork’s build in the engine’s own builder, after a trusted one of the same steps', () => {
  test('is run again by whoever is trusted, every step is answered from what the first left: so it is there', async () => {
    const first = await build('push')
    expect(told(first.result, 'error')).toEqual([])
    expect(first.proofs).toEqual([PROOF, PROOF, PROOF])
    const again = await build('push')
    expect(again.log).toMatch(/^#\d+ \[base +\d+\/\d+\] WORKDIR \/one cached$/m)
    expect(again.proofs).toEqual([])
    expect(again.result.outputs['cache-hit']).toBe('true')
  })

  test.each(['fork-pull-request', 'deleted-fork-pull-request'] as const)(
    '%s gets nothing of it: no result of a step, no cache mount, and the count says so',
    async event => {
      const {result, log, proofs, left, counted} = await build(event)
      expect(result).toMatchObject({conclusion: 'success', outputs: {trust: 'none', 'cache-hit': 'false'}})
      expect(told(result, 'notice').join('\n')).toContain('the engine’s own builds it, without its cache')
      expect(proofs).toEqual(['nothing', 'nothing', 'nothing'])
      expect({left, counted}).toEqual({left: '', counted: '0'})
      expect(log).not.toMatch(/^#\d+ .* cached\b/m)
      expect(log).not.toContain(PROOF)
      // Done once for both: of the same build, never of another.
      expect(log.match(/^#\d+ \[twin-[12] 1\/1\] RUN .* done with another step that is the same$/gm)).toHaveLength(1)
    }
  )
})
