import type {Host, LayProgress} from '../host/host.ts'
import type {LayerRecipe} from '../model/layers.ts'

const BEAT_MS = 5_000
const MB = 1e6

/** Shows what has been fetched, laid and sent, and how fast, until `end`. */
export function layProgress(
  recipes: readonly LayerRecipe[],
  host: Host
): {take(progress: LayProgress): void; end(): void} {
  const wholeBytes = recipes.flatMap(({wheels}) => wheels).reduce((sum, {sizeBytes}) => sum + (sizeBytes ?? 0), 0)
  const done = {fetched: 0, laid: 0, pushed: 0, layers: 0}
  const startedMs = host.clock.elapsedMs()
  let before = {...done, atMs: startedMs}
  const beat = setInterval(() => {
    const atMs = host.clock.elapsedMs()
    const rate = (bytes: number) => Math.round((bytes * 1000) / Math.max(1, atMs - before.atMs) / MB)
    host.log.info(
      `wheels: ${megabytes(done.fetched)} of ${megabytes(wholeBytes)} MB fetched (${rate(done.fetched - before.fetched)} MB/s), ` +
        `${megabytes(done.laid)} MB laid (${rate(done.laid - before.laid)} MB/s), ${megabytes(done.pushed)} MB sent, ` +
        `${done.layers} of ${recipes.length} layers`
    )
    before = {...done, atMs}
  }, BEAT_MS)
  return {
    take: progress => {
      if ('fetchedBytes' in progress) done.fetched += progress.fetchedBytes
      else if ('laidBytes' in progress) done.laid += progress.laidBytes
      else if ('pushedBytes' in progress) done.pushed += progress.pushedBytes
      else if ('made' in progress) {
        done.layers += 1
        const {title, sizeBytes, digest} = progress.made
        const seconds = ((host.clock.elapsedMs() - startedMs) / 1000).toFixed(1)
        host.log.info(`layer ${title}: ${megabytes(sizeBytes)} MB, ${digest.slice(0, 19)}, after ${seconds} s`)
      }
    },
    end: () => clearInterval(beat)
  }
}

function megabytes(bytes: number): string {
  return (bytes / MB).toFixed(bytes < 10 * MB ? 1 : 0)
}
