import {execFile} from 'node:child_process'
import type {Command, CommandsPort, Ran} from '../../src/host/host.ts'
import {Secret} from '../../src/model/secret.ts'

/** Runs real programs with nothing of this process's environment but where programs are found. */
export const realCommands: CommandsPort = {
  ask: run,
  follow: run,
  stop: async () => undefined,
  isAlive: () => false
}

function run(command: Command): Promise<Ran> {
  const given = Object.entries(command.env ?? {}).map(([name, value]) => [
    name,
    value instanceof Secret ? value.reveal() : value
  ])
  const env = {PATH: process.env.PATH, HOME: '/nonexistent', LC_ALL: 'C', ...Object.fromEntries(given)}
  return new Promise(resolve => {
    const options = {env, cwd: command.cwd, timeout: command.timeoutMs ?? 0, maxBuffer: 64 * 2 ** 20}
    execFile(command.file, [...command.args], options, (failure, stdout, stderr) => {
      resolve({exitCode: exitCodeOf(failure), stdout, stderr})
    })
  })
}

function exitCodeOf(failure: (Error & {code?: number | string | null; killed?: boolean}) | null): number {
  if (failure === null) return 0
  if (failure.killed === true) return 124
  return typeof failure.code === 'number' ? failure.code : 127
}
