/** So many servers are asked, and so many submodules fetched, at the same time. */
const AT_ONCE = 8

/** Does something for each item, some at a time; results in order. A throw ends the whole once what runs has ended. */
export async function inTurns<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = []
  let next = 0
  const walk = async () => {
    while (next < items.length) {
      const index = next
      next += 1
      results[index] = await act(items[index] as T)
    }
  }
  const ends = await Promise.allSettled(Array.from({length: Math.min(AT_ONCE, items.length)}, walk))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return results
}
