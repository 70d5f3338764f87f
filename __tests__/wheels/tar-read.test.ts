import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {beforeAll, describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {END_OF_TAR, tarHeader, tarPadding} from '../../src/wheels/tar.ts'
import {fileInTar, openTarReader} from '../../src/wheels/tar-read.ts'

function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const parts = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content)
    return [tarHeader({kind: 'file', path, mode: 0o644, sizeBytes: bytes.length}), bytes, tarPadding(bytes.length)]
  })
  return Buffer.concat([...parts, END_OF_TAR])
}

const text = (content: Uint8Array | undefined) => content && Buffer.from(content).toString('utf8')

test('whatever the pieces are that a tar comes in, its files are those that were laid', () => {
  const path = fc
    .array(fc.stringMatching(/^[a-zA-Z0-9_é中-]{1,60}$/), {minLength: 1, maxLength: 6})
    .map(parts => parts.join('/'))
  const content = fc.integer({min: 0, max: 2_000}).map(size => 'x'.repeat(size))
  fc.assert(
    fc.property(fc.dictionary(path, content), fc.integer({min: 1, max: 1_500}), (files, step) => {
      const tar = tarOf(files)
      const reader = openTarReader(() => true, {limitBytes: 2_000})
      const read = []
      for (let at = 0; at < tar.length; at += step) read.push(...reader.take(tar.subarray(at, at + step)))
      expect(read.map(file => [file.path, text(file.content)])).toEqual(Object.entries(files))
    }),
    {numRuns: 60}
  )
})

describe('a tar that GNU tar wrote', () => {
  const LONG = `lib/${'deep/'.repeat(50)}名.txt`
  const tars: Record<string, Buffer> = {}

  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'tar-'))
    try {
      for (const [path, content] of [
        ['opt/version', '3.12.11\n'],
        [LONG, 'long\n']
      ] as const) {
        mkdirSync(join(folder, dirname(path)), {recursive: true})
        writeFileSync(join(folder, path), content)
      }
      for (const format of ['pax', 'gnu', 'ustar']) {
        const names = format === 'ustar' ? ['./opt'] : ['./opt', './lib']
        const ran = spawnSync('tar', ['--create', `--format=${format}`, '--directory', folder, '--file', '-', ...names])
        tars[format] = ran.stdout
      }
    } finally {
      rmSync(folder, {recursive: true, force: true})
    }
  })

  test.each([
    {format: 'pax', path: 'opt/version', then: '3.12.11\n'},
    {format: 'pax', path: LONG, then: 'long\n'},
    {format: 'gnu', path: 'opt/version', then: '3.12.11\n'},
    {format: 'ustar', path: 'opt/version', then: '3.12.11\n'},
    {format: 'ustar', path: 'opt', then: undefined},
    {format: 'pax', path: 'opt/missing', then: undefined}
  ])('in the form $format gives $path', ({format, path, then}) => {
    expect(text(fileInTar(tars[format] ?? Buffer.alloc(0), path))).toBe(then)
  })
})

test.each([
  {given: 'a file larger than the limit', tar: tarOf({'a.py': 'x'.repeat(101)})},
  {given: 'no tar', tar: Buffer.from('<html>not found</html>'.repeat(99))}
])('given $given, it is refused', ({tar}) => {
  expect(() => openTarReader(() => true, {limitBytes: 100}).take(tar)).toThrow()
})
