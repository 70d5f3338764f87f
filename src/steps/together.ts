import type {StepContext} from './step.ts'

/** Begins something beside what runs already; its context tells it when nobody wants its result any more. */
export type Begin = <T>(act: (context: StepContext) => Promise<T>) => Promise<T>

/**
 * Does things at the same time, none of which outlives the whole.
 *
 * As soon as one fails, or `body` has its result, the others are told to stop, and they are waited for. What failed first
 * is thrown: what fails after it fails because of it.
 */
export async function together<T>(context: StepContext, body: (begin: Begin) => Promise<T>): Promise<T> {
  const over = new AbortController()
  const stopped = AbortSignal.any([over.signal, ...(context.stopped === undefined ? [] : [context.stopped])])
  const running: Promise<unknown>[] = []
  let first: {readonly thrown: unknown} | undefined

  const begin: Begin = act => {
    const run = act({...context, stopped})
    running.push(
      run.catch((thrown: unknown) => {
        if (!over.signal.aborted) first = {thrown}
        over.abort()
      })
    )
    return run
  }

  const whole = begin(() => body(begin).finally(() => over.abort()))
  // What is begun later stands behind, so it is waited for as well.
  for (const run of running) await run
  if (first !== undefined) throw first.thrown
  return whole
}
