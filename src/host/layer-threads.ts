import {Worker} from 'node:worker_threads'
import {Problem} from '../model/problem.ts'
import type {Task, Told, WorkerSettings} from './layer-messages.ts'

/** What a thread can be asked to do. */
type Kind = 'fetch' | 'press' | 'sources'

/** Its last word on that. */
type Done = Extract<Told, {kind: 'fetched' | 'pressed' | 'sources'}>

/** Each kind without the number that it gets when it is sent. */
type Unsent = {readonly [K in Kind]: Omit<Extract<Task, {kind: K}>, 'id'>}[Kind]

/** A task that a worker thread has. */
export interface Errand {
  readonly task: Unsent
  readonly onBytes?: (count: number) => void
  /** Takes a piece of a layer; the thread waits when it is slow. */
  readonly onPiece?: (bytes: Uint8Array) => Promise<void>
}

/** A worker thread. */
export interface LayerThread {
  /** Resolves with the thread's last word on it; throws what stopped it. */
  send(errand: Errand): Promise<Done>
  end(): Promise<void>
}

interface Waiting {
  readonly errand: Errand
  readonly resolve: (told: Done) => void
  readonly reject: (thrown: unknown) => void
}

let lastId = 0

/** Starts a worker thread from the file of its own entry. */
export function startLayerThread(file: string, settings: WorkerSettings): LayerThread {
  const worker = new Worker(file, {workerData: settings})
  const waiting = new Map<number, Waiting>()
  const giveUp = (thrown: unknown) => {
    for (const {reject} of waiting.values()) reject(thrown)
    waiting.clear()
  }
  worker.on('error', giveUp)
  worker.on('exit', code => giveUp(new Error(`A worker thread ended with ${code}.`)))
  const post = (task: Task) => worker.postMessage(task)

  worker.on('message', (told: Told) => {
    const entry = waiting.get(told.id)
    if (entry === undefined) return
    const {errand, resolve, reject} = entry
    const settle = (act: () => void) => {
      waiting.delete(told.id)
      act()
    }
    switch (told.kind) {
      case 'bytes':
        return errand.onBytes?.(told.count)
      case 'piece':
        return void errand.onPiece?.(told.bytes).then(
          () => post({kind: 'taken', id: told.id, pieces: 1}),
          (thrown: unknown) => {
            settle(() => reject(thrown))
            post({kind: 'drop', id: told.id})
          }
        )
      case 'problem':
        return settle(() => reject(new Problem(told.code, told.explanation)))
      case 'thrown':
        return settle(() => reject(Object.assign(new Error(told.message), {code: told.code})))
      default:
        return settle(() => resolve(told))
    }
  })

  return {
    send: errand => {
      lastId += 1
      const id = lastId
      return new Promise((resolve, reject) => {
        waiting.set(id, {errand, resolve, reject})
        post({...errand.task, id} as Task)
      })
    },
    end: async () => {
      worker.removeAllListeners('exit')
      giveUp(new Error('The worker thread was ended.'))
      await worker.terminate()
    }
  }
}
