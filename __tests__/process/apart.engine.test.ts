import {createHash, randomBytes} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, jest, test} from '@jest/globals'
import type {EventName} from '../../scripts/runner/events.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {ownerOfRun} from '../../src/host/owner.ts'
import {errorCodes, logOf, markOf, told} from '../support/built-action.ts'
import {FROM_TINY_ARCHIVE, type JobWorld, makeJobWorld} from '../support/job-world.ts'

jest.setTimeout(120_000)

const SECRETS = {API_TOKEN: 'api-token-that-only-trusted-code-sees-4471'}
/** What a step makes of the secret: it proves that the step had it, and is no secret itself. */
const PROOF = createHash('sha256').update(SECRETS.API_TOKEN).digest('hex')
/** Of a registry that nobody has: the image can come from the engine's own store alone. */
const PRIVATE_IMAGE = 'registry.invalid/acme/private-base:1'

/** Events whose code is not trusted: of jobs that hold this repository's rights, Dependabot's secrets, or nothing. */
const FOREIGN = [
  'fork-pull-request-target',
  'fork-workflow-run',
  'fork-pull-request',
  'dependabot-pull-request'
] as const
const ATTACKS = ['From.Dockerfile', 'Copy.Dockerfile', 'Mount.Dockerfile'] as const

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
      // Three ways at an image that only the engine has.
      'From.Dockerfile': `FROM ${PRIVATE_IMAGE}\nRUN cat /private.txt\n`,
      'Copy.Dockerfile': `${FROM_TINY_ARCHIVE}\nCOPY --from=${PRIVATE_IMAGE} /private.txt /\nRUN cat /private.txt\n`,
      'Mount.Dockerfile': `${FROM_TINY_ARCHIVE}\nRUN --mount=from=${PRIVATE_IMAGE},target=/other cat /other/private.txt\n`
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

  test.each(FOREIGN)('%s after it gets nothing that a secret made, and nothing of its cache mounts', async event => {
    await build('push')
    expect(seenIn(await build(event))).toEqual({conclusion: 'success', hasSecret: false, left: ''})
  })

  test.each(FOREIGN)('%s before it leaves it nothing: no step that lacked the secret, no cache mount', async event => {
    expect(seenIn(await build(event))).toEqual({conclusion: 'success', hasSecret: false, left: ''})
    expect(seenIn(await build('push'))).toEqual({conclusion: 'success', hasSecret: true, left: ''})
  })

  test.each(ATTACKS)('a private image in the engine is read by the trusted one: %s', async file => {
    const trusted = await build('push', {inputs: {file, secrets: ''}})
    expect(told(trusted, 'error')).toEqual([])
    expect(logOf(trusted)).toContain('private code of a base image')
  })

  test.each(FOREIGN.flatMap(event => ATTACKS.map(file => ({event, file}))))(
    'a private image in the engine is not read by $event: $file',
    async ({event, file}) => {
      const foreign = await build(event, {inputs: {file, secrets: ''}})
      expect(errorCodes(foreign)).toEqual(['build-failed'])
      expect(logOf(foreign)).not.toContain('private code of a base image')
    }
  )

  test('what a fork asks for by arguments of BuildKit or by a named context changes nothing', async () => {
    await build('push')
    const args = `TRIAL=${unique}-${trial}\nWHO=fork\nBUILDKIT_CACHE_MOUNT_NS=\nBUILDKIT_INLINE_CACHE=1`
    const foreign = await build('fork-pull-request', {inputs: {'build-args': args, driver: 'docker'}})
    expect(seenIn(foreign)).toEqual({conclusion: 'success', hasSecret: false, left: ''})
    const named = await build('fork-pull-request', {
      inputs: {file: 'From.Dockerfile', 'build-contexts': `${PRIVATE_IMAGE}=docker-image://${PRIVATE_IMAGE}`}
    })
    expect(errorCodes(named)).toEqual(['build-failed'])
    expect(logOf(named)).not.toContain('private code of a base image')
  })

  test.each(FOREIGN)('no builder of %s is left in the engine, and no volume of one', async event => {
    // Other tests build in this engine at the same time, each in a builder of its own name.
    const mark = markOf(await build(event))
    expect(world.docker('ps', '--all', '--format', '{{.Names}}')).not.toContain(mark)
    expect(world.docker('volume', 'ls', '--format', '{{.Name}}')).not.toContain(mark)
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
