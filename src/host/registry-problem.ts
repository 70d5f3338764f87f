import type {ImageName} from '../model/inputs.ts'
import {Problem} from '../model/problem.ts'
import {isTransient} from './registry-retry.ts'
import {Refusal} from './registry-token.ts'
import {NoAnswer} from './registry-transport.ts'

/** Runs a conversation with a registry; what it throws becomes a problem that names the deed and the image. */
export async function speaking<T>(deed: string, image: ImageName, talk: () => Promise<T>): Promise<T> {
  try {
    return await talk()
  } catch (thrown) {
    if (thrown instanceof NoAnswer) throw unreachable(deed, image, thrown)
    if (thrown instanceof Refusal)
      throw isTransient(thrown.status) ? unreachable(deed, image, thrown) : refused(deed, image, thrown)
    throw thrown
  }
}

function refused(deed: string, image: ImageName, refusal: Refusal): Problem {
  return new Problem('registry-refused', {
    what: `${image.registry} refused to ${deed} of ${image.repository} (HTTP ${refusal.status}).`,
    why: 'The login that this run has for it, or none, does not permit that.',
    fix: 'Check `registry-credentials` and the permissions of the token; for ghcr.io the job needs `packages: write`.',
    evidence: [refusal.message]
  })
}

function unreachable(deed: string, image: ImageName, thrown: Error): Problem {
  return new Problem(
    'registry-unreachable',
    {
      what: `${image.registry} gave no usable answer when asked to ${deed} of ${image.repository}.`,
      why: 'It was tried several times, with pauses.',
      fix: 'Look at the status page of the registry and at proxies between it and this machine, then run the job again.',
      evidence: [thrown.message]
    },
    {cause: thrown}
  )
}
