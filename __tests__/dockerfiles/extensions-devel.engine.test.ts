import {cpSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {openWheelIndex, type WheelIndex} from '../support/wheel-index.ts'
import {layFile, openWorkshop, type Workshop} from './workshop.ts'

// The compiler of an image in place of PyPI's. torch and nvcc are stand-ins: what is tried is which compiler is taken, and that
// nothing of it stays.

jest.setTimeout(600_000)

/** Writes down by which compiler it was made, and for which GPUs. */
const SETUP = `
import os, pathlib, subprocess
from setuptools import setup
nvcc = pathlib.Path(os.environ['CUDA_HOME'], 'bin', 'nvcc')
header = pathlib.Path(os.environ['CPATH'].split(':')[0], 'cuda.h').read_text().strip()
made = subprocess.run([nvcc, os.environ['TORCH_CUDA_ARCH_LIST']], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
pathlib.Path('acme_kernels.py').write_text(f'made = {made + " with " + header!r}\\n')
setup(name='acme-kernels', version='0.1', py_modules=['acme_kernels'])
`

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url))
/** Fetches 3 GB and needs 30 GB of disk: asked for by name. */
const real = process.env.REAL_TORCH === '1' ? test : test.skip

let shop: Workshop
let index: WheelIndex

beforeAll(async () => {
  shop = await openWorkshop('extensions-devel')
  index = await openWheelIndex({
    wheels: [
      {project: 'torch', version: '2.8.0', requires: ['nvidia-cuda-runtime-cu12==12.8.90'], files: {'torch.py': ''}}
    ]
  })
  mkdirSync(join(shop.context, 'kernels'))
  writeFileSync(join(shop.context, 'kernels', 'setup.py'), SETUP)
}, 600_000)

afterAll(async () => {
  await index?.close()
  await shop?.close()
}, 300_000)

/** An image with a toolkit of some CUDA, as NVIDIA's have it: `/usr/local/cuda` leads to the folder of the release. */
async function develOf(release: string): Promise<string> {
  const name = `${shop.registry.host}/devel-${release}:1`
  const folder = join(shop.place, `devel-${release}`)
  layFile(folder, 'cuda/bin/nvcc', `#!/bin/sh\necho "nvcc ${release} for $1"\n`)
  layFile(folder, 'cuda/include/cuda.h', `header of ${release}\n`)
  layFile(folder, 'Dockerfile', `FROM scratch\nCOPY --chmod=755 cuda /usr/local/cuda-${release}/\n`)
  const {exitCode, stderr} = await shop.docker(
    ...['buildx', 'build', '--provenance=false', '--output', `type=image,name=${name},push=true`, folder]
  )
  expect({exitCode, said: exitCode === 0 ? '' : stderr}).toEqual({exitCode: 0, said: ''})
  return name
}

function build(name: string, args: Readonly<Record<string, string>>): Promise<void> {
  const torch = {TORCH_PACKAGES: 'torch==2.8.0', INDEX_URL: index.url}
  return shop.build(name, {...torch, EXTENSIONS: 'kernels', TORCH_CUDA_ARCH_LIST: '8.0;9.0', ...args})
}

describe('an extension for a torch of CUDA 12', () => {
  test('is compiled by the toolkit of the image that was named, and nothing of that stays', async () => {
    await build('made', {CUDA_DEVEL: await develOf('12.8')})
    const search =
      'python -c "import acme_kernels; print(acme_kernels.made)"; ls -d /devel /usr/local/cuda* 2>/dev/null || echo nothing'
    const {stdout} = await shop.docker('run', '--rm', '--network', 'none', shop.reference('made'), 'sh', '-c', search)
    expect(stdout.trim()).toBe('nvcc 12.8 for 8.0;9.0 with header of 12.8\nnothing')
  })

  test('is compiled once: its layer stays under other code, and is another one for other sources', async () => {
    const CUDA_DEVEL = await develOf('12.8')
    // The code is last; what was compiled lies below it.
    const layersOf = async () => (await shop.layersOf('again')).slice(-2).map(({digest}) => digest)
    await build('again', {CUDA_DEVEL})
    const [first, code] = await layersOf()
    writeFileSync(join(shop.context, 'app.py'), 'print("other code")\n')
    await build('again', {CUDA_DEVEL})
    const [same, otherCode] = await layersOf()
    expect([same === first, otherCode === code]).toEqual([true, false])
    writeFileSync(join(shop.context, 'kernels', 'scale.cu'), '// another kernel\n')
    await build('again', {CUDA_DEVEL})
    expect((await layersOf())[0]).not.toBe(first)
  })

  real(
    'is compiled for torch 2.6.0 by the real compiler of CUDA 12.4, for the GPUs that were named (REAL_TORCH=1)',
    async () => {
      const devel = `${shop.registry.host}/cuda-12.4:1`
      const made = await shop.docker(
        ...['buildx', 'build', '--provenance=false', '--network=host', '--build-arg', `BASE_IMAGE=${shop.base}`],
        ...['--secret', `id=ca-bundle,src=${shop.bundle}`, '--output', `type=image,name=${devel},push=true`],
        ...['--file', join(FIXTURES, 'cuda-12.Dockerfile'), FIXTURES]
      )
      expect({exitCode: made.exitCode, said: made.exitCode === 0 ? '' : made.stderr.slice(-3000)}).toMatchObject({
        said: ''
      })
      cpSync(join(FIXTURES, 'kernels'), join(shop.context, 'real-kernels'), {recursive: true})
      const args = {TORCH_PACKAGES: 'torch==2.6.0 numpy==2.2.6', EXTENSIONS: 'real-kernels', CUDA_DEVEL: devel}
      await shop.load('real', {...args, TORCH_CUDA_ARCH_LIST: '8.0;9.0'})
      const script = readFileSync(join(FIXTURES, 'architectures.py'), 'utf8')
      const library = 'import acme_kernels._C as c; print(c.__file__)'
      const shell = `set -eu; file=$(python -c 'import torch; ${library}'); python -c "$1" "$file"; python -c 'import acme_kernels, torch
try: acme_kernels.scale(torch.ones(3), 2.0)
except RuntimeError as error: print(torch.version.cuda, str(error).splitlines()[0])'; command -v nvcc g++ || echo no compiler`
      const {exitCode, stdout, stderr} = await shop.docker(
        ...['run', '--rm', '--read-only', '--tmpfs', '/tmp', '--network', 'none', '--cap-drop', 'ALL'],
        ...[shop.reference('real'), 'sh', '-c', shell, 'sh', script]
      )
      expect({exitCode, said: `${stdout}${exitCode === 0 ? '' : stderr}`.trim().split('\n')}).toEqual({
        exitCode: 0,
        said: ['sm_80 sm_90', '12.4 values must lie on a GPU', 'no compiler']
      })
    },
    3_000_000
  )

  test.each<{given: string; devel: () => Promise<string> | string; says: RegExp}>([
    {
      given: 'no such image',
      devel: () => 'scratch',
      says: /built for CUDA 12\.8\.90, whose compiler PyPI does not have.*\n?.*CUDA_DEVEL/
    },
    {
      given: 'an image of another CUDA',
      devel: () => develOf('12.4'),
      says: /CUDA_DEVEL has no \/usr\/local\/cuda-12\.8\/bin\/nvcc.*\n?.*it has cuda-12\.4/
    }
  ])('given $given it is refused', async ({devel, says}) => {
    await expect(build('refused', {CUDA_DEVEL: await devel()})).rejects.toThrow(says)
  })
})
