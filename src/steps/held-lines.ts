import type {StepContext} from './step.ts'

/** How long nothing may be told of what is going on. */
const SILENCE_MS = 10_000

/**
 * Does something beside other things, and shows its lines together once it has ended: lines of two builds in turns are
 * hard to read. Meanwhile its newest line is told from time to time.
 */
export async function inOnePiece<T>(
  title: string,
  context: StepContext,
  act: (context: StepContext) => Promise<T>
): Promise<T> {
  const {host} = context
  const {log} = host
  const lines: string[] = []
  let told = 0
  const beat = setInterval(() => {
    const newest = lines.at(-1)
    if (lines.length > told && newest !== undefined) log.info(`${title}: ${newest}`)
    told = lines.length
  }, SILENCE_MS)
  try {
    return await act({...context, host: {...host, log: {...log, info: text => void lines.push(text)}}})
  } finally {
    clearInterval(beat)
    await log.group(title, async () => {
      for (const line of lines) log.info(line)
    })
  }
}
