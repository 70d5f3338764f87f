import type {MessagePort} from 'node:worker_threads'
import {Problem} from '../model/problem.ts'
import {PIECES_AHEAD, type Task, type Told, type WorkerSettings} from './layer-messages.ts'
import {openTransport} from './registry-transport.ts'
import {fetchWheel} from './wheel-fetch.ts'
import {pressWheels} from './wheel-layer.ts'
import {archiveSources} from './wheel-sources.ts'

/** How much is done before it is told. */
const TOLD_BYTES = 4 * 1024 ** 2

/** Room for pieces on their way; `give` lets one who waits go on. */
interface Credit {
  take(): Promise<void>
  give(count: number): void
  drop(): void
}

/** Does what the main thread asks for: fetches wheels and presses layers. It holds no credential. */
export function serveLayers(port: MessagePort, {environment, stallMs}: WorkerSettings): void {
  const transport = openTransport({
    environment,
    cancelled: new AbortController().signal,
    ...(stallMs === undefined ? {} : {stallMs})
  })
  const credits = new Map<number, Credit>()
  const tell = (told: Told, transfer: ArrayBuffer[] = []) => port.postMessage(told, transfer)

  async function perform(task: Extract<Task, {kind: 'fetch' | 'press' | 'sources'}>): Promise<Told> {
    const {id} = task
    if (task.kind === 'sources') return {kind: 'sources', id, count: await archiveSources(task.wheels, task.archive)}
    const count = countingBytes(bytes => tell({kind: 'bytes', id, count: bytes}))
    if (task.kind === 'fetch') {
      await fetchWheel(task.wheel, task.path, {transport, onBytes: count.add})
      count.flush()
      return {kind: 'fetched', id}
    }
    const credit = openCredit(PIECES_AHEAD)
    credits.set(id, credit)
    const sink = async (piece: Uint8Array) => {
      await credit.take()
      const bytes = piece as Uint8Array<ArrayBuffer>
      tell({kind: 'piece', id, bytes}, [bytes.buffer])
    }
    const pressed = await pressWheels(task.wheels, {packing: task.packing, sink, onBytes: count.add})
    count.flush()
    return {kind: 'pressed', id, pressed}
  }

  port.on('message', (task: Task) => {
    if (task.kind === 'taken') return void credits.get(task.id)?.give(task.pieces)
    if (task.kind === 'drop') return void credits.get(task.id)?.drop()
    perform(task)
      .catch((thrown: unknown) => failureOf(task.id, thrown))
      .then(told => {
        credits.delete(task.id)
        tell(told)
      })
  })
}

function failureOf(id: number, thrown: unknown): Told {
  if (thrown instanceof Problem) {
    const {code, what, why, fix, evidence} = thrown
    return {kind: 'problem', id, code, explanation: {what, why, fix, evidence}}
  }
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined
  return {kind: 'thrown', id, message, ...(code === undefined ? {} : {code})}
}

function openCredit(first: number): Credit {
  let left = first
  let isDropped = false
  let wake: () => void = () => {}
  return {
    take: async () => {
      while (left === 0 && !isDropped) {
        await new Promise<void>(resolve => {
          wake = resolve
        })
      }
      if (isDropped) throw new Error('the layer is not wanted any more')
      left -= 1
    },
    give: count => {
      left += count
      wake()
    },
    drop: () => {
      isDropped = true
      wake()
    }
  }
}

function countingBytes(tell: (count: number) => void): {add(count: number): void; flush(): void} {
  let bytes = 0
  const flush = () => {
    if (bytes > 0) tell(bytes)
    bytes = 0
  }
  return {
    add: count => {
      bytes += count
      if (bytes >= TOLD_BYTES) flush()
    },
    flush
  }
}
