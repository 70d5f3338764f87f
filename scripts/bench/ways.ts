import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {eventFor} from '../runner/checkout.ts'
import {inheritedFrom} from '../runner/local-request.ts'
import {runAction} from '../runner/run.ts'
import {caBundle} from '../world/ca-bundle.ts'
import {run} from '../world/command.ts'
import {secondsInLog} from './log-times.ts'
import {secondsOf, type Work} from './measure.ts'
import {watchMemory} from './memory.ts'
import {BUILDER, PASSWORD, ROBOT, type Stand} from './stand.ts'

/** A build to be done, whichever way. */
export interface Job {
  readonly stand: Stand
  readonly workspace: string
  /** Without tag. */
  readonly image: string
}

const ACTION = resolve(fileURLToPath(new URL('../..', import.meta.url)))
const TIMEOUT_MS = 30 * 60_000

/** Runs `docker buildx build --push` and nothing else. */
export async function buildBare({stand, workspace, image}: Job, options: readonly string[]): Promise<Work> {
  const {engine, environment} = stand
  const argv = ['buildx', 'build', '--builder', BUILDER, '--tag', `${image}:main`, '--push', ...options, workspace]
  const env = {...process.env, ...environment}
  return {seconds: await secondsOf(() => run([engine.dockerPath, ...argv], {env, timeoutMs: TIMEOUT_MS}))}
}

/** Options that give a bare build the certificates of this machine. */
export function certificateOptions({folder}: Stand): readonly string[] {
  return ['--secret', `id=ca-bundle,src=${caBundle(folder)}`]
}

/** The Dockerfile of the usual way. */
export const USUAL_DOCKERFILE = join(ACTION, 'scripts', 'bench', 'fixtures', 'usual.Dockerfile')

/**
 * Runs the built action, main and post, as a runner does for a push.
 *
 * Throws with the end of its log where it is not green.
 */
export async function runOurs(
  {stand, workspace, image}: Job,
  {inputs, say}: {inputs: Readonly<Record<string, string>>; say: (line: string) => void}
): Promise<Work> {
  const [host = ''] = image.split('/')
  const memory = watchMemory(([, script = '']) => script.startsWith(join(ACTION, 'dist')))
  const {main, post, conclusion, log} = await runAction({
    action: ACTION,
    event: eventFor('push', workspace, {repository: 'acme/bench'}),
    workspace,
    inputs: {image, 'registry-credentials': `${host} ${ROBOT} \${{ secrets.REGISTRY_PASSWORD }}`, ...inputs},
    secrets: {REGISTRY_PASSWORD: PASSWORD},
    environment: {...inheritedFrom(process.env), ...stand.engine.env},
    signal: AbortSignal.timeout(TIMEOUT_MS),
    onLine: line => say(line.text)
  }).finally(() => memory.stop())
  if (conclusion !== 'success') {
    const told = log.find(({kind}) => kind === 'error')?.text.split('\n')[0] ?? 'It told no error.'
    const end = log.slice(-12).map(({text}) => `  ${text}`)
    throw new Error(`The action ended with ${conclusion}. ${told}\n${end.join('\n')}`)
  }
  const proofSeconds = secondsInLog(log.map(({text}) => text).join('\n'), 'prove')
  return {
    seconds: (main.durationMs + (post?.durationMs ?? 0)) / 1000,
    peakBytes: memory.stop(),
    ...(proofSeconds === undefined ? {} : {proofSeconds})
  }
}
