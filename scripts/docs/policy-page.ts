import {OPT_INS, type OptIn} from '../../src/model/event.ts'
import {PERMISSIONS, VERDICT_CODES} from '../../src/model/verdict.ts'
import {
  ISOLATION,
  type Isolation,
  JOB_KINDS,
  type JobKind,
  MACHINE_KINDS,
  type MachineKind
} from '../../src/plan/isolation.ts'
import {type Cell, policyTable} from '../../src/plan/policy.ts'
import {ORIGIN_TEXTS} from '../../src/report/origins.ts'
import {table} from './tables.ts'

/** The table of who may do what. */
export function printPolicy(): string {
  const rows = policyTable().map(({origin, cells}) => [
    `\`${origin}\``,
    ...PERMISSIONS.map(permission => mark(cells[permission]))
  ])
  return table(['origin', ...PERMISSIONS], rows)
}

/** What each origin is, in words. */
export function printOrigins(): string {
  return table(
    ['origin', 'the run comes from'],
    policyTable().map(({origin}) => [`\`${origin}\``, ORIGIN_TEXTS[origin]])
  )
}

/** The sentence behind each code of the table. */
export function printReasons(): string {
  const said = new Map<string, Set<string>>()
  for (const cell of policyTable().flatMap(({cells}) => Object.values(cells) as readonly Cell[])) {
    if (cell.answer === 'yes') continue
    said.set(cell.code, (said.get(cell.code) ?? new Set()).add(cell.because))
  }
  const codes = VERDICT_CODES.filter(code => said.has(code))
  return table(
    ['code', 'because'],
    codes.map(code => [`\`${code}\``, [...(said.get(code) ?? [])].join(' ')])
  )
}

/** What can be asked for by name, and where. */
export function printOptIns(): string {
  const rows = OPT_INS.map(name => {
    const cells = policyTable().flatMap(({origin, cells}) =>
      PERMISSIONS.filter(permission => isOffered(cells[permission], name)).map(
        permission => `\`${permission}\` of \`${origin}\``
      )
    )
    return [`\`${name}\``, cells.join(', ')]
  })
  return table(['`opt-in`', 'permits'], rows)
}

function isOffered(cell: Cell, name: OptIn): boolean {
  return cell.answer === 'opt-in' && cell.optIn === name
}

function mark(cell: Cell): string {
  switch (cell.answer) {
    case 'yes':
      return '✔'
    case 'no':
      return `✘ \`${cell.code}\``
    case 'as-anyone':
      return '◌'
    case 'opt-in':
      return `○ \`${cell.optIn}\``
    case 'protected-ref':
      return '◐'
  }
}

const MACHINES: Readonly<Record<MachineKind, string>> = {
  hosted: 'hosted by GitHub',
  ephemeral: 'self-hosted, marked as thrown away after one job',
  lasting: 'self-hosted'
}

const JOBS: Readonly<Record<JobKind, string>> = {
  'without-rights': 'none: a fork’s pull request without secrets',
  'with-rights': 'some: every other event whose code is not trusted'
}

/** Where code without trust is built. */
export function printIsolation(): string {
  const rows = MACHINE_KINDS.flatMap(machine =>
    JOB_KINDS.map(job => [MACHINES[machine], JOBS[job], ...isolationCells(ISOLATION[machine][job])])
  )
  return table(['machine', 'rights of the job', 'builder', 'where none can be made', '127.0.0.1 of the machine'], rows)
}

function isolationCells({builder, otherwise, network}: Isolation): readonly string[] {
  if (builder === 'none') return ['✘ `self-hosted`: nothing is built', '', '']
  return [
    'a new one, destroyed in post',
    otherwise === 'engine' ? 'the engine’s own, with a notice' : 'error `builder-failed`',
    network === 'host' ? 'in reach, as of every step of the job' : 'out of reach'
  ]
}
