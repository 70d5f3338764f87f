import {mkdirSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {gatherRoots} from '../../src/facts/roots.ts'
import {machineFiles} from '../../src/host/files.ts'
import type {EventFacts, InputRoot} from '../../src/model/event.ts'
import type {Inputs} from '../../src/model/inputs.ts'
import {git, makePlayground, type Playground} from '../support/checkout.ts'
import {makeFacts} from '../support/facts.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {realCommands} from '../support/real-commands.ts'

const ORIGIN = 'https://github.com/acme/app'
const OTHER_SHA = 'f'.repeat(40)

let play: Playground
let workspace: string
let head: string

beforeAll(() => {
  play = makePlayground()
  const kernels = play.repository('kernels', {'kernel.cu': '// fused\n'})
  workspace = play.repository('work space', {'app.py': 'print(1)\n', 'images/Dockerfile': 'FROM scratch\n'}, ORIGIN)
  git(workspace, 'submodule', '--quiet', 'add', kernels, 'third party/kernels')
  git(workspace, 'commit', '--quiet', '--message', 'Add kernels')
  git(workspace, 'tag', '--annotate', '--message', 'one', 'v1.0.0')
  head = git(workspace, 'rev-parse', 'HEAD')
  play.repository('work space/fork', {'app.py': 'print(2)\n'}, 'https://github.com/mallory/app')
  play.repository('elsewhere', {'app.py': 'print(3)\n'}, ORIGIN)
  symlinkSync(join(play.folder, 'elsewhere'), join(workspace, 'link'))
  mkdirSync(join(play.folder, 'tarball'))
  play.repository('no origin', {'app.py': 'print(4)\n'})
  // An artifact, and what a step made: no commit says who wrote them.
  const artifacts = play.repository('with artifacts', {'app.py': 'print(5)\n'}, ORIGIN)
  play.write({'with artifacts/app.py': 'print(6)\n', 'with artifacts/artifacts/app.whl': 'from elsewhere'})
  expect(git(artifacts, 'status', '--porcelain')).toContain('?? artifacts/')
  // Files that any commit may hold, and that git takes for a repository: at this event's commit, and of this origin.
  const spoof = {HEAD: `${head}\n`, 'refs/keep': '', 'objects/keep': '', config: SPOOF}
  play.repository('no top/fork', renamed('app', spoof), 'https://github.com/mallory/app')
})

afterAll(() => play.remove())

const SPOOF = `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n[remote "origin"]\n\turl = ${ORIGIN}\n`

function renamed(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]))
}

interface Given {
  readonly inputs?: Partial<Inputs>
  readonly event?: Partial<EventFacts>
  readonly at?: string
}

async function judge({inputs = {}, event = {}, at = 'work space'}: Given): Promise<readonly InputRoot[]> {
  const facts = makeFacts()
  const host = makeFakeHost({programs: realCommands, files: machineFiles})
  return gatherRoots(
    {
      inputs: {...facts.inputs, ...inputs},
      event: {...facts.event, sha: head, ...event},
      paths: {...facts.paths, workspace: join(play.folder, at)}
    },
    host
  )
}

describe('what the workspace holds', () => {
  test.each<{given: string; then: InputRoot['holds']; of: () => Given}>([
    {given: 'the commit of the event', then: 'event', of: () => ({})},
    {given: 'another commit on a push', then: 'unknown', of: () => ({event: {sha: OTHER_SHA}})},
    {given: 'another commit on a dispatch', then: 'unknown', of: () => ({event: {origin: 'dispatch', sha: OTHER_SHA}})},
    {
      given: 'the head of an own pull request',
      then: 'event',
      of: () => ({event: {origin: 'own-pull-request', sha: OTHER_SHA, pullRequest: {number: 1, headSha: head}}})
    },
    {
      given: 'the head of a fork’s pull request, which its event is about',
      then: 'event',
      of: () => ({event: {origin: 'fork-pull-request', sha: OTHER_SHA, pullRequest: {number: 1, headSha: head}}})
    },
    {
      given: 'the head of a pull request in a privileged event',
      then: 'unknown',
      of: () => ({event: {origin: 'pull-request-target', sha: OTHER_SHA, pullRequest: {number: 1, headSha: head}}})
    },
    {
      given: 'a commit from a fork in a privileged event',
      then: 'foreign',
      of: () => ({event: {origin: 'pull-request-target', sha: OTHER_SHA, foreignShas: [head]}})
    },
    {
      given: 'a fork’s commit that the event names as its own too',
      then: 'foreign',
      of: () => ({event: {origin: 'workflow-run', foreignShas: [head]}})
    },
    {
      given: 'another checkout hidden inside, in a privileged event',
      then: 'unknown',
      of: () => ({event: {origin: 'workflow-run'}})
    },
    {given: 'a checkout of another repository', then: 'foreign', of: () => ({at: 'work space/fork'})},
    {
      given: 'the event’s commit without any origin',
      then: 'event',
      of: () => ({at: 'no origin', event: {sha: git(join(play.folder, 'no origin'), 'rev-parse', 'HEAD')}})
    },
    {
      given: 'the commit of an annotated tag whose object the event names',
      then: 'event',
      of: () => ({event: {origin: 'own-tag', refType: 'tag', sha: git(workspace, 'rev-parse', 'v1.0.0')}})
    },
    {given: 'no checkout on a push', then: 'event', of: () => ({at: 'tarball'})},
    {given: 'no checkout on a schedule', then: 'event', of: () => ({at: 'tarball', event: {origin: 'schedule'}})},
    {given: 'no checkout on a comment', then: 'unknown', of: () => ({at: 'tarball', event: {origin: 'comment'}})},
    {
      given: 'no checkout on a repository dispatch',
      then: 'unknown',
      of: () => ({at: 'tarball', event: {origin: 'repository-dispatch'}})
    }
  ])('$given: $then', async ({then, of}) => {
    const [root] = await judge(of())
    expect(root).toMatchObject({root: 'workspace', holds: then, because: expect.stringMatching(/^\S.+\.$/)})
  })

  test.each<{given: string; event: Partial<EventFacts>}>([
    {given: 'a push', event: {}},
    {given: 'a dispatch', event: {origin: 'dispatch'}},
    {given: 'a call of the API', event: {origin: 'repository-dispatch'}},
    {given: 'the clock', event: {origin: 'schedule'}},
    {given: 'a successful run of its own code', event: {origin: 'workflow-run'}}
  ])(
    'files that a step put beside the commit are the workflow’s own doing on $given, and no root of their own',
    async ({event}) => {
      const at = join(play.folder, 'with artifacts')
      const sha = git(at, 'rev-parse', 'HEAD')
      const roots = await judge({at: 'with artifacts', inputs: {context: 'artifacts'}, event: {...event, sha}})
      expect(roots.map(({root, holds}) => [root, holds])).toEqual([
        ['workspace', 'event'],
        ['context', 'event']
      ])
    }
  )

  test('where git cannot be asked about a checkout, nobody knows what it holds', async () => {
    const {inputs, event, paths} = makeFacts()
    const host = makeFakeHost({files: machineFiles})
    const [root] = await gatherRoots({inputs, event, paths: {...paths, workspace}}, host)
    expect(root?.holds).toBe('unknown')
  })

  test('asking leaves no trace in any configuration', async () => {
    const before = git(workspace, 'config', '--list', '--show-origin')
    await judge({})
    expect(git(workspace, 'config', '--list', '--show-origin')).toBe(before)
  })
})

describe('what inputs add to the roots', () => {
  test.each<{given: string; inputs: () => Partial<Inputs>; then: readonly [string, InputRoot['holds']]}>([
    {given: 'a folder of the checkout', inputs: () => ({context: 'images'}), then: ['context', 'event']},
    {given: 'a folder that is not there', inputs: () => ({context: 'images/none'}), then: ['context', 'event']},
    {given: 'a submodule', inputs: () => ({context: 'third party/kernels'}), then: ['context', 'event']},
    {given: 'a checkout of a fork', inputs: () => ({context: 'fork'}), then: ['context', 'foreign']},
    {given: 'a link that leaves', inputs: () => ({context: 'link'}), then: ['context', 'unknown']},
    {given: 'a path that climbs out', inputs: () => ({context: '../elsewhere'}), then: ['context', 'unknown']},
    {
      given: 'an absolute path outside',
      inputs: () => ({context: join(play.folder, 'elsewhere')}),
      then: ['context', 'unknown']
    },
    {given: 'an absolute path inside', inputs: () => ({context: workspace}), then: ['context', 'event']},
    {given: 'a remote branch', inputs: () => ({context: `${ORIGIN}.git#main`}), then: ['context', 'unknown']},
    {
      given: 'this very commit by URL',
      inputs: () => ({context: `${ORIGIN}.git#${head}:images`}),
      then: ['context', 'event']
    },
    {
      given: 'the commit’s number in another repository',
      inputs: () => ({context: `https://github.com/mallory/app.git#${head}`}),
      then: ['context', 'unknown']
    },
    {
      given: 'a tarball by URL',
      inputs: () => ({context: 'https://acme.test/app.tar.gz'}),
      then: ['context', 'unknown']
    },
    {given: 'a Dockerfile in the checkout', inputs: () => ({file: 'images/Dockerfile'}), then: ['Dockerfile', 'event']},
    {given: 'a Dockerfile elsewhere', inputs: () => ({file: '/etc/hostname'}), then: ['Dockerfile', 'unknown']},
    {given: 'a lock in the checkout', inputs: () => ({lock: 'images/pylock.toml'}), then: ['lock', 'event']},
    {given: 'a lock elsewhere', inputs: () => ({lock: '/etc/hostname'}), then: ['lock', 'unknown']},
    {given: 'a lock of the fork', inputs: () => ({lock: 'fork/pylock.toml'}), then: ['lock', 'foreign']},
    {given: 'a Dockerfile of the fork', inputs: () => ({file: 'fork/Dockerfile'}), then: ['Dockerfile', 'foreign']},
    {
      given: 'an image by digest as a named context',
      inputs: () => ({buildContexts: [{name: 'base', location: `docker-image://python@sha256:${'0'.repeat(64)}`}]}),
      then: ['context `base`', 'event']
    },
    {
      given: 'an image by tag as a named context, as FROM may name it',
      inputs: () => ({buildContexts: [{name: 'base', location: 'docker-image://python:3.12'}]}),
      then: ['context `base`', 'event']
    },
    {
      given: 'a named context from git',
      inputs: () => ({buildContexts: [{name: 'lib', location: 'https://github.com/other/lib.git'}]}),
      then: ['context `lib`', 'unknown']
    },
    {
      given: 'a named context from git by ssh, whatever the user is called',
      inputs: () => ({buildContexts: [{name: 'lib', location: 'deploy@git.other.test:lib.git'}]}),
      then: ['context `lib`', 'unknown']
    },
    {
      given: 'a layout outside',
      inputs: () => ({buildContexts: [{name: 'base', location: 'oci-layout:///tmp/layout@sha256:0'}]}),
      then: ['context `base`', 'unknown']
    }
  ])('$given: $then', async ({inputs, then}) => {
    const roots = await judge({inputs: inputs()})
    expect(roots.map(({root, holds}) => [root, holds])).toEqual([['workspace', 'event'], then])
  })

  test('a submodule at another commit than the tree names is not vouched for', async () => {
    const kernels = join(workspace, 'third party/kernels')
    const before = git(kernels, 'rev-parse', 'HEAD')
    git(kernels, 'commit', '--quiet', '--allow-empty', '--message', 'unpinned')
    const roots = await judge({inputs: {context: 'third party/kernels'}})
    git(kernels, 'reset', '--quiet', '--hard', before)
    expect(roots[1]?.holds).not.toBe('event')
  })

  test('a folder that poses as a repository of its own is judged by the checkout that it lies in', async () => {
    const roots = await judge({at: 'no top', event: {origin: 'dispatch'}, inputs: {context: 'fork/app'}})
    expect(roots.map(({root, holds}) => [root, holds])).toEqual([
      ['workspace', 'event'],
      ['context', 'foreign']
    ])
  })

  test('a login in a URL is not shown', async () => {
    const roots = await judge({inputs: {context: 'https://octo:hunter2@github.com/acme/app.git'}})
    expect(JSON.stringify(roots)).not.toContain('hunter2')
  })
})
