/** How much of all bytes is fetched smallest first. */
const FIRST_SHARE = 1 / 4

/**
 * In which order to fetch what is then pressed: the small ones first, so that pressing begins at once, up to a quarter
 * of all bytes; then the largest first, so that no long one is left for the end.
 *
 * Pressing takes about twice as long as fetching from PyPI (2 cores, PyTorch 2.8.0), so what counts is to begin it early.
 */
export function fetchOrder<T>(items: readonly T[], bytesOf: (item: T) => number): readonly T[] {
  const bySize = items.toSorted((one, other) => bytesOf(one) - bytesOf(other))
  const limit = bySize.reduce((sum, item) => sum + bytesOf(item), 0) * FIRST_SHARE
  let bytes = 0
  const first = bySize.filter(item => {
    bytes += bytesOf(item)
    return bytes <= limit
  })
  return [...first, ...bySize.slice(first.length).toReversed()]
}
