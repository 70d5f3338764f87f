import {platformArgs, stagesReached} from '../image/stages.ts'
import type {Facts} from '../model/facts.ts'
import type {Stage} from '../model/source.ts'

/** What BuildKit calls the architectures that Node names otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = {x64: 'amd64', arm: 'arm/v7', ia32: '386'}

/** The platforms that are built for: those asked for, else this machine's. */
export function platformsOf(facts: Facts): readonly string[] {
  return facts.inputs.platforms.length > 0 ? facts.inputs.platforms : [machinePlatform(facts)]
}

/** What this machine runs without emulation, in BuildKit's words. */
export function machinePlatform({machine}: Facts): string {
  return `linux/${ARCHITECTURES[machine.arch] ?? machine.arch}`
}

/** The stages that the build executes on any of its platforms, in the order of the file. */
export function stagesBuilt(facts: Facts): readonly Stage[] {
  const {inputs, source} = facts
  const ofUser = Object.fromEntries(inputs.buildArgs.map(({name, value}) => [name, value]))
  const {folders, packages} = inputs.extensions
  const ofInputs = {FLAVOR: inputs.flavor, EXTENSIONS: folders.join(' '), EXTENSION_PACKAGES: packages.join(' ')}
  const given = source.dockerfile.source === 'built-in' ? {...ofInputs, ...ofUser} : ofUser
  const contexts = inputs.buildContexts.map(({name}) => name)
  const reached = platformsOf(facts).flatMap(platform => {
    const args = {...given, ...platformArgs(platform)}
    return stagesReached(source.dockerfile, inputs.target, {args, contexts})
  })
  return source.dockerfile.stages.filter(stage => reached.includes(stage))
}
