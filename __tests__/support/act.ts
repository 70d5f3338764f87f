import {spawnSync} from 'node:child_process'
import {cpSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {delimiter, dirname, join, resolve} from 'node:path'
import {expect} from '@jest/globals'
import {parse} from 'yaml'
import {eventFor} from '../../scripts/runner/checkout.ts'
import {inheritedFrom} from '../../scripts/runner/local-request.ts'
import type {Engine} from '../../scripts/world/engine.ts'
import {goTool} from '../../scripts/world/fetched.ts'
import {ACTION} from './built-action.ts'

const folder = resolve(process.env.WORLD_FOLDER ?? join(ACTION, '.world'))

/** act, a runner that is not ours; undefined where Go is too old to build it, which is said. */
export const act = goTool(folder, 'act')

const {version} = JSON.parse(readFileSync(join(ACTION, 'package.json'), 'utf8')) as {version: string}
const RELEASE = `acme/pytorch-cuda-image-action@v${version}`

/** A push to a repository that calls a reusable workflow of ours. */
export interface Call {
  /** File name of the workflow. */
  readonly called: string
  /** What the caller's one job has beside `uses:`. */
  readonly caller: string
  /** Changes what act cannot play; each of them has to change something. */
  readonly changes: readonly (readonly [RegExp, string])[]
  /** Actions beside ours, as `owner/name@ref`, and the shell script that stands in for each. */
  readonly standIns?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  /** Folders in front of PATH. */
  readonly programs?: readonly string[]
}

/** Calls the workflow as a repository would, by act on this very machine, with the action as it is built here. */
export function callByAct(call: Call, {engine, place}: {readonly engine: Engine; readonly place: string}) {
  const workspace = layOut(call, place)
  const event = join(place, 'event.json')
  writeFileSync(event, JSON.stringify(eventFor('push', workspace, {repository: 'acme/app'}).payload))
  const actions = {[RELEASE]: shippedAction(place), ...standInActions(call, place)}
  const ran = spawnSync(
    act ?? '',
    [
      'push',
      '--platform=ubuntu-24.04=-self-hosted',
      '--platform=self-hosted=-self-hosted',
      '--workflows=.github/workflows/image.yml',
      `--eventpath=${event}`,
      ...Object.entries(actions).map(([name, path]) => `--local-repository=${name}=${path}`),
      ...Object.keys(call.secrets ?? {}).map(name => `--secret=${name}`),
      '--container-daemon-socket=-'
    ],
    {
      cwd: workspace,
      encoding: 'utf8',
      timeout: 220_000,
      env: {
        ...inheritedFrom(process.env),
        ...engine.env,
        ...call.secrets,
        PATH: [...(call.programs ?? []), dirname(process.execPath), dirname(engine.dockerPath), process.env.PATH].join(
          delimiter
        ),
        HOME: join(place, 'home'),
        XDG_CACHE_HOME: join(place, 'cache')
      }
    }
  )
  return {status: ran.status, log: `${ran.stdout}${ran.stderr}`}
}

function layOut({called, caller, changes}: Call, place: string): string {
  const workspace = join(place, 'app')
  const workflows = join(workspace, '.github/workflows')
  mkdirSync(workflows, {recursive: true})
  const shipped = readFileSync(join(ACTION, '.github/workflows', called), 'utf8')
  for (const {steps} of Object.values(parse(shipped).jobs) as {steps: {id?: string; uses?: string}[]}[]) {
    expect(steps.find(({id}) => id === 'image')?.uses).toBe(RELEASE)
  }
  const played = changes.reduce((text, [from, to]) => {
    expect(text).toMatch(from)
    return text.replaceAll(from, to)
  }, shipped)
  writeFileSync(join(workflows, called), played)
  const job = `jobs:\n  image:\n    uses: ./.github/workflows/${called}\n${caller.replaceAll(/^/gm, '    ')}\n`
  writeFileSync(join(workflows, 'image.yml'), `name: image\non: push\npermissions: {}\n${job}`)
  writeFileSync(join(workspace, 'Dockerfile'), 'FROM scratch\nCOPY app.txt /app.txt\n')
  writeFileSync(join(workspace, 'app.txt'), `called by act for ${called}\n`)
  git(workspace, 'init', '--quiet', '--initial-branch=main')
  git(workspace, 'remote', 'add', 'origin', 'https://github.com/acme/app.git')
  git(workspace, 'add', '.')
  git(workspace, 'commit', '--quiet', '--message=Call the workflow')
  return workspace
}

function git(workspace: string, ...args: readonly string[]): void {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@acme.example']
  expect(spawnSync('git', [...who, ...args], {cwd: workspace}).status).toBe(0)
}

/** What of the action's folder a release needs: act copies all of it. */
function shippedAction(place: string): string {
  const shipped = join(place, 'action')
  for (const part of ['action.yml', 'dist', 'dockerfiles', 'validator', 'package.json']) {
    cpSync(join(ACTION, part), join(shipped, part), {recursive: true})
  }
  return shipped
}

/** Composite actions that take `name` and `path` and run a script with them as NAME and PLACE. */
function standInActions({standIns = {}}: Call, place: string): Readonly<Record<string, string>> {
  const laid = Object.entries(standIns).map(([name, script], at) => {
    const path = join(place, `stand-in-${at}`)
    mkdirSync(path, {recursive: true})
    const inputs = Object.fromEntries(
      ['name', 'path', 'pattern', 'if-no-files-found'].map(input => [input, {default: ''}])
    )
    const env = {NAME: '${{ inputs.name }}', PLACE: '${{ inputs.path }}'}
    const steps = [{run: script, shell: 'bash', env}]
    writeFileSync(join(path, 'action.yml'), JSON.stringify({name, inputs, runs: {using: 'composite', steps}}))
    return [name, path] as const
  })
  return Object.fromEntries(laid)
}
