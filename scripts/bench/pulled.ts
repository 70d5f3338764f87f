import {appendFileSync} from 'node:fs'
import {run} from '../world/command.ts'
import {medianOf, secondsOf, type Work} from './measure.ts'
import type {Stand} from './stand.ts'

const TIMEOUT_MS = 10 * 60_000
const DROP = '/proc/sys/vm/drop_caches'
/**
 * The third of them and those after it count: by then the disk has given what it has to give. Of three that count the
 * middle one still swings by a quarter from run to run.
 */
const STARTS = 15
const FIRST_THAT_COUNTS = 3
const IMPORT = 'import time; begin = time.perf_counter(); import torch; print(time.perf_counter() - begin)'

interface Manifest {
  readonly manifests?: readonly {readonly digest: string; readonly platform?: {readonly os: string}}[]
  readonly layers?: readonly {readonly size: number}[]
}

/** Pulls an image into the engine, unpacking it, with nothing of it left in the machine's memory. */
export async function pullImage({engine, environment}: Stand, reference: string): Promise<Work> {
  const env = {...process.env, ...environment}
  await run(['sync'])
  appendFileSync(DROP, '3\n')
  return {
    seconds: await secondsOf(() => run([engine.dockerPath, 'pull', '--quiet', reference], {env, timeoutMs: TIMEOUT_MS}))
  }
}

/** How long Python takes to import torch, each time in a container of its own; the middle one of those that count. */
export async function importTorch({engine, environment}: Stand, reference: string): Promise<Work> {
  const argv = [engine.dockerPath, 'run', '--rm', '--network', 'none', reference, 'python3', '-c', IMPORT]
  const starts: Work[] = []
  for (let start = 1; start <= STARTS; start++) {
    const printed = await run(argv, {env: {...process.env, ...environment}, timeoutMs: TIMEOUT_MS})
    starts.push({seconds: Number(printed.trim().split('\n').at(-1))})
  }
  return medianOf(starts.slice(FIRST_THAT_COUNTS - 1))
}

/** The compressed bytes of all layers of an image in the registry, for this machine's platform. */
export async function imageBytesOf(stand: Stand, reference: string): Promise<number> {
  const top = await readManifest(stand, reference)
  // Beside the image stands what says how it was built, for no platform.
  const image = top.manifests?.find(({platform}) => platform?.os === 'linux')
  const name = reference.replace(/:[^/:]*$/, '')
  const {layers = []} = image === undefined ? top : await readManifest(stand, `${name}@${image.digest}`)
  return layers.reduce((sum, {size}) => sum + size, 0)
}

async function readManifest({engine, environment}: Stand, reference: string): Promise<Manifest> {
  const argv = [engine.dockerPath, 'buildx', 'imagetools', 'inspect', '--raw', reference]
  return JSON.parse(await run(argv, {env: {...process.env, ...environment}})) as Manifest
}
