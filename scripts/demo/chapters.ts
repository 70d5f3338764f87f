import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {RunResult} from '../runner/result.ts'
import {run} from '../world/command.ts'
import {play, type Scene} from './play.ts'
import {freshCheckout, ROBOT, type Stage} from './stage.ts'
import {CHANGE, PROOF} from './story.ts'
import type {Row} from './table.ts'

/** Where and how the chapters are told. */
export interface Telling {
  readonly stage: Stage
  readonly isSmall: boolean
  readonly say: (line: string) => void
}

/** A part of the story: it plays, checks what it promises, and gives a row for the closing table. */
export interface Chapter {
  readonly title: string
  tell(telling: Telling): Promise<string>
}

/** The story, in order. Each chapter stands on the one before it. */
export const CHAPTERS: readonly Chapter[] = [
  {
    title: 'a push: private submodule, build, push',
    async tell(telling) {
      const {outputs} = await succeed(telling, 'push')
      expectThat(outputs.pushed === 'true', 'the image is pushed', outputs)
      await expectTag(telling.stage, 'main', outputs.digest)
      const [said, greeting] = await runImage(telling)
      expectThat(greeting.includes('the private kernels'), 'the private code is in the image', {greeting})
      return `${outputs.digest?.slice(0, 19)}…, runs: ${said}`
    }
  },
  {
    title: 'the same push again',
    async tell(telling) {
      const {outputs} = await succeed(telling, 'push')
      return `pushed: ${outputs.pushed}, every step from the cache`
    }
  },
  {
    title: 'one changed line of code',
    async tell(telling) {
      await changeOneLine(telling.stage)
      const {outputs} = await succeed(telling, 'push')
      await expectTag(telling.stage, 'main', outputs.digest)
      const [, greeting] = await runImage(telling)
      expectThat(greeting.includes(CHANGE.to), 'the image holds the changed line', {greeting})
      return greeting.trim()
    }
  },
  {
    title: 'a fork’s pull request, same workflow',
    async tell(telling) {
      const {stage} = telling
      await freshCheckout(stage)
      const before = {tokens: stage.registry.tokenLog().length, git: stage.git.log().length}
      const {outputs} = await succeed(telling, 'fork-pull-request')
      const scopes = stage.registry.tokenLog().slice(before.tokens)
      const reads = stage.git.log().slice(before.git)
      expectThat(outputs.pushed === 'false', 'nothing is pushed', outputs)
      expectThat(!JSON.stringify(scopes).includes('push'), 'no push scope was asked for', scopes)
      expectThat(!reads.some(row => row.authorization), 'no git credential was used', reads)
      return `built, not pushed (${outputs['push-reason']}), no push scope asked for`
    }
  },
  {
    title: 'a wrong token',
    async tell(telling) {
      const result = await perform(telling, {event: 'push', secrets: {REGISTRY_PASSWORD: 'an-expired-password'}})
      const titles = result.annotations.map(annotation => annotation.properties.title ?? annotation.message)
      const told = titles.find(title => title.includes('push-denied'))
      expectThat(result.conclusion === 'failure' && told !== undefined, 'the push is refused by name', titles)
      const isBuilt = result.log.some(line => line.text.includes('docker buildx build'))
      expectThat(!isBuilt, 'nothing was built', titles)
      return 'refused before the build: push-denied'
    }
  }
]

/** Plays all chapters; stops at the first whose promise does not hold. */
export async function tellStory(telling: Telling, onRow: (row: Row) => void): Promise<void> {
  for (const [index, chapter] of CHAPTERS.entries()) {
    telling.say(`\n── ${index + 1} of ${CHAPTERS.length}: ${chapter.title} ${'─'.repeat(40)}`)
    const bytesBefore = await storedBytes(telling.stage)
    const result = await chapter.tell(telling)
    onRow({
      what: chapter.title,
      result,
      seconds: playedSeconds(),
      pushedBytes: (await storedBytes(telling.stage)) - bytesBefore
    })
  }
}

let played = 0

/** How long the action itself took in the chapter, main and post, without our own checks. */
function playedSeconds(): number {
  const seconds = played / 1000
  played = 0
  return seconds
}

async function perform({stage, isSmall, say}: Telling, scene: Pick<Scene, 'event' | 'secrets'>): Promise<RunResult> {
  const result = await play(stage, {isSmall, say, ...scene})
  played += result.main.durationMs + (result.post?.durationMs ?? 0)
  expectThat(result.orphans.length === 0, 'no process is left running', result.orphans)
  expectThat(
    result.leftInTemp.length === 0,
    'nothing is left in RUNNER_TEMP',
    result.leftInTemp.map(file => file.path)
  )
  return result
}

async function succeed(telling: Telling, event: Scene['event']): Promise<RunResult> {
  const result = await perform(telling, {event})
  expectThat(result.conclusion === 'success', `the run of the event ${event} is green`, result.annotations)
  return result
}

function expectThat(holds: boolean, promise: string, evidence: unknown): void {
  if (!holds)
    throw new Error(`The demo expected that ${promise}. What it saw: ${JSON.stringify(evidence, undefined, 2)}`)
}

/** Reads a tag back from the registry with another client than the action's. */
async function expectTag(stage: Stage, tag: string, digest: string | undefined): Promise<void> {
  const login = ['--creds', `${ROBOT}:${stage.secrets.REGISTRY_PASSWORD}`]
  const inspect = [stage.skopeo, 'inspect', '--tls-verify=false', ...login, '--format', '{{.Digest}}']
  const standing = await run([...inspect, `docker://${stage.image}:${tag}`])
  expectThat(standing.trim() === digest, `${tag} reads back as the digest that was built`, {standing, digest})
}

/** Runs the pushed image, pulled from the registry: the proof, then the application. */
async function runImage({stage, isSmall}: Telling): Promise<readonly [string, string]> {
  const configuration = join(stage.workspace, '..', 'demo-docker')
  mkdirSync(configuration, {recursive: true})
  const auth = Buffer.from(`${ROBOT}:${stage.secrets.REGISTRY_PASSWORD}`).toString('base64')
  writeFileSync(join(configuration, 'config.json'), JSON.stringify({auths: {[stage.registry.host]: {auth}}}), {
    mode: 0o600
  })
  const env = {...process.env, ...stage.engine.env, DOCKER_CONFIG: configuration}
  const container = ['run', '--rm', '--pull=always', '--quiet', '--network=none', '--read-only', '--cap-drop=ALL']
  const python = [stage.engine.dockerPath, ...container, `${stage.image}:main`, 'python3']
  try {
    const proof = await run([...python, '-c', isSmall ? PROOF.small : PROOF.torch], {env})
    return [proof.trim(), await run([...python, 'app.py'], {env})]
  } finally {
    // What was pulled to be run would stay in an engine that is the machine's own.
    await run([stage.engine.dockerPath, 'image', 'rm', '--force', `${stage.image}:main`], {env})
    rmSync(configuration, {recursive: true})
  }
}

async function changeOneLine(stage: Stage): Promise<void> {
  const path = join(stage.workspace, 'app.py')
  writeFileSync(path, readFileSync(path, 'utf8').replace(CHANGE.from, CHANGE.to))
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  await run(['git', '-C', stage.workspace, ...identity, 'commit', '--quiet', '--all', '--message', 'Greet again'])
}

async function storedBytes(stage: Stage): Promise<number> {
  return Number((await run(['du', '--summarize', '--bytes', stage.registry.folder])).split('\t')[0])
}
