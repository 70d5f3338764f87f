import type {EventFacts} from '../model/event.ts'
import type {Inputs} from '../model/inputs.ts'
import type {Problem} from '../model/problem.ts'
import {knownPartOf} from '../pytorch/known.ts'
import {problemOf} from '../pytorch/refusal.ts'
import {resolveSet} from '../pytorch/resolve.ts'

/**
 * What the readable inputs ask of PyTorch and no set has, where something else has ended the run already.
 *
 * So that a version that does not exist and a file that cannot be read are told together. Only what holds for every
 * Dockerfile is said: a value that could not be read, or is newer than the matrix, narrows nothing.
 */
export function contradictionsOf(inputs: Inputs, {origin}: Pick<EventFacts, 'origin'>): readonly Problem[] {
  const isBuilt = inputs.mode !== 'validate' && inputs.mode !== 'promote'
  const isForkCpu = origin === 'fork-pull-request' && inputs.forkCuda === 'cpu'
  if (!isBuilt || isForkCpu) return []
  const {request} = knownPartOf({
    torch: inputs.torch === 'auto' ? undefined : inputs.torch,
    cuda: inputs.cuda === 'auto' ? undefined : inputs.cuda,
    python: inputs.python
  })
  const resolution = resolveSet({
    ...request,
    ...(inputs.gpuTargets.length === 0 ? {} : {gpus: inputs.gpuTargets}),
    ...(inputs.driverFloor === undefined ? {} : {driverFloor: inputs.driverFloor})
  })
  return 'refusal' in resolution ? [problemOf(resolution.refusal)] : []
}
