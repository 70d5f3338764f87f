import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {readFileSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, jest, test} from '@jest/globals'
import {type GitServer, startGitServer} from '../../scripts/world/git-server.ts'
import {BUILD_ACCESS} from '../../src/git/build-access.ts'
import {scriptServer} from '../host/scripted-server.ts'
import {ACTION} from '../support/built-action.ts'
import {blobsWith} from '../support/stored.ts'
import {openWheelIndex, type WheelIndex} from '../support/wheel-index.ts'
import {layFile, openWorkshop, type Workshop} from './workshop.ts'

// Packages that are compiled: uv, git, the git server with its tokens, the engine and the registry are real. torch and nvcc are
// stand-ins: what is tried is where sources come from, what they meet, and what stays.

jest.setTimeout(600_000)

const TOKEN = 'ghs_extensionToken0123456789abcdef'
const TORCH = {
  project: 'torch',
  version: '2.8.0',
  requires: ['nvidia-cuda-runtime-cu12==12.8.90'],
  files: {'torch.py': ''}
}

let shop: Workshop
let torch: WheelIndex
let pypi: Awaited<ReturnType<typeof scriptServer>>
let git: GitServer
/** Archives of sources by their address. */
const archives = new Map<string, Buffer>()
/** What a build gets beside its arguments. */
let options: readonly string[]
let devel: string

/** Cannot be built, not even in order to know what it requires, without torch; and writes down by what it was made. */
function setupOf(name: string, more = ''): string {
  const module = name.replaceAll('-', '_')
  return `
import os, pathlib, subprocess, torch
from setuptools import setup
nvcc = pathlib.Path(os.environ['CUDA_HOME'], 'bin', 'nvcc')
made = subprocess.run([nvcc, os.environ['TORCH_CUDA_ARCH_LIST']], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
logins = [path for path in ('/root/.gitconfig', '/run/secrets/known-hosts') if os.path.exists(path)]
pathlib.Path('${module}.py').write_text(f'made = {made!r}\\nlogins = {logins!r}\\n')
setup(name='${name}', version='0.1', py_modules=['${module}']${more})
`
}

/** An archive of sources, as an index has it. */
function archiveOf(name: string): Buffer {
  const stem = `${name.replaceAll('-', '_')}-0.1`
  layFile(join(shop.place, 'archives'), `${stem}/setup.py`, setupOf(name))
  const metadata = `Metadata-Version: 2.1\nName: ${name}\nVersion: 0.1\n`
  layFile(join(shop.place, 'archives'), `${stem}/PKG-INFO`, metadata)
  const path = join(shop.place, `${stem}.tar.gz`)
  execFileSync('tar', ['-C', join(shop.place, 'archives'), '-czf', path, stem])
  return readFileSync(path)
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

beforeAll(async () => {
  shop = await openWorkshop('extension-packages')
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  git = await startGitServer({folder, name: `extension-packages-${process.pid}`, tokens: [], say: () => {}})
  git.addToken({name: 'kernels', token: TOKEN, repositories: ['acme/*']})
  await git.createRepository('acme/repo', {'python/setup.py': setupOf('acme-repo'), 'scale.cu': '// one kernel\n'})
  await git.createRepository('acme/needy', {'setup.py': setupOf('acme-needy', ", install_requires=['einops>=0.7']")})
  torch = await openWheelIndex({wheels: [TORCH]})
  archives.set('/files/acme_sdist-0.1.tar.gz', archiveOf('acme-sdist'))
  // What it does not have comes from PyPI: the tools of a build.
  pypi = await scriptServer(({path}) => {
    const archive = archives.get(path)
    if (archive !== undefined) return {status: 200, body: archive}
    if (path !== '/simple/acme-sdist/') return {status: 302, headers: {location: `https://pypi.org${path}`}}
    const links = [...archives].map(
      ([file, bytes]) => `<a href="${file}#sha256=${sha256Of(bytes)}">${file.split('/').at(-1)}</a>`
    )
    return {status: 200, headers: {'content-type': 'text/html'}, body: `<!DOCTYPE html>${links.join('')}`}
  })
  const credential = {
    host: git.url.replace('http://', ''),
    path: 'acme',
    user: 'x-access-token',
    token: {secret: 'kernels'},
    value: TOKEN
  }
  const access = {credentials: [credential], hostKeys: [], isBySsh: false}
  const path = layFile(shop.place, 'gitconfig', BUILD_ACCESS['git-credentials'](access))
  options = ['--secret', `id=git-credentials,src=${path}`]
  devel = await develImage()
}, 600_000)

beforeEach(() => {
  ask('acme-sdist', `acme-repo @ git+${git.url}/acme/repo@main#subdirectory=python`)
})

afterAll(async () => {
  await torch?.close()
  await pypi?.close()
  await git?.stop()
  await shop?.close()
}, 300_000)

/** An image with a stand-in for the toolkit of CUDA 12.8. */
async function develImage(): Promise<string> {
  const name = `${shop.registry.host}/devel-12.8:1`
  const folder = join(shop.place, 'devel')
  layFile(folder, 'cuda/bin/nvcc', '#!/bin/sh\necho "nvcc 12.8 for $1"\n')
  layFile(folder, 'Dockerfile', 'FROM scratch\nCOPY --chmod=755 cuda /usr/local/cuda-12.8/\n')
  const {exitCode, stderr} = await shop.docker(
    ...['buildx', 'build', '--provenance=false', '--output', `type=image,name=${name},push=true`, folder]
  )
  expect({exitCode, said: exitCode === 0 ? '' : stderr}).toEqual({exitCode: 0, said: ''})
  return name
}

function ask(...lines: readonly string[]): void {
  writeFileSync(join(shop.context, 'requirements.txt'), `${lines.join('\n')}\n`)
}

function build(name: string, packages: string, more: readonly string[] = []): Promise<void> {
  const sources = {TORCH_PACKAGES: 'torch==2.8.0', INDEX_URL: torch.url, PYPI_URL: `http://${pypi.host}/simple`}
  const compiled = {EXTENSION_PACKAGES: packages, CUDA_DEVEL: devel, TORCH_CUDA_ARCH_LIST: '8.0;9.0'}
  return shop.build(name, {...sources, REQUIREMENTS: 'requirements.txt', ...compiled}, [...options, ...more])
}

describe('a package of the lock that is compiled', () => {
  test('is compiled by nvcc against the image’s torch, whether from an index or from git, and never beside a login', async () => {
    await build('made', 'acme-sdist acme-repo')
    const search =
      'python -c "import acme_sdist as s, acme_repo as r; print(s.made, s.logins, r.made, r.logins)"; ls -d /packages /devel /usr/local/cuda* 2>/dev/null || echo nothing'
    const {stdout} = await shop.docker('run', '--rm', '--network', 'none', shop.reference('made'), 'sh', '-c', search)
    expect(stdout.trim().split('\n')).toEqual(['nvcc 12.8 for 8.0;9.0 [] nvcc 12.8 for 8.0;9.0 []', 'nothing'])
    expect(blobsWith(shop.registry, TOKEN)).toEqual([])
  })

  test('is compiled once: its layer stays under other words of the requirements, and is another one for another commit', async () => {
    // The code is last; what was compiled lies below it.
    const layer = async () => (await shop.layersOf('again')).at(-2)?.digest
    await build('again', 'acme-sdist acme-repo')
    const first = await layer()
    writeFileSync(join(shop.context, 'requirements.txt'), '# the same\n', {flag: 'a'})
    await build('again', 'acme-sdist acme-repo')
    expect(await layer()).toBe(first)
    await git.commit('acme/repo', {'scale.cu': '// another kernel\n'})
    // What a branch is at is asked anew with every lock; the lock of a run is another one then.
    writeFileSync(join(shop.context, 'requirements.txt'), '# asked again\n', {flag: 'a'})
    await build('again', 'acme-sdist acme-repo')
    expect(await layer()).not.toBe(first)
  })

  test('is not taken from an archive with other bytes than those of the lock', async () => {
    const entry = (sha256: string) =>
      `\n[[packages]]\nname = "acme-sdist"\nversion = "0.1"\nsdist = { url = "http://${pypi.host}/files/acme_sdist-0.1.tar.gz", hashes = { sha256 = "${sha256}" } }\n`
    layFile(shop.place, 'locked/pylock.toml', torch.lockOf([TORCH], '3.11') + entry('1f'.repeat(32)))
    const given = ['--build-context', `pylock=${join(shop.place, 'locked')}`]
    await expect(build('other', 'acme-sdist', given)).rejects.toThrow(
      /acme-sdist have the SHA-256 .*the lock says 1f1f/
    )
  })

  test.each<{given: string; lines: () => readonly string[]; packages: string; says: RegExp}>([
    {
      given: 'a name that no package has',
      lines: () => ['idna'],
      packages: 'idnaa',
      says: /names idnaa, which is no package of the lock\. Did you mean idna\?/
    },
    {
      given: 'a name like that of a package that needs torch',
      lines: () => ['acme-sdist'],
      packages: 'acme-sdits',
      says: /EXTENSION_PACKAGES names acme-sdits: did you mean acme-sdist\?/
    },
    {
      given: 'a wheel that requires what the image has not',
      lines: () => [`acme-needy @ git+${git.url}/acme/needy`],
      packages: 'acme-needy',
      says: /acme-needy requires einops>=0\.7, and nothing of that name is among the packages/
    },
    {
      given: 'a package that is not named',
      lines: () => ['acme-sdist', `acme-needy @ git+${git.url}/acme/needy`],
      packages: 'acme-sdist',
      says: /Name it in EXTENSION_PACKAGES \(input extensions\)/
    }
  ])('given $given, then it is told', async ({lines, packages, says}) => {
    ask(...lines())
    await expect(build('refused', packages)).rejects.toThrow(says)
  })
})
