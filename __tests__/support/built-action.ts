import {resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from '@jest/globals'
import type {RunRequest} from '../../scripts/runner/request.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {runAction} from '../../scripts/runner/run.ts'
import {secretsSeen} from '../../scripts/runner/secrets-seen.ts'

/** The action's own folder: its `action.yml` and `dist/` are what users run. */
export const ACTION = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** Runs the built action as a job's step. Whatever the end: no secret is seen, and nothing is left behind. */
export async function playBuilt(request: Omit<RunRequest, 'action'>): Promise<RunResult> {
  const result = await runAction({...request, action: ACTION})
  expect(secretsSeen(result, request.secrets ?? {})).toEqual([])
  expect(result.orphans).toEqual([])
  expect(result.leftInTemp.map(file => file.path)).toEqual([])
  expect(result.leftInHome.map(file => file.path)).toEqual([])
  return result
}

/** Codes of the errors that a run's page shows, in order: their titles. */
export function errorCodes(result: RunResult): readonly string[] {
  const errors = result.annotations.filter(annotation => annotation.level === 'error')
  return errors.map(({properties, message}) => properties.title ?? message)
}

/** What a run's page shows of one kind, one text each. */
export function told(result: RunResult, level: 'error' | 'warning' | 'notice'): readonly string[] {
  return result.annotations.filter(annotation => annotation.level === level).map(({message}) => message)
}

/** The log of main as a reader sees it. */
export function logOf(result: RunResult): string {
  return result.log
    .filter(({by}) => by === 'main')
    .map(({text}) => text)
    .join('\n')
}

/** Whether the log shows that something was built. */
export function hasBuilt(result: RunResult): boolean {
  return result.log.some(({kind, text}) => kind === 'group' && text === 'docker buildx build')
}

/** Eight digits with which every name ends that the run gave in an engine: of its builder, and of its containers. */
export function markOf(result: RunResult): string {
  const {directory} = JSON.parse(result.outputs.plan ?? '{}') as {readonly directory?: string}
  const mark = /-([0-9a-f]{8})$/.exec(directory ?? '')?.[1]
  if (mark === undefined) throw new Error('The run has no plan that tells its directory')
  return mark
}

/** The job summary without its markup, as a reader sees it. */
export function summaryOf(result: RunResult): string {
  return result.summary
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/<\/?code>/g, '`')
    .replaceAll('<br>', ' ')
}
