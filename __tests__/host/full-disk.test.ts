import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from '@jest/globals'
import {openTransport} from '../../src/host/registry-transport.ts'
import {openSourceArchive} from '../../src/host/source-archive.ts'
import {fetchWheel} from '../../src/host/wheel-fetch.ts'
import {scriptServer} from './scripted-server.ts'

// A disk that has room for a part of what is written last: the system then writes that part and calls it a success.

const asRoot = process.getuid?.() === 0 ? test : test.skip
const DISK_BYTES = 1_200_000
/** The last of the pieces of 256 KiB in which it is written has room for its beginning. */
const BYTES = Buffer.alloc(DISK_BYTES + 20_000, 'w')

let disk = ''

beforeAll(() => {
  if (process.getuid?.() !== 0) return
  disk = mkdtempSync(join(tmpdir(), 'small disk '))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk])
})

afterAll(() => {
  if (disk === '') return
  execFileSync('umount', [disk])
  rmSync(disk, {recursive: true})
})

describe('a disk that becomes full with the last bytes (only root can mount one)', () => {
  asRoot('a wheel that does not fit is told as that, and is not taken for whole', async () => {
    const server = await scriptServer(() => ({status: 200, body: BYTES}))
    const transport = openTransport({environment: {}, cancelled: new AbortController().signal})
    const wheel = {
      name: 'alpha-1-py3-none-any.whl',
      url: `http://${server.host}/alpha-1-py3-none-any.whl`,
      sha256: createHash('sha256').update(BYTES).digest('hex'),
      sizeBytes: BYTES.length
    }
    try {
      const fetched = fetchWheel(wheel, join(disk, 'wheel'), {transport, onBytes: () => {}})
      await expect(fetched).rejects.toMatchObject({code: 'ENOSPC'})
    } finally {
      transport.close()
      await server.close()
      rmSync(join(disk, 'wheel'), {force: true})
    }
  })

  asRoot('an archive of sources that does not fit is told as that, and is not taken for whole', async () => {
    const archive = await openSourceArchive(join(disk, 'sources', 'sources.tar'))
    const written = async () => {
      await archive.put('a.py', BYTES)
      await archive.end()
    }
    try {
      await expect(written()).rejects.toMatchObject({code: 'ENOSPC'})
    } finally {
      await archive.close()
    }
  })
})
