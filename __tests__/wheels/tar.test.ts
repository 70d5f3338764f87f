import {spawnSync} from 'node:child_process'
import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {END_OF_TAR, type TarEntry, tarHeader, tarPadding} from '../../src/wheels/tar.ts'

const SITE = 'opt/venv/lib/python/site-packages'

function tarOf(entries: readonly TarEntry[]): Uint8Array {
  const parts = entries.flatMap(entry => {
    const size = entry.kind === 'file' ? entry.sizeBytes : 0
    return [tarHeader(entry), Buffer.alloc(size, 'x'), tarPadding(size)]
  })
  return Buffer.concat([...parts, END_OF_TAR])
}

/** What GNU tar reads: a reader that is not ours. */
function listed(tar: Uint8Array): readonly string[] {
  const options = ['--list', '--verbose', '--numeric-owner', '--utc', '--quoting-style=literal', '--full-time']
  const ran = spawnSync('tar', [...options, '--file', '-'], {input: tar, env: {...process.env, LC_ALL: 'C.UTF-8'}})
  expect(ran.stderr.toString()).toBe('')
  return ran.stdout.toString().trimEnd().split('\n')
}

describe('a tar of a layer, read by GNU tar', () => {
  test.each<{given: string; entry: TarEntry; then: RegExp}>([
    {
      given: 'a file',
      entry: {kind: 'file', path: `${SITE}/a.py`, mode: 0o644, sizeBytes: 3},
      then: /^-rw-r--r-- 0\/0 +3 1980-01-02 00:00:00 .*\/a\.py$/
    },
    {
      given: 'a program',
      entry: {kind: 'file', path: 'opt/venv/bin/tool', mode: 0o755, sizeBytes: 0},
      then: /^-rwxr-xr-x 0\/0 +0 .* opt\/venv\/bin\/tool$/
    },
    {
      given: 'a folder',
      entry: {kind: 'folder', path: `${SITE}/torch`, mode: 0o755},
      then: /^drwxr-xr-x .*\/torch\/$/
    },
    {
      given: 'a link',
      entry: {kind: 'link', path: 'opt/venv/lib/python3.11/site-packages', target: '../python/site-packages'},
      then: /site-packages -> \.\.\/python\/site-packages$/
    },
    {
      given: 'a name in Chinese',
      entry: {kind: 'file', path: `${SITE}/包/模块.py`, mode: 0o644, sizeBytes: 1},
      then: /包\/模块\.py$/
    }
  ])('$given is what it was', ({entry, then}) => {
    expect(listed(tarOf([entry]))).toEqual([expect.stringMatching(then)])
  })

  test('a path of any length and any letters comes back as it was', () => {
    const part = fc
      .stringMatching(/^[a-zA-Z0-9_.é中 -]{1,60}$/)
      .filter(text => text.trim() === text && !/^\.+$/.test(text))
    fc.assert(
      fc.property(fc.array(part, {minLength: 1, maxLength: 9}), parts => {
        const path = `${SITE}/${parts.join('/')}`
        const [line = ''] = listed(tarOf([{kind: 'file', path, mode: 0o644, sizeBytes: 7}]))
        expect(line.slice(line.indexOf(SITE))).toBe(path)
      }),
      {numRuns: 40}
    )
  })

  test('a file beyond eight gigabytes keeps its size', () => {
    const header = Buffer.from(tarHeader({kind: 'file', path: 'a', mode: 0o644, sizeBytes: 9_000_000_000}))
    expect(header.toString('latin1')).toContain('19 size=9000000000\n')
  })
})
