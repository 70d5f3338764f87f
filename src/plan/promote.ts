import type {Facts} from '../model/facts.ts'
import {LABELS} from '../model/labels.ts'
import type {Verdict} from '../model/verdict.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {PromoteWork} from '../model/work-release.ts'
import type {Labels} from './labels.ts'
import {refuse} from './permit.ts'
import type {Naming} from './tags.ts'

/** Whether tags move at the end of this run. */
export function promoteVerdict(facts: Facts, {push, naming}: {push: Verdict; naming: Naming}): Verdict {
  if (!push.allowed) return push
  if (facts.inputs.mode === 'build') {
    return refuse('not-asked', 'The input `mode` says build, which ends with a candidate that no tag points to.')
  }
  if (facts.inputs.mode === 'validate') {
    return refuse('not-asked', 'The input `mode` says validate, which ends with a report.')
  }
  if (naming.tags.length === 0) return refuse('nothing-to-do', 'No tag is left to write.')
  return push
}

/** The tags that are to move, the images they are of, and the reports that have to say pass. */
export function promoteWork(
  {event, inputs}: Facts,
  {naming, images, labels}: {naming: Naming; images: readonly ImageAccess[]; labels: Labels}
): PromoteWork {
  return {
    ...(inputs.digest === undefined ? {} : {digest: inputs.digest}),
    reports: inputs.mode === 'promote' ? inputs.gpuReports : [],
    runId: event.runId,
    images,
    tags: naming.tags,
    revision: event.sha,
    version: labels[LABELS.version] ?? naming.version,
    runNumber: event.runNumber,
    workflow: event.workflow
  }
}
