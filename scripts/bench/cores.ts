import {availableParallelism} from 'node:os'
import {run} from '../world/command.ts'

/** Does work while this process, and what it starts, has one core. What runs already keeps all of them. */
export async function onOneCore<T>(work: () => Promise<T>): Promise<T> {
  const [, cores = ''] = /: ([\d,-]+)\s*$/.exec(await run(['taskset', '-cp', String(process.pid)])) ?? []
  const [first = ''] = cores.split(/[,-]/)
  await pinTo(first)
  try {
    if (availableParallelism() !== 1) throw new Error('This machine does not let a process have one core alone.')
    return await work()
  } finally {
    await pinTo(cores)
  }
}

// With all its threads: a new process has the cores of the thread that starts it.
async function pinTo(cores: string): Promise<void> {
  await run(['taskset', '--all-tasks', '-cp', cores, String(process.pid)])
}
