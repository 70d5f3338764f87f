import type {Facts} from '../model/facts.ts'
import type {PlannedStep} from '../model/plan.ts'
import {INIT} from '../wheels/init.ts'

/** What the reader of the run must know where the repository's own lock brings no init: it is taken as it is. */
export function initNotices({source}: Facts, {verdict, work}: PlannedStep & {name: 'lock'}): readonly string[] {
  const isTaken = verdict.allowed && work.committed !== undefined && source.lock !== undefined
  if (!isTaken || source.lock.lock.packages.some(({name}) => name === INIT.project)) return []
  return [
    `${source.lock.shown} has no ${INIT.project}, so a container’s command is its first process, which SIGTERM does not end ` +
      'unless it handles it, and which must take its dead children away by itself. Write the lock anew (`npm run local -- lock`, ' +
      `or \`mode: lock\`), or put \`${INIT.requirement}\` among what it is made from.`
  ]
}
