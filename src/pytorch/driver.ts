import type {DriverNeed, GpuTarget} from '../model/pytorch.ts'
import {generationOf} from './gpus.ts'
import {cudaRelease} from './matrix.ts'

/** The first driver branch said to know a generation; reports say so, NVIDIA's tables do not. */
const BLACKWELL_BRANCH = 570

/** Which driver a build for a CUDA needs; undefined for `cpu`, which needs none, and for a CUDA that is not known. */
export function driverNeed(cuda: string, gpus: readonly GpuTarget[] = []): DriverNeed | undefined {
  const row = cudaRelease(cuda)
  if (row === undefined) return undefined
  const major = row.release.split('.')[0] ?? ''
  const own =
    row.driver === row.toolkitDriver
      ? `that is the driver of CUDA ${row.release} itself`
      : `what is compiled there (PTX, torch.compile) may ask for ${row.toolkitDriver}, the driver of CUDA ${row.release}`
  const because = `It needs NVIDIA driver ${row.driver} or newer where it runs, because it is built with CUDA ${row.release} and every CUDA ${major} runs from that driver on; ${own}.`
  return {
    oldest: row.driver,
    complete: row.toolkitDriver,
    because: [because, ...blackwellNote(row.driver, gpus)].join(' ')
  }
}

function blackwellNote(driver: string, gpus: readonly GpuTarget[]): readonly string[] {
  const isMeant = gpus.some(({capability}) => generationOf(capability) === 'Blackwell')
  if (!isMeant || Number(driver.split('.')[0]) >= BLACKWELL_BRANCH) return []
  return [`Blackwell GPUs are said to need driver ${BLACKWELL_BRANCH} in any case (not confirmed).`]
}
