import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from '@jest/globals'
import {machineFiles as files} from '../../src/host/files.ts'
import {Secret} from '../../src/model/secret.ts'

let room = ''
const at = (...parts: string[]) => join(room, ...parts)

beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), 'files-'))
})
afterEach(() => rmSync(room, {recursive: true, force: true}))

describe('reading', () => {
  test.each(['missing', 'file/below'])('%s is absent', async path => {
    writeFileSync(at('file'), 'text')
    expect(await files.read(at(path))).toBeUndefined()
  })

  test('anything else than absence is an error', async () => {
    await expect(files.read(room)).rejects.toMatchObject({code: 'EISDIR'})
  })
})

describe('writing', () => {
  test('goes into private directories and files, whatever they were before', async () => {
    writeFileSync(at('open'), 'old')
    chmodSync(at('open'), 0o666)
    await files.write(at('open'), 'new')
    await files.write(at('a/b/secret'), new Secret('token', 'hunter2'))
    expect(readFileSync(at('a/b/secret'), 'utf8')).toBe('hunter2')
    expect([at('open'), at('a/b/secret'), at('a'), at('a/b')].map(path => statSync(path).mode & 0o777)).toEqual([
      0o600, 0o600, 0o700, 0o700
    ])
  })

  test('does not follow a link in the place, and leaves no draft', async () => {
    writeFileSync(at('elsewhere'), 'untouched')
    symlinkSync(at('elsewhere'), at('link'))
    await files.write(at('link'), 'text')
    expect(readFileSync(at('elsewhere'), 'utf8')).toBe('untouched')
    expect(readdirSync(room).sort()).toEqual(['elsewhere', 'link'])
  })
})

describe('looking', () => {
  beforeEach(() => {
    mkdirSync(at('one/two/three'), {recursive: true})
    for (const path of ['top', 'one/b', 'one/a', 'one/two/three/deep']) writeFileSync(at(path), '')
    symlinkSync(at('one'), at('link'))
  })

  test.each([
    {depth: 1, found: ['top']},
    {depth: 2, found: ['one/a', 'one/b', 'top']},
    {depth: 9, found: ['one/a', 'one/b', 'one/two/three/deep', 'top']}
  ])('files down to depth $depth, no links', async ({depth, found}) => {
    expect(await files.list(room, {depth})).toEqual(found)
  })

  test('below nothing there is nothing', async () => {
    expect(await files.list(at('missing'), {depth: 3})).toEqual([])
  })

  test.each([
    {path: 'top', kind: 'file'},
    {path: 'one', kind: 'directory'},
    {path: 'link', kind: 'directory'},
    {path: 'missing', kind: 'absent'},
    {path: 'top/below', kind: 'absent'}
  ])('$path is $kind', async ({path, kind}) => {
    expect(await files.kindOf(at(path))).toBe(kind)
  })

  test('the digest of a file is that of its bytes, also through a link, and what is not there has none', async () => {
    writeFileSync(at('one/a'), 'abc')
    // The example of FIPS 180-2.
    const digest = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(await files.digestOf(at('one/a'))).toBe(digest)
    expect(await files.digestOf(at('link/a'))).toBe(digest)
    expect(await files.digestOf(at('missing'))).toBeUndefined()
    await expect(files.digestOf(at('one'))).rejects.toMatchObject({code: 'EISDIR'})
  })

  test('links are resolved, and what is gone is gone', async () => {
    expect(await files.realPath(at('link/a'))).toBe(at('one/a'))
    await files.remove(at('one'))
    await files.remove(at('one'))
    expect(await files.realPath(at('link/a'))).toBeUndefined()
  })

  test('a disk has room', async () => {
    expect(await files.freeBytes(room)).toBeGreaterThan(0)
    expect(await files.freeBytes(at('missing'))).toBeUndefined()
  })

  test('two paths may lie on one disk, or on several', async () => {
    expect(await files.isSameDisk(room, at('.'))).toBe(true)
    expect(await files.isSameDisk(room, '/proc')).toBe(false)
    expect(await files.isSameDisk(room, at('missing'))).toBe(false)
  })
})
