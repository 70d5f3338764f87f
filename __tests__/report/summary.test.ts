import {describe, expect, test} from '@jest/globals'
import {Problem} from '../../src/model/problem.ts'
import {makeReport} from '../../src/report/report.ts'
import {failureSummary, summaryOf} from '../../src/report/summary.ts'
import {DENIED, makeForkPlan, makeSampleOutcome, makeSamplePlan, makeStoppedOutcome} from './samples.ts'

const DOCS = 'https://github.com/acme/pytorch-cuda-image-action/blob/v1.0.0/'
const pushed = makeSampleOutcome(makeSamplePlan())

describe('summaryOf', () => {
  test('given a push that went well', () => {
    expect(summaryOf(makeReport(pushed, 53_272), DOCS)).toMatchSnapshot()
  })

  test("given a fork's pull request", () => {
    const plan = makeForkPlan()
    const products = {digest: pushed.products.digest ?? '', cachedSteps: {cached: 0, total: 14}}
    const submodules = [{path: 'kernels', url: 'https://github.com/acme/kernels', state: 'left-out'}] as const
    const outcome = makeSampleOutcome(plan, {products: {...products, submodules}})
    expect(summaryOf(makeReport(outcome, 31_000), DOCS)).toMatchSnapshot()
  })

  test.each([
    {given: 'new layers', libraries: 34, then: 'not run on this machine; libraries for it in new layers: 34'},
    {given: 'layers that an earlier run made', libraries: 0, then: 'not run on this machine'}
  ])('given an image for another platform in $given, then it says that it was not run', ({libraries, then}) => {
    const digest = `sha256:${'5e'.repeat(32)}`
    const image = {platform: 'linux/amd64', digest, python: '3.12.4', isForeign: false, libraries: 20}
    const images = [image, {...image, platform: 'linux/arm64', isForeign: true, libraries}]
    const products = {...pushed.products, runtime: {digest, images, layers: [], fetchedBytes: 0}}
    const rows = summaryOf(makeReport({...pushed, products}, 1), DOCS).split('\n')
    expect(rows.filter(row => /^\| linux\//.test(row))).toEqual([expect.stringContaining(`${then} |`)])
  })

  test('given a registry that denies the push', () => {
    const outcome = makeStoppedOutcome(makeSamplePlan({pending: ['registry']}), 'preflight', DENIED)
    const summary = summaryOf(makeReport(outcome, 1_400), DOCS)
    expect(summary).not.toContain('Not asked yet')
    expect(summary).toMatchSnapshot()
  })

  test('given mode plan', () => {
    const plan = makeSamplePlan({mode: 'plan', pending: ['registry']})
    const outcome = {...pushed, plan, results: [], products: {}}
    expect(summaryOf(makeReport(outcome, 300), DOCS)).toMatchSnapshot()
  })

  test.each([
    {given: 'a table border', text: 'a|b'},
    {given: 'HTML', text: '<img src=x onerror=alert(1)>'},
    {given: 'a link', text: '[click](https://evil.example)'},
    {given: 'a bare address', text: 'see https://evil.example or www.evil.example'},
    {given: 'markup', text: '**bold** _it_ ~~no~~ `code` # head'},
    {given: 'a mention', text: '@octo and #1 and acme/app#2'},
    {given: 'an entity', text: '&lt;b&gt;'},
    {given: 'mathematics', text: '$\\frac{1}{2}$'},
    {given: 'the end of a comment', text: '--><script>'}
  ])('given $given in text from outside, then it is shown and not obeyed', ({text}) => {
    const summary = summaryOf(makeReport({...pushed, notices: [text]}, 1), DOCS)
    const line = summary.split('\n').find(candidate => candidate.startsWith('- ')) ?? ''
    const told = line.slice(line.indexOf(' ', 2) + 1)
    expect(told.replaceAll(/<\/?code>/g, '')).not.toMatch(/[|<>[\]*_~`@$\\{}]|:\/|www\.|#(?!\d+;)/)
    expect(decoded(told)).toBe(text.replaceAll('`', ''))
  })

  test('given evidence that holds a fence, then it stays inside its block', () => {
    const problem = new Problem('build-failed', {what: 'a', why: 'b', fix: 'c', evidence: ['````', '# not a heading']})
    const summary = summaryOf(makeReport(makeStoppedOutcome(makeSamplePlan(), 'build', problem), 1), DOCS)
    expect(summary).toContain('`````text\n````\n# not a heading\n`````')
  })

  test('given more than fits into a job summary, then the first sections stay whole', () => {
    const warnings = Array.from({length: 90}, (_, index) => `${index} ${'long '.repeat(5_000)}`)
    const summary = summaryOf(makeReport({...pushed, warnings}, 1), DOCS)
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
    expect(summary).toMatch(/^### ✅ Pushed/)
    expect(summary).toContain('too long for a job summary')
  })

  test('given hundreds of layers, then the summary stays readable', () => {
    const layer = {digest: `sha256:${'0'.repeat(64)}`, sizeBytes: 5, mediaType: ''}
    const products = {...pushed.products, layers: Array.from({length: 400}, () => layer)}
    expect(summaryOf(makeReport({...pushed, products}, 1), DOCS)).toContain('… and 300 more')
  })
})

test('a run that ends before its plan tells every fault at once', () => {
  const unknown = new Problem('input-unknown', {
    what: 'There is no input `tag`.',
    why: 'b',
    fix: 'Did you mean `tags`?'
  })
  expect(failureSummary([unknown, DENIED], '')).toMatchSnapshot()
})

function decoded(markdown: string): string {
  return markdown.replace(/<\/?code>/g, '').replace(/&#(\d+);/g, (_, number) => String.fromCodePoint(Number(number)))
}
