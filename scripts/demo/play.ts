import {resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {eventFor} from '../runner/checkout.ts'
import type {EventName} from '../runner/events.ts'
import {inheritedFrom} from '../runner/local-request.ts'
import type {RunResult} from '../runner/result.ts'
import {runAction} from '../runner/run.ts'
import {secretsSeen} from '../runner/secrets-seen.ts'
import {APP, KERNELS, ROBOT, type Stage} from './stage.ts'
import {SMALL_PACKAGES} from './story.ts'

/** How one run of the action differs from the others: all share one workflow file. */
export interface Scene {
  readonly event: EventName
  readonly isSmall: boolean
  /** In place of the repository's own. */
  readonly secrets?: Readonly<Record<string, string>>
  readonly say: (line: string) => void
}

const ACTION = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/** The `with:` block of the demo's workflow file: the same for every event. */
function inputsOf(stage: Stage, isSmall: boolean): Record<string, string> {
  const {host} = new URL(stage.git.url)
  return {
    image: stage.image,
    torch: '2.8.0',
    requirements: 'requirements.txt',
    submodules: 'true',
    'base-image': stage.baseImage,
    'git-credentials': `${host}/${KERNELS} \${{ secrets.KERNELS_READ_TOKEN }}`,
    'registry-credentials': `${stage.registry.host} ${ROBOT} \${{ secrets.REGISTRY_PASSWORD }}`,
    ...(isSmall ? {'build-args': `TORCH_PACKAGES=${SMALL_PACKAGES}`} : {})
  }
}

/** Runs the built action as a runner would, with its log shown line by line, and looks for secrets in all it said. */
export async function play(stage: Stage, scene: Scene): Promise<RunResult> {
  const secrets = {...stage.secrets, ...scene.secrets}
  const result = await runAction({
    action: ACTION,
    event: eventFor(scene.event, stage.workspace, {repository: APP, serverUrl: stage.git.url}),
    inputs: inputsOf(stage, scene.isSmall),
    workspace: stage.workspace,
    secrets,
    environment: {...inheritedFrom(process.env), ...stage.engine.env},
    onLine: line => scene.say(line.text)
  })
  const seen = secretsSeen(result, secrets)
  if (seen.length > 0) throw new Error(`Secrets stand where they may be read: ${JSON.stringify(seen)}`)
  return result
}
