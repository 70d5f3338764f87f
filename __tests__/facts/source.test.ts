import {symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeEach, describe, expect, test} from '@jest/globals'
import {gatherSource} from '../../src/facts/source.ts'
import {machineFiles} from '../../src/host/files.ts'
import type {Inputs} from '../../src/model/inputs.ts'
import type {SourceFacts} from '../../src/model/source.ts'
import {git, makePlayground, type Playground} from '../support/checkout.ts'
import {makeFacts} from '../support/facts.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {realCommands} from '../support/real-commands.ts'

const OURS = 'dockerfiles/pytorch-cuda.Dockerfile'
const LEFT_BEHIND = '[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic eDp5\n'

const grounds: Playground[] = []
let play: Playground

beforeEach(() => {
  play = makePlayground()
  grounds.push(play)
})

afterAll(() => {
  for (const ground of grounds) ground.remove()
})

interface Given {
  readonly files?: Readonly<Record<string, string>>
  readonly inputs?: Partial<Inputs>
  readonly secrets?: Readonly<Record<string, string>>
}

async function sourceOf({files = {}, inputs = {}, secrets = {}}: Given): Promise<SourceFacts> {
  const facts = makeFacts()
  play.write({'work space/.keep': ''})
  for (const [path, text] of Object.entries(files)) play.write({[`work space/${path}`]: text})
  play.write({[`action/${OURS}`]: 'FROM scratch\nCOPY . /app\n', [`action/${OURS}.dockerignore`]: '# ours\n**/.git\n'})
  const host = makeFakeHost({files: machineFiles, programs: realCommands})
  for (const [name, value] of Object.entries(secrets)) host.secrets.keep(name, value)
  const paths = {...facts.paths, workspace: join(play.folder, 'work space'), action: join(play.folder, 'action')}
  return gatherSource({inputs: {...facts.inputs, ...inputs}, paths}, host)
}

describe('which Dockerfile is built', () => {
  test.each<Given & {given: string; then: readonly [string, string]}>([
    {given: 'the context’s own', files: {Dockerfile: 'FROM a\n'}, then: ['user', 'Dockerfile']},
    {given: 'one in small letters', files: {dockerfile: 'FROM a\n'}, then: ['user', 'dockerfile']},
    {
      given: 'the one of another context',
      files: {'images/Dockerfile': 'FROM a\n', Dockerfile: 'FROM b\n'},
      inputs: {context: 'images'},
      then: ['user', 'images/Dockerfile']
    },
    {
      given: 'the named one, read from the workspace',
      files: {'docker/gpu.Dockerfile': 'FROM a\n', Dockerfile: 'FROM b\n'},
      inputs: {file: 'docker/gpu.Dockerfile'},
      then: ['user', 'docker/gpu.Dockerfile']
    },
    {given: 'ours, where there is none', then: ['built-in', 'the built-in Dockerfile']},
    {
      given: 'one that comes with a remote context',
      inputs: {context: 'https://github.com/acme/app.git#main', file: 'docker/Dockerfile'},
      then: ['user', 'docker/Dockerfile of the remote context']
    },
    {
      given: 'one that comes with a submodule',
      files: {'.gitmodules': '[submodule "k"]\n\tpath = k\n\turl = ../k\n'},
      inputs: {context: 'k/images'},
      then: ['user', 'k/images/Dockerfile']
    }
  ])('$given', async ({then, ...given}) => {
    const {dockerfile} = await sourceOf(given)
    expect([dockerfile.source, dockerfile.shown]).toEqual(then)
  })

  test.each<Given & {given: string; code: string; fix: string}>([
    {given: 'a named one that is not there', inputs: {file: 'Dokerfile'}, code: 'dockerfile-missing', fix: 'path'},
    {
      given: 'one that is named from the context',
      files: {'images/gpu.Dockerfile': 'FROM a\n'},
      inputs: {context: 'images', file: 'gpu.Dockerfile'},
      code: 'dockerfile-missing',
      fix: 'file: images/gpu.Dockerfile'
    },
    {given: 'a folder', files: {'d/x': ''}, inputs: {file: 'd'}, code: 'dockerfile-missing', fix: 'path'},
    {given: 'no context', inputs: {context: 'nowhere'}, code: 'context-missing', fix: 'path'},
    {given: 'a file as context', files: {x: ''}, inputs: {context: 'x'}, code: 'context-missing', fix: 'path'},
    {
      given: 'one that cannot be parsed',
      files: {Dockerfile: 'FROM a\nRUN <<E\n'},
      code: 'dockerfile-invalid',
      fix: 'line 2'
    },
    {
      given: 'a target that is no stage',
      files: {Dockerfile: 'FROM a AS runtime\nFROM b AS test\n'},
      inputs: {target: 'runtim'},
      code: 'input-invalid',
      fix: 'target: runtime'
    }
  ])('$given is a problem', async ({code, fix, ...given}) => {
    await expect(sourceOf(given)).rejects.toMatchObject({code, fix: expect.stringContaining(fix)})
  })

  test('a link that leaves the workspace shows no file of the machine', async () => {
    play.write({'work space/x': '', 'elsewhere/Dockerfile': 'FROM a\n'})
    symlinkSync(join(play.folder, 'elsewhere/Dockerfile'), join(play.folder, 'work space/Dockerfile'))
    await expect(sourceOf({})).rejects.toMatchObject({code: 'dockerfile-invalid'})
  })

  test('a build argument decides about what depends on it', async () => {
    const files = {Dockerfile: 'FROM a\nARG ID\nRUN --mount=type=secret,id=$ID true\n'}
    const {dockerfile} = await sourceOf({files, inputs: {buildArgs: [{name: 'ID', value: 'pip'}]}})
    expect(dockerfile.stages[0]?.mounts[0]?.id).toBe('pip')
  })

  test('a secret in it is named and not shown', async () => {
    const files = {
      Dockerfile: 'ARG BASE=a\nFROM $BASE\nENV URL=https://x:letmein-please@h/ PLAIN=1\nARG API_TOKEN=0123456789ab\n'
    }
    const source = await sourceOf({files, secrets: {pip: 'letmein-please'}})
    expect(source.dockerfile.stages[0]?.variables).toEqual([
      {kind: 'ENV', name: 'URL', line: 3, carriesSecret: {secret: 'pip'}},
      {kind: 'ENV', name: 'PLAIN', value: '1', line: 3},
      {kind: 'ARG', name: 'API_TOKEN', line: 4, carriesSecret: {secret: 'Dockerfile API_TOKEN'}}
    ])
    expect(JSON.stringify(source)).not.toMatch(/letmein|0123456789ab/)
  })
})

describe('what the context would send', () => {
  const checkout = {'.git/config': LEFT_BEHIND, 'app.py': ''}

  test.each<Given & {given: string; then: readonly string[]}>([
    {given: 'everything', files: {...checkout, Dockerfile: 'FROM a\nCOPY . /app\n'}, then: ['.git/config']},
    {given: 'only code', files: {...checkout, Dockerfile: 'FROM a\nCOPY app.py /app/\n'}, then: []},
    {
      given: 'a mount of everything',
      files: {...checkout, Dockerfile: 'FROM a\nRUN --mount=target=/s true\n'},
      then: ['.git/config']
    },
    {
      given: 'everything, in a stage that is not built',
      files: {...checkout, Dockerfile: 'FROM a AS one\nCOPY . /app\nFROM b AS two\n'},
      then: []
    },
    {
      given: 'everything but what .dockerignore names',
      files: {...checkout, Dockerfile: 'FROM a\nCOPY . /app\n', '.dockerignore': '# none\n.git\n'},
      then: []
    },
    {
      given: 'what an exception brings back',
      files: {...checkout, Dockerfile: 'FROM a\nCOPY . /app\n', '.dockerignore': '*\n!.git\n'},
      then: ['.git/config']
    },
    {
      given: 'everything, where the ignore file beside the Dockerfile takes the place of the other',
      files: {
        ...checkout,
        Dockerfile: 'FROM a\nCOPY . /app\n',
        'Dockerfile.dockerignore': '*.py\n',
        '.dockerignore': '.git\n'
      },
      then: ['.git/config']
    },
    {given: 'what ours leaves out by itself', files: checkout, then: []},
    {
      given: 'what ours leaves out whatever the user’s brings back',
      files: {...checkout, '.dockerignore': '!.git\n'},
      then: []
    },
    {
      given: 'a key deep in a folder',
      files: {Dockerfile: 'FROM a\nADD . /app\n', 'a/b/c/id_rsa': '-----BEGIN RSA PRIVATE KEY-----\n'},
      then: ['a/b/c/id_rsa']
    },
    {
      given: 'a login outside of the context',
      files: {'images/Dockerfile': 'FROM a\nCOPY . /\n', '.netrc': 'machine h login u password p\n'},
      inputs: {context: 'images'},
      then: []
    }
  ])('$given: $then', async ({then, ...given}) => {
    const {exposed} = await sourceOf(given)
    expect(exposed.map(({path}) => path)).toEqual(then)
  })

  test.each([
    {given: 'a link to a file of the machine', target: '../outside', then: ['**/.git']},
    {given: 'a link that stays in the context', target: 'ci/ignore', then: ['data', '**/.git']}
  ])('ignore lines do not come from $given, unless BuildKit would follow it: $then', async ({target, then}) => {
    play.write({outside: 'TOKEN=of the machine\n', 'work space/ci/ignore': 'data\n'})
    symlinkSync(target, join(play.folder, 'work space/.dockerignore'))
    expect((await sourceOf({})).ignore).toEqual(then)
  })

  test('the ignore lines in force are the user’s, then ours', async () => {
    expect((await sourceOf({files: {'.dockerignore': 'data\n\n# big\n'}})).ignore).toEqual(['data', '**/.git'])
  })

  test.each([
    {
      given: 'one that is there',
      files: {'req/base.txt': ''},
      requirements: ['req/base.txt', './req/base.txt'],
      then: []
    },
    {given: 'one that is not', files: {}, requirements: ['requirements.txt'], then: ['requirements.txt']},
    {
      given: 'one that is ignored',
      files: {'requirements.txt': '', '.dockerignore': '*.txt\n'},
      requirements: ['requirements.txt'],
      then: ['requirements.txt']
    }
  ])('a requirement file, $given', async ({files, requirements, then}) => {
    expect((await sourceOf({files, inputs: {requirements}})).missingRequirements).toEqual(then)
  })

  test.each<{given: string; folders: string[]; then: string[]}>([
    {given: 'one that is there', folders: ['third_party/kernels'], then: []},
    {given: 'one that is not', folders: ['third_party/kernls'], then: ['third_party/kernls']},
    {given: 'a file', folders: ['requirements.txt'], then: ['requirements.txt']},
    {given: 'one of a submodule that is fetched later', folders: ['later/python'], then: []}
  ])('a folder to compile, $given', async ({folders, then}) => {
    const files = {
      'requirements.txt': 'flash_attn\n',
      'third_party/kernels/setup.py': '',
      '.gitmodules': '[submodule "later"]\n\tpath = later\n\turl = ../later\n'
    }
    const inputs = {extensions: {folders, packages: []}, requirements: ['requirements.txt']}
    expect((await sourceOf({files, inputs})).extensions).toEqual({
      absent: then,
      projects: ['third_party/kernels'],
      packages: ['flash-attn']
    })
  })
})

describe('advice', () => {
  test('is given on the Dockerfile that is built, as messages name it', async () => {
    const files = {'images/Dockerfile': 'FROM python:latest\nUSER 1\n'}
    const {advice} = await sourceOf({files, inputs: {context: 'images'}})
    expect(advice.map(({rule, file, line}) => ({rule, file, line}))).toEqual([
      {rule: 'latest-base', file: 'images/Dockerfile', line: 1}
    ])
  })

  test('knows target, build arguments and named contexts', async () => {
    const files = {Dockerfile: 'ARG BASE\nFROM ${BASE} AS app\nUSER 1\nFROM kernels AS other\nUSER 1\n'}
    const buildArgs = [{name: 'BASE', value: 'python'}]
    const buildContexts = [{name: 'kernels', location: 'docker-image://acme/kernels'}]
    const rulesFor = async (target: string) =>
      (await sourceOf({files, inputs: {target, buildArgs, buildContexts}})).advice.map(({rule}) => rule)
    expect(await rulesFor('app')).toEqual(['latest-base'])
    expect(await rulesFor('other')).toEqual([])
  })

  test('is not given on the built-in Dockerfile', async () => {
    expect((await sourceOf({})).advice).toEqual([])
  })

  test('quotes no secret', async () => {
    const files = {Dockerfile: 'FROM python:3.12@x\nRUN pip install torch\nCOPY hunter2-hunter2 /a\nUSER 1\n'}
    const {advice} = await sourceOf({files, secrets: {password: 'hunter2-hunter2'}})
    expect(advice.map(({rule}) => rule)).toContain('copy-without-link')
    expect(JSON.stringify(advice)).not.toContain('hunter2')
  })
})

describe('where the source comes from', () => {
  test('the origin without a login, and the commit’s own time', async () => {
    const workspace = play.repository('work space', {}, 'https://octo:hunter2@github.com/acme/app.git')
    git(
      workspace,
      'commit',
      '--quiet',
      '--amend',
      '--allow-empty',
      '--message',
      'x',
      '--date',
      '2026-01-02T03:04:05+02:00'
    )
    const source = await sourceOf({})
    expect(source.originUrl).toBe('https://github.com/acme/app.git')
    expect(source.committedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(JSON.stringify(source)).not.toContain('hunter2')
  })

  test('a folder that is no checkout has neither', async () => {
    const source = await sourceOf({})
    expect([source.originUrl, source.committedAt]).toEqual([undefined, undefined])
  })

  test('submodules that nobody wants are not read, however they are written', async () => {
    const files = {'.gitmodules': '[broken'}
    expect((await sourceOf({files, inputs: {submodules: 'false'}})).submodules).toEqual([])
    await expect(sourceOf({files})).rejects.toMatchObject({code: 'submodule-config-invalid'})
  })
})
