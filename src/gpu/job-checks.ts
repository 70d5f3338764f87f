import type {GpuCheck} from '../model/gpu-report.ts'
import {found} from './host-checks.ts'

/** T0 in a cluster: that the Job never came to run, in the cluster's own words. */
export function checkStart(words: readonly string[]): GpuCheck {
  return found('t0.job', 'fail', 'JOB_NOT_STARTED', 'The cluster did not start the Job.', {evidence: words.slice(-40)})
}

/** T0 in a cluster: that the pod is of the very image, as the cluster has it after all its admission rules. */
export function checkPodImage(image: string, digest: string): GpuCheck {
  const figures = {measured: {image}, threshold: {digest}}
  if (image.endsWith(`@${digest}`)) {
    return found('t0.image', 'pass', undefined, 'The pod is of the image that was asked for.', figures)
  }
  return found('t0.image', 'fail', 'IMAGE_REPLACED', `The pod is of ${image}.`, figures)
}
