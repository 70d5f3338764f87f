import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {WorkflowEvent} from '../../scripts/runner/event.ts'
import {type EventName, type EventOptions, makeEvent} from '../../scripts/runner/events.ts'
import {eventPathOf} from '../../scripts/runner/variables.ts'
import type {RegistryPort} from '../../src/host/host.ts'
import type {PushAnswer} from '../../src/model/plan.ts'
import {problemsOf} from '../../src/model/problem.ts'
import type {Report} from '../../src/model/report.ts'
import {reportFailure} from '../../src/report/report.ts'
import {run} from '../../src/run.ts'
import {undo} from '../../src/undo.ts'
import {type FakeHost, makeFakeHost} from '../support/fake-host.ts'
import {type MemoryRegistry, makeMemoryRegistry} from '../support/memory-registry.ts'
import {type Build, buildWorks, isFoundation, layersWork, resolveWorks} from './builds.ts'
import {noteSteps} from './course.ts'
import {type Behaviour, filesOf, PLACES, programsOf} from './machine.ts'
import {expectPromisesKept} from './promises.ts'
import {type Found, type RootedFiles, rootFiles} from './rooted-files.ts'
import {type Step, stepFor} from './workflow.ts'

/** A story: an event meets the one workflow that all stories share. */
export interface Scenario extends Partial<Omit<Behaviour, 'build' | 'read'>> {
  readonly event: EventName
  readonly options?: EventOptions
  /** Over those of the shared workflow. */
  readonly inputs?: Readonly<Record<string, string>>
  /** What the registry says to the question whether a push will be allowed. */
  readonly push?: Partial<PushAnswer>
  readonly build?: Build
  /** What stands in the registry before the run. */
  readonly before?: (registry: MemoryRegistry) => void
}

/** What became of it. */
export interface Played {
  readonly event: WorkflowEvent
  readonly step: Step
  readonly host: FakeHost
  readonly registry: MemoryRegistry
  /** Absent where the run ended before it had a plan. */
  readonly report?: Report
  /** Codes of what stopped it. */
  readonly problems: readonly string[]
  /** What main did, in order. */
  readonly did: readonly string[]
  /** For each of these in which step it was done, as far as one had begun. */
  readonly steps: readonly (string | undefined)[]
  /** What lay in `RUNNER_TEMP` when main had ended. */
  readonly files: readonly Found[]
  /** What is in those files, by path. */
  readonly contents: ReadonlyMap<string, string>
  /** Names of the secrets that were written as such, by path. */
  readonly secretFiles: ReadonlyMap<string, string>
  /** Paths of files that are not the action's own doing. */
  readonly laid: ReadonlySet<string>
  /** What post did. */
  readonly undid: readonly string[]
  readonly filesAfterPost: readonly Found[]
}

/** Plays a story to its end, main and then post, and holds it to what every run promises. */
export async function play(scenario: Scenario): Promise<Played> {
  const folder = mkdtempSync(join(tmpdir(), 'scenario-'))
  try {
    const played = await playIn(folder, scenario)
    expectPromisesKept(played)
    return played
  } finally {
    rmSync(folder, {recursive: true, force: true})
  }
}

async function playIn(folder: string, scenario: Scenario): Promise<Played> {
  const event = makeEvent(scenario.event, scenario.options)
  const step = stepFor(event, scenario.inputs)
  // Files and registry tell their deeds into the host's own list, so that all of them stand in one order.
  const say = (deed: string) => void (host.deeds as string[]).push(deed)
  const files = rootFiles(folder, say)
  const registry = makeMemoryRegistry()
  scenario.before?.(registry)
  const behaviour: Behaviour = {
    head: event.sha,
    engine: 'answers',
    ...scenario,
    resolve: command => resolveWorks(command, {registry, lay: files.lay, cancel: host.cancel}),
    build: command => {
      const build = isFoundation(command) ? buildWorks : (scenario.build ?? buildWorks)
      return build(command, {registry, lay: files.lay, cancel: host.cancel})
    },
    read: path => readFileSync(join(folder, path), 'utf8')
  }
  files.lay({...filesOf(behaviour), [eventPathOf(PLACES.temp)]: JSON.stringify(event.payload)})
  const fake = makeFakeHost({
    env: step.env,
    inputs: step.inputs,
    files,
    programs: programsOf(behaviour),
    registry: toldRegistry(registry, {push: scenario.push ?? {}, say}),
    github: {compareCommits: async () => 'ahead', ask: async () => ({status: 0, message: '', json: undefined})},
    layers: layersWork,
    place: {action: PLACES.action, runName: `${event.runId}-${event.runAttempt}`}
  })
  // A clock that stands still, so that a line more in the log changes no story.
  const host: FakeHost = {...fake, clock: {...fake.clock, elapsedMs: () => 0}}

  const steps = noteSteps(host.deeds as string[])
  const ended = await runAsMain(host)
  const did = [...host.deeds]
  const found = filesOfRun(files)
  const contents = found.filter(({kind}) => kind === 'file').map(({path}) => [path, behaviour.read(path)] as const)
  await undo(host)
  return {
    event,
    step,
    host,
    registry,
    ...ended,
    did,
    steps,
    files: found,
    contents: new Map(contents),
    secretFiles: files.secrets,
    laid: files.laid,
    undid: host.deeds.slice(did.length),
    filesAfterPost: filesOfRun(files)
  }
}

/** What lies in `RUNNER_TEMP` without the runner's own files. */
function filesOfRun(files: RootedFiles): readonly Found[] {
  const events = eventPathOf(PLACES.temp).replace(/\/[^/]+$/, '')
  return files.below(PLACES.temp).filter(({path}) => !path.startsWith(events))
}

function toldRegistry(
  registry: MemoryRegistry,
  {push, say}: {push: Partial<PushAnswer>; say: (deed: string) => void}
): RegistryPort {
  return {
    ...registry,
    probePush: async (image, credential) => {
      say(`ask ${image.registry} whether ${credential?.user ?? 'anyone'} may push to ${image.repository}`)
      return {...(await registry.probePush(image, credential)), ...push}
    },
    writeManifest: async (image, reference, manifest, credential) => {
      say(`put ${image.registry}/${image.repository}:${reference} as ${credential?.user ?? 'anyone'}`)
      return registry.writeManifest(image, reference, manifest, credential)
    }
  }
}

/** As `main.ts` does it: what no report tells is told by `reportFailure`. */
async function runAsMain(host: FakeHost): Promise<Pick<Played, 'report' | 'problems'>> {
  try {
    const report = await run(host)
    return {report, problems: report.outcome.problems.map(({code}) => code)}
  } catch (thrown) {
    const problems = problemsOf(thrown)
    await reportFailure(problems, thrown, host)
    return {problems: problems.length === 0 ? [`bug: ${String(thrown)}`] : problems.map(({code}) => code)}
  }
}
