import type {Measured} from './measure.ts'
import {QUANTITIES, type Quantity} from './quantity.ts'

/** One side of a comparison: a measurement by its name, and what of it is compared. */
export interface Side {
  readonly of: string
  readonly by: Quantity
}

/** Something that is said of the action, and how it is measured. */
export interface RowPlan {
  /** What `--only` takes. */
  readonly name: string
  readonly work: string
  /** What ours is held against; absent where the usual way has nothing of the kind. */
  readonly usual?: Side
  readonly ours: Side
  /** At most this part of the usual way's, or this many bytes: said of PyTorch, on two quiet cores. Absent: just told. */
  readonly limit?: {readonly ratio: number} | {readonly bytes: number}
  /** Means nothing with tiny wheels in place of PyTorch's. */
  readonly needsTorch?: true
}

/** What came of a row. */
export interface Row {
  readonly plan: RowPlan
  /** Both sides as they were measured, with all that was seen beside what is compared. */
  readonly usual?: Measured
  readonly ours: Measured
  readonly usualValue?: number
  readonly oursValue: number
  readonly ratio?: number
}

/** The table of the page about speed, row by row. Which part of which story measures what stands in the stories. */
export const ROWS: readonly RowPlan[] = [
  {
    name: 'no-op',
    work: 'nothing changed, warm builder',
    usual: {of: 'usual-no-op', by: 'seconds'},
    ours: {of: 'no-op', by: 'seconds'},
    limit: {ratio: 4}
  },
  {
    name: 'cold',
    work: 'first build, empty builder and registry, before the proof',
    usual: {of: 'usual-cold', by: 'seconds'},
    ours: {of: 'cold', by: 'secondsUnproven'},
    limit: {ratio: 0.2}
  },
  {
    name: 'one-core',
    work: 'the same with one core for the action, hence one worker',
    usual: {of: 'usual-cold', by: 'seconds'},
    ours: {of: 'one-core', by: 'secondsUnproven'},
    needsTorch: true
  },
  {
    // The usual way has no such thing: what it is held against is its first build.
    name: 'again',
    work: 'the same lock again, other code, everything on this machine gone',
    usual: {of: 'usual-cold', by: 'seconds'},
    ours: {of: 'again', by: 'seconds'},
    limit: {ratio: 0.02}
  },
  {
    name: 'second',
    work: 'second repository, shared store, registry that mounts, before the proof',
    usual: {of: 'usual-cold', by: 'seconds'},
    ours: {of: 'second', by: 'secondsUnproven'},
    limit: {ratio: 0.02},
    needsTorch: true
  },
  {
    name: 'second-copied',
    work: 'the same, registry that does not mount',
    usual: {of: 'usual-cold', by: 'seconds'},
    ours: {of: 'second-copied', by: 'secondsUnproven'},
    limit: {ratio: 0.2},
    needsTorch: true
  },
  {
    name: 'line',
    work: 'one changed line, empty builder, warm registry cache',
    usual: {of: 'usual-line', by: 'seconds'},
    ours: {of: 'line', by: 'seconds'},
    limit: {ratio: 0.03}
  },
  {
    // A way with one layer sends all of it again, whatever it is that changed.
    name: 'patch',
    work: 'bytes sent for a patch release (torch 2.7.0, then 2.7.1), against the whole image',
    usual: {of: 'patch', by: 'imageBytes'},
    ours: {of: 'patch', by: 'sentBytes'},
    limit: {ratio: 0.35},
    needsTorch: true
  },
  {
    name: 'python',
    work: 'bytes that a second Python adds to the registry, against the whole image',
    usual: {of: 'python', by: 'imageBytes'},
    ours: {of: 'python', by: 'addedBytes'},
    limit: {ratio: 0.35},
    needsTorch: true
  },
  {
    name: 'python-sent',
    work: 'bytes sent for it, of which the registry has some already',
    usual: {of: 'python', by: 'imageBytes'},
    ours: {of: 'python', by: 'sentBytes'},
    needsTorch: true
  },
  {
    name: 'flavor',
    work: 'bytes that a second flavour (`compile`) adds to the registry, against the whole image',
    usual: {of: 'flavor', by: 'imageBytes'},
    ours: {of: 'flavor', by: 'addedBytes'},
    limit: {ratio: 0.02},
    needsTorch: true
  },
  {
    // The usual way would take emulation for the other one, so that its time is for less than ours.
    name: 'platforms',
    work: 'first build for amd64 and arm64 (torch 2.15.0), before the proof, against amd64 alone',
    usual: {of: 'usual-platform', by: 'seconds'},
    ours: {of: 'platforms', by: 'secondsUnproven'},
    limit: {ratio: 0.4},
    needsTorch: true
  },
  {
    name: 'pull',
    work: 'pull and unpack by docker',
    usual: {of: 'usual-pull', by: 'seconds'},
    ours: {of: 'pull', by: 'seconds'},
    limit: {ratio: 0.6}
  },
  {
    name: 'import',
    work: '`import torch` in a fresh container, from the third start on',
    usual: {of: 'usual-import', by: 'seconds'},
    ours: {of: 'import', by: 'seconds'},
    limit: {ratio: 1.05},
    needsTorch: true
  },
  {
    name: 'size',
    work: 'compressed bytes of the image',
    usual: {of: 'usual-cold', by: 'imageBytes'},
    ours: {of: 'cold', by: 'imageBytes'},
    limit: {ratio: 1.03}
  },
  {
    name: 'memory',
    work: 'peak memory of the action in its first build, with all that it starts',
    ours: {of: 'cold', by: 'peakBytes'},
    limit: {bytes: 700e6},
    needsTorch: true
  }
]

/** The measurements that a row is made of. */
export function measurementsOf({usual, ours}: RowPlan): readonly string[] {
  return usual === undefined ? [ours.of] : [usual.of, ours.of]
}

/** A row of what was measured; undefined where one of its sides was not. */
export function rowOf(plan: RowPlan, measured: ReadonlyMap<string, Measured>): Row | undefined {
  const ours = measured.get(plan.ours.of)
  const oursValue = ours === undefined ? undefined : QUANTITIES[plan.ours.by].of(ours)
  if (ours === undefined || oursValue === undefined) return undefined
  if (plan.usual === undefined) return {plan, ours, oursValue}
  const usual = measured.get(plan.usual.of)
  const usualValue = usual === undefined ? undefined : QUANTITIES[plan.usual.by].of(usual)
  if (usual === undefined || usualValue === undefined) return undefined
  return {plan, usual, ours, usualValue, oursValue, ratio: oursValue / usualValue}
}
