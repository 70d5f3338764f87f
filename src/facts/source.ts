import type {Host} from '../host/host.ts'
import {adviseOn} from '../image/advice.ts'
import {parseDockerfile, stagesReached} from '../image/dockerfile.ts'
import {hasStage} from '../image/stages.ts'
import type {RunPaths} from '../model/facts.ts'
import type {Inputs} from '../model/inputs.ts'
import {nearestOf} from '../model/nearest.ts'
import {Problem} from '../model/problem.ts'
import type {Advice, Dockerfile, SourceFacts, Variable} from '../model/source.ts'
import {gitAnswer} from './asking-git.ts'
import {readLock} from './committed-lock.ts'
import {lookThrough} from './context.ts'
import {contextDirectory, type DockerfilePlace, findDockerfile} from './dockerfile-place.ts'
import {withoutUserinfo} from './origin-url.ts'
import {coverSecret} from './parse/assignments.ts'
import {readSubmodules} from './submodules.ts'

/** What the source tree says, read before anything of it runs. Throws Problems where it cannot be built. */
export async function gatherSource(
  {inputs, paths}: {readonly inputs: Inputs; readonly paths: RunPaths},
  host: Host
): Promise<SourceFacts> {
  const {workspace} = paths
  const [submodules, originUrl, committedAt] = await Promise.all([
    inputs.submodules === 'false' ? [] : readSubmodules(workspace, host),
    gitAnswer(host, workspace, ['config', '--local', '--get', 'remote.origin.url']),
    gitAnswer(host, workspace, ['show', '-s', '--format=%cI', 'HEAD'])
  ])
  const place = await findDockerfile({inputs, paths, submodules}, host)
  const dockerfile = readDockerfile(place, inputs, host)
  const directory = contextDirectory(inputs, paths)
  const reached = stagesReached(dockerfile, inputs.target, {args: argsOf(inputs)})
  const takes = reached.flatMap(stage => stage.takes ?? [])
  const look = {
    directory: directory ?? '',
    dockerfile,
    takes,
    requirements: inputs.requirements,
    extensions: inputs.extensions,
    fetchedLater: submodules.map(({path}) => `${workspace}/${path}`)
  }
  const context = directory === undefined ? NOTHING_SEEN : await lookThrough(look, host)
  const lock =
    inputs.lock === undefined || inputs.mode === 'lock' ? undefined : await readLock(inputs.lock, paths, host)
  return {
    dockerfile,
    submodules,
    advice: gatherAdvice(place, inputs, host),
    ...(originUrl === undefined ? {} : {originUrl: withoutUserinfo(originUrl)}),
    ...(committedAt === undefined ? {} : {committedAt: new Date(committedAt).toISOString().replace('.000Z', 'Z')}),
    ...context,
    ...(lock === undefined ? {} : {lock})
  }
}

/** What is said of a context that only the builder sees. */
const NOTHING_SEEN = {ignore: [], exposed: [], missingRequirements: [], namedIndexes: []}

function readDockerfile({source, path, shown, text}: DockerfilePlace, inputs: Inputs, host: Host): Dockerfile {
  if (text === undefined) return {source, path, shown, globals: [], stages: []}
  const parsed = parseDockerfile(text, {shown, args: argsOf(inputs)})
  const {target} = inputs
  if (target !== undefined && !hasStage(parsed, target)) {
    const nearest = nearestOf(
      target,
      parsed.stages.flatMap(({name}) => (name === undefined ? [] : [name]))
    )
    throw new Problem('input-invalid', {
      what: `\`target: ${target}\` is no stage of ${shown}.`,
      why: `Its stages are ${parsed.stages.map(({name}, at) => name ?? at).join(', ')}.`,
      fix: nearest === undefined ? 'Name one of them.' : `Did you mean \`target: ${nearest}\`?`
    })
  }
  const cover = (variable: Variable) => coverVariable(variable, shown, host)
  return {
    ...parsed,
    source,
    path,
    globals: parsed.globals.map(cover),
    stages: parsed.stages.map(stage => ({...stage, variables: stage.variables.map(cover)}))
  }
}

/** Advice is for those who can follow it: the built-in Dockerfile is not theirs. */
function gatherAdvice({source, shown, text}: DockerfilePlace, inputs: Inputs, host: Host): readonly Advice[] {
  if (source === 'built-in' || text === undefined) return []
  const {target, buildContexts} = inputs
  const contexts = buildContexts.map(({name}) => name)
  const advice = adviseOn(text, {shown, args: argsOf(inputs), contexts, ...(target === undefined ? {} : {target})})
  // It quotes the Dockerfile, where a secret may stand.
  return advice.map(each => ({...each, what: host.secrets.cover(each.what), fix: host.secrets.cover(each.fix)}))
}

/** A variable whose value is not told where it is a secret. */
function coverVariable(variable: Variable, shown: string, host: Host): Variable {
  const {value, ...rest} = variable
  if (value === undefined || value === '') return variable
  const {find, keep} = host.secrets
  const {carriesSecret} = coverSecret(variable.name, value, {find, keep, input: shown})
  return carriesSecret === undefined ? variable : {...rest, carriesSecret}
}

/** Build arguments with a value that may be looked at. */
function argsOf({buildArgs}: Inputs): Record<string, string> {
  const plain = buildArgs.filter(({carriesSecret}) => carriesSecret === undefined)
  return Object.fromEntries(plain.map(({name, value}) => [name, value]))
}
