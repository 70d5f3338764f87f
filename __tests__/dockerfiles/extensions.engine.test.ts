import {cpSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {openWorkshop, type Workshop} from './workshop.ts'

jest.setTimeout(3_000_000)

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url))
/** Fetches 3 GB, and takes 14 GB of disk and some two minutes on 2 cores: asked for by name. */
const real = process.env.REAL_TORCH === '1' ? test : test.skip
let shop: Workshop

beforeAll(async () => {
  shop = await openWorkshop('extensions')
  cpSync(join(FIXTURES, 'kernels'), join(shop.context, 'kernels'), {recursive: true})
}, 300_000)

afterAll(async () => {
  await shop?.close()
}, 300_000)

describe('an extension with CUDA sources', () => {
  test('is refused where the image has no PyTorch', async () => {
    await expect(shop.build('none', {EXTENSIONS: 'kernels'})).rejects.toThrow('PyTorch is not among the packages')
  })

  real('is compiled for the GPUs that were named, and imports without one (REAL_TORCH=1)', async () => {
    const args = {TORCH_PACKAGES: 'torch==2.15.0', EXTENSIONS: 'kernels', TORCH_CUDA_ARCH_LIST: '8.0;9.0'}
    await shop.load('real', args)
    const script = readFileSync(join(FIXTURES, 'architectures.py'), 'utf8')
    const library = 'import acme_kernels._C as c; print(c.__file__)'
    const shell = `set -eu; file=$(python -c 'import torch; ${library}'); python -c "$1" "$file"; python -c 'import acme_kernels, torch
try: acme_kernels.scale(torch.ones(3), 2.0)
except RuntimeError as error: print(str(error).splitlines()[0])'; command -v nvcc g++ || echo no compiler`
    const {exitCode, stdout, stderr} = await shop.docker(
      ...['run', '--rm', '--read-only', '--tmpfs', '/tmp', '--network', 'none', '--cap-drop', 'ALL'],
      ...[shop.reference('real'), 'sh', '-c', shell, 'sh', script]
    )
    expect({exitCode, said: `${stdout}${exitCode === 0 ? '' : stderr}`.trim().split('\n')}).toEqual({
      exitCode: 0,
      said: ['sm_80 sm_90', 'values must lie on a GPU', 'no compiler']
    })
  })
})
