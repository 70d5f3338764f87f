import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {makeEvent} from '../../scripts/runner/events.ts'
import {gatherFacts} from '../../src/facts/facts.ts'
import {machineFiles} from '../../src/host/files.ts'
import type {Host} from '../../src/host/host.ts'
import {problemsOf} from '../../src/model/problem.ts'
import {git, makePlayground, type Playground} from '../support/checkout.ts'
import {type FakeHost, makeFakeHost} from '../support/fake-host.ts'
import {realCommands} from '../support/real-commands.ts'

const TOKEN = `ghs_${'4x'.repeat(18)}`

let play: Playground
let workspace: string

beforeAll(() => {
  play = makePlayground()
  workspace = play.repository('work space', {Dockerfile: 'FROM a\n'}, 'https://github.com/acme/vision')
  play.write({'company.pem': '-----BEGIN CERTIFICATE-----\n', 'keys/pip': 'letmein-please', 'keys/empty': ''})
})

afterAll(() => play.remove())

interface Given {
  readonly inputs?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  readonly place?: Partial<Host['place']>
  readonly event?: 'push' | 'fork-pull-request'
}

function hostFor({inputs = {}, env = {}, place = {}, event = 'push'}: Given): FakeHost {
  const sha = git(workspace, 'rev-parse', 'HEAD')
  const happened = makeEvent(event, {sha, repository: 'acme/vision'})
  play.write({'event.json': JSON.stringify(happened.payload)})
  return makeFakeHost({
    files: machineFiles,
    programs: realCommands,
    place,
    inputs: {token: TOKEN, ...inputs},
    env: {
      GITHUB_EVENT_NAME: happened.name,
      GITHUB_EVENT_PATH: join(play.folder, 'event.json'),
      GITHUB_REPOSITORY: happened.repository,
      GITHUB_SHA: happened.sha,
      GITHUB_REF: happened.ref,
      GITHUB_WORKSPACE: workspace,
      RUNNER_TEMP: join(play.folder, 'temp'),
      ...env
    }
  })
}

describe('gatherFacts', () => {
  test('a push with a Dockerfile, on a machine without an engine', async () => {
    const host = hostFor({env: {SSL_CERT_FILE: join(play.folder, 'company.pem')}})
    const facts = await gatherFacts(host)
    expect(facts).toMatchObject({
      event: {origin: 'own-branch'},
      inputs: {images: [{registry: 'ghcr.io', repository: 'acme/vision'}]},
      roots: [{root: 'workspace', holds: 'event'}],
      machine: {builders: []},
      source: {dockerfile: {source: 'user', shown: 'Dockerfile'}},
      paths: {
        workspace,
        run: join(play.folder, 'temp/pytorch-cuda-image-7001-1'),
        action: '/action',
        caBundle: join(play.folder, 'company.pem')
      }
    })
    expect(JSON.parse(JSON.stringify(facts))).toEqual(facts)
  })

  test('nothing is changed and nothing is recorded to be undone', async () => {
    const host = hostFor({})
    await gatherFacts(host)
    expect(host.undos).toEqual([])
    expect(host.deeds.filter(deed => !deed.startsWith('ask '))).toEqual([])
  })

  test('files that inputs name are found from the workspace, and their content is known as a secret', async () => {
    const host = hostFor({inputs: {secrets: 'pip=file:../keys/pip', 'ca-bundle': '../company.pem'}})
    const {inputs} = await gatherFacts(host)
    expect(inputs.secrets).toEqual([{id: 'pip', from: 'file', path: join(play.folder, 'keys/pip')}])
    expect(inputs.caBundle).toBe(join(play.folder, 'company.pem'))
    expect(host.secrets.find('x letmein-please y')).toEqual({secret: 'secrets pip'})
  })

  test('on a fork’s pull request the files of secrets are not opened', async () => {
    const host = hostFor({event: 'fork-pull-request', inputs: {secrets: 'pip=file:../keys/pip\nx=file:../keys/none'}})
    await gatherFacts(host)
    expect(host.secrets.find('letmein-please')).toBeUndefined()
  })

  test.each<Given & {given: string; codes: readonly string[]}>([
    {given: 'a runner that is not Linux', place: {os: 'darwin'}, codes: ['runner-unsupported']},
    {given: 'no workspace', env: {GITHUB_WORKSPACE: ''}, codes: ['workspace-missing']},
    {given: 'a workspace that is not there', env: {GITHUB_WORKSPACE: '/nowhere'}, codes: ['workspace-missing']},
    {given: 'a broken event', env: {GITHUB_EVENT_PATH: '/nowhere'}, codes: ['event-unreadable']},
    {given: 'a secret’s file that is not there', inputs: {secrets: 'a=file:none'}, codes: ['secret-missing']},
    {given: 'a secret’s file that is empty', inputs: {secrets: 'a=file:../keys/empty'}, codes: ['secret-missing']},
    {given: 'a folder as secret', inputs: {secrets: 'a=file:../keys'}, codes: ['secret-missing']},
    {given: 'an agent that does not run', inputs: {ssh: 'default'}, codes: ['secret-missing']},
    {given: 'a key that is not there', inputs: {ssh: 'k=/nowhere'}, codes: ['secret-missing']},
    {given: 'a bundle that is not there', inputs: {'ca-bundle': 'none.pem'}, codes: ['input-invalid']},
    {given: 'a bundle without a certificate', inputs: {'ca-bundle': '../keys/pip'}, codes: ['input-invalid']},
    {
      given: 'several faults of inputs and their files',
      inputs: {mode: 'x', wrong: 'y', secrets: 'a=file:none'},
      codes: ['input-unknown', 'input-invalid', 'secret-missing']
    },
    {given: 'a Dockerfile that is not there', inputs: {file: 'none'}, codes: ['dockerfile-missing']},
    {
      given: 'a set that does not exist beside an input that cannot be read',
      inputs: {mode: 'x', torch: '2.9.0', cuda: 'cu121'},
      codes: ['input-invalid', 'no-such-set']
    },
    {
      given: 'a set that does not exist beside a lock that is not there',
      inputs: {lock: '../pylock.toml', torch: '2.8.0', python: '3.14'},
      codes: ['input-invalid', 'no-such-set']
    },
    {
      given: 'a GPU that no such torch has code for, beside a Dockerfile that is not there',
      inputs: {file: 'none', torch: '2.4', 'gpu-targets': 'B200'},
      codes: ['dockerfile-missing', 'no-such-set']
    },
    {
      given: 'one half of a set that cannot be read: the other half contradicts nothing',
      inputs: {torch: '2.9.x', cuda: 'cu121'},
      codes: ['input-invalid']
    },
    {
      given: 'a release that may exist by now',
      inputs: {mode: 'x', torch: '9.0', cuda: 'cu121'},
      codes: ['input-invalid']
    },
    {
      given: 'versions that a fork’s CPU build does without',
      event: 'fork-pull-request',
      inputs: {mode: 'x', torch: '2.9.0', cuda: 'cu121', 'fork-cuda': 'cpu'},
      codes: ['input-invalid']
    }
  ])('$given: $codes', async ({codes, ...given}) => {
    const problems = await gatherFacts(hostFor(given)).then(() => [], problemsOf)
    expect(problems.map(({code}) => code)).toEqual(codes)
  })
})
