import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {errorCodes, hasBuilt, logOf, told} from '../support/built-action.ts'
import {type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {blobsWith} from '../support/stored.ts'

jest.setTimeout(60_000)

const PEM = [
  '-----BEGIN EC PRIVATE KEY-----',
  'MHcCAQEEIOneLineOfAKeyThatOpensNothing0123456789abcdefghijk',
  'oAoGCCqGSM49AwEHoUQDQgAETwoLinesOfAKeyThatOpensNothing98765432',
  '-----END EC PRIVATE KEY-----'
].join('\n')

/** Values that programs on the way like to change. */
const ODD = `p@ss'w0rd "quoted" $HOME \`id\` #not-a-comment \\n 100% äöü`

const SECRETS = {
  PLAIN: 'plain-value-of-a-secret-77',
  ODD,
  PEM,
  BY_ENV: 'value-from-the-environment-88',
  BY_FILE: 'value-from-a-file-99\nwith-a-second-line-00',
  API_TOKEN: 'ghp_0123456789abcdefghijABCDEFGHIJ0123'
}

let world: JobWorld
let inputs: Readonly<Record<string, string>>

beforeAll(async () => {
  world = await makeJobWorld('secrets')
  inputs = {image: world.image, 'registry-credentials': world.login}
}, 240_000)

afterAll(() => world?.stop())

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}

/** A step that proves what it got, without showing it. */
function proofOf(id: string): string {
  return `RUN --mount=type=secret,id=${id},required=true echo "proof ${id} $(sha256sum < /run/secrets/${id} | cut -c1-64)"`
}

describe('secrets that a build is given', () => {
  const given = {
    plain: SECRETS.PLAIN,
    odd: SECRETS.ODD,
    pem: SECRETS.PEM,
    environment: SECRETS.BY_ENV,
    file: SECRETS.BY_FILE
  }

  test('reach their steps to the byte, and stay nowhere', async () => {
    const workspace = world.checkout({
      Dockerfile: `FROM ${world.tiny}\n${world.fresh}\n${Object.keys(given).map(proofOf).join('\n')}\nRUN find / -xdev > /after\n`,
      '.dockerignore': 'private\n'
    })
    mkdirSync(join(workspace, 'private folder'))
    writeFileSync(join(workspace, 'private folder', 'secret file.txt'), SECRETS.BY_FILE)
    const result = await world.run({
      inputs: {
        ...inputs,
        secrets: [
          'plain=${{ secrets.PLAIN }}',
          '"odd=${{ secrets.ODD_DOUBLED }}"',
          '"pem=${{ secrets.PEM }}"',
          'environment=env:BUILD_VALUE',
          'file=file:private folder/secret file.txt'
        ].join('\n')
      },
      secrets: {...SECRETS, ODD_DOUBLED: ODD.replaceAll('"', '""')},
      environment: {BUILD_VALUE: SECRETS.BY_ENV}
    })
    expect(told(result, 'error')).toEqual([])
    expect(told(result, 'warning')).toEqual([])
    expect(result).toMatchObject({conclusion: 'success', outputs: {pushed: 'true'}})
    for (const [id, value] of Object.entries(given)) {
      expect(logOf(result)).toContain(`proof ${id} ${hashOf(value)}`)
    }
    // Layers, configuration, history, provenance and the layer cache: whatever the registry was given.
    expect(world.tags()).toContain('buildcache-main')
    expect(blobsWith(world.registry, '"predicateType"')).not.toEqual([])
    for (const value of Object.values(given)) {
      for (const line of value.split('\n').filter(text => !text.startsWith('-----'))) {
        expect(blobsWith(world.registry, line)).toEqual([])
        expect(blobsWith(world.registry, Buffer.from(line).toString('base64').replaceAll('=', ''))).toEqual([])
        expect(blobsWith(world.registry, hashOf(line))).toEqual([])
      }
    }
  })
})

describe('a secret that the Dockerfile mounts', () => {
  const dockerfile = () =>
    `FROM ${world.tiny} AS base\nRUN true\nRUN --mount=type=secret,id=index,required=true true\nFROM ${world.tiny} AS other\nRUN true\n`

  test('given that it is required and not given, the line and the input are named before the build', async () => {
    world.checkout({Dockerfile: dockerfile()})
    const result = await world.run({inputs: {...inputs, target: 'base'}})
    expect(errorCodes(result)).toEqual(['secret-missing'])
    expect(told(result, 'error').join()).toMatch(/Dockerfile, line 3,[\s\S]*`index`[\s\S]*`secrets`/)
    expect(hasBuilt(result)).toBe(false)
  })

  test('given that a fork needs it, the reason is the event', async () => {
    world.checkout({Dockerfile: dockerfile()})
    const result = await world.run({
      event: 'fork-pull-request',
      inputs: {...inputs, target: 'base', secrets: 'index=${{ secrets.PLAIN }}'},
      secrets: SECRETS
    })
    expect(errorCodes(result)).toEqual(['secret-missing'])
    expect(told(result, 'error').join()).toMatch(/outside this repository[\s\S]*required=false/)
  })

  test('given that the stage with it is not built, nobody asks for it', async () => {
    world.checkout({Dockerfile: dockerfile()})
    const result = await world.run({inputs: {...inputs, target: 'other', push: 'never', cache: 'none'}})
    expect(result).toMatchObject({conclusion: 'success'})
  })

  test('given one that no stage mounts, it is a warning', async () => {
    world.checkout({Dockerfile: dockerfile()})
    const result = await world.run({
      inputs: {...inputs, target: 'other', push: 'never', cache: 'none', secrets: 'idnex=${{ secrets.PLAIN }}'},
      secrets: SECRETS
    })
    expect(result).toMatchObject({conclusion: 'success'})
    expect(told(result, 'warning').join()).toContain('`idnex`')
  })

  test('given an ssh mount without a key, the input `ssh` is named', async () => {
    world.checkout({Dockerfile: `FROM ${world.tiny}\nRUN --mount=type=ssh,id=deploy,required=true true\n`})
    const result = await world.run({inputs})
    expect(errorCodes(result)).toEqual(['secret-missing'])
    expect(told(result, 'error').join()).toMatch(/`deploy`[\s\S]*`ssh`/)
  })
})

describe('a secret where anyone can read it', () => {
  test.each([
    {
      given: 'a build argument with a secret of the job',
      files: () => ({Dockerfile: `FROM ${world.tiny}\nARG INDEX\nRUN true\n`}),
      inputs: {
        'build-args': 'INDEX=https://me:${{ secrets.PLAIN }}@pypi.acme.dev',
        secrets: 'index=${{ secrets.PLAIN }}'
      },
      codes: ['secret-in-build-arg']
    },
    {
      given: 'a build argument that looks like a token',
      files: () => ({Dockerfile: `FROM ${world.tiny}\nARG DATA\nRUN true\n`}),
      inputs: {'build-args': 'DATA=${{ secrets.API_TOKEN }}'},
      codes: ['secret-in-build-arg']
    },
    {
      given: 'a build argument that is called one',
      files: () => ({Dockerfile: `FROM ${world.tiny}\nARG PIP_TOKEN\nRUN true\n`}),
      inputs: {'build-args': 'PIP_TOKEN=something-else'},
      codes: ['secret-in-build-arg']
    },
    {
      given: 'a label with a token',
      files: () => ({Dockerfile: `FROM ${world.tiny}\nRUN true\n`}),
      inputs: {labels: 'dev.acme.note=${{ secrets.API_TOKEN }}'},
      codes: ['secret-in-build-arg']
    },
    {
      given: 'an ENV with a token',
      files: () => ({Dockerfile: `FROM ${world.tiny}\n\nENV HF_TOKEN=hf_${'a1'.repeat(17)}\n`}),
      inputs: {},
      codes: ['secret-in-dockerfile']
    },
    {
      given: 'an ARG whose default is a secret of the job',
      files: () => ({Dockerfile: `FROM ${world.tiny}\nARG WHO=${SECRETS.PLAIN}\n`}),
      inputs: {secrets: 'who=${{ secrets.PLAIN }}'},
      codes: ['secret-in-dockerfile']
    },
    {
      given: 'a .netrc in the context',
      files: () => ({
        Dockerfile: `FROM ${world.tiny}\nCOPY . /app\n`,
        '.netrc': 'machine a.dev login me password not-so-secret\n'
      }),
      inputs: {},
      codes: ['context-holds-credential']
    },
    {
      given: "a checkout's token in .git/config",
      files: () => ({Dockerfile: `FROM ${world.tiny}\nCOPY . /app\n`}),
      extraheader: true,
      inputs: {},
      codes: ['context-holds-credential']
    },
    {
      given: 'a private key in the context',
      files: () => ({
        Dockerfile: `FROM ${world.tiny}\nADD keys /keys\n`,
        'keys/id_ed25519': '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n'
      }),
      inputs: {},
      codes: ['context-holds-credential']
    }
  ])('given $given, it is refused before the build, with what to write instead', async row => {
    const directory = `exposed ${hashOf(row.given).slice(0, 8)}`
    const workspace = world.checkout(row.files(), {directory})
    if (row.extraheader === true) {
      const header = Buffer.from(`x-access-token:${SECRETS.API_TOKEN}`).toString('base64')
      const path = join(workspace, '.git', 'config')
      writeFileSync(path, `[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic ${header}\n`, {flag: 'a'})
    }
    const result = await world.run({workspace, inputs: {...inputs, ...row.inputs}, secrets: SECRETS})
    expect(errorCodes(result)).toEqual(row.codes)
    expect(result).toMatchObject({conclusion: 'failure', exitCode: 1, outputs: {pushed: 'false'}})
    expect(told(result, 'error').join()).toMatch(/Fix: \S+/)
    expect(hasBuilt(result)).toBe(false)
  })

  test('given that .dockerignore leaves such a file out, it is built', async () => {
    const workspace = world.checkout(
      {
        Dockerfile: `FROM ${world.tiny}\nCOPY . /app\nRUN ls -a /app\n`,
        '.dockerignore': '.netrc\n.git\n',
        '.netrc': 'machine a.dev login me password not-so-secret\n'
      },
      {directory: 'ignored'}
    )
    const result = await world.run({workspace, inputs: {...inputs, push: 'never', cache: 'none'}})
    expect(result).toMatchObject({conclusion: 'success'})
  })
})

describe('a secret that the Dockerfile itself prints', () => {
  test('is masked in the log', async () => {
    const workspace = world.checkout(
      {
        Dockerfile: `FROM ${world.tiny}\n${world.fresh}\nRUN --mount=type=secret,id=plain echo "it is $(cat /run/secrets/plain)."; echo "in base64 $(base64 < /run/secrets/plain)"\n`
      },
      {directory: 'printed'}
    )
    const result = await world.run({
      workspace,
      inputs: {...inputs, push: 'never', cache: 'none', secrets: 'plain=${{ secrets.PLAIN }}'},
      secrets: SECRETS
    })
    expect(result).toMatchObject({conclusion: 'success'})
    expect(logOf(result)).toContain('it is ***.')
  })

  test('is masked in the evidence of a step that fails', async () => {
    const workspace = world.checkout(
      {
        Dockerfile: `FROM ${world.tiny}\nRUN --mount=type=secret,id=pem cat /run/secrets/pem; echo "no such index"; exit 3\n`
      },
      {directory: 'failing'}
    )
    const result = await world.run({
      workspace,
      inputs: {...inputs, push: 'never', secrets: '"pem=${{ secrets.PEM }}"'},
      secrets: SECRETS
    })
    expect(errorCodes(result)).toEqual(['build-failed'])
    expect(told(result, 'error').join()).toContain('no such index')
  })
})

describe('an ssh key', () => {
  test('given by path, its step can use it and no other', async () => {
    const workspace = world.checkout(
      {
        Dockerfile: `FROM ${world.tiny}\n${world.fresh}\nRUN --mount=type=ssh,id=deploy,required=true test -S "$SSH_AUTH_SOCK" && echo "agent is here"\n`
      },
      {directory: 'with ssh'}
    )
    const key = join(world.place, 'deploy key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'deploy', '-f', key])
    const result = await world.run({workspace, inputs: {...inputs, push: 'never', cache: 'none', ssh: `deploy=${key}`}})
    expect(told(result, 'error')).toEqual([])
    expect(logOf(result)).toContain('agent is here')
  })
})
