import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {errorCodes, told} from '../support/built-action.ts'
import {openRuntimeStage, type RuntimeStage, torchSet} from '../support/runtime-stage.ts'

// Base images whose names tell nothing of what is wrong with them: each is refused before a wheel is fetched.

jest.setTimeout(240_000)

let stage: RuntimeStage

beforeAll(async () => {
  stage = await openRuntimeStage('bad-base')
}, 400_000)

afterAll(() => stage?.stop())

/** A base image by lines of a Dockerfile, in the registry of the other bases. */
function baseOf(name: string, lines: readonly string[]): string {
  const folder = join(stage.world.place, name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`)
  const [host] = stage.base.reference.split('/')
  const reference = `${host}/company/${name}:1`
  stage.world.docker(
    'buildx',
    'build',
    '--quiet',
    '--provenance=false',
    '--output',
    `type=image,name=${reference},push=true`,
    folder
  )
  return reference
}

const MUSL = 'import platform; platform.libc_ver = lambda *given, **named: ("", "")'

describe('a base image whose name tells nothing', () => {
  test.each<{given: string; base: () => Promise<string> | string; says: RegExp}>([
    {
      given: 'with another Python than the lock is for',
      base: async () => baseOf('two', [`FROM ${(await stage.otherBase()).reference}`, 'USER 1000']),
      says: /The lock is for Python \d\.\d+, and BASE_IMAGE has \d\.\d+/
    },
    {
      // A stand-in: Alpine's Python says of its C library that it is none that wheels for Linux know.
      given: 'with musl',
      base: () =>
        baseOf('one', [
          `FROM ${stage.base.reference}`,
          `RUN site=$(python3 -c 'import site; print(site.getsitepackages()[0])') && mkdir -p "$site" && echo '${MUSL}' > "$site/musl.pth"`
        ]),
      says: /a C library other than glibc/
    },
    {
      given: 'without Python',
      base: () => baseOf('three', [`FROM ${stage.world.tiny}`, 'RUN true']),
      says: /must have python3 3\.9 or newer/
    }
  ])('$given is refused before a wheel is fetched', async ({base, says}) => {
    const reference = await base()
    stage.index.fetched()
    const result = await stage.build({
      repository: 'acme/bad-base',
      lock: stage.index.lockOf(torchSet(stage.base.python), stage.base.python),
      inputs: {'base-image': reference, python: stage.base.python}
    })
    expect(errorCodes(result)).toEqual(['build-failed'])
    expect(told(result, 'error').join('\n')).toMatch(says)
    expect(stage.index.fetched()).toEqual([])
    expect(stage.world.tags('acme/bad-base')).toEqual([])
  })
})
