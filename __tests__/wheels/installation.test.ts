import {inflateRawSync} from 'node:zlib'
import {describe, expect, test} from '@jest/globals'
import {installWheel, type LaidFile} from '../../src/wheels/installation.ts'
import {dataOffsetOf, findDirectory, readDirectory} from '../../src/wheels/zip.ts'
import {wheelFiles, type Zipped, zipOf} from './zip-writer.ts'

const WHEEL = 'demo-1.0-py3-none-any.whl'
const SITE = 'opt/venv/lib/python/site-packages'

function install(files: readonly Zipped[], wheel = WHEEL): ReadonlyMap<string, LaidFile> {
  const zip = zipOf(files)
  const end = findDirectory(zip, zip.length)
  const entries = readDirectory(zip.subarray(end.offset, end.offset + end.sizeBytes), end)
  const laid = installWheel(wheel, entries, entry => {
    const at = dataOffsetOf(entry, zip.subarray(entry.offset, entry.before))
    return inflateRawSync(zip.subarray(at, at + entry.packedBytes))
  })
  return new Map(laid.map(file => [file.path, file]))
}

function textOf(laid: ReadonlyMap<string, LaidFile>, path: string): string | undefined {
  const content = laid.get(path)?.content
  return content instanceof Uint8Array ? Buffer.from(content).toString('utf8') : undefined
}

describe('installWheel', () => {
  const laid = install(
    wheelFiles('demo', [
      {name: 'demo/', unixMode: 0o040755},
      {name: 'demo/__init__.py', content: ''},
      {name: 'demo/bin/tool', content: 'ELF', unixMode: 0o100775},
      {name: 'demo-1.0.data/scripts/run', content: '#!python -u\nprint(1)\n'},
      {name: 'demo-1.0.data/scripts/go', content: '#!/bin/sh\necho\n'},
      {
        name: 'demo-1.0.dist-info/entry_points.txt',
        content: '# ours\n[console_scripts]\ndemo = demo.cli:App.main [extra]\n\n[other]\nx = y:z\n'
      }
    ])
  )

  test('folders of the zip are no files', () => {
    expect([...laid.keys()].toSorted()).toEqual([
      'opt/venv/bin/demo',
      'opt/venv/bin/go',
      'opt/venv/bin/run',
      `${SITE}/demo-1.0.dist-info/INSTALLER`,
      `${SITE}/demo-1.0.dist-info/METADATA`,
      `${SITE}/demo-1.0.dist-info/RECORD`,
      `${SITE}/demo-1.0.dist-info/WHEEL`,
      `${SITE}/demo-1.0.dist-info/entry_points.txt`,
      `${SITE}/demo/__init__.py`,
      `${SITE}/demo/bin/tool`
    ])
  })

  test.each([
    {path: `${SITE}/demo/__init__.py`, mode: 0o644},
    {path: `${SITE}/demo/bin/tool`, mode: 0o755},
    {path: 'opt/venv/bin/run', mode: 0o755},
    {path: 'opt/venv/bin/demo', mode: 0o755}
  ])('$path gets its mode', ({path, mode}) => {
    expect(laid.get(path)?.mode).toBe(mode)
  })

  test('a script of the wheel gets the Python of the image, and keeps its options', () => {
    expect(textOf(laid, 'opt/venv/bin/run')).toBe('#!/opt/venv/bin/python3 -u\nprint(1)\n')
  })

  test('a script for another program stays as it is', () => {
    expect(textOf(laid, 'opt/venv/bin/go')).toBe('#!/bin/sh\necho\n')
  })

  test('an entry point becomes a program that other processes may read again', () => {
    expect(textOf(laid, 'opt/venv/bin/demo')).toBe(
      "#!/opt/venv/bin/python3\nimport sys\n\nfrom demo.cli import App\n\nif __name__ == '__main__':\n    sys.exit(App.main())\n"
    )
  })

  test('RECORD names every file once, where it is, with hashes of what was written', () => {
    expect(textOf(laid, `${SITE}/demo-1.0.dist-info/RECORD`)).toMatchInlineSnapshot(`
"../../../bin/demo,sha256=mm5Bm1un8i7tKGrq7x1bYyH7Ss4GzrUN_JkrHh8sjYs,114
../../../bin/go,sha256=xOcTm9McoWofhgYl6L4fVgouCwRZ82EJdac6Yc5greE,15
../../../bin/run,sha256=wwY_cLMwhwNq22IpHVVA8wpv6Lcta37LIS_DmFRGm0s,36
demo-1.0.dist-info/INSTALLER,sha256=P0-Lr_DWIvQVNvHxemLXCzN_KmgHqmD5JGh_dlJq-oo,26
demo-1.0.dist-info/METADATA,,
demo-1.0.dist-info/RECORD,,
demo-1.0.dist-info/WHEEL,,
demo-1.0.dist-info/entry_points.txt,,
demo/__init__.py,,
demo/bin/tool,,
"
`)
  })

  test.each<{given: string; files: readonly Zipped[]; wheel?: string}>([
    {
      given: 'a symbolic link',
      files: wheelFiles('demo', [{name: 'demo/link', content: '/etc/passwd', unixMode: 0o120777}])
    },
    {
      given: 'two files for one place',
      files: wheelFiles('demo', [{name: 'demo/a.py'}, {name: 'demo-1.0.data/purelib/demo/a.py'}])
    },
    {given: 'a file where a folder is', files: wheelFiles('demo', [{name: 'demo'}, {name: 'demo/a.py'}])},
    {
      given: 'a wheel of a version to come',
      files: [
        ...wheelFiles('demo', []).filter(({name}) => !name.endsWith('WHEEL')),
        {name: 'demo-1.0.dist-info/WHEEL', content: 'Wheel-Version: 2.0\n'}
      ]
    },
    {given: 'no RECORD', files: wheelFiles('demo', []).filter(({name}) => !name.endsWith('RECORD'))},
    {
      given: 'an entry point with a path for a name',
      files: wheelFiles('demo', [
        {name: 'demo-1.0.dist-info/entry_points.txt', content: '[console_scripts]\n../x = a:b\n'}
      ])
    },
    {
      given: 'a RECORD that leads elsewhere',
      files: wheelFiles('demo', [{name: 'demo-1.0.dist-info/RECORD', content: '../../../../../etc/passwd,,\n'}])
    },
    {given: 'metadata of another wheel', files: wheelFiles('other', []), wheel: WHEEL}
  ])('given $given, then the wheel is refused', ({files, wheel}) => {
    expect(() => install(files, wheel)).toThrow(expect.objectContaining({code: 'wheel-invalid'}))
  })

  test('a wheel that would grow a thousandfold is refused before anything is unpacked', () => {
    const bomb = wheelFiles('demo', [
      {name: 'demo/zeros', central: {unpackedBytes: 0xfffffff0}, local: {unpackedBytes: 0xfffffff0}}
    ])
    expect(() => install(bomb)).toThrow(expect.objectContaining({code: 'wheel-invalid'}))
  })
})
