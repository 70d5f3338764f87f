import {platformArgs, platformOfStage, stagesReached} from '../image/stages.ts'
import type {Facts} from '../model/facts.ts'
import type {Verdict} from '../model/verdict.ts'
import {machinePlatform, platformsOf} from './stages.ts'

/** Whether this machine runs programs of a platform by itself: its own, and those of its variants. */
export function isForeign(facts: Facts, platform: string): boolean {
  const familyOf = (name: string) => name.split('/').slice(0, 2).join('/')
  return familyOf(platform) !== familyOf(machinePlatform(facts))
}

/**
 * Which platforms need emulation or a builder of their own, because commands of the build run on them.
 *
 * Wheels that are laid as layers, and code that is copied, need neither.
 */
export function emulationNotices(facts: Facts, laying: Verdict): readonly string[] {
  const {dockerfile} = facts.source
  const isLaidWhole = laying.allowed && dockerfile.source === 'built-in'
  if (isLaidWhole || facts.inputs.mode === 'lock') return []
  return [...foreignRuns(facts)].map(([platform, line]) => {
    const place = dockerfile.source === 'built-in' ? 'The built-in Dockerfile' : `${dockerfile.shown}, line ${line},`
    return (
      `${place} runs commands for ${platform}, and this machine runs ${machinePlatform(facts)}. It takes QEMU ` +
      '(docker/setup-qemu-action), which is several times slower, or a `builder` with a node of that platform.'
    )
  })
}

/** The first command of the build on each platform that this machine does not run. */
function foreignRuns(facts: Facts): ReadonlyMap<string, number> {
  const {inputs, source} = facts
  const {dockerfile} = source
  const given = Object.fromEntries(inputs.buildArgs.map(({name, value}) => [name, value]))
  const contexts = inputs.buildContexts.map(({name}) => name)
  const found = new Map<string, number>()
  for (const target of platformsOf(facts)) {
    const args = {...given, BUILDPLATFORM: machinePlatform(facts), ...platformArgs(target)}
    for (const stage of stagesReached(dockerfile, inputs.target, {args, contexts})) {
      const platform = platformOfStage(stage, dockerfile, args)
      if (stage.runsAt === undefined || platform === undefined || !isForeign(facts, platform)) continue
      if (!found.has(platform)) found.set(platform, stage.runsAt)
    }
  }
  return found
}
