import {isRuntimeTaken, RUNTIME_CONTEXT} from '../image/named-runtime.ts'
import {lowestImageOf, platformArgs} from '../image/stages.ts'
import type {Facts} from '../model/facts.ts'
import {Problem} from '../model/problem.ts'
import type {TorchSet} from '../model/pytorch.ts'
import type {Stage} from '../model/source.ts'
import type {Verdict} from '../model/verdict.ts'
import {weightOf} from '../pytorch/weight.ts'
import {unpackSeconds} from './costs.ts'
import {platformsOf, stagesBuilt} from './stages.ts'

/**
 * Whether the user's own Dockerfile begins with the runtime that is laid here, or copies from it.
 *
 * A stage or a named context of theirs that bears this name is what they mean by it.
 */
export function standsOnRuntime(facts: Facts): boolean {
  const {source, inputs} = facts
  const {dockerfile} = source
  if (dockerfile.source === 'built-in') return false
  if (isRuntimeTaken([...dockerfile.stages, ...inputs.buildContexts].map(({name}) => name))) return false
  return stagesBuilt(facts).some(stage => isUpon(stage, facts) || stage.reads.includes(RUNTIME_CONTEXT))
}

/** Whether the packages are the action's to choose: those of the built-in image, and of one that begins with the runtime. */
export function choosesPackages(facts: Facts): boolean {
  return facts.source.dockerfile.source === 'built-in' || standsOnRuntime(facts)
}

/**
 * The line from which on a build looks at the files of the runtime below it; undefined where it never does.
 *
 * `COPY --link` and what only changes the configuration do not. Where one line does, a builder fetches all of it.
 */
export function looksInside(facts: Facts): number | undefined {
  const {dockerfile} = facts.source
  if (dockerfile.source === 'built-in') return undefined
  const built = stagesBuilt(facts)
  const upon = built.filter(stage => isUpon(stage, facts))
  const names = [RUNTIME_CONTEXT, ...upon.flatMap(({name}) => (name === undefined ? [] : [name.toLowerCase()]))]
  const numbers = upon.map(stage => String(dockerfile.stages.indexOf(stage)))
  const readers = built.filter(({reads}) =>
    reads.some(read => names.includes(read.toLowerCase()) || numbers.includes(read))
  )
  const lines = [...upon.flatMap(({unpacksAt}) => unpacksAt ?? []), ...readers.map(({line}) => line)]
  return lines.length === 0 ? undefined : Math.min(...lines)
}

/** What `FROM runtime` costs in this Dockerfile, as a sentence. */
export function costOfRuntime(facts: Facts, set: TorchSet | undefined): string {
  const {shown} = facts.source.dockerfile
  const line = looksInside(facts)
  if (line === undefined) return `Nothing in ${shown} looks at its files, so the builder fetches none of them.`
  const bytes = set === undefined ? 0 : (weightOf(set)?.bytes ?? 0)
  return (
    `From line ${line} on ${shown} needs its files (\`RUN\`, \`WORKDIR\`, \`COPY\` without \`--link\`), so a builder that ` +
    `does not have them yet fetches and unpacks ${(bytes / 1e9).toFixed(1)} GB first: about ${unpackSeconds(bytes)} s on two cores.`
  )
}

/** The runtime that a Dockerfile begins with, and which cannot be laid. */
export function checkRuntime(facts: Facts, verdict: Verdict): readonly Problem[] {
  if (!standsOnRuntime(facts) || verdict.allowed) return []
  return [runtimeMissing(facts.source.dockerfile.shown, verdict.because)]
}

function runtimeMissing(shown: string, because: string): Problem {
  return new Problem('runtime-unavailable', {
    what: `${shown} begins with \`FROM runtime\`, and no runtime can be laid for it.`,
    why: because,
    fix: 'Take out what speaks against it, or begin with an image that has PyTorch. A stage of your own with the name `runtime` is used as it is.'
  })
}

function isUpon(stage: Stage, facts: Facts): boolean {
  const {dockerfile} = facts.source
  const given = Object.fromEntries(facts.inputs.buildArgs.map(({name, value}) => [name, value]))
  return platformsOf(facts).some(
    platform => lowestImageOf(stage, dockerfile, {...given, ...platformArgs(platform)}) === RUNTIME_CONTEXT
  )
}
