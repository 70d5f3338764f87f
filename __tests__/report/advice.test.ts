import {describe, expect, test} from '@jest/globals'
import type {Advice} from '../../src/model/source.ts'
import {adviceSection, annotateAdvice} from '../../src/report/advice.ts'
import {makeReport} from '../../src/report/report.ts'
import {summaryOf} from '../../src/report/summary.ts'
import {makeFakeHost} from '../support/fake-host.ts'
import {makeSampleOutcome, makeSamplePlan} from './samples.ts'

const DOCS = 'https://github.com/acme/pytorch-cuda-image-action/blob/v1.0.0/'

function advice(rule: string, line: number, said: Partial<Advice> = {}): Advice {
  return {
    rule,
    level: 'warning',
    file: 'docker/gpu.Dockerfile',
    line,
    what: '`COPY` without `--link`.',
    why: 'It costs 4 GB.',
    fix: 'Write `COPY --link . /app/`.',
    ...said
  }
}

describe('annotations', () => {
  test('stand beside their line, with what, why and how to mend it', () => {
    const host = makeFakeHost({})
    annotateAdvice([advice('copy-without-link', 7), advice('unpinned-base', 1, {level: 'notice'})], host)
    expect(host.told).toEqual([
      {
        level: 'warning',
        text: 'COPY without --link. It costs 4 GB. Write COPY --link . /app/.',
        place: {file: 'docker/gpu.Dockerfile', line: 7}
      },
      expect.objectContaining({level: 'notice', place: {file: 'docker/gpu.Dockerfile', line: 1}})
    ])
  })

  test('are few: each rule once, five in all, and the log says how many are left', () => {
    const host = makeFakeHost({})
    const many = ['a', 'a', 'b', 'c', 'd', 'e', 'f'].map((rule, at) => advice(rule, at + 1))
    annotateAdvice(many, host)
    const shown = host.told.flatMap(({place}) => place?.line ?? [])
    expect(shown).toEqual([1, 3, 4, 5, 6])
    expect(host.told.at(-1)).toEqual({level: 'info', text: '… and 2 more on the Dockerfile, in the job summary.'})
  })
})

describe('the section of the summary', () => {
  test('lists all of it, with links to the rules', () => {
    const all = [advice('copy-without-link', 7), advice('unpinned-base', 1, {level: 'notice'})]
    expect(summaryOf(makeReport(makeSampleOutcome(makeSamplePlan({advice: all})), 1), DOCS)).toContain(
      [
        '<details><summary>Advice on the Dockerfile: 1 warning, 1 notice</summary>',
        '',
        '|  | line | rule | what, and what to write instead |',
        '| --- | --- | --- | --- |',
        `| ⚠️ | docker/gpu.Dockerfile:7 | [<code>copy-without-link</code>](${DOCS}docs/dockerfile-advice.md#copy-without-link) | <code>COPY</code> without <code>--link</code>. Write <code>COPY --link . /app/</code>. |`
      ].join('\n')
    )
  })

  test('is not there where there is nothing to say', () => {
    expect(adviceSection([], DOCS)).toBe('')
  })

  test('shows what a Dockerfile says, and does not obey it', () => {
    const section = adviceSection([advice('x', 1, {file: 'a|b', what: 'FROM <img src=x>|</details>.'})], '')
    expect(section.match(/<\/details>/g)).toHaveLength(1)
    expect(section).not.toMatch(/<img|a\|b/)
  })
})
