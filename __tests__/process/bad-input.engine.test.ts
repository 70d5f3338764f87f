import {createServer, type IncomingMessage, type Server} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {errorCodes, hasBuilt, logOf, summaryOf, told} from '../support/built-action.ts'
import {type JobWorld, makeJobWorld} from '../support/job-world.ts'

// What shows only where an engine answers. What is refused before stands in bad-input.test.ts.

jest.setTimeout(90_000)

let world: JobWorld
let inputs: Readonly<Record<string, string>>

beforeAll(async () => {
  world = await makeJobWorld('input')
  world.checkout({Dockerfile: `FROM ${world.tiny}\n${world.fresh}\nRUN echo built\n`})
  inputs = {image: world.image, 'registry-credentials': world.login, cache: 'none'}
}, 240_000)

afterAll(() => world?.stop())

describe('paths with blanks', () => {
  test('given a context and a Dockerfile with blanks and quotes in their names, they work', async () => {
    const workspace = world.checkout(
      {
        "my code/it's here/app.txt": 'an app\n',
        'docker files/Dockerfile (main)': `FROM ${world.tiny}\n${world.fresh}\nCOPY --from=more more.txt /\nCOPY app.txt /\nRUN cat /app.txt /more.txt\n`,
        'more code/more.txt': 'and more\n'
      },
      {directory: 'a work space'}
    )
    const result = await world.run({
      workspace,
      inputs: {
        ...inputs,
        context: "my code/it's here",
        file: 'docker files/Dockerfile (main)',
        'build-contexts': 'more=more code',
        tags: 'blanks'
      }
    })
    expect(told(result, 'error')).toEqual([])
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true', trust: 'full'}})
    expect(logOf(result)).toContain('an app')
    expect(logOf(result)).toContain('and more')
  })
})

describe('what the machine cannot do', () => {
  test.each([
    {
      given: 'a builder that is not there',
      more: {builder: 'nobody-made-it'},
      codes: ['builder-unsuitable'],
      says: /It knows default/
    },
    {
      given: 'a base image that is not there',
      more: {file: 'missing-base'},
      codes: ['build-failed'],
      says: /no\/such\/image/
    }
  ])('given $given, it is told', async ({more, codes, says}) => {
    world.checkout({'missing-base': 'FROM 127.0.0.1:9/no/such/image:1\nRUN true\n'})
    const result = await world.run({inputs: {...inputs, ...more}})
    expect(errorCodes(result)).toEqual(codes)
    expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, outputs: {pushed: 'false'}})
    expect(told(result, 'error').join()).toMatch(says)
  })

  test('given a step that fails, its last lines are told', async () => {
    const workspace = world.checkout(
      {Dockerfile: `FROM ${world.tiny}\nRUN echo "the cause of it"; exit 42\n`},
      {directory: 'failing'}
    )
    const result = await world.run({workspace, inputs})
    expect(errorCodes(result)).toEqual(['build-failed'])
    expect(told(result, 'error').join()).toContain('the cause of it')
    expect(summaryOf(result)).toContain('the cause of it')
    expect(result).toMatchObject({exitCode: 1, outputs: {pushed: 'false', 'push-reason': 'build-failed', tags: ''}})
  })
})

interface Reply {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

describe('a registry that answers the question before the build', () => {
  let server: Server
  let host: string
  let reply: Reply
  const asked: string[] = []

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`)
      const {status, body = '', headers} = replyTo(request)
      response.writeHead(status, headers)
      response.end(request.method === 'HEAD' ? undefined : body)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  function replyTo({url}: IncomingMessage): Reply {
    if (url !== '/v2/') return reply
    return reply.status === 401 ? reply : {status: 200, body: '{}'}
  }

  const about = () => ({image: `${host}/acme/app`, 'registry-credentials': `${host} me \${{ secrets.LOGIN }}`})
  const secrets = {LOGIN: 'login-at-the-odd-registry-5'}
  const errors = (code: string, message: string) => JSON.stringify({errors: [{code, message}]})
  const HTML = '<html><head><title>Sign in to the guest network</title></head><body><p>Welcome!</p></body></html>'

  test.each<{given: string; says: RegExp} & Reply>([
    {
      given: '401',
      status: 401,
      headers: {'www-authenticate': 'Basic realm="odd"'},
      body: errors('UNAUTHORIZED', 'who?'),
      says: /who\?/
    },
    {
      given: '403',
      status: 403,
      body: errors('DENIED', 'requested access to the resource is denied'),
      says: /may not write/
    },
    {
      given: '403 of a package without access',
      status: 403,
      body: errors('DENIED', 'permission_denied: write_package'),
      says: /right to push to/
    },
    {
      given: '403 with a page',
      status: 403,
      body: '<html><body><h1>Forbidden by the proxy</h1></body></html>',
      says: /Forbidden by the proxy/
    },
    {
      given: '404 for an unknown name',
      status: 404,
      body: errors('NAME_UNKNOWN', 'repository name not known'),
      says: /spelled right/
    }
  ])('given $given, nothing is built', async ({says, ...answer}) => {
    reply = answer
    const result = await world.run({inputs: {...inputs, ...about()}, secrets})
    expect(errorCodes(result)).toEqual(['push-denied'])
    expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, outputs: {'push-reason': 'push-denied'}})
    expect(told(result, 'error').join()).toMatch(says)
    expect(told(result, 'error').join()).toContain(`HTTP ${answer.status}`)
    expect(hasBuilt(result)).toBe(false)
    expect(asked.filter(line => !/ \/v2\/(acme\/app\/blobs\/uploads\/)?$/.test(line))).toEqual([])
  })

  test.each<{given: string; says: RegExp} & Reply>([
    {given: '404 with a page', status: 404, body: HTML, says: /answered 404/},
    {given: '500', status: 500, body: 'oops', says: /answered 500/},
    {given: '429 for a long time', status: 429, headers: {'retry-after': '3600'}, says: /answered 429/},
    {
      given: 'a page instead of an answer',
      status: 200,
      body: HTML,
      headers: {'content-type': 'text/html'},
      says: /guest network/
    }
  ])('given $given, it is a notice, and the build goes on', async ({says, ...answer}) => {
    reply = answer
    // What would come of the push is another story.
    const result = await world.run({inputs: {...inputs, ...about()}, secrets, cancelAfter: /^docker buildx build$/})
    expect(told(result, 'notice').join()).toMatch(says)
    expect(told(result, 'notice').join()).toContain('The build goes on')
    expect(errorCodes(result)).toEqual(['cancelled'])
  })

  test('given nobody who answers, it is a notice, and the build goes on', async () => {
    const nobody = '127.0.0.1:9'
    const result = await world.run({
      inputs: {...inputs, image: `${nobody}/acme/app`, 'registry-credentials': `${nobody} me \${{ secrets.LOGIN }}`},
      secrets,
      cancelAfter: /^docker buildx build$/
    })
    expect(told(result, 'notice').join()).toMatch(/gave no answer/)
    expect(hasBuilt(result)).toBe(true)
  })
})

describe('an engine without the containerd image store', () => {
  let old: JobWorld

  beforeAll(async () => {
    old = await makeJobWorld('overlay', {fresh: 'overlay', store: 'overlay2'})
    old.checkout({Dockerfile: `FROM ${old.tiny}\nRUN true\n`})
  }, 240_000)

  afterAll(() => old?.stop())

  test('given `driver: docker`, it is refused with what to set', async () => {
    const result = await old.run({
      inputs: {image: old.image, 'registry-credentials': old.login, driver: 'docker'}
    })
    expect(errorCodes(result)).toEqual(['builder-unsuitable'])
    expect(told(result, 'error').join()).toMatch(/driver: docker-container/)
    expect(hasBuilt(result)).toBe(false)
    expect(old.registry.tokenLog()).toEqual([])
  })
})

describe('a full disk', () => {
  let small: JobWorld

  beforeAll(async () => {
    small = await makeJobWorld('full', {fresh: 'full', dataRootTmpfsMb: 64})
    small.checkout({Dockerfile: `FROM ${small.tiny}\nRUN dd if=/dev/urandom of=/big bs=1M count=128\n`})
  }, 240_000)

  afterAll(() => small?.stop())

  test('the reason is the disk, and nothing is pushed', async () => {
    const result = await small.run({
      inputs: {image: small.image, 'registry-credentials': small.login, cache: 'none'}
    })
    expect(errorCodes(result)).toEqual(['disk-full'])
    expect(result).toMatchObject({exitCode: 1, outputs: {pushed: 'false', 'push-reason': 'disk-full'}})
    expect(small.tags()).toEqual([])
  })
})

describe('an engine that goes away', () => {
  let mortal: JobWorld

  beforeAll(async () => {
    mortal = await makeJobWorld('mortal', {fresh: 'mortal'})
    mortal.checkout({Dockerfile: `FROM ${mortal.tiny}\n${mortal.fresh}\nRUN echo "now sleeping"; sleep 60\n`})
  }, 240_000)

  afterAll(() => mortal?.stop())

  test('during the build, the run ends with that reason', async () => {
    const {pid} = mortal.engine
    expect(pid).toBeDefined()
    let isKilled = false
    const result = await mortal.run({
      inputs: {image: mortal.image, 'registry-credentials': mortal.login, cache: 'none'},
      root: join(mortal.place, 'runner'),
      onLine: ({text}) => {
        if (isKilled || !/^#\d+ +now sleeping$/.test(text)) return
        isKilled = true
        process.kill(pid ?? 0, 'SIGKILL')
      }
    })
    expect(errorCodes(result)).toEqual(['engine-lost'])
    expect(result).toMatchObject({exitCode: 1, outputs: {pushed: 'false', 'push-reason': 'engine-lost'}})
  })
})
