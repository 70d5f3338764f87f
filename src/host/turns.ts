/** So many at once, the others in the order in which they came. */
export function inTurns<T>(places: readonly T[]): <R>(act: (place: T) => Promise<R>) => Promise<R> {
  const free = [...places]
  const queue: ((place: T) => void)[] = []
  const take = () => {
    const place = free.pop()
    return place === undefined ? new Promise<T>(resolve => queue.push(resolve)) : Promise.resolve(place)
  }
  const giveBack = (place: T) => {
    const next = queue.shift()
    if (next === undefined) free.push(place)
    else next(place)
  }
  return async act => {
    const place = await take()
    try {
      return await act(place)
    } finally {
      giveBack(place)
    }
  }
}
