/** So many things are done at the same time: questions wait for servers, fetches fill the line and the disk. */
export const AT_ONCE = {asking: 16, fetching: 8} as const

/** Does something for each item, some at a time; results in order. A throw ends the whole once what runs has ended. */
export async function inTurns<T, R>(
  items: readonly T[],
  atOnce: number,
  act: (item: T) => Promise<R>
): Promise<readonly R[]> {
  const results: R[] = []
  let next = 0
  const walk = async () => {
    while (next < items.length) {
      const index = next
      next += 1
      results[index] = await act(items[index] as T)
    }
  }
  const ends = await Promise.allSettled(Array.from({length: Math.min(atOnce, items.length)}, walk))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return results
}
