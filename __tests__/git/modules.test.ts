import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {LIST_MODULES, parseModules} from '../../src/git/modules.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'modules-'))
})

afterAll(() => rmSync(folder, {recursive: true, force: true}))

/** What git itself prints for a file. */
function listed(text: string): string {
  writeFileSync(join(folder, '.gitmodules'), text)
  return execFileSync('git', [...LIST_MODULES], {cwd: folder}).toString()
}

describe('parseModules', () => {
  test.each([
    {
      given: 'a plain entry',
      file: '[submodule "kernels"]\n\tpath = libs/kernels\n\turl = ../kernels.git\n',
      then: {name: 'kernels', path: 'libs/kernels', url: '../kernels.git'}
    },
    {
      given: 'a name with dots, spaces and quotes',
      file: '[submodule "my \\"own\\".lib v1"]\n\tpath = "libs/my own"\n\turl = "https://h/a/b"\n',
      then: {name: 'my "own".lib v1', path: 'libs/my own', url: 'https://h/a/b'}
    },
    {
      given: 'a comment behind the value',
      file: '[submodule "a"] ; first\n path = a # second\n url = "https://h/a/#b" # third\n',
      then: {name: 'a', path: 'a', url: 'https://h/a/#b'}
    },
    {
      given: 'a value over two lines',
      file: '[submodule "a"]\n path = libs/\\\na\n url = x\n',
      then: {name: 'a', path: 'libs/a', url: 'x'}
    },
    {
      given: 'a slash behind the path',
      file: '[submodule "a"]\n path = libs/a/\n url = x\n',
      then: {name: 'a', path: 'libs/a', url: 'x'}
    },
    {
      given: 'keys in capitals, given twice',
      file: '[SUBMODULE "a"]\n PATH = old\n Path = new\n URL = x\n',
      then: {name: 'a', path: 'new', url: 'x'}
    },
    {
      given: 'a path that looks like a key',
      file: '[submodule "a"]\n path = "b\\nc.url"\n url = x\n[submodule "d"]\n path = d\n url = y\n',
      then: {name: 'd', path: 'd', url: 'y'},
      faults: 1
    },
    {
      given: 'an entry without an address',
      file: '[submodule "a"]\n path = a\n',
      then: {name: 'a', path: 'a', url: ''}
    }
  ])('given $given, then it is read as git reads it', ({file, then, faults = 0}) => {
    const read = parseModules(listed(file))
    expect({submodules: read.submodules, faults: read.faults.length}).toEqual({submodules: [then], faults})
  })

  test('given an entry that nobody needs unless asked for, then it is passed over', () => {
    const file = '[submodule "a"]\n path = a\n url = x\n update = none\n'
    expect(parseModules(listed(file))).toEqual({submodules: [], faults: []})
  })

  test.each([
    {given: 'a path out of the workspace', name: 'a', path: '../outside'},
    {given: 'a path that climbs in the middle', name: 'a', path: 'libs/../../outside'},
    {given: 'an absolute path', name: 'a', path: '/etc'},
    {given: 'a path into the git directory', name: 'a', path: '.git/hooks'},
    {given: 'a path into a git directory further down', name: 'a', path: 'libs/.GIT/hooks'},
    {given: 'the short Windows name of the git directory', name: 'a', path: 'git~1/hooks'},
    {given: 'a path that is an option', name: 'a', path: '--force'},
    {given: 'a path that ends in a carriage return', name: 'a', path: 'libs/a\r'},
    {given: 'a path with an empty part', name: 'a', path: 'libs//a'},
    {given: 'no path', name: 'a', path: ''},
    {given: 'a name out of the modules directory', name: '../../hooks', path: 'a'},
    {given: 'an absolute name', name: '/etc', path: 'a'}
  ])('given $given, then it is a fault', ({name, path}) => {
    const printed = `submodule.${name}.path\n${path}\0submodule.${name}.url\nhttps://h/a/b\0`
    const {submodules, faults} = parseModules(printed)
    expect({submodules, faults: faults.length}).toEqual({submodules: [], faults: 1})
  })

  test('given two entries for one path, then the second is a fault', () => {
    const printed = 'submodule.a.path\nlibs/a\0submodule.a.url\nx\0submodule.b.path\nlibs/a\0submodule.b.url\ny\0'
    const {submodules, faults} = parseModules(printed)
    expect(submodules.map(({name}) => name)).toEqual(['a'])
    expect(faults.map(({name}) => name)).toEqual(['b'])
  })
})
