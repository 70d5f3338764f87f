import {acceptReport, isRefusal, type Refusal} from '../gpu/acceptance.ts'
import {sha256Of} from '../gpu/seal.ts'
import type {Host} from '../host/host.ts'
import {Problem, Problems} from '../model/problem.ts'
import type {PromoteWork} from '../model/work-release.ts'

/** What each refusal means for who has to mend it. */
const ADVICE: Readonly<Record<Refusal['code'], {readonly why: string; readonly fix: string}>> = {
  'gpu-report-unreadable': {
    why: 'Without it nobody knows whether the image runs on that GPU, so no tag may move.',
    fix: 'Hand over the file that the output `gpu-report` of the validation names, as it is; look whether the artifact was downloaded.'
  },
  'gpu-report-changed': {
    why: 'A report that was edited, or another one in its place, proves nothing.',
    fix: 'Hand over the file of this run, together with the output `gpu-report-sha256` of the very job that wrote it.'
  },
  'gpu-report-mismatch': {
    why: 'A tag may only be put onto the image that ran on the GPU.',
    fix: 'Give build, validation and promotion the same `digest`, as an output of the job that built.'
  },
  'gpu-report-failed': {
    why: 'The image does not work on that GPU, so no tag may move; the candidate stays under its digest.',
    fix: 'Mend the causes below; docs/gpu-diagnosis.md explains each code.'
  },
  'gpu-report-stale': {
    why: 'What a GPU said in another run says nothing about this one.',
    fix: 'Run the validation in the same workflow run as the promotion ("Re-run all jobs" after a day).'
  }
}

/** Reads every report that was handed over and throws what is wrong with them, all at once. */
export async function acceptReports(
  {reports, runId}: PromoteWork,
  {digest, host}: {readonly digest: string; readonly host: Host}
): Promise<void> {
  const problems: Problem[] = []
  for (const {path, sha256} of reports) {
    const text = (await host.files.read(path)) ?? ''
    const answer = acceptReport(
      {path, text, sha256: sha256Of(text)},
      {digest, runId, now: host.clock.now(), ...(sha256 === undefined ? {} : {sha256})}
    )
    if (isRefusal(answer)) problems.push(problemOf(answer))
    else host.log.info(`${path}: ${answer.result} on ${answer.devices.map(({name}) => name).join(', ')}`)
  }
  if (problems.length > 0) throw new Problems(problems)
}

function problemOf({code, what, evidence}: Refusal): Problem {
  return new Problem(code, {what, evidence, ...ADVICE[code]})
}
