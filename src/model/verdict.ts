/** What a run may be permitted to do. `plan/policy.ts` has a cell for each of them at each origin. */
export const PERMISSIONS = [
  'build',
  'private-code',
  'build-secrets',
  'push',
  'move-tags',
  'cache-read',
  'cache-write',
  'shared-store',
  'sign',
  'gpu'
] as const

/** An entry of `PERMISSIONS`. */
export type Permission = (typeof PERMISSIONS)[number]

/** Every answer a verdict can give, for workflows to branch on. The first two say yes. */
export const VERDICT_CODES = [
  'allowed',
  'unverified',
  'fork',
  'dependabot',
  'unmerged',
  'privileged-event',
  'foreign-run',
  'merge-queue',
  'comment',
  'bystander',
  'unknown-event',
  'deleted-branch',
  'foreign-code',
  'unknown-code',
  'self-hosted',
  'unprotected-ref',
  'fork-namespace',
  'not-asked',
  'nothing-to-do',
  'no-gpu',
  'no-engine',
  'push-denied',
  'private-cache',
  'cache-mode',
  'python-unknown'
] as const

/** An entry of `VERDICT_CODES`. */
export type VerdictCode = (typeof VERDICT_CODES)[number]

/** Whether something is permitted, always with its reason. */
export interface Verdict {
  readonly allowed: boolean
  readonly code: VerdictCode
  /** One sentence for people. */
  readonly because: string
}
