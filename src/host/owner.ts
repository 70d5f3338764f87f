import {createHash} from 'node:crypto'
import {readFileSync, readlinkSync} from 'node:fs'
import {hostname} from 'node:os'
import type {Owner} from './host.ts'
import {startTimeOf} from './processes.ts'

/**
 * The process with which the job of this run ends: the runner's worker, which started us and starts post.
 *
 * In a job's container there is no such parent; there the container's first process lives as long as the job.
 */
export function ownerOfRun(): Owner {
  for (const pid of [process.ppid, 1]) {
    const startTime = pid > 0 ? startTimeOf(pid) : undefined
    if (startTime !== undefined) return {machine: machineName(), pid, startTime}
  }
  return {machine: machineName(), pid: process.pid, startTime: startTimeOf(process.pid) ?? '0'}
}

/** A number of a process means the same only on one machine and in one of its containers. */
function machineName(): string {
  const said = [
    hostname(),
    quietly(() => readFileSync('/etc/machine-id', 'utf8')),
    quietly(() => readlinkSync('/proc/self/ns/pid'))
  ]
  return createHash('sha256').update(said.join('\n')).digest('hex').slice(0, 16)
}

function quietly(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
