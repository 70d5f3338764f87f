import {resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {layFile} from '../workshop.ts'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'

jest.setTimeout(180_000)

const FIXTURES = resolve(fileURLToPath(new URL('../fixtures', import.meta.url)))
/** Fetches 4 GB and needs 20 GB of disk: asked for by name. */
const real = process.env.REAL_TORCH === '1' ? test : test.skip
/** What is compiled is kept in the user's home. */
const HOME = ['--tmpfs', '/home/app:exec,uid=10001']
const TRITON = 'idna==3.10 six==1.17.0 triton==3.4.0'

let stage: FlavourStage

beforeAll(async () => {
  stage = await openFlavourStage('compile')
  await stage.build('runtime', {TORCH_PACKAGES: TRITON})
  await stage.build('compile', {TORCH_PACKAGES: TRITON, FLAVOR: 'compile'})
}, 900_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

/** Runs a script of the fixtures, which prints what it has done line by line. */
async function runFixture(image: string, script: string): Promise<{exitCode: number; lines: readonly string[]}> {
  const mount = ['--volume', `${resolve(FIXTURES, script)}:/script.py:ro`]
  const {exitCode, said} = await stage.runIn(image, [...mount, ...HOME], 'python', '/script.py')
  return {exitCode, lines: said.split('\n')}
}

describe('compile', () => {
  test('the user compiles an extension against the image’s Python and imports it', async () => {
    const source =
      '#include <Python.h>\nstatic struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "made", NULL, -1, NULL};\nPyMODINIT_FUNC PyInit_made(void) { return PyModule_Create(&d); }\n'
    const mount = ['--volume', `${layFile(stage.place, 'made.c', source)}:/made.c:ro`]
    const script =
      'cd /tmp && gcc -shared -fPIC -I"$(python -c \'import sysconfig; print(sysconfig.get_path("include"))\')" -x c /made.c -o made.so && g++ --version >/dev/null && python -c "import made; print(made.__name__)"'
    expect(await stage.runIn('compile', mount, 'sh', '-c', script)).toEqual({exitCode: 0, said: 'made'})
  })

  test('Triton makes all that the first launch of a kernel needs', async () => {
    expect(await runFixture('compile', 'triton_launch.py')).toEqual({
      exitCode: 0,
      lines: ['kernel True True', 'driver True', 'launcher True']
    })
  })

  test('in the runtime Triton finds no compiler, and says so', async () => {
    const {exitCode, lines} = await runFixture('runtime', 'triton_launch.py')
    expect([exitCode, lines[0]]).toEqual([1, 'kernel True True'])
    expect(lines.join('\n')).toContain('Failed to find C compiler')
  })

  real(
    'torch.compile runs in it on the CPU, and not in the runtime (REAL_TORCH=1)',
    async () => {
      const TORCH_PACKAGES = 'torch==2.8.0 numpy==2.2.6'
      await stage.load('real', {TORCH_PACKAGES, FLAVOR: 'compile'})
      const compiled = await runFixture('real', 'inductor_on_cpu.py')
      expect(compiled).toEqual({exitCode: 0, lines: ['compiled True 1']})
      await stage.load('real-runtime', {TORCH_PACKAGES})
      const bare = await runFixture('real-runtime', 'inductor_on_cpu.py')
      expect(bare.exitCode).toBe(1)
      expect(bare.lines.join('\n')).toMatch(/C\+\+ compiler/)
    },
    1_800_000
  )

  test('what is for those who mend gcc, and a Python to be linked into programs, is left out', async () => {
    const script = 'find /usr -name "*lto-dump*" -o -name "libpython3*.a" -path "/usr/lib/*"'
    expect(await stage.runIn('compile', [], 'sh', '-c', script)).toEqual({exitCode: 0, said: ''})
  })

  test('the runtime has no compiler', async () => {
    expect(await stage.runIn('runtime', [], 'sh', '-c', 'command -v gcc cc g++ || echo none')).toMatchObject({
      said: 'none'
    })
  })
})
