/** So many at once; of those who wait, the one with the highest rank is next, and among equals the one who came first. */
export function inTurns<T>(places: readonly T[]): <R>(rank: number, act: (place: T) => Promise<R>) => Promise<R> {
  const free = [...places]
  const waiting: {readonly rank: number; readonly go: (place: T) => void}[] = []
  const take = (rank: number) => {
    const place = free.pop()
    if (place !== undefined) return Promise.resolve(place)
    return new Promise<T>(go => {
      const behind = waiting.findIndex(other => other.rank < rank)
      waiting.splice(behind === -1 ? waiting.length : behind, 0, {rank, go})
    })
  }
  const giveBack = (place: T) => {
    const next = waiting.shift()
    if (next === undefined) free.push(place)
    else next.go(place)
  }
  return async (rank, act) => {
    const place = await take(rank)
    try {
      return await act(place)
    } finally {
      giveBack(place)
    }
  }
}
