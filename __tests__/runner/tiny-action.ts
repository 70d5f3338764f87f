import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {makeEvent} from '../../scripts/runner/events.ts'
import type {RunRequest} from '../../scripts/runner/request.ts'
import type {RunResult} from '../../scripts/runner/result.ts'
import {runAction} from '../../scripts/runner/run.ts'

/** An action of a few lines. */
export interface TinyAction {
  readonly main: string
  readonly post?: string
  readonly postIf?: string
  /** Lines of `inputs:` in YAML. */
  readonly inputs?: string
}

/** What the scripts of a tiny action may use without importing it. */
const PRELUDE = `
import {appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {spawn} from 'node:child_process'
const env = process.env
const put = (file, text) => appendFileSync(env['GITHUB_' + file], text)
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
`

const folders: string[] = []

/** A fresh folder that `removeFolders` removes. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-'))
  folders.push(folder)
  return folder
}

/** Removes what `makeFolder` made. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, {recursive: true, force: true})
}

/** Writes a tiny action into a folder. */
export function writeAction(folder: string, action: TinyAction): string {
  mkdirSync(folder, {recursive: true})
  const post = action.post === undefined ? '' : `  post: post.mjs\n${action.postIf ?? ''}`
  writeFileSync(
    join(folder, 'action.yml'),
    `name: tiny\ndescription: For a test\n${action.inputs ?? ''}\nruns:\n  using: node24\n  main: main.mjs\n${post}\n`
  )
  writeFileSync(join(folder, 'main.mjs'), PRELUDE + action.main)
  if (action.post !== undefined) writeFileSync(join(folder, 'post.mjs'), PRELUDE + action.post)
  return folder
}

/** Runs a tiny action for a push, or for what the request says. */
export function play(action: TinyAction, request: Partial<RunRequest> = {}): Promise<RunResult> {
  return runAction({action: writeAction(makeFolder(), action), event: makeEvent('push'), ...request})
}

/** What main or post printed as text, line by line. */
export function textOf(result: RunResult, stage: 'main' | 'post' = 'main'): readonly string[] {
  return result.log.filter(line => line.by === stage && line.kind === 'text').map(line => line.text)
}

/** What main printed as one line of JSON. */
export function jsonOf(result: RunResult): Record<string, string | undefined> {
  return JSON.parse(result.main.stdout.toString('utf8')) as Record<string, string | undefined>
}
