import {execFileSync} from 'node:child_process'
import {cpSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {scriptServer} from '../host/scripted-server.ts'
import {openWorkshop, type Workshop} from './workshop.ts'

jest.setTimeout(3_000_000)

const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url))
/** Fetches 3 GB, and takes 14 GB of disk and some two minutes on 2 cores: asked for by name. */
const real = process.env.REAL_TORCH === '1' ? test : test.skip
let shop: Workshop
let server: Awaited<ReturnType<typeof scriptServer>>

beforeAll(async () => {
  shop = await openWorkshop('extensions')
  cpSync(join(FIXTURES, 'kernels'), join(shop.context, 'kernels'), {recursive: true})
  const body = archiveOfKernels()
  server = await scriptServer(({path}) => (path === '/acme_archive-1.0.tar.gz' ? {status: 200, body} : {status: 404}))
}, 300_000)

afterAll(async () => {
  await server?.close()
  await shop?.close()
}, 300_000)

/** The same sources as a package of another name, as an archive. */
function archiveOfKernels(): Buffer {
  const folder = join(shop.place, 'archive', 'acme_archive-1.0')
  cpSync(join(FIXTURES, 'kernels'), folder, {recursive: true})
  renameSync(join(folder, 'acme_kernels'), join(folder, 'acme_archive'))
  const setup = readFileSync(join(folder, 'setup.py'), 'utf8')
  writeFileSync(
    join(folder, 'setup.py'),
    setup.replaceAll('acme_kernels', 'acme_archive').replaceAll('acme-kernels', 'acme-archive')
  )
  const path = join(shop.place, 'archive.tar.gz')
  execFileSync('tar', ['-C', join(shop.place, 'archive'), '-czf', path, 'acme_archive-1.0'])
  rmSync(join(shop.place, 'archive'), {recursive: true})
  return readFileSync(path)
}

describe('an extension with CUDA sources', () => {
  test('is refused where the image has no PyTorch', async () => {
    await expect(shop.build('none', {EXTENSIONS: 'kernels'})).rejects.toThrow('PyTorch is not among the packages')
  })

  real('is compiled for the GPUs that were named, and imports without one (REAL_TORCH=1)', async () => {
    writeFileSync(
      join(shop.context, 'requirements.txt'),
      `acme-archive @ http://${server.host}/acme_archive-1.0.tar.gz\n`
    )
    const compiled = {EXTENSIONS: 'kernels', EXTENSION_PACKAGES: 'acme-archive', TORCH_CUDA_ARCH_LIST: '8.0;9.0'}
    await shop.load('real', {TORCH_PACKAGES: 'torch==2.15.0', REQUIREMENTS: 'requirements.txt', ...compiled})
    const script = readFileSync(join(FIXTURES, 'architectures.py'), 'utf8')
    const files = 'import acme_kernels._C as c, acme_archive._C as d; print(c.__file__, d.__file__)'
    const shell = `set -eu; for file in $(python -c 'import torch; ${files}'); do python -c "$1" "$file"; done; python -c 'import acme_archive, torch
try: acme_archive.scale(torch.ones(3), 2.0)
except RuntimeError as error: print(str(error).splitlines()[0])'; command -v nvcc g++ || echo no compiler`
    const {exitCode, stdout, stderr} = await shop.docker(
      ...['run', '--rm', '--read-only', '--tmpfs', '/tmp', '--network', 'none', '--cap-drop', 'ALL'],
      ...[shop.reference('real'), 'sh', '-c', shell, 'sh', script]
    )
    expect({exitCode, said: `${stdout}${exitCode === 0 ? '' : stderr}`.trim().split('\n')}).toEqual({
      exitCode: 0,
      said: ['sm_80 sm_90', 'sm_80 sm_90', 'values must lie on a GPU', 'no compiler']
    })
  })
})
