import {expect, test} from '@jest/globals'
import {END_OF_TAR, tarHeader, tarPadding} from '../../src/wheels/tar.ts'
import {walkTar} from '../../src/wheels/tar-entries.ts'

const LONG = `lib/${'deep/'.repeat(50)}名`
const CONTENT = Buffer.from('x'.repeat(700))

const TAR = Buffer.concat([
  tarHeader({kind: 'folder', path: 'lib', mode: 0o755}),
  tarHeader({kind: 'file', path: LONG, mode: 0o644, sizeBytes: CONTENT.length}),
  CONTENT,
  tarPadding(CONTENT.length),
  tarHeader({kind: 'link', path: 'lib/python3', target: LONG}),
  tarHeader({kind: 'file', path: 'empty', mode: 0o644, sizeBytes: 0}),
  END_OF_TAR,
  // What comes behind the end is no part of it.
  tarHeader({kind: 'file', path: 'behind', mode: 0o644, sizeBytes: 0})
])

test.each([1, 13, 512, 4096])(
  'in pieces of %i bytes, a tar tells files with their content, folders and links',
  step => {
    const told: string[] = []
    let bytes = 0
    const walk = walkTar({
      begin: ({kind, path, sizeBytes, target}) => void told.push(`${kind} ${path} ${sizeBytes} ${target}`.trim()),
      bytes: piece => {
        bytes += piece.length
      },
      end: () => void told.push(`end ${bytes}`)
    })
    for (let at = 0; at < TAR.length; at += step) walk.take(TAR.subarray(at, at + step))
    expect(told).toEqual([
      'folder lib/ 0',
      'end 0',
      `file ${LONG} 700`,
      'end 700',
      `link lib/python3 0 ${LONG}`,
      'end 700',
      'file empty 0',
      'end 700'
    ])
  }
)
