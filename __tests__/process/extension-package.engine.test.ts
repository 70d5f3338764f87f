import {readFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import type {RunResult} from '../../scripts/runner/result.ts'
import {type Registry, startRegistry} from '../../scripts/world/registry.ts'
import {baseImage} from '../../scripts/world/rootfs.ts'
import {layFile} from '../dockerfiles/workshop.ts'
import {ACTION, errorCodes, hasBuilt, logOf, told} from '../support/built-action.ts'
import {openPassage, type Passage} from '../support/gateway.ts'
import {type Job, type JobWorld, makeJobWorld} from '../support/job-world.ts'
import {openSecureGit, type SecureGit} from '../support/secure-git.ts'
import {standInSet} from '../support/small-wheels.ts'
import {blobsWith} from '../support/stored.ts'
import {openWheelIndex, type WheelIndex} from '../support/wheel-index.ts'

// A package from a private repository that needs torch in order to be built, from the workflow to the image: uv, git, the
// git server with its tokens, the engine and the registry are real; torch and nvcc are stand-ins.

jest.setTimeout(300_000)

const TOKEN = 'ghs_extensionToken0123456789abcdef'
const SECRETS = [TOKEN, Buffer.from(`x-access-token:${TOKEN}`).toString('base64')]
const SETUP = `
import os, pathlib, subprocess, torch
from setuptools import setup
nvcc = pathlib.Path(os.environ['CUDA_HOME'], 'bin', 'nvcc')
made = subprocess.run([nvcc, os.environ['TORCH_CUDA_ARCH_LIST']], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
pathlib.Path('my_kernels.py').write_text(f'MADE = {made!r}\\n')
setup(name='my-kernels', version='0.1', py_modules=['my_kernels'])
`

let world: JobWorld
let bases: Registry
let index: WheelIndex
let web: SecureGit
let passage: Passage
let indexUrl: string
let base: string
let devel: string
let commit: string

beforeAll(async () => {
  const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))
  const say = () => {}
  world = await makeJobWorld('extension-package')
  await world.provideBuildkit()
  const {git, engine} = world
  base = (await baseImage({folder, engine, say})).reference
  git.addToken({name: 'kernels', token: TOKEN, repositories: ['acme/kernels']})
  commit = await git.createRepository('acme/kernels', {'setup.py': SETUP, 'scale.cu': '// one kernel\n'})
  index = await openWheelIndex({wheels: standInSet()})
  web = await openSecureGit(world, folder)
  passage = await openPassage(web.gateway, Number(index.host.split(':')[1]))
  // An index of one CUDA has PyTorch's packages alone; all others come from PyPI.
  indexUrl = `http://${web.gateway}:${passage.port}/whl/cu128`
  bases = await startRegistry({folder, name: `extension-package-${process.pid}`, say})
  devel = await develImage()
}, 900_000)

afterAll(async () => {
  await web?.close()
  await passage?.close()
  await index?.close()
  await bases?.stop()
  await world?.stop()
})

/** An image, by its digest, with a stand-in for the toolkit of CUDA 12.8. */
async function develImage(): Promise<string> {
  const folder = join(world.place, 'devel')
  layFile(folder, 'cuda/bin/nvcc', '#!/bin/sh\necho "nvcc 12.8 for $1"\n')
  layFile(folder, 'Dockerfile', 'FROM scratch\nCOPY --chmod=755 cuda /usr/local/cuda-12.8/\n')
  const output = `type=image,name=${bases.host}/devel:1,push=true,oci-mediatypes=true`
  world.docker('buildx', 'build', '--progress=quiet', '--provenance=false', '--output', output, folder)
  const headers = {accept: 'application/vnd.oci.image.manifest.v1+json'}
  const answer = await fetch(`http://${bases.host}/v2/devel/manifests/1`, {headers})
  return `${bases.host}/devel@${answer.headers.get('docker-content-digest')}`
}

/** The built-in image with torch 2.8.0 for CUDA 12.8, and a package of `acme/kernels`. */
function run({inputs, ...job}: Job = {}): Promise<RunResult> {
  return world.run({
    ...job,
    inputs: {
      image: world.image,
      cache: 'none',
      'ca-bundle': web.bundle,
      'registry-credentials': world.login,
      'base-image': base,
      'index-url': indexUrl,
      torch: '2.8.0',
      cuda: 'cu128',
      'gpu-targets': 'H100',
      requirements: 'requirements.txt',
      extensions: 'my-kernels',
      'cuda-devel': devel,
      'git-credentials': `${web.host}/acme \${{ secrets.KERNELS_TOKEN }}`,
      ...inputs
    },
    secrets: {KERNELS_TOKEN: TOKEN, ...job.secrets}
  })
}

describe('a package of a private repository that is compiled', () => {
  test('is locked without running its code, compiled for the named GPU, and proven', async () => {
    world.checkout({
      'requirements.txt': `my-kernels @ git+https://${web.host}/acme/kernels@main\n`,
      'app.py': 'import my_kernels\n'
    })
    const pushed = await run()
    expect({errors: told(pushed, 'error'), pushed: pushed.outputs.pushed}).toEqual({errors: [], pushed: 'true'})
    expect(told(pushed, 'notice').join('\n')).toContain('my-kernels does not state what it requires')
    expect(blobsWith(world.registry, "MADE = 'nvcc 12.8 for 9.0'").length).toBeGreaterThan(0)
    for (const secret of SECRETS) expect(blobsWith(world.registry, secret)).toEqual([])
  })

  test('its lock tells the commit, and no version that only its code knows', async () => {
    const inputs = {mode: 'lock', lock: 'pylock.toml', push: 'never'}
    const written = await run({inputs, options: {runNumber: 9}})
    expect(errorCodes(written)).toEqual([])
    const lock = readFileSync(join(world.place, 'workspace', 'pylock.toml'), 'utf8')
    expect(lock).toContain(`name = "my-kernels"\nvcs = { type = "git", url = "https://${web.host}/acme/kernels"`)
    expect(lock).toContain(`commit-id = "${commit}"`)
  })

  test('one that is named as nothing is called is refused before the build, with the nearest name', async () => {
    const refused = await run({inputs: {extensions: 'my-kernel'}, options: {runNumber: 8}})
    expect(errorCodes(refused)).toEqual(['extension-unknown'])
    expect(logOf(refused)).toContain('Did you mean `extensions: my-kernels`?')
    expect(hasBuilt(refused)).toBe(false)
  })
})
