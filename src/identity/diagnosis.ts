import type {Denial, Denied} from './denial.ts'
import {CAUSE_ROWS} from './denial-rows.ts'

/** What a refused push means, by the first row of `CAUSE_ROWS` that is shown. */
export function denialOf(denied: Denied): Denial {
  for (const {cause, shows, because, fix} of CAUSE_ROWS) {
    const evidence = shows(denied)
    if (evidence === undefined) continue
    const {status, evidence: words} = denied.answer
    const answered = `${status === 0 ? 'no status' : `HTTP ${status}`}: ${words}`
    return {
      cause,
      because: because(denied),
      fix: fix(denied),
      evidence: [answered, ...evidence.filter(line => line !== ''), `cause: ${cause}`]
    }
  }
  throw new Error('The last row of CAUSE_ROWS takes everything')
}
