import type {Socket} from 'node:net'
import {types} from 'node:util'

/** Frees memory that is handed from thread to thread, now instead of at some collection. Nobody may use it after. */
export function free(piece: Uint8Array): void {
  // Not `instanceof`: memory may come from another realm.
  if (types.isArrayBuffer(piece.buffer)) piece.buffer.transfer(0)
}

/** Frees what has memory of its own; small things share theirs. */
export function freeIfAlone(piece: Uint8Array): void {
  if (piece.byteLength === piece.buffer.byteLength) free(piece)
}

/**
 * Frees what a compressor handed out, now instead of at some collection, where it is the last piece of its memory.
 *
 * Node's compressors fill a piece of memory, hand it out part by part, and take a new one when it is full. So nobody
 * writes or reads there any more. Left to the collector, eight gigabytes of them a build keep it busy for a tenth of all
 * time, and hold 64 MB for each thread.
 */
export function freeIfLast(chunk: Uint8Array): void {
  if (chunk.byteOffset + chunk.byteLength === chunk.buffer.byteLength) free(chunk)
}

const watched = new WeakSet<Socket>()

/**
 * Frees what comes over a connection of Node's HTTP client when its parser is done with it: of a body it hands out copies.
 *
 * Left to the collector, both hold 64 MB before it looks, and it looks some thirty times a gigabyte.
 */
export function freeOnceParsed(connection: Socket): void {
  if (watched.has(connection)) return
  watched.add(connection)
  // After everyone who listens, whatever their order.
  connection.on('data', (chunk: Uint8Array) => queueMicrotask(() => freeIfAlone(chunk)))
}
