import {PassThrough, Readable, Writable} from 'node:stream'
import {describe, expect, it} from '@jest/globals'
import fc from 'fast-check'
import {gather, pump, Stalled} from '../../src/host/flow.ts'

describe('bytes gathered into one piece of memory', () => {
  it('are the bytes that came, in order, in full pieces but for the last', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({maxLength: 40})),
        fc.integer({min: 1, max: 32}),
        async (chunks, size) => {
          const came = Buffer.concat(chunks)
          const pieces: Buffer[] = []
          for await (const piece of gather(streamOf(chunks), Buffer.alloc(size))) pieces.push(Buffer.from(piece))
          expect(Buffer.concat(pieces).equals(came)).toBe(true)
          expect(pieces.slice(0, -1).every(({length}) => length === size)).toBe(true)
        }
      )
    )
  })

  it('wait for whoever takes them: a stream is read no further than a piece and a chunk ahead', async () => {
    let given = 0
    const endless = new Readable({
      highWaterMark: 10,
      read() {
        given += 10
        this.push(Buffer.alloc(10))
      }
    })
    for await (const piece of gather(endless, Buffer.alloc(100))) {
      await new Promise(resolve => setTimeout(resolve, 20))
      expect(piece.length).toBe(100)
      expect(given).toBeLessThanOrEqual(150)
      break
    }
    expect(endless.destroyed).toBe(true)
  })

  it('are handed out as far as they came before the stream broke; then its error is thrown', async () => {
    const broken = new PassThrough()
    broken.write('seven')
    setTimeout(() => broken.destroy(new Error('reset')), 20)
    const pieces: string[] = []
    const reading = (async () => {
      for await (const piece of gather(broken, Buffer.alloc(100))) pieces.push(piece.toString())
    })()
    await expect(reading).rejects.toThrow('reset')
    expect(pieces).toEqual(['seven'])
  })

  it('throw Stalled where nothing comes, and not where the taker takes its time', async () => {
    const slowlyTaken = gather(streamOf([Buffer.alloc(10), Buffer.alloc(10), Buffer.alloc(10)]), Buffer.alloc(10), 50)
    let count = 0
    for await (const piece of slowlyTaken) {
      await new Promise(resolve => setTimeout(resolve, 80))
      count += piece.length
    }
    expect(count).toBe(30)
    const silent = gather(new PassThrough(), Buffer.alloc(10), 30)
    await expect(silent.next()).rejects.toThrow(Stalled)
  })
})

describe('a stream that is passed on', () => {
  it('gives back each chunk once the other side is done with it, and none that it never took', async () => {
    const sent: string[] = []
    const dones: (() => void)[] = []
    const slow = new Writable({highWaterMark: 1, write: (_chunk, _encoding, done) => void dones.push(done)})
    const chunks = ['one', 'two', 'three'].map(word => Buffer.from(word))
    const passing = pump(Readable.from(chunks), slow, {onSent: chunk => sent.push(Buffer.from(chunk).toString())})
    const lost = passing.catch(() => 'lost')
    const moment = () => new Promise(resolve => setTimeout(resolve, 20))
    await moment()
    expect(sent).toEqual([])
    dones[0]?.()
    await moment()
    expect(sent).toEqual(['one'])
    slow.destroy()
    expect(await lost).toBe('lost')
    expect(sent).toEqual(['one'])
  })
})

/** A stream that hands out these chunks as they are. */
function streamOf(chunks: readonly Uint8Array[]): Readable {
  const stream = new PassThrough()
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  return stream
}
