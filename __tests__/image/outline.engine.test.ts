import {execFile} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {type Engine, useEngine} from '../../scripts/world/engine.ts'
import {parseDockerfile, stagesReached} from '../../src/image/dockerfile.ts'

/** What BuildKit's own frontend says that a build of a target asks for. */
interface Outline {
  readonly secrets?: readonly {readonly name: string; readonly required?: boolean}[]
  readonly ssh?: readonly {readonly name: string; readonly required?: boolean}[]
}

interface Case {
  readonly given: string
  readonly text: string
  readonly target?: string
}

const CASES: readonly Case[] = [
  {given: 'one secret', text: 'FROM scratch\nRUN --mount=type=secret,id=a true\n'},
  {given: 'no id but a target', text: 'FROM scratch\nRUN --mount=type=secret,target=/x/b true\n'},
  {
    given: 'required in both forms',
    text: 'FROM scratch\nRUN --mount=type=secret,id=a,required --mount=type=ssh,required=true true\n'
  },
  {given: 'quotes', text: 'FROM scratch\nRUN --mount="type=secret,id=a b" --mount=type=secret,id=\'c\' true\n'},
  {given: 'continued lines', text: 'FROM scratch\nRUN \\\n # note\n\n --mount=type=secret,\\\nid=a \\\n true\n'},
  {
    given: 'here-documents of all kinds',
    text: 'FROM scratch\nRUN <<A <<-B\nRUN --mount=type=secret,id=no true\nA\n\tB\nRUN echo "a <<C b"\nCOPY <<"D" /d\nFROM nowhere\nD\nRUN --mount=type=secret,id=a true\n'
  },
  {given: 'ONBUILD', text: 'FROM scratch\nONBUILD RUN --mount=type=secret,id=no true\nRUN --mount=type=ssh true\n'},
  {given: 'variables', text: 'ARG N=a\nFROM scratch\nARG N\nENV T=secret\nRUN --mount=type=$T,id=${N}-x true\n'},
  {
    given: 'stages that are not built',
    text: 'FROM scratch AS one\nRUN --mount=type=secret,id=no true\nFROM scratch AS two\nRUN --mount=type=secret,id=a true\n'
  },
  {
    given: 'stages that are read from',
    text: 'ARG KIND=x\nFROM scratch AS base-x\nRUN --mount=type=secret,id=a true\nFROM scratch AS tool\nRUN --mount=type=ssh,id=k true\nFROM base-$KIND AS last\nCOPY --from=tool / /\n'
  },
  {
    given: 'a target',
    target: 'one',
    text: 'FROM scratch AS zero\nRUN --mount=type=secret,id=a true\nFROM zero AS one\nFROM scratch AS two\nRUN --mount=type=secret,id=no true\n'
  },
  {
    given: 'another escape',
    text: '# escape=`\nFROM scratch\nRUN --mount=type=secret,id=a `\n  echo c:\\\nRUN --mount=type=ssh true\n'
  }
]

// A Dockerfile without FROM is not among them: asked for its outline, the BuildKit of Docker 26.1 ends the whole engine.
const BROKEN: readonly Case[] = [
  {given: 'a here-document without an end', text: 'FROM scratch\nRUN <<E\ntrue\n'},
  {given: 'a shift that reads like one', text: 'FROM scratch\nRUN echo $((1 <<2))\n'},
  {given: 'an unknown instruction', text: 'FROM scratch\nRUNN true\n'},
  {given: 'a mount of no kind', text: 'FROM scratch\nRUN --mount=type=secert,id=a true\n'},
  {given: 'a secret without a name', text: 'FROM scratch\nRUN --mount=type=secret true\n'},
  {given: 'words behind FROM', text: 'FROM scratch b\n'}
]

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'outline-'))
let engine: Engine

beforeAll(async () => {
  engine = await useEngine({folder: resolve(fileURLToPath(new URL('../../.world', import.meta.url))), say: () => {}})
}, 300_000)

afterAll(async () => {
  rmSync(folder, {recursive: true, force: true})
  await engine.stop()
})

async function outlineOf({text, target}: Case): Promise<Outline> {
  writeFileSync(join(folder, 'Dockerfile'), text)
  const stage = target === undefined ? [] : ['--target', target]
  const env = {...process.env, ...engine.env, BUILDX_EXPERIMENTAL: '1'}
  const {stdout} = await run('docker', ['buildx', 'build', '--print=outline,format=json', ...stage, folder], {env})
  return JSON.parse(stdout) as Outline
}

function byName<T extends {readonly name: string}>(mounts: readonly T[]): readonly T[] {
  return mounts.toSorted((one, other) => one.name.localeCompare(other.name))
}

describe('BuildKit’s own frontend and we agree', () => {
  test.each(CASES)(
    'about $given',
    async given => {
      const outline = await outlineOf(given)
      const mounts = stagesReached(parseDockerfile(given.text), given.target).flatMap(stage => stage.mounts)
      const asked = (kind: string) =>
        mounts.filter(({type}) => type === kind).map(({id, required}) => ({name: id, required}))
      const told = (list: Outline['ssh'] = []) => list.map(({name, required = false}) => ({name, required}))
      // The frontend keeps them in a map, and prints them in any order.
      expect(byName(asked('secret'))).toEqual(byName(told(outline.secrets)))
      expect(byName(asked('ssh'))).toEqual(byName(told(outline.ssh)))
    },
    60_000
  )

  test.each(BROKEN)(
    'that it cannot build $given',
    async given => {
      await expect(outlineOf(given)).rejects.toThrow()
      expect(() => parseDockerfile(given.text)).toThrow(expect.objectContaining({code: 'dockerfile-invalid'}))
    },
    60_000
  )
})
