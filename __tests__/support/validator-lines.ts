import {createHmac} from 'node:crypto'
import type {Command} from '../../src/host/host.ts'
import {Secret} from '../../src/model/secret.ts'

/** Lines as the validator prints them, each with its number and its mark. */
export function markedLines(nonce: string, bodies: readonly Readonly<Record<string, unknown>>[]): string {
  return bodies
    .map((body, seq) => {
      const text = JSON.stringify({format: 1, seq, ...body})
      const mac = createHmac('sha256', nonce).update(text).digest('hex')
      return `${text.slice(0, -1)},"mac":"${mac}"}\n`
    })
    .join('')
}

/** What a validator says to a proof where all is well: one check of each tier. */
export function proofPasses({stdin}: Command): string {
  const {nonce} = JSON.parse(stdin instanceof Secret ? stdin.reveal() : (stdin ?? '{}')) as {nonce: string}
  const check = (id: string, measured: Readonly<Record<string, unknown>> = {}) => ({
    ...{event: 'check', id, tier: id.slice(0, 2).toUpperCase(), status: 'pass', message: 'It holds.'},
    ...{evidence: [], measured, threshold: {}, duration_ms: 1, budget_ms: 1_000}
  })
  const tier = (name: string) => ({
    event: 'tier',
    tier: name,
    title: name,
    status: 'pass',
    duration_ms: 1,
    budget_ms: 1
  })
  return markedLines(nonce, [
    {event: 'begin', tiers: ['T1', 'T2'], kernel: '6.8.0'},
    check('t1.packages', {environment: {sys_platform: 'linux'}, packages: {torch: {version: '2.8.0', requires: []}}}),
    tier('T1'),
    check('t2.variant'),
    tier('T2'),
    {event: 'end', result: 'pass'}
  ])
}
