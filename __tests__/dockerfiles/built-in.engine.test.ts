import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {caBundle} from '../../scripts/world/ca-bundle.ts'
import {attempt, type CommandResult} from '../../scripts/world/command.ts'
import {removeImages} from '../../scripts/world/disk.ts'
import {type Engine, useEngine} from '../../scripts/world/engine.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {baseImage, tinyImage} from '../../scripts/world/rootfs.ts'
import {blobsWith} from '../support/stored.ts'

jest.setTimeout(120_000)

const action = resolve(fileURLToPath(new URL('../..', import.meta.url)))
const folder = resolve(process.env.WORLD_FOLDER ?? join(action, '.world'))
const say = () => {}
const place = mkdtempSync(join(tmpdir(), 'built-in '))
/** The machine's certificates with a mark that is easy to find again. */
const bundle = join(place, 'bundle.crt')
const MARK = `# mark of the bundle ${process.pid}`
/** Stands for torch: what the packages pin, requirements may not change. */
const PACKAGES = 'idna==3.10 six==1.17.0'
let engine: Engine
let registry: Registry
let base: string
let basePython: string
let tiny: string

beforeAll(async () => {
  engine = await useEngine({folder, say})
  registry = await startRegistry({folder, name: `built-in-${process.pid}`, say})
  const made = await baseImage({folder, engine, say})
  base = made.reference
  basePython = made.python
  tiny = await tinyImage({folder, engine, say})
  writeFileSync(bundle, `${MARK}\n${readFileSync(caBundle(folder), 'utf8')}`)
}, 300_000)

afterAll(async () => {
  await removeImages(engine, [`${registry.host}/`])
  await registry.stop()
  await engine.stop()
  rmSync(place, {recursive: true, force: true})
}, 60_000)

interface Recipe {
  readonly name: string
  readonly files?: Readonly<Record<string, string>>
  readonly args?: Readonly<Record<string, string>>
  /** Files of the context `pylock`. */
  readonly locked?: Readonly<Record<string, string>>
}

/** Builds a context and pushes the image; the context's folder has a blank in its name. */
async function build({name, files = {}, args = {}, locked}: Recipe): Promise<CommandResult> {
  const context = join(place, 'a context')
  rmSync(context, {recursive: true, force: true})
  mkdirSync(context)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(context, path)), {recursive: true})
    writeFileSync(join(context, path), content)
  }
  const locks = join(place, 'locked')
  rmSync(locks, {recursive: true, force: true})
  for (const [path, content] of Object.entries(locked ?? {})) {
    mkdirSync(locks, {recursive: true})
    writeFileSync(join(locks, path), content)
  }
  const values = {BASE_IMAGE: base, TORCH_PACKAGES: PACKAGES, ...args}
  return docker(
    ['buildx', 'build', '--progress=plain', '--provenance=false'],
    ['--file', join(action, 'dockerfiles', 'pytorch-cuda.Dockerfile')],
    Object.entries(values).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]),
    locked === undefined ? [] : ['--build-context', `pylock=${locks}`],
    ['--secret', `id=ca-bundle,src=${bundle}`],
    ['--output', `type=image,name=${reference(name)},push=true`, context]
  )
}

/** Shows what buildx said where it failed. */
function succeeded({exitCode, stderr}: CommandResult): void {
  expect({exitCode, said: exitCode === 0 ? '' : stderr.slice(-3000)}).toEqual({exitCode: 0, said: ''})
}

function docker(...words: readonly (readonly string[])[]): Promise<CommandResult> {
  return attempt([engine.dockerPath, ...words.flat()], {env: {...process.env, ...engine.env}})
}

function reference(name: string): string {
  return `${registry.host}/${name}:1`
}

/** Runs a command in an image as strictly as one can: read-only, without network and capabilities. */
async function runIn(name: string, ...command: readonly string[]): Promise<string> {
  const strict = ['--read-only', '--tmpfs', '/tmp', '--network', 'none', '--cap-drop', 'ALL']
  const {stdout, stderr} = await docker(['run', '--rm', ...strict, reference(name), ...command])
  return (stdout || stderr).trim()
}

async function layersOf(name: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${registry.host}/v2/${name}/manifests/1`, {
    headers: {
      accept: 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json'
    }
  })
  const {layers} = (await answer.json()) as {layers: {digest: string}[]}
  return layers.map(({digest}) => digest)
}

/** Positions of the layers in which two images differ, counted from the last one. */
async function differences(one: string, other: string): Promise<readonly number[]> {
  const [before, after] = [await layersOf(one), await layersOf(other)]
  expect(after.length).toBe(before.length)
  return before.flatMap((digest, index) => (digest === after[index] ? [] : [before.length - index]))
}

describe('given code and no requirements', () => {
  let built: CommandResult

  beforeAll(async () => {
    built = await build({
      name: 'plain',
      files: {'app.py': 'print("one")\n', '.env': 'TOKEN=x\n', '.git/config': '[core]\n', 'deploy/id_ed25519': 'key\n'}
    })
  }, 240_000)

  test('it is built', () => {
    succeeded(built)
  })

  test('its user is a number with a name and a home, and may not write to the packages', async () => {
    expect(await runIn('plain', 'sh', '-c', 'id -u; id -un; echo ~; test -w /opt/venv && echo writable; pwd')).toBe(
      '10001\napp\n/home/app\n/app'
    )
  })

  test('python is the one with the packages, and they fit one another', async () => {
    expect(await runIn('plain', 'python', '-c', 'import six, idna; print(six.__version__, idna.__version__)')).toBe(
      '1.17.0 3.10'
    )
    expect(await runIn('plain', 'pip', '--no-cache-dir', 'check')).toContain('No broken requirements found.')
  })

  test('bytecode is there already, where Python looks for it', async () => {
    const cached = 'import idna, os; print(os.path.exists(idna.__cached__), os.access(idna.__cached__, os.W_OK))'
    expect(await runIn('plain', 'python', '-c', cached)).toBe('True False')
  })

  test('the code is in the working directory and belongs to the user; what must stay out did', async () => {
    expect(await runIn('plain', 'sh', '-c', 'python app.py; find . -type f; stat -c %u . app.py')).toBe(
      'one\n./app.py\n10001\n10001'
    )
  })

  test('no layer, history or configuration has the certificates or the installer', async () => {
    expect(blobsWith(registry, MARK)).toEqual([])
    expect(await runIn('plain', 'sh', '-c', 'ls -d /uv /lock /layer /requirements /run/secrets 2>/dev/null')).toBe('')
  })

  test('a changed line of code changes the layer of the code alone', async () => {
    const again = await build({name: 'changed', files: {'app.py': 'print("two")\n'}})
    succeeded(again)
    expect(await differences('plain', 'changed')).toEqual([1])
  })
})

describe('given requirements', () => {
  const files = {
    'app.py': 'print("one")\n',
    'requirements.txt': 'packaging\nidna\n',
    'deep/er/more.txt': 'iniconfig==2.0.0\n',
    'constraints-2026.txt': 'packaging==24.1\n'
  }

  test('all their packages are there, and constraints constrain without asking for anything', async () => {
    const REQUIREMENTS = 'requirements.txt deep/er/more.txt constraints-2026.txt'
    succeeded(await build({name: 'required', files, args: {REQUIREMENTS}}))
    const freeze = await runIn('required', 'pip', 'freeze', '--disable-pip-version-check')
    const asked = ['idna==3.10', 'iniconfig==2.0.0', 'packaging==24.1', 'six==1.17.0']
    expect(freeze.split('\n').toSorted()).toEqual(['dumb-init==1.2.5.post1', ...asked])
  })

  test('their change leaves the layers of other packages as they are', async () => {
    const changed = {...files, 'requirements.txt': 'packaging\nidna\ntyping-extensions\n'}
    succeeded(await build({name: 'one-file', files, args: {REQUIREMENTS: 'requirements.txt'}}))
    succeeded(await build({name: 'one-file-more', files: changed, args: {REQUIREMENTS: 'requirements.txt'}}))
    // The code is last, and requirements.txt is a part of it; compiled extensions are second, what was required third.
    expect(await differences('one-file', 'one-file-more')).toEqual([3, 1])
  })

  test.each([
    {
      given: 'a requirement that wants another version than the pinned one',
      requirements: 'idna==3.9\n',
      says: /No set of packages satisfies TORCH_PACKAGES \(idna==3\.10 six==1\.17\.0\)/
    },
    {
      given: 'an address for a pinned package',
      requirements: 'idna @ https://files.pythonhosted.org/packages/idna-3.9-py3-none-any.whl\n',
      says: /No set of packages satisfies TORCH_PACKAGES/
    },
    {
      given: 'a requirements file that includes one that was not named',
      requirements: '-r idna-base.txt\n',
      says: /must be named in REQUIREMENTS too/
    }
  ])('given $given, then nothing is built, and it is said why', async ({requirements, says}) => {
    const ended = await build({
      name: 'conflict',
      files: {'requirements.txt': requirements},
      args: {REQUIREMENTS: 'requirements.txt'}
    })
    expect(ended.exitCode).not.toBe(0)
    expect(ended.stderr).toMatch(says)
    expect(ended.stderr).toContain('idna')
  })

  test('a seventh file is refused', async () => {
    const names = ['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt', 'f.txt', 'g.txt']
    const ended = await build({
      name: 'seven',
      files: Object.fromEntries(names.map(name => [name, 'idna\n'])),
      args: {REQUIREMENTS: names.join(' ')}
    })
    expect(ended.exitCode).not.toBe(0)
    expect(ended.stderr).toContain('g.txt is not among the six files')
  })
})

describe('given a lock', () => {
  const LOCK = readFileSync(new URL('../wheels/locks/small.pylock.toml', import.meta.url), 'utf8')
  /** The lock for the Python of the base image; its wheels are for any. */
  const lockFor = (python: string) => LOCK.replace('>=3.11', `>=${python}`)

  test('exactly its packages are installed, whatever else is asked for', async () => {
    const locked = {'pylock.toml': lockFor(basePython), 'torch-set.txt': 'six\n'}
    succeeded(await build({name: 'locked', files: {'app.py': ''}, locked}))
    const installed = 'import importlib.metadata as m; print(sorted((d.name, d.version) for d in m.distributions()))'
    expect(await runIn('locked', 'python', '-c', installed)).toBe("[('idna', '3.9'), ('six', '1.17.0')]")
  })

  test('the lock of another Python is refused, and it is said which', async () => {
    const ended = await build({name: 'other-python', locked: {'pylock.toml': lockFor('3.8')}})
    expect(ended.exitCode).not.toBe(0)
    expect(ended.stderr).toContain('The lock is for Python 3.8')
  })

  test('a wheel that is not the locked one is not installed', async () => {
    const forged = lockFor(basePython).replaceAll(/sha256 = "[0-9a-f]{8}/g, 'sha256 = "00000000')
    const ended = await build({name: 'forged', locked: {'pylock.toml': forged}})
    expect(ended.exitCode).not.toBe(0)
    expect(ended.stderr).toMatch(/hash/i)
  })
})

describe('given what it cannot work with', () => {
  test('a base image without Python is refused with what it must have', async () => {
    const ended = await build({name: 'bare', files: {'app.py': ''}, args: {BASE_IMAGE: tiny}})
    expect(ended.exitCode).not.toBe(0)
    expect(ended.stderr).toContain('BASE_IMAGE must have python3 3.9 or newer')
  })

  test('a base image with musl is refused, whatever its name says', async () => {
    // A stand-in: Alpine's Python says of its C library that it is none that wheels for Linux know.
    const musl = reference('says-musl')
    const line = 'import platform; platform.libc_ver = lambda *given, **named: ("", "")'
    const folder = join(place, 'musl')
    mkdirSync(folder)
    writeFileSync(
      join(folder, 'Dockerfile'),
      `FROM ${base}\nRUN site=$(python3 -c 'import site; print(site.getsitepackages()[0])') && mkdir -p "$site" && echo '${line}' > "$site/musl.pth"\n`
    )
    succeeded(await docker(['buildx', 'build', '--output', `type=image,name=${musl},push=true`, folder]))
    const ended = await build({name: 'on-musl', files: {'app.py': ''}, args: {BASE_IMAGE: musl}})
    expect(ended.exitCode).not.toBe(0)
    expect(ended.stderr).toContain('BASE_IMAGE has a C library other than glibc')
  })

  test('a context without any file is a context too', async () => {
    succeeded(await build({name: 'empty'}))
  })
})
