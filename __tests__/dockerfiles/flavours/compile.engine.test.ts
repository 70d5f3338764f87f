import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {layFile} from '../workshop.ts'
import {type FlavourStage, openFlavourStage} from './flavour-stage.ts'

jest.setTimeout(180_000)

let stage: FlavourStage

beforeAll(async () => {
  stage = await openFlavourStage('compile')
  await stage.build('runtime', {})
}, 600_000)

afterAll(async () => {
  await stage?.close()
}, 300_000)

describe('compile', () => {
  test('the user compiles an extension against the image’s Python and imports it', async () => {
    await stage.build('compile', {FLAVOR: 'compile'})
    const source =
      '#include <Python.h>\nstatic struct PyModuleDef d = {PyModuleDef_HEAD_INIT, "made", NULL, -1, NULL};\nPyMODINIT_FUNC PyInit_made(void) { return PyModule_Create(&d); }\n'
    const mount = ['--volume', `${layFile(stage.place, 'made.c', source)}:/made.c:ro`]
    const script =
      'cd /tmp && gcc -shared -fPIC -I"$(python -c \'import sysconfig; print(sysconfig.get_path("include"))\')" -x c /made.c -o made.so && g++ --version >/dev/null && python -c "import made; print(made.__name__)"'
    expect(await stage.runIn('compile', mount, 'sh', '-c', script)).toEqual({exitCode: 0, said: 'made'})
  })

  test('the runtime has no compiler', async () => {
    expect(await stage.runIn('runtime', [], 'sh', '-c', 'command -v gcc cc g++ || echo none')).toMatchObject({
      said: 'none'
    })
  })
})
