import {readdirSync, readFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {errorCodes, hasBuilt, logOf, summaryOf, told} from '../support/built-action.ts'
import {type JobWorld, makeJobWorld, READER, REPOSITORY, ROBOT} from '../support/job-world.ts'
import {blobsOf, blobsWith, filesBelow} from '../support/stored.ts'

jest.setTimeout(60_000)

let world: JobWorld
let workspace: string
let inputs: Readonly<Record<string, string>>

beforeAll(async () => {
  world = await makeJobWorld('push')
  workspace = world.checkout({
    Dockerfile: `FROM ${world.tiny}\nARG GREETING=none\nRUN echo "$GREETING" > /greeting\nCOPY app.txt /app.txt\n`,
    'app.txt': 'first\n'
  })
  inputs = {image: world.image, 'registry-credentials': world.login, cache: 'none'}
}, 240_000)

afterAll(() => world?.stop())

interface Index {
  readonly annotations?: Readonly<Record<string, string>>
  readonly manifests: readonly {
    readonly digest: string
    readonly platform?: {readonly os: string}
    readonly annotations?: Readonly<Record<string, string>>
  }[]
}

function indexOf(reference: string): Index {
  return world.manifest(reference)?.json as unknown as Index
}

function shaTag(result: RunResult): string | undefined {
  return result.outputs.tags?.split('\n').find(tag => tag.includes(':sha-'))
}

describe('given a push to main', () => {
  let result: RunResult
  let asked: ReturnType<JobWorld['registry']['tokenLog']>
  /** What the docker client and the builder are given to log in with, read while the build runs. */
  const configurations: string[] = []

  beforeAll(async () => {
    const before = world.registry.tokenLog().length
    result = await world.run({
      inputs: {...inputs, 'build-args': 'GREETING=good morning to you'},
      root: `${world.place}/runner`,
      onLine: ({text}) => {
        const directory = /^#\d+ \[/.test(text) ? runDirectory() : undefined
        if (directory !== undefined) configurations.push(readFileSync(`${directory}/docker/config.json`, 'utf8'))
      }
    })
    asked = world.registry.tokenLog().slice(before)
  }, 60_000)

  function runDirectory(): string | undefined {
    const temp = `${world.place}/runner/_temp`
    const found = readdirSync(temp).find(name => /^pytorch-cuda-image-.*[0-9a-f]{8}$/.test(name))
    return found === undefined ? undefined : `${temp}/${found}`
  }

  test('it is green and pushed', () => {
    expect(result).toMatchObject({
      conclusion: 'success',
      outputs: {origin: 'own-branch', trust: 'full', pushed: 'true', 'push-reason': 'allowed', image: world.image}
    })
    expect(told(result, 'error')).toEqual([])
    expect(told(result, 'warning')).toEqual([])
  })

  test('the branch and the commit name it, and nothing else does', () => {
    const sha = result.outputs.tags?.match(/sha-([0-9a-f]+)/)?.[1] ?? ''
    expect(sha).toHaveLength(12)
    expect(world.tags()).toEqual(['main', `sha-${sha}`])
    expect(result.outputs.tags?.split('\n').toSorted()).toEqual([`${world.image}:main`, `${world.image}:sha-${sha}`])
  })

  test('the digest is what the registry has under each tag', () => {
    for (const tag of result.outputs.tags?.split('\n') ?? []) {
      expect(world.manifest(tag)?.digest).toBe(result.outputs.digest)
    }
    expect(result.outputs.candidate).toBe(`${world.image}@${result.outputs.digest}`)
  })

  test('the image id is the digest of its configuration', () => {
    const platform = indexOf(`${world.image}:main`).manifests.find(entry => entry.platform?.os !== 'unknown')
    const image = world.manifest(`${world.image}@${platform?.digest}`)?.json as {config?: {digest: string}}
    expect(result.outputs.imageid).toBe(image.config?.digest)
  })

  test('labels and annotations say where it comes from', () => {
    const labels = world.config(`${world.image}:main`).config?.Labels ?? {}
    const said = {
      'org.opencontainers.image.source': `${world.git.url}/${REPOSITORY}`,
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$/),
      'org.opencontainers.image.created': expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      'org.opencontainers.image.title': 'app'
    }
    expect(labels).toMatchObject(said)
    expect(indexOf(`${world.image}:main`).annotations).toMatchObject({
      ...said,
      'dev.pytorch-cuda-image.workflow': 'image',
      'dev.pytorch-cuda-image.run-number': '7'
    })
  })

  test('its provenance is attached and holds no value of a build argument', () => {
    const attestation = indexOf(`${world.image}:main`).manifests.find(({platform}) => platform?.os === 'unknown')
    expect(attestation?.annotations).toMatchObject({'vnd.docker.reference.type': 'attestation-manifest'})
    const statements = blobsOf(world.registry).filter(({bytes}) => bytes.includes('"predicateType"'))
    expect(statements.length).toBeGreaterThan(0)
    for (const {bytes} of statements) expect(bytes.includes('good morning')).toBe(false)
    // The argument itself was taken: the layer holds what the Dockerfile wrote.
    expect(blobsWith(world.registry, 'good morning to you')).not.toEqual([])
    expect(result.outputs.metadata).not.toContain('good morning')
  })

  test('tokens were asked for that repository alone', () => {
    expect(asked.length).toBeGreaterThan(0)
    for (const {user, asked: scopes} of asked) {
      expect(user).toBe(ROBOT.name)
      for (const scope of scopes) expect(scope).toMatch(/^repository:acme\/app:(pull|pull,push)$/)
    }
  })

  test('the builder logs in at the door alone, and never saw the password', () => {
    expect(configurations.length).toBeGreaterThan(0)
    const [configuration = '{}'] = configurations
    const {auths} = JSON.parse(configuration) as {auths: Record<string, {auth: string}>}
    const [door, ...others] = Object.entries(auths)
    expect(others).toEqual([])
    expect(door?.[0]).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(door?.[0]).not.toBe(world.registry.host)
    const login = Buffer.from(door?.[1].auth ?? '', 'base64').toString()
    expect(login).not.toContain(ROBOT.password)
    const engineLog = world.engine.log === undefined ? '' : readFileSync(world.engine.log, 'utf8')
    for (const form of [ROBOT.password, Buffer.from(`${ROBOT.name}:${ROBOT.password}`).toString('base64')]) {
      expect(engineLog).not.toContain(form)
      expect(configurations.join('\n')).not.toContain(form)
    }
  })

  test('the machine keeps no image and no login of it', () => {
    const names = world.docker('images', '--format', '{{.Repository}}')
    expect(names).not.toContain(world.image)
    expect(names).not.toContain(world.registry.host.replace(':', '-'))
    expect(filesBelow(world.dockerConfig)).not.toContain('config.json')
  })

  test('the summary tells it', () => {
    expect(summaryOf(result)).toContain(`Pushed ${world.image} with 2 tags`)
  })
})

describe('given the same commit once more', () => {
  test('the name of the commit stays where it is, and the run is green', async () => {
    const options = {runNumber: 20}
    const first = await world.run({inputs, options})
    const standing = world.manifest(shaTag(first) ?? '')?.digest ?? world.manifest(`${world.image}:main`)?.digest
    const again = await world.run({inputs: {...inputs, labels: 'again=yes'}, options: {runNumber: 21, runAttempt: 2}})
    expect(again).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    expect(again.outputs.digest).not.toBe(first.outputs.digest)
    const kept = world.tags().find(tag => tag.startsWith('sha-'))
    expect(world.manifest(`${world.image}:${kept}`)?.digest).not.toBe(again.outputs.digest)
    expect(standing).toBeDefined()
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(again.outputs.digest)
    expect(told(again, 'notice').join('\n')).toContain('left where it is')
  })
})

describe('given two runs in the wrong order', () => {
  test('the older run leaves the branch on the newer image, and says so', async () => {
    world.checkout({'app.txt': 'second\n'})
    const newer = await world.run({inputs, options: {runNumber: 31}})
    world.checkout({'app.txt': 'third\n'})
    const older = await world.run({inputs, options: {runNumber: 30}})
    expect(newer.outputs.tags).toContain(`${world.image}:main`)
    expect(older).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    expect(older.outputs.tags).not.toContain(`${world.image}:main`)
    expect(world.manifest(`${world.image}:main`)?.digest).toBe(newer.outputs.digest)
    expect(told(older, 'notice').join('\n')).toContain(`${world.image}:main was left where it is`)
  })
})

describe('given several images', () => {
  test('all of them get the very same digest', async () => {
    const others = ['acme/second', 'labs/third'].map(path => `${world.registry.host}/${path}`)
    const result = await world.run({
      inputs: {...inputs, image: [world.image, ...others].join('\n')},
      options: {runNumber: 40}
    })
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true', image: world.image}})
    for (const image of [world.image, ...others]) {
      expect(world.manifest(`${image}:main`)?.digest).toBe(result.outputs.digest)
    }
    expect(world.tags('labs/third')).toEqual(world.tags('acme/second'))
  })

  test('tags as full references add their image, and only their tag', async () => {
    const result = await world.run({
      inputs: {...inputs, tags: `1.2.3\n${world.registry.host}/acme/extra:nightly`},
      options: {runNumber: 41}
    })
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    expect(world.tags('acme/extra')).toContain('nightly')
    expect(world.manifest(`${world.registry.host}/acme/extra:nightly`)?.digest).toBe(result.outputs.digest)
    expect(world.manifest(`${world.image}:1.2.3`)?.digest).toBe(result.outputs.digest)
  })
})

describe('given several platforms', () => {
  test('the index has an image for each, and every tag stands on it', async () => {
    const workspace = world.checkout({Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n'}, {directory: 'for two'})
    const result = await world.run({
      workspace,
      inputs: {...inputs, platforms: 'linux/amd64,linux/arm64', tags: 'two'},
      options: {runNumber: 50}
    })
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    expect(world.manifest(`${world.image}:two`)?.digest).toBe(result.outputs.digest)
    const platforms = indexOf(`${world.image}:two`).manifests.map(({platform}) => platform)
    expect(platforms).toEqual(
      expect.arrayContaining([
        expect.objectContaining({os: 'linux', architecture: 'amd64'}),
        expect.objectContaining({os: 'linux', architecture: 'arm64'})
      ])
    )
  })
})

describe('given a login that may not push', () => {
  test.each([
    {
      given: 'it may only read',
      login: () => `${world.registry.host} ${READER.name} \${{ secrets.READER_PASSWORD }}`,
      cause: 'may not write'
    },
    {
      given: 'its password is wrong',
      login: () => `${world.registry.host} ${ROBOT.name} \${{ secrets.WRONG_PASSWORD }}`,
      cause: 'not accepted'
    },
    {given: 'there is none', login: () => '', cause: 'No login'}
  ])('given $given, the run is refused before anything is built', async ({login, cause}) => {
    const before = world.tags()
    const result = await world.run({
      inputs: {...inputs, 'registry-credentials': login(), tags: 'denied'},
      secrets: {READER_PASSWORD: READER.password, WRONG_PASSWORD: 'not-the-password-91k'}
    })
    expect(result).toMatchObject({
      conclusion: 'failure',
      exitCode: 1,
      outputs: {pushed: 'false', 'push-reason': 'push-denied', tags: '', digest: ''}
    })
    expect(errorCodes(result)).toEqual(['push-denied'])
    expect(hasBuilt(result)).toBe(false)
    expect(world.tags()).toEqual(before)
    expect(summaryOf(result)).toContain(cause)
    expect(summaryOf(result)).toContain('To fix:')
  })

  test('one of two images suffices to refuse it', async () => {
    world.registry.addUser({name: 'half', password: 'half-password-kk120', allow: {'acme/app': ['pull', 'push']}})
    const result = await world.run({
      inputs: {
        ...inputs,
        image: `${world.image}\n${world.registry.host}/labs/other`,
        'registry-credentials': `${world.registry.host} half \${{ secrets.HALF }}`
      },
      secrets: {HALF: 'half-password-kk120'}
    })
    expect(errorCodes(result)).toEqual(['push-denied'])
    expect(hasBuilt(result)).toBe(false)
    expect(summaryOf(result)).toContain('labs/other')
  })
})

describe('given `push: always`', () => {
  test('a fork is refused instead of building without a push', async () => {
    const result = await world.run({event: 'fork-pull-request', inputs: {...inputs, push: 'always'}})
    expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, outputs: {pushed: 'false'}})
    expect(errorCodes(result)).toEqual(['push-forbidden'])
    expect(hasBuilt(result)).toBe(false)
  })
})

describe('given `push: never`', () => {
  test('the image is built, and no token is asked for', async () => {
    const before = world.registry.tokenLog().length
    const result = await world.run({inputs: {...inputs, push: 'never'}})
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'false', 'push-reason': 'not-asked'}})
    expect(result.outputs.digest).toMatch(/^sha256:/)
    expect(hasBuilt(result)).toBe(true)
    expect(world.registry.tokenLog().slice(before)).toEqual([])
  })
})

describe('given a repository with capitals in its name', () => {
  test('the image is put into lower case with a notice', async () => {
    const options = {serverUrl: 'https://github.com', repository: 'Acme/Vision.Lab'}
    const result = await world.run({inputs: {mode: 'plan'}, options, token: 'a-token-of-the-job-1234'})
    expect(result).toMatchObject({conclusion: 'success', outputs: {image: 'ghcr.io/acme/vision.lab'}})
    expect(told(result, 'notice').join('\n')).toContain('Acme/Vision.Lab')
  })

  test('so is an image that the workflow names with capitals', async () => {
    const result = await world.run({inputs: {...inputs, mode: 'plan', image: `${world.registry.host}/Acme/App`}})
    expect(result).toMatchObject({conclusion: 'success', outputs: {image: world.image}})
    expect(told(result, 'notice').join('\n')).toContain('registries take no capitals')
  })
})

describe('the log', () => {
  test('it opens with the plan and ends with one sentence', async () => {
    const result = await world.run({inputs: {...inputs, mode: 'plan'}, workspace})
    const log = logOf(result)
    for (const step of ['git', 'preflight', 'builder', 'build', 'prove', 'validate', 'promote', 'cache'])
      expect(log).toContain(step)
    expect(log.trim().split('\n').at(-1)).toContain('Plan only')
  })
})
