import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {scriptGpu} from '../../__tests__/support/scripted-gpu.ts'
import {eventFor} from '../runner/checkout.ts'
import {inheritedFrom} from '../runner/local-request.ts'
import {runAction} from '../runner/run.ts'
import {run} from '../world/command.ts'
import {type Engine, useEngine} from '../world/engine.ts'
import {startRegistry} from '../world/registry.ts'
import {tinyImage} from '../world/rootfs.ts'
import type {Say} from '../world/say.ts'
import {commit} from './checkout.ts'
import {PASSWORD, ROBOT} from './stand.ts'

/** What the action takes around a validation; the middle one of several runs each. */
export interface Overhead {
  /** Main and post of `mode: validate`, less what the validator ran. */
  readonly wholeSeconds: number
  /** Of it, the step `validate` alone: asking the machine, the pull that finds everything, the report. */
  readonly stepSeconds: number
  readonly validatorSeconds: number
}

const RUNS = 5
const ACTION = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/**
 * Validates one image several times by the whole action: real engine, registry and pull; nvidia-smi and what runs in the
 * container are scripts. The engine has the image's layers already, under another name.
 */
export async function measureOverhead({folder, say}: {folder: string; say: Say}): Promise<Overhead> {
  const engine = await useEngine({folder, say})
  const tiny = await tinyImage({folder, engine, say})
  const users = [{name: ROBOT, password: PASSWORD, allow: {'*': ['pull', 'push'] as const}}]
  const registry = await startRegistry({folder, name: `overhead-${process.pid}`, users, say})
  const place = mkdtempSync(join(tmpdir(), 'overhead-'))
  const image = `${registry.host}/acme/app`
  try {
    const workspace = join(place, 'workspace')
    await commit(workspace, {Dockerfile: `FROM ${tiny}\nCOPY Dockerfile /\n`})
    const gpu = scriptGpu(place, engine.dockerPath)
    const act = async (inputs: Readonly<Record<string, string>>) => {
      const began = performance.now()
      const {conclusion, log, outputs} = await runAction({
        action: ACTION,
        event: eventFor('push', workspace, {repository: 'acme/bench'}),
        workspace,
        machine: 'self-hosted',
        inputs: {
          image,
          cache: 'none',
          submodules: 'false',
          torch: '2.8.0',
          cuda: 'cu128',
          'registry-credentials': `${registry.host} ${ROBOT} \${{ secrets.REGISTRY_PASSWORD }}`,
          ...inputs
        },
        secrets: {REGISTRY_PASSWORD: PASSWORD},
        environment: {...inheritedFrom(process.env), ...engine.env},
        variables: {PATH: `${gpu.folder}:${process.env.PATH}`}
      })
      const text = log.map(line => line.text).join('\n')
      if (conclusion !== 'success') throw new Error(`The action ended with ${conclusion}:\n${text.slice(-3000)}`)
      return {digest: outputs.digest ?? '', text, seconds: (performance.now() - began) / 1000}
    }
    const {digest} = await act({mode: 'build', gpu: 'never'})
    await keepInEngine(`${image}@${digest}`, {engine, place, host: registry.host})
    const seen: Overhead[] = []
    for (let turn = 0; turn < RUNS; turn += 1) {
      writeFileSync(join(gpu.folder, 'times'), '')
      const {text, seconds} = await act({mode: 'validate', gpu: 'required', digest})
      const [begin = 0, end = 0] = readFileSync(join(gpu.folder, 'times'), 'utf8').trim().split('\n').map(Number)
      const validatorSeconds = (end - begin) / 1000
      const [, step = Number.NaN] = /^validate: .* in ([0-9.]+) s$/m.exec(text) ?? []
      seen.push({
        wholeSeconds: seconds - validatorSeconds,
        stepSeconds: Number(step) - validatorSeconds,
        validatorSeconds
      })
    }
    return {
      wholeSeconds: middle(seen.map(one => one.wholeSeconds)),
      stepSeconds: middle(seen.map(one => one.stepSeconds)),
      validatorSeconds: middle(seen.map(one => one.validatorSeconds))
    }
  } finally {
    rmSync(place, {recursive: true, force: true})
    await registry.stop()
    await engine.stop()
  }
}

/** Pulls the image once and gives it a name of its own, so that the engine keeps it. */
async function keepInEngine(
  reference: string,
  {engine, place, host}: {engine: Engine; place: string; host: string}
): Promise<void> {
  const config = join(place, 'docker')
  const env = {...process.env, ...engine.env, DOCKER_CONFIG: config}
  const docker = (...words: readonly string[]) => run([engine.dockerPath, ...words], {env})
  const auth = Buffer.from(`${ROBOT}:${PASSWORD}`).toString('base64')
  await run(['mkdir', '--parents', config])
  writeFileSync(join(config, 'config.json'), JSON.stringify({auths: {[host]: {auth}}}), {mode: 0o600})
  await docker('pull', '--quiet', reference)
  await docker('tag', reference, 'bench-overhead:kept')
}

/** The overhead as a line of Markdown. */
export function overheadText({wholeSeconds, stepSeconds, validatorSeconds}: Overhead): string {
  return `| a validation with a scripted GPU and a warm image, without the ${validatorSeconds.toFixed(1)} s of the validator | step ${stepSeconds.toFixed(2)} s | whole action ${wholeSeconds.toFixed(2)} s | to reach ≤ 2 s |`
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}
