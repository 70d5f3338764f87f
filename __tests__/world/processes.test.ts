import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from '@jest/globals'
import {isInUse, takeLease} from '../../scripts/world/lease.ts'
import {withLock} from '../../scripts/world/lock.ts'
import {
  isAlive,
  recordedProcess,
  startProcess,
  startTimeOf,
  stopProcess,
  waitUntil
} from '../../scripts/world/processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'processes-'))
afterAll(() => rmSync(folder, {recursive: true}))

const DEAD = {pid: process.pid, startTime: 'of another process'}

describe('a process that we start', () => {
  test('given that it runs, then its record proves it, and stopping ends it and forgets it', async () => {
    startProcess({folder, name: 'sleeper', argv: ['sleep', '60'], log: join(folder, 'log')})
    const record = recordedProcess(folder, 'sleeper')
    expect(record).toBeDefined()
    await stopProcess(folder, 'sleeper')
    expect(recordedProcess(folder, 'sleeper')).toBeUndefined()
    expect(startTimeOf(record?.pid ?? 0)).toBeUndefined()
  })

  test('given that it ignores SIGTERM, then it is ended all the same', async () => {
    const argv = ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done']
    const record = startProcess({folder, name: 'stubborn', argv, log: join(folder, 'stubborn.log')})
    await waitUntil(() => recordedProcess(folder, 'stubborn') !== undefined, 1000)
    await stopProcess(folder, 'stubborn', 200)
    expect(isAlive(record)).toBe(false)
  })

  test('given a pid that now belongs to another process, then it does not count as alive', () => {
    expect(isAlive(DEAD)).toBe(false)
    expect(isAlive({pid: process.pid, startTime: startTimeOf(process.pid) ?? ''})).toBe(true)
  })
})

describe('withLock', () => {
  test('given two at once, then one waits for the other', async () => {
    const order: string[] = []
    const work = (name: string) => async () => {
      order.push(`${name} begins`)
      await waitUntil(() => false, 60)
      order.push(`${name} ends`)
    }
    await Promise.all([withLock(folder, 'door', work('a')), withLock(folder, 'door', work('b'))])
    expect(order).toEqual([
      order[0],
      order[0]?.replace('begins', 'ends'),
      order[2],
      order[2]?.replace('begins', 'ends')
    ])
  })

  test('given a holder that is dead, then the lock is taken over', async () => {
    writeFileSync(join(folder, 'dead.lock'), JSON.stringify(DEAD))
    expect(await withLock(folder, 'dead', async () => 'done', 1000)).toBe('done')
  })

  test('given a holder that lives and does not finish, then waiting ends with an error', async () => {
    const holder = {pid: process.pid, startTime: startTimeOf(process.pid)}
    writeFileSync(join(folder, 'held.lock'), JSON.stringify(holder))
    await expect(withLock(folder, 'held', async () => 'done', 100)).rejects.toThrow(String(process.pid))
  })

  test('given work that fails, then the lock is free again', async () => {
    await expect(withLock(folder, 'fails', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await withLock(folder, 'fails', async () => 'done', 100)).toBe('done')
  })
})

describe('a lease', () => {
  test('given two of them, then only the last one given back leaves nobody', () => {
    const place = join(folder, 'shared')
    const [first, second] = [takeLease(place, 'while-used'), takeLease(place, 'while-used')]
    first.release()
    expect(isInUse(place)).toBe(true)
    second.release()
    expect(isInUse(place)).toBe(false)
  })

  test('given one of a dead process, then it does not count', () => {
    const place = join(folder, 'left')
    takeLease(place, 'while-used').release()
    writeFileSync(join(place, 'leases', 'dead.json'), JSON.stringify(DEAD))
    expect(isInUse(place)).toBe(false)
  })

  test('given that it is kept, then it stays in use', () => {
    const place = join(folder, 'kept')
    takeLease(place, 'kept').release()
    expect(isInUse(place)).toBe(true)
  })
})
