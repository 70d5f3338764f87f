import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from '@jest/globals'
import fc from 'fast-check'
import {CAUSES} from '../../src/gpu/causes.ts'
import {anchorOf, diagnose, diagnosisOf, UNKNOWN} from '../../src/gpu/diagnosis.ts'
import {FINDING_CODES} from '../../src/gpu/findings.ts'
import {LOGS} from './logs.ts'

const rows = LOGS.map((log, at) => ({...log, at: log.at, cause: CAUSES[at], code: CAUSES[at]?.code}))

describe('diagnose', () => {
  test('every row has a log of its own', () => {
    expect(LOGS).toHaveLength(CAUSES.length)
    expect(CAUSES).toHaveLength(32)
  })

  test.each(rows)('given $given, then it is $code', ({lines, at, circumstances, cause}) => {
    const found = diagnose(lines, circumstances)
    expect(found).toEqual({
      code: cause?.code,
      cause: cause?.cause,
      fix: cause?.fix,
      anchor: anchorOf(cause?.code ?? ''),
      evidence: [lines[at]?.trim()]
    })
  })

  test.each(rows)(
    'given something that only looks like $given, then it is not $code',
    ({near, circumstances, code}) => {
      expect(near).not.toEqual([])
      for (const line of near) expect(diagnose([line], circumstances).code).not.toBe(code)
    }
  )

  test.each(rows)('given $given in capitals, then it is still $code', ({lines, circumstances, code}) => {
    expect(
      diagnose(
        lines.map(line => line.toUpperCase()),
        circumstances
      ).code
    ).toBe(code)
  })

  test.each([
    {
      given: 'a reset outside of a transfer (two ranks lost each other)',
      lines: ['[rank1]: Connection reset by peer'],
      then: UNKNOWN
    },
    {given: 'no GPU on a machine without MIG', lines: ['RuntimeError: No CUDA GPUs are available'], then: 'NO_GPU'}
  ])('given $given, then it is $then', ({lines, then}) => {
    expect(diagnose(lines).code).toBe(then)
  })

  test('given a failure that has another as its reason, then the reason is told, wherever it stands', () => {
    const reasons = ['libnvidia-ml.so.1', 'version mismatch', 'NVML: Unknown Error', 'unsatisfied condition']
    const first = LOGS.filter(({lines}) => lines.some(line => reasons.some(reason => line.includes(reason))))
    expect(first).toHaveLength(4)
    for (const {lines} of first) {
      const code = diagnose(lines).code
      expect(diagnose(['RuntimeError: No CUDA GPUs are available', ...lines]).code).toBe(code)
      expect(code).not.toBe('NO_GPU')
    }
  })

  test('given nothing known, then the last 40 lines are shown', () => {
    const lines = Array.from({length: 60}, (_, at) => `line ${at}`)
    expect(diagnose(lines)).toMatchObject({code: UNKNOWN, evidence: lines.slice(-40)})
  })

  test('for any text, there is an answer with a code, a fix and at most 40 lines', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.boolean(), (lines, isMig) => {
        const found = diagnose(lines, {isMig})
        expect(found.fix).not.toBe('')
        expect(found.evidence.length).toBeLessThanOrEqual(40)
      })
    )
  })
})

describe('diagnosisOf', () => {
  test('given a code that the validator measured, then its row is told with that evidence', () => {
    expect(diagnosisOf('ARCH_MISSING', ['sm_90'])).toMatchObject({code: 'ARCH_MISSING', evidence: ['sm_90']})
    expect(diagnosisOf('NUMERICS', [])).toMatchObject({code: 'NUMERICS'})
    expect(diagnosisOf('NO_SUCH_CODE', [])).toBeUndefined()
  })
})

describe('docs/gpu-diagnosis.md', () => {
  const page = readFileSync(join(dirname(fileURLToPath(import.meta.url)), '../../docs/gpu-diagnosis.md'), 'utf8')

  test('every code has its heading', () => {
    const codes = new Set([...CAUSES, ...FINDING_CODES].map(({code}) => code))
    const headings = [...page.matchAll(/^### (\S+)$/gm)].map(([, code]) => code)
    expect(headings.toSorted()).toEqual([...codes, UNKNOWN].toSorted())
  })

  test('every code that the validator gives is explained', () => {
    const here = dirname(fileURLToPath(import.meta.url))
    const modules = [
      'contents',
      'linkage',
      'devices',
      'kernels',
      'numerics',
      'compile',
      'collectives',
      'memory',
      'throughput'
    ]
    const sources = [...modules.map(name => `checks_${name}`), 'worker', 'runner']
    const given = sources.flatMap(name => {
      const text = readFileSync(join(here, `../../validator/${name}.py`), 'utf8')
      return [
        ...text.matchAll(/(?:failed|warned)\('([A-Z_]+)'|'([A-Z]+_?[A-Z]+)'(?=[,)] *(?:if|'|message)|\)$)/gm)
      ].map(([, one, other]) => one ?? other)
    })
    const known = new Set([...CAUSES, ...FINDING_CODES].map(({code}) => code))
    expect(given.length).toBeGreaterThan(20)
    expect(given.filter(code => code !== undefined && !known.has(code))).toEqual([])
  })
})
