import {describe, expect, test} from '@jest/globals'
import {foldersOf, placeOf} from '../../src/wheels/placement.ts'

const WHEEL = 'Foo_Bar-1.0-py3-none-any.whl'
const FOLDERS = foldersOf(WHEEL, ['foo_bar/__init__.py', 'foo_bar-1.0.dist-info/WHEEL'])

describe('placeOf', () => {
  test.each([
    {name: 'foo_bar/__init__.py', then: 'opt/venv/lib/python/site-packages/foo_bar/__init__.py'},
    {name: 'foo_bar-1.0.data/purelib/a.py', then: 'opt/venv/lib/python/site-packages/a.py'},
    {name: 'foo_bar-1.0.data/platlib/b/c.so', then: 'opt/venv/lib/python/site-packages/b/c.so'},
    {name: 'foo_bar-1.0.data/scripts/tool', then: 'opt/venv/bin/tool'},
    {name: 'foo_bar-1.0.data/headers/x.h', then: 'opt/venv/include/site/python/Foo_Bar/x.h'},
    {name: 'foo_bar-1.0.data/data/share/man/man1/tool.1', then: 'opt/venv/share/man/man1/tool.1'},
    {name: 'foo_bar-1.0.data/data/lib/python3.11/site-packages/d.py', then: 'opt/venv/lib/python/site-packages/d.py'},
    {name: 'foo_bar-1.0.data/data/lib64/libd.so', then: 'opt/venv/lib/libd.so'}
  ])('$name goes to $then', ({name, then}) => {
    expect(placeOf(WHEEL, name, FOLDERS).path).toBe(then)
  })

  test.each([
    {given: 'a path out of its folder', name: '../../etc/passwd'},
    {given: 'a path out of its folder further on', name: 'foo_bar/../../x'},
    {given: 'an absolute path', name: '/etc/passwd'},
    {given: 'a path with a backslash', name: 'foo\\..\\bar'},
    {given: 'a path with a zero byte', name: 'foo\u0000.py'},
    {given: 'an empty part', name: 'foo//bar'},
    {given: 'a mark that removes a file of a layer below', name: 'foo_bar/.wh.__init__.py'},
    {given: 'a mark that empties a folder', name: 'foo_bar/.wh..wh..opq'},
    {given: 'a scheme that installers do not know', name: 'foo_bar-1.0.data/etc/passwd'},
    {given: 'a file in no scheme', name: 'foo_bar-1.0.data/tool'},
    {given: 'data that leads out of the environment', name: 'foo_bar-1.0.data/data/../../x'},
    {given: 'a second data folder', name: 'other-2.0.data/scripts/tool'},
    {given: 'the Python of the environment', name: 'foo_bar-1.0.data/scripts/python3'},
    {given: 'the settings of the environment', name: 'foo_bar-1.0.data/data/pyvenv.cfg'},
    {given: 'a name of 300 characters', name: `foo_bar/${'a'.repeat(300)}`}
  ])('given $given, then the wheel is refused', ({name}) => {
    expect(() => placeOf(WHEEL, name, FOLDERS)).toThrow(expect.objectContaining({code: 'wheel-invalid'}))
  })
})

describe('foldersOf', () => {
  test.each([
    {given: 'no metadata', names: ['foo_bar/__init__.py']},
    {given: 'metadata of another project', names: ['baz-1.0.dist-info/WHEEL']},
    {given: 'metadata twice', names: ['foo_bar-1.0.dist-info/WHEEL', 'foo.bar-1.0.dist-info/WHEEL']}
  ])('given $given, then the wheel is refused', ({names}) => {
    expect(() => foldersOf(WHEEL, names)).toThrow(expect.objectContaining({code: 'wheel-invalid'}))
  })
})
