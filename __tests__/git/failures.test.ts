import {describe, expect, test} from '@jest/globals'
import {credentialLine, failureOf} from '../../src/git/failures.ts'
import type {Repository} from '../../src/git/repository.ts'

const OPEN: Repository = {
  written: 'git@github.com:acme/my-kernels.git',
  url: 'https://github.com/acme/my-kernels.git',
  host: 'github.com',
  path: 'acme/my-kernels'
}

const CREDENTIAL = {host: 'github.com', path: 'acme', user: 'x-access-token', token: {secret: 'KERNELS_TOKEN'}}
const LOGGED_IN: Repository = {...OPEN, credential: CREDENTIAL}

/** What git 2.39 to 2.51 print. */
const SAID = {
  noLogin: "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
  refused:
    "remote: Invalid username or password.\nfatal: Authentication failed for 'https://github.com/acme/my-kernels.git/'",
  hidden: "remote: Repository not found.\nfatal: repository 'https://github.com/acme/my-kernels.git/' not found",
  forbidden: "fatal: unable to access 'https://github.com/acme/my-kernels.git/': The requested URL returned error: 403",
  noName: "fatal: unable to access 'https://github.com/acme/my-kernels.git/': Could not resolve host: github.com",
  noAnswer:
    "fatal: unable to access 'https://h/': Failed to connect to h port 443 after 0 ms: Couldn't connect to server",
  certificate:
    "fatal: unable to access 'https://h/': server certificate verification failed. CAfile: none CRLfile: none",
  weather: "fatal: unable to access 'https://github.com/acme/my-kernels.git/': The requested URL returned error: 502",
  limited: "fatal: unable to access 'https://github.com/acme/my-kernels.git/': The requested URL returned error: 429",
  broken: 'error: RPC failed; curl 18 transfer closed with outstanding read data remaining\nfatal: early EOF',
  commit:
    "fatal: Fetched in submodule path 'a', but it did not contain 4b825dc642cb6eb9a060e54bf8d69288fbee4904. Direct fetching of that commit failed.",
  commitRemote: 'fatal: remote error: upload-pack: not our ref 4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  ownership: "fatal: detected dubious ownership in repository at '/w/libs/kernels'",
  disk: 'fatal: write error: No space left on device',
  protocol: "fatal: transport 'file' not allowed",
  unheardOf: 'fatal: the moon is full'
}

describe('failureOf', () => {
  test.each([
    {given: 'no login where one is needed', said: SAID.noLogin, repository: OPEN, why: /no credential was given/},
    {given: 'a wrong token', said: SAID.refused, repository: LOGGED_IN, why: /did not accept `KERNELS_TOKEN`/},
    {
      given: 'a token that cannot see it',
      said: SAID.hidden,
      repository: LOGGED_IN,
      why: /`KERNELS_TOKEN` may not see it/
    },
    {
      given: 'nothing there for anyone',
      said: SAID.hidden,
      repository: OPEN,
      why: /no such repository, or it is private/
    },
    {given: 'a forbidden answer', said: SAID.forbidden, repository: LOGGED_IN, why: /single sign-on/},
    {given: 'a host without address', said: SAID.noName, repository: OPEN, why: /could not be resolved/},
    {given: 'a host without answer', said: SAID.noAnswer, repository: OPEN, why: /gave no answer/},
    {given: 'an unproven certificate', said: SAID.certificate, repository: OPEN, why: /certificate/},
    {given: 'an error of the server', said: SAID.weather, repository: OPEN, why: /error of its own/},
    {given: 'a broken transfer', said: SAID.broken, repository: OPEN, why: /connection broke/},
    {
      given: 'a commit that was never pushed',
      said: SAID.commit,
      repository: OPEN,
      why: /commit .* is not on the server/
    },
    {given: 'a commit that the server refuses', said: SAID.commitRemote, repository: OPEN, why: /commit/},
    {given: "another user's directory", said: SAID.ownership, repository: OPEN, why: /another user/},
    {given: 'words that nobody knows', said: SAID.unheardOf, repository: OPEN, why: /do not know/}
  ])('given $given, then the cause is told', ({said, repository, why}) => {
    expect(failureOf(said, repository)).toMatchObject({code: 'submodule-unreadable', why: expect.stringMatching(why)})
  })

  test.each([
    {given: 'a full disk', said: SAID.disk, then: 'disk-full'},
    {given: 'a protocol that is not allowed', said: SAID.protocol, then: 'submodule-url-refused'}
  ])('given $given, then the code is $then', ({said, then}) => {
    expect(failureOf(said, OPEN).code).toBe(then)
  })

  test.each([
    {said: 'weather', then: true},
    {said: 'limited', then: true},
    {said: 'broken', then: true},
    {said: 'noAnswer', then: true},
    {said: 'noName', then: true},
    {said: 'refused', then: false},
    {said: 'hidden', then: false},
    {said: 'forbidden', then: false},
    {said: 'noLogin', then: false},
    {said: 'certificate', then: false},
    {said: 'commit', then: false},
    {said: 'unheardOf', then: false}
  ] as const)('given $said, then trying again: $then', ({said, then}) => {
    expect(failureOf(SAID[said], OPEN).passes).toBe(then)
  })

  test('given progress and a user name in an address, then the evidence is the last lines without them', () => {
    const said = `Cloning into '/w/a'...\rReceiving objects: 10%\rReceiving objects: 20%\n\nfatal: unable to access 'https://octo:hunter2@h/a/b/': The requested URL returned error: 500\n`
    expect(failureOf(said, OPEN).evidence).toEqual([
      "fatal: unable to access 'https://***@h/a/b/': The requested URL returned error: 500"
    ])
  })
})

test('given a repository, then the line for it can be pasted', () => {
  expect(credentialLine(OPEN)).toContain('`github.com/acme/my-kernels ${{ secrets.MY_KERNELS_READ_TOKEN }}`')
})
