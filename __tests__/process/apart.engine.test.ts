import {createHash, randomBytes} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, jest, test} from '@jest/globals'
import type {EventName} from '../../scripts/runner/events.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {ownerOfRun} from '../../src/host/owner.ts'
import {errorCodes, logOf, told} from '../support/built-action.ts'
import {FROM_TINY_ARCHIVE, type JobWorld, makeJobWorld} from '../support/job-world.ts'

jest.setTimeout(120_000)

const SECRETS = {API_TOKEN: 'api-token-that-only-trusted-code-sees-4471'}
/** What a step makes of the secret: it proves that the step had it, and is no secret itself. */
const PROOF = createHash('sha256').update(SECRETS.API_TOKEN).digest('hex')
/** Of a registry that nobody has: the image can come from the engine's own store alone. */
const PRIVATE_IMAGE = 'registry.invalid/acme/private-base:1'

let world: JobWorld
let trial = 0
/** No test run is answered from what an earlier one left. */
const unique = randomBytes(4).toString('hex')

beforeAll(async () => {
  world = await makeJobWorld('apart')
  await world.provideBuildkit()
  world.checkout(
    {
      Dockerfile: [
        FROM_TINY_ARCHIVE,
        'ARG TRIAL',
        'RUN --mount=type=secret,id=api : $TRIAL; sha256sum < /run/secrets/api > /made || echo nothing > /made',
        'RUN echo "made of the secret: $(cut -c1-64 < /made)"',
        'ARG WHO',
        'RUN --mount=type=cache,id=wheels,target=/wheels echo "left=[$(cat /wheels/$TRIAL-* 2>/dev/null)]"; echo $WHO > /wheels/$TRIAL-$WHO',
        ''
      ].join('\n'),
      'Private.Dockerfile': `FROM ${PRIVATE_IMAGE}\nRUN cat /private.txt\n`
    },
    {hasTiny: true}
  )
  const container = world.docker('create', world.tiny, 'true')
  writeFileSync(join(world.place, 'private.txt'), 'private code of a base image\n')
  world.docker('cp', join(world.place, 'private.txt'), `${container}:/private.txt`)
  world.docker('commit', container, PRIVATE_IMAGE)
  world.docker('rm', container)
}, 900_000)

afterAll(async () => {
  world?.docker('image', 'rm', '--force', PRIVATE_IMAGE)
  await world?.stop()
})

/** Builds for an event; builds with one trial number have the same steps. */
function build(event: EventName, {inputs = {}}: {inputs?: Readonly<Record<string, string>>} = {}) {
  return world.run({
    event,
    inputs: {
      image: world.image,
      'registry-credentials': world.login,
      secrets: 'api=${{ secrets.API_TOKEN }}',
      'build-args': `TRIAL=${unique}-${trial}\nWHO=${event}`,
      ...inputs
    },
    secrets: SECRETS
  })
}

/** What a build printed that another one could have left. */
function seenIn(result: RunResult) {
  const log = logOf(result)
  return {
    conclusion: result.conclusion,
    hasSecret: log.includes(`made of the secret: ${PROOF}`),
    left: /left=\[([a-z-]*)\]/.exec(log)?.[1]
  }
}

describe('a trusted build and one of foreign code on one engine', () => {
  beforeEach(() => {
    trial += 1
  })

  test('the trusted one alone: its secret makes something, and its cache mount is there the next time', async () => {
    expect(seenIn(await build('push'))).toEqual({conclusion: 'success', hasSecret: true, left: ''})
    const again = await build('schedule')
    expect(seenIn(again)).toMatchObject({conclusion: 'success', left: 'push'})
  })

  test.each(['fork-pull-request-target', 'fork-workflow-run', 'fork-pull-request', 'dependabot-pull-request'] as const)(
    '%s after it gets nothing that a secret made, and nothing of its cache mounts',
    async event => {
      await build('push')
      expect(seenIn(await build(event))).toEqual({conclusion: 'success', hasSecret: false, left: ''})
    }
  )

  test.each(['fork-pull-request-target', 'fork-workflow-run'] as const)(
    '%s before it leaves it nothing: no step that lacked the secret, no cache mount',
    async event => {
      expect(seenIn(await build(event))).toEqual({conclusion: 'success', hasSecret: false, left: ''})
      expect(seenIn(await build('push'))).toEqual({conclusion: 'success', hasSecret: true, left: ''})
    }
  )

  test('a private base image in the engine is built upon by the trusted one, and not by foreign code', async () => {
    const inputs = {file: 'Private.Dockerfile', secrets: ''}
    const trusted = await build('push', {inputs})
    expect(told(trusted, 'error')).toEqual([])
    expect(logOf(trusted)).toContain('private code of a base image')
    const foreign = await build('fork-pull-request-target', {inputs})
    expect(errorCodes(foreign)).toEqual(['build-failed'])
    expect(logOf(foreign)).not.toContain('private code of a base image')
  })

  test('no builder of foreign code is left in the engine, and no volume of one', async () => {
    await build('fork-pull-request-target')
    expect(world.docker('ps', '--all', '--format', '{{.Names}}')).not.toContain('pytorch-cuda-image')
    expect(world.docker('volume', 'ls', '--format', '{{.Name}}')).not.toContain('pytorch-cuda-image')
  })
})

describe('builders that a run left which was cut off', () => {
  const names = {
    dead: 'buildx_buildkit_pytorch-cuda-image-1-1-dead0',
    living: 'buildx_buildkit_pytorch-cuda-image-1-1-here0'
  }
  const {machine, pid, startTime} = ownerOfRun()

  afterAll(() => void world.docker('rm', '--force', ...Object.values(names)))

  test('are removed from the owner’s machine at the next start, and a neighbour’s stays', async () => {
    const create = (name: string, owner: string) =>
      world.docker('create', '--name', name, '--env', `PYTORCH_CUDA_IMAGE_OWNER=${owner}`, world.tiny, 'true')
    create(names.dead, `${machine}.${pid}.${startTime}0`)
    create(names.living, `${machine}.${pid}.${startTime}`)
    const result = await world.run({
      machine: 'self-hosted',
      inputs: {image: world.image, 'registry-credentials': world.login}
    })
    expect(result.conclusion).toBe('success')
    const left = world.docker('ps', '--all', '--format', '{{.Names}}').split('\n')
    expect(left).toContain(names.living)
    expect(left).not.toContain(names.dead)
  })
})
