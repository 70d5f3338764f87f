import type {Host} from '../host/host.ts'

/** How a command of the engine ended, and its last words. */
export interface Ended {
  readonly exitCode: number
  readonly words: readonly string[]
}

/** In the words of containerd, and of the snapshotter below it. */
const LOST = /parent snapshot \S+ does not exist: not found|missing parent "[^"]+" bucket: not found/

/**
 * Runs what has the engine unpack an image, and runs it once more where the engine lost a layer meanwhile.
 *
 * containerd looks whether a layer is unpacked already, and takes hold of it only with the next one. What another job
 * removes in between is collected with its layers, this one among them (moby/buildkit#6521, containerd/containerd#3787).
 * The second time the layer is not found, and is unpacked from the bytes that the image itself holds.
 */
export async function runOverLostLayer<T>(
  run: () => Promise<T>,
  {endOf, host}: {readonly endOf: (ran: T) => Ended; readonly host: Host}
): Promise<T> {
  const ran = await run()
  const {exitCode, words} = endOf(ran)
  if (exitCode === 0 || !words.some(line => LOST.test(line))) return ran
  host.log.info(
    'The engine lost a layer while it unpacked the image: another job removed one that has it, too. Once more'
  )
  return run()
}
