import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {Reply} from '../host/scripted-server.ts'
import {errorCodes, summaryOf, told} from '../support/built-action.ts'
import {
  APP,
  BY_APP,
  CLASSIC,
  classic,
  type RefusingHosts,
  refused,
  registries,
  says,
  startRefusingHosts
} from '../support/refusing-hosts.ts'

// What a registry leaves open, what `push: always` asks once more, and what GitHub tells of the tokens.

jest.setTimeout(60_000)

let hosts: RefusingHosts

beforeAll(async () => {
  hosts = await startRefusingHosts()
}, 120_000)

afterAll(() => hosts?.close())

describe('what is not known is not claimed', () => {
  test.each<{given: string; upload: Reply}>([
    {given: 'a registry that is ill', upload: {status: 503, body: 'upstream'}},
    {given: 'a registry that limits its callers', upload: {status: 429, headers: {'retry-after': '60'}, body: '{}'}},
    {given: 'an address that is no registry', upload: {status: 404, body: '<html>not here</html>'}}
  ])('given $given, a notice says so, and the build begins', async ({upload}) => {
    hosts.script(registries({upload}))
    const result = await hosts.play({})
    expect(errorCodes(result)).not.toContain('push-denied')
    expect(told(result, 'notice').join('\n')).toContain('could not be found out')
    expect(hosts.builds().join('\n')).toMatch(/^buildx (create|build)/m)
  })
})

describe('`push: always`', () => {
  test('a denial is believed after a real upload of one byte was refused, too', async () => {
    hosts.script(registries({upload: refused(403, 'DENIED', 'permission_denied: write_package')}))
    const result = await hosts.play({}, {inputs: {push: 'always'}})
    expect(errorCodes(result)).toEqual(['push-denied'])
    expect(told(result, 'notice').join('\n')).toContain('one byte')
    expect(hosts.builds()).toEqual([])
  })

  test('a registry that was wrong at first, and takes the byte, gets the push', async () => {
    let posts = 0
    const location = '/v2/acme/app/blobs/uploads/7?state=s'
    const answer = registries({upload: {status: 500}})
    hosts.script(seen => {
      const isUpload = seen.host === 'ghcr.io' && seen.headers.authorization !== undefined
      if (isUpload && seen.method === 'POST') {
        posts += 1
        return posts <= 2 ? refused(403, 'DENIED', 'denied') : {status: 202, headers: {location}}
      }
      return isUpload && seen.method === 'PUT' ? {status: 201} : answer(seen)
    })
    const result = await hosts.play({}, {inputs: {push: 'always'}})
    expect(errorCodes(result)).not.toContain('push-denied')
    expect(hosts.seen.find(({method}) => method === 'PUT')?.body).toEqual(Buffer.from([0]))
    expect(hosts.builds()).not.toEqual([])
  })
})

describe('the audit of tokens', () => {
  const dangerous = classic({}, 'repo, delete_repo')

  test('on a pull request of its own, which asks no registry, the token that reads private code is asked about', async () => {
    hosts.script(registries({upload: {status: 202}, github: dangerous}))
    const result = await hosts.play(
      {more: {'git-credentials': 'github.com/acme/kernels ${{ secrets.CLASSIC }}'}},
      {event: 'pull-request', inputs: {'build-contexts': 'base=docker-image://ghcr.io/acme/base:1'}}
    )
    expect(told(result, 'warning').join('\n')).toContain('`delete_repo`')
    expect(summaryOf(result)).toContain('delete_repo')
    expect(hosts.seen.filter(({method}) => method !== 'GET')).toEqual([])
  })

  test('on a fork’s pull request nobody is asked anything', async () => {
    hosts.script(registries({upload: {status: 202}, github: dangerous}))
    await hosts.play({login: `ghcr.io octo ${CLASSIC}`}, {event: 'fork-pull-request'})
    expect(hosts.seen.filter(({host}) => host === 'api.github.com')).toEqual([])
  })

  test('the end of a token that an App minted stands in the summary', async () => {
    hosts.script(registries({upload: {status: 202}, github: APP}))
    const result = await hosts.play({more: BY_APP})
    expect(summaryOf(result)).toMatch(/github-app acme packages.*until 2099-01-01 00:00 UTC, and not beyond the job/)
    expect(hosts.seen.at(-1)).toMatchObject({method: 'DELETE', path: '/installation/token'})
  })

  test('scopes and the end of a token stand in the summary, without the token', async () => {
    const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 19).replace('T', ' ')
    const github = {
      '/rate_limit': says(
        200,
        {},
        {
          'x-oauth-scopes': 'write:packages, repo, delete_repo, admin:org',
          'github-authentication-token-expiration': `${soon} UTC`
        }
      )
    }
    hosts.script(registries({upload: {status: 202}, github}))
    const result = await hosts.play({login: `ghcr.io octo ${CLASSIC}`})
    const summary = summaryOf(result)
    for (const part of [
      'delete_repo',
      'admin:org',
      'more than needed: repo',
      'Renew it before',
      'classic personal token'
    ]) {
      expect(summary).toContain(part)
    }
    expect(told(result, 'warning').join('\n')).toMatch(/delete_repo[\s\S]*admin:org/)
    expect(errorCodes(result)).not.toContain('push-denied')
  })

  test('given no answer of GitHub within its time, nothing is claimed', async () => {
    hosts.script(registries({upload: {status: 202}, github: {'/rate_limit': 'reset'}}))
    const result = await hosts.play({login: `ghcr.io octo ${CLASSIC}`})
    expect(told(result, 'warning')).toEqual([])
    expect(summaryOf(result)).toContain('classic personal token')
  })
})
