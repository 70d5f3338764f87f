import {imageText} from '../image/reference.ts'
import {stepOf} from '../model/plan.ts'
import type {Report} from '../model/report.ts'
import {countText, durationText} from './quantity.ts'

/** How a run ended, for a heading: a mark and one sentence. The sentence may quote text from outside. */
export interface Ending {
  readonly mark: string
  readonly sentence: string
}

/** Whether tags that people pull now point to what this run built. */
export function isPushed(report: Report): boolean {
  return report.outcome.results.some(result => result.name === 'promote' && result.state === 'done')
}

/** The primary image of a run, with or without a push. */
export function primaryImage(report: Report): string {
  const {plan} = report.outcome
  const image = stepOf(plan, 'promote').work.images[0]?.image ?? stepOf(plan, 'build').work.candidate?.image
  return image === undefined ? '' : imageText(image)
}

/** Name under which the engine has the image, once it was built; empty where none was loaded. */
export function loadedAs({outcome}: Report): string {
  const isBuilt = outcome.results.some(({name, state}) => name === 'build' && state === 'done')
  return isBuilt ? (stepOf(outcome.plan, 'build').work.loadAs ?? '') : ''
}

/** The one sentence that a reader in a hurry needs. */
export function endingOf(report: Report): Ending {
  const {plan, products, problems} = report.outcome
  const time = durationText(report.durationMs)
  if (report.conclusion === 'cancelled') return {mark: '🟡', sentence: `Cancelled after ${time}`}
  if (report.conclusion === 'failure') {
    return {mark: '❌', sentence: `Stopped after ${time}: ${problems[0]?.what ?? 'a step failed.'}`}
  }
  if (plan.mode === 'plan') return {mark: '📋', sentence: 'Plan only: nothing was built, nothing was asked'}
  if (plan.mode === 'validate' && products.gpu !== undefined) {
    const {report: gpu} = products.gpu
    const on = [...new Set(gpu.devices.map(({name}) => name))].join(' and ')
    return {mark: '✅', sentence: `Validated ${primaryImage(report)} on ${on} (${gpu.result}) in ${time}`}
  }
  if (isPushed(report)) {
    const tags = countText(products.tags?.length ?? 0, 'tag')
    return {mark: '✅', sentence: `Pushed ${primaryImage(report)} with ${tags} in ${time}`}
  }
  const build = stepOf(plan, 'build').verdict
  if (!build.allowed) return {mark: '✅', sentence: `Nothing was built: ${build.because}`}
  return {mark: '✅', sentence: `${deedOf(report)} in ${time}, not pushed: ${stepOf(plan, 'promote').verdict.because}`}
}

function deedOf(report: Report): string {
  const {candidate} = report.outcome.products
  if (candidate !== undefined) return 'Built, and in the registry without a tag,'
  const loaded = loadedAs(report)
  return loaded === '' ? 'Built' : `Built and loaded as ${loaded}`
}
