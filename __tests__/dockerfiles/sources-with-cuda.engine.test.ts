import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {scriptServer} from '../host/scripted-server.ts'
import {layFile, openWorkshop, type Workshop} from './workshop.ts'

jest.setTimeout(300_000)

/** As the `setup.py` of most packages with `.cu` sources begins. */
const SETUP = `
from torch.utils.cpp_extension import CUDAExtension
from setuptools import setup
setup(name='acme-kernels', version='0.1', ext_modules=[CUDAExtension('acme_kernels', ['scale.cu'])])
`
const METADATA = 'Metadata-Version: 2.4\nName: acme-kernels\nVersion: 0.1\n'

let shop: Workshop
let server: Awaited<ReturnType<typeof scriptServer>>
/** Sources of a package by the name of its archive. */
const archives = new Map<string, Buffer>()

beforeAll(async () => {
  shop = await openWorkshop('sources-with-cuda')
  server = await scriptServer(({path}) => {
    const body = archives.get(path.slice(1))
    return body === undefined ? {status: 404} : {status: 200, body}
  })
}, 600_000)

afterAll(async () => {
  await server?.close()
  await shop?.close()
}, 300_000)

/** An archive of sources, which tells its metadata where `PKG-INFO` does. */
function archiveOf(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(shop.place, name)
  for (const [file, text] of Object.entries(files)) layFile(folder, `acme_kernels-0.1/${file}`, text)
  const path = join(shop.place, `${name}.tar.gz`)
  execFileSync('tar', ['-C', folder, '-czf', path, 'acme_kernels-0.1'])
  archives.set(`${name}/acme_kernels-0.1.tar.gz`, readFileSync(path))
  return `http://${server.host}/${name}/acme_kernels-0.1.tar.gz`
}

describe('a requirement with CUDA sources', () => {
  test.each([
    {given: 'that must be built in order to resolve', files: {'setup.py': SETUP}},
    {
      given: 'that is built when it is installed',
      files: {
        'setup.py': SETUP,
        'PKG-INFO': METADATA,
        'pyproject.toml':
          '[project]\nname = "acme-kernels"\nversion = "0.1"\n[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
      }
    }
  ])('$given is refused with where it belongs', async ({given, files}) => {
    const address = archiveOf(given.replaceAll(' ', '-'), files)
    writeFileSync(join(shop.context, 'requirements.txt'), `acme-kernels @ ${address}\n`)
    const failed = shop.build('refused', {REQUIREMENTS: 'requirements.txt'})
    await expect(failed).rejects.toThrow(/Name it in EXTENSION_PACKAGES \(input extensions\)/)
  })

  test('and one that cannot be built for another reason is not told to be a conflict', async () => {
    const address = archiveOf('broken', {'setup.py': 'raise SystemExit("no such header")\n'})
    writeFileSync(join(shop.context, 'requirements.txt'), `acme-kernels @ ${address}\n`)
    const failed = shop.build('broken', {REQUIREMENTS: 'requirements.txt'})
    await expect(failed).rejects.toThrow(/no such header[\s\S]*could not be resolved: the lines above say why/)
  })
})
