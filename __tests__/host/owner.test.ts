import {expect, test} from '@jest/globals'
import {openCommands} from '../../src/host/commands.ts'
import {ownerOfRun} from '../../src/host/owner.ts'

test('a run ends with the process that started it, and that one is alive now', () => {
  const owner = ownerOfRun()
  const commands = openCommands({ours: {}, cover: text => text, cancelled: new AbortController().signal})
  expect(owner).toEqual({
    machine: expect.stringMatching(/^[0-9a-f]{16}$/),
    pid: process.ppid,
    startTime: expect.stringMatching(/^\d+$/)
  })
  expect(commands.isAlive(owner.pid, owner.startTime)).toBe(true)
  expect(commands.isAlive(owner.pid, `${owner.startTime}1`)).toBe(false)
  commands.end()
})

test('it is told the same each time', () => {
  expect(ownerOfRun()).toEqual(ownerOfRun())
})
