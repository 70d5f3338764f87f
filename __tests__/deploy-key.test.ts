import {spawnSync} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {parse} from 'yaml'
import {type GitServer, startGitServer} from '../scripts/world/git-server.ts'
import {type SshServer, startSshServer} from '../scripts/world/ssh-server.ts'
import {makePairs, type Pair} from './support/ssh-pairs.ts'

// The script of the training Job's init container, against a real sshd and git: in folders of this machine in place of volumes.

jest.setTimeout(60_000)

const JOB = new URL('../deploy/kubernetes/train/job.yaml', import.meta.url)
const [init] = parse(readFileSync(JOB, 'utf8')).spec.template.spec.initContainers
const VOLUMES = ['/var/run/deploy-key', '/keys', '/workspace']

let git: GitServer
let ssh: SshServer
let place: string
let pairs: Record<'model' | 'stranger', Pair>

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'deploy-key-'))
  const shared = {folder: resolve('.world'), name: `deploy-key-${process.pid}`, say: () => {}}
  git = await startGitServer({...shared, tokens: []})
  ssh = await startSshServer({...shared, repositories: git.folder})
  await git.createRepository('acme/model', {'train.py': 'print("trained")\n'})
  await git.createRepository('acme/other', {'train.py': 'print("other")\n'})
  pairs = await makePairs({model: ['-t', 'ed25519'], stranger: ['-t', 'ed25519']})
  ssh.addKey({name: 'model', publicKey: pairs.model.publicKey, repositories: ['acme/model']})
})

afterAll(async () => {
  await ssh?.stop()
  await git?.stop()
  rmSync(place, {recursive: true, force: true})
})

/** Runs the script as the pod does, with a Secret as Kubernetes lays it: readable by the group. */
function clone({key, repository = 'acme/model', revision = 'main', hosts = ssh.knownHosts}: CloneOf) {
  const root = mkdtempSync(join(place, 'pod-'))
  const at = (path: string) => join(root, path)
  for (const volume of VOLUMES) mkdirSync(at(volume), {recursive: true})
  writeFileSync(at('/var/run/deploy-key/ssh-privatekey'), key)
  chmodSync(at('/var/run/deploy-key/ssh-privatekey'), 0o440)
  writeFileSync(at('/var/run/deploy-key/known_hosts'), `${hosts}\n`)
  const script = VOLUMES.reduce(
    (text, path) => text.replaceAll(new RegExp(`(?<= |=)${path}/`, 'g'), `${at(path)}/`),
    init.args[0]
  )
  expect(script).not.toBe(init.args[0])
  const ran = spawnSync(init.command[0], [...init.command.slice(1), script], {
    encoding: 'utf8',
    timeout: 30_000,
    env: {
      PATH: process.env.PATH,
      HOME: root,
      REPOSITORY: `ssh://${ssh.user}@${ssh.host}/${repository}.git`,
      REVISION: revision
    }
  })
  return {...ran, at}
}

interface CloneOf {
  readonly key: string
  readonly repository?: string
  readonly revision?: string
  readonly hosts?: string
}

describe('the init container of the training Job', () => {
  test('clones with a key that ssh takes, though the Secret is one that it refuses', () => {
    const {status, stderr, at} = clone({key: pairs.model.privateKey})
    expect({status, stderr: status === 0 ? '' : stderr}).toEqual({status: 0, stderr: ''})
    expect(statSync(at('/keys/id')).mode & 0o777).toBe(0o600)
    expect(readFileSync(at('/workspace/source/train.py'), 'utf8')).toContain('trained')
  })

  test.each<{given: string; more: () => CloneOf; words: RegExp}>([
    {given: 'a key that opens nothing', more: () => ({key: pairs.stranger.privateKey}), words: /Permission denied/},
    {
      given: 'a repository that is not its own',
      more: () => ({key: pairs.model.privateKey, repository: 'acme/other'}),
      words: /Repository not found/
    },
    {
      given: 'a host key that is another one',
      more: () => ({key: pairs.model.privateKey, hosts: ssh.knownHosts.replace(/\S+$/, otherKey())}),
      words: /Host key verification failed|REMOTE HOST IDENTIFICATION/
    },
    {
      given: 'a branch that is not there',
      more: () => ({key: pairs.model.privateKey, revision: 'no-such-branch'}),
      words: /has no branch or tag no-such-branch/
    }
  ])('given $given, ends before anything is cloned', ({more, words}) => {
    const {status, stderr, at} = clone(more())
    expect(status).not.toBe(0)
    expect(stderr).toMatch(words)
    expect(stderr).not.toContain('Cloning into')
    expect(() => statSync(at('/workspace/source'))).toThrow()
  })

  function otherKey(): string {
    return pairs.stranger.publicKey.split(' ')[1] ?? ''
  }
})
