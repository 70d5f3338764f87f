import type {Dockerfile, Stage} from '../model/source.ts'
import {expandVariables} from './expansion.ts'

/** What a build brings along that changes which stages it runs. */
export interface StageChoice {
  /** Values for `ARG`s, with the platform's own (`TARGETARCH` and the like) where they are known. */
  readonly args?: Readonly<Record<string, string>>
  /** Named contexts: one that bears a stage's name takes its place. */
  readonly contexts?: readonly string[]
}

/** Arguments that BuildKit sets by platform. */
const PLATFORM_ARGS = ['PLATFORM', 'OS', 'ARCH', 'VARIANT'].flatMap(part => [`TARGET${part}`, `BUILD${part}`])
const UNKNOWN = '\u0000'

/** The arguments that BuildKit sets for a platform such as `linux/arm64/v8`. */
export function platformArgs(platform: string): Readonly<Record<string, string>> {
  const [os = '', arch = '', variant = ''] = platform.split('/')
  return {TARGETPLATFORM: platform, TARGETOS: os, TARGETARCH: arch, TARGETVARIANT: variant}
}

/**
 * The stages that a build of a target executes, in the order of the file: the target, what it is built from, and what
 * those copy or mount from.
 *
 * Without a target it is the last stage. An unknown target reaches nothing. Where a platform decides and is not given,
 * every stage that may be meant is reached.
 */
export function stagesReached(
  dockerfile: Pick<Dockerfile, 'stages' | 'globals'>,
  target?: string,
  choice: StageChoice = {}
): readonly Stage[] {
  const {stages} = dockerfile
  const first = target === undefined ? stages.length - 1 : stageNamed(target, stages, stages.length)
  const reached = new Set<number>()
  const waiting = first === undefined || first < 0 ? [] : [first]
  const replaced = (choice.contexts ?? []).map(name => name.toLowerCase())
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const stage = stages[index]
    if (stage === undefined || reached.has(index) || replaced.includes(stage.name?.toLowerCase() ?? UNKNOWN)) continue
    reached.add(index)
    waiting.push(...basesOf(stage, index, {dockerfile, args: choice.args ?? {}}))
    for (const read of stage.reads) waiting.push(stageNamed(read, stages, stages.length) ?? -1)
  }
  return stages.filter((_, index) => reached.has(index))
}

/**
 * The image that a stage begins with, its variables filled in; undefined where it begins with another stage, with
 * nothing (`scratch`), or where only the platform can tell.
 */
export function baseImageOf(
  stage: Stage,
  dockerfile: Pick<Dockerfile, 'stages' | 'globals'>,
  args: Readonly<Record<string, string>>
): string | undefined {
  const base = expandVariables(stage.from, name => globalValue(name, dockerfile, args))
  if (base === undefined || base === '' || base === 'scratch' || base.includes(UNKNOWN)) return undefined
  const earlier = dockerfile.stages.slice(0, dockerfile.stages.indexOf(stage))
  return stageNamed(base, earlier, earlier.length) === undefined ? base : undefined
}

/** The image that a stage stands on in the end, through the stages below it; undefined as with `baseImageOf`. */
export function lowestImageOf(
  stage: Stage,
  dockerfile: Pick<Dockerfile, 'stages' | 'globals'>,
  args: Readonly<Record<string, string>>
): string | undefined {
  const own = baseImageOf(stage, dockerfile, args)
  if (own !== undefined) return own
  const base = expandVariables(stage.from, name => globalValue(name, dockerfile, args))
  const at = base === undefined ? undefined : stageNamed(base, dockerfile.stages, dockerfile.stages.indexOf(stage))
  const below = at === undefined ? undefined : dockerfile.stages[at]
  return below === undefined ? undefined : lowestImageOf(below, dockerfile, args)
}

/**
 * The platform that a stage's commands run on: what its `FROM` says, else that of the stage below it, else the image's.
 *
 * `args` hold BuildKit's platform arguments; undefined where what is said cannot be told from them.
 */
export function platformOfStage(
  stage: Stage,
  dockerfile: Pick<Dockerfile, 'stages' | 'globals'>,
  args: Readonly<Record<string, string>>
): string | undefined {
  const lookup = (name: string) => globalValue(name, dockerfile, args)
  if (stage.platform !== undefined) {
    const said = expandVariables(stage.platform, lookup)
    return said?.includes(UNKNOWN) === true ? undefined : said
  }
  const at = dockerfile.stages.indexOf(stage)
  const base = expandVariables(stage.from, lookup)
  const below = base === undefined || /^\d+$/.test(base) ? undefined : stageNamed(base, dockerfile.stages, at)
  const lower = below === undefined ? undefined : dockerfile.stages[below]
  return lower === undefined ? args.TARGETPLATFORM : platformOfStage(lower, dockerfile, args)
}

/** Images, of those that a stage copies or mounts from: what is no stage. */
export function imagesReadBy(stage: Stage, {stages}: Pick<Dockerfile, 'stages'>): readonly string[] {
  return stage.reads.filter(read => stageNamed(read, stages, stages.length) === undefined && !/^\d+$/.test(read))
}

/** Whether a target is the name or the number of a stage. */
export function hasStage(dockerfile: Pick<Dockerfile, 'stages'>, target: string): boolean {
  return stageNamed(target, dockerfile.stages, dockerfile.stages.length) !== undefined
}

function stageNamed(text: string, stages: readonly Stage[], before: number): number | undefined {
  const name = text.toLowerCase()
  const index = stages.slice(0, before).findLastIndex(stage => stage.name?.toLowerCase() === name)
  if (index !== -1) return index
  const number = /^\d+$/.test(text) ? Number(text) : -1
  return number >= 0 && number < before ? number : undefined
}

function basesOf(
  stage: Stage,
  index: number,
  {dockerfile, args}: {dockerfile: Pick<Dockerfile, 'stages' | 'globals'>; args: Readonly<Record<string, string>>}
): readonly number[] {
  const earlier = dockerfile.stages.slice(0, index)
  const base = expandVariables(stage.from, name => globalValue(name, dockerfile, args))
  if (base === undefined) return []
  if (!base.includes(UNKNOWN)) return /^\d+$/.test(base) ? [] : [stageNamed(base, earlier, index) ?? -1]
  const pattern = new RegExp(`^${base.split(UNKNOWN).map(escapePattern).join('.*')}$`, 'i')
  return earlier.flatMap((candidate, at) => (pattern.test(candidate.name ?? '') ? [at] : []))
}

function globalValue(
  name: string,
  dockerfile: Pick<Dockerfile, 'globals'>,
  args: Readonly<Record<string, string>>
): string | undefined {
  const given = Object.hasOwn(args, name) ? args[name] : undefined
  const declared = dockerfile.globals.findLast(variable => variable.name === name)
  if (PLATFORM_ARGS.includes(name)) return given ?? declared?.value ?? UNKNOWN
  if (declared === undefined) return ''
  const before = dockerfile.globals.slice(0, dockerfile.globals.indexOf(declared))
  return given ?? expandVariables(declared.value ?? '', other => globalValue(other, {globals: before}, args))
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
