import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {BadZip} from '../../src/wheels/bad-zip.ts'
import {dataOffsetOf, findDirectory, readDirectory, type ZipEntry} from '../../src/wheels/zip.ts'
import {type Zipped, zipOf} from './zip-writer.ts'

/** Reads a zip as a whole: every entry, and every local header. */
function readAll(zip: Uint8Array): readonly ZipEntry[] {
  const end = findDirectory(zip, zip.length)
  const entries = readDirectory(zip.subarray(end.offset, end.offset + end.sizeBytes), end)
  for (const entry of entries) dataOffsetOf(entry, zip.subarray(entry.offset, entry.before))
  return entries
}

describe('reading a zip', () => {
  test('gives every entry with its name, sizes and permissions', () => {
    const zip = zipOf([
      {name: 'torch/__init__.py', content: 'import os\n'},
      {name: 'torch/bin/protoc', content: 'program', unixMode: 0o100755, isStored: true}
    ])
    expect(
      readAll(zip).map(({name, method, unpackedBytes, unixMode}) => [name, method, unpackedBytes, unixMode])
    ).toEqual([
      ['torch/__init__.py', 'deflated', 10, 0o100644],
      ['torch/bin/protoc', 'stored', 7, 0o100755]
    ])
  })

  test('finds the end behind a comment that looks like one', () => {
    expect(readAll(zipOf([{name: 'a.py', content: 'a'}], 'PK\u0005\u0006 is how a zip ends')).length).toBe(1)
  })

  test('reads a name in the code page of DOS where UTF-8 is not said', () => {
    const [entry] = readAll(
      zipOf([{name: 'x\u00e9.py', content: '', central: {flags: 0}, local: {}}]).map(byte => byte) as Uint8Array
    )
    // The two bytes of é in UTF-8 are two letters there.
    expect(entry?.name).toBe('x├⌐.py')
  })

  const one: Zipped = {name: 'a.py', content: 'print(1)\n'}
  test.each<{given: string; files: readonly Zipped[]}>([
    {given: 'another name in the local header', files: [{...one, local: {name: 'b.py'}}]},
    {given: 'another size in the local header', files: [{...one, local: {unpackedBytes: 5}}]},
    {given: 'another checksum in the local header', files: [{...one, local: {crc32: 1}}]},
    {given: 'an encrypted entry', files: [{...one, central: {flags: 0x0801}}]},
    {given: 'an entry that is packed with bzip2', files: [{...one, central: {method: 12}}]},
    {given: 'one name twice', files: [one, {...one, content: 'print(2)\n'}]},
    {
      given: 'two entries with the same data',
      files: [one, {name: 'b.py', content: 'print(1)\n', central: {offset: 0}}]
    },
    {given: 'an entry beyond the end', files: [{...one, central: {packedBytes: 5000}}]},
    {given: 'a stored entry with two sizes', files: [{...one, isStored: true, central: {unpackedBytes: 3}}]},
    {given: 'a large entry without its sizes', files: [{...one, central: {unpackedBytes: 0xffffffff}}]}
  ])('given $given, then it is refused', ({files}) => {
    expect(() => readAll(zipOf(files))).toThrow(BadZip)
  })

  test('no bytes make it do anything else than read or refuse', () => {
    const zip = zipOf([one, {name: 'b/c.py', content: 'x'.repeat(300)}])
    fc.assert(
      fc.property(
        fc.integer({min: 0, max: zip.length - 1}),
        fc.integer({min: 0, max: 255}),
        fc.nat(zip.length),
        (at, byte, cut) => {
          const bent = zip.slice(0, zip.length - (cut % 3 === 0 ? cut : 0))
          if (at < bent.length) bent[at] = byte
          try {
            readAll(bent)
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(BadZip)
          }
        }
      ),
      {numRuns: 3000}
    )
  })
})
