import {isAbsolute, join, relative} from 'node:path/posix'
import {isRemoteContext} from '../git/remote-context.ts'
import type {Host} from '../host/host.ts'
import type {RunPaths} from '../model/facts.ts'
import type {Inputs} from '../model/inputs.ts'
import {Problem} from '../model/problem.ts'
import type {Dockerfile, Submodule} from '../model/source.ts'

/** Where the Dockerfile of a build lies; without a text where it comes only with the build itself. */
export interface DockerfilePlace extends Pick<Dockerfile, 'source' | 'path' | 'shown'> {
  readonly text?: string
}

/** What it is looked for by. */
export interface DockerfileSearch {
  readonly inputs: Inputs
  readonly paths: RunPaths
  readonly submodules: readonly Submodule[]
}

const BUILT_IN = 'dockerfiles/pytorch-cuda.Dockerfile'
// BuildKit takes either.
const USUAL = ['Dockerfile', 'dockerfile']

/** The context's directory; undefined for one that the builder fetches. */
export function contextDirectory({context}: Inputs, {workspace}: RunPaths): string | undefined {
  return isRemoteContext(context) ? undefined : resolveIn(workspace, context)
}

/**
 * The Dockerfile to build: the one that `file` names, else the context's, else the one that comes with the action.
 *
 * Throws `context-missing`, `dockerfile-missing`, and `dockerfile-invalid` for a link that leaves the workspace.
 */
export async function findDockerfile(search: DockerfileSearch, host: Host): Promise<DockerfilePlace> {
  const {inputs, paths} = search
  const context = contextDirectory(inputs, paths)
  if (context === undefined)
    return {
      source: 'user',
      path: inputs.file ?? 'Dockerfile',
      shown: `${inputs.file ?? 'Dockerfile'} of the remote context`
    }
  const contextKind = await host.files.kindOf(context)
  const isToCome = contextKind === 'absent' && isInSubmodule(context, search)
  if (contextKind !== 'directory' && !isToCome) throw contextMissing(inputs.context)
  if (inputs.file !== undefined) return namedDockerfile(resolveIn(paths.workspace, inputs.file), search, host)
  if (isToCome) return {source: 'user', path: join(context, 'Dockerfile'), shown: join(inputs.context, 'Dockerfile')}
  for (const name of USUAL) {
    const path = join(context, name)
    if ((await host.files.kindOf(path)) === 'file') return readPlace(path, search, host)
  }
  return builtInDockerfile(paths, host)
}

async function namedDockerfile(path: string, search: DockerfileSearch, host: Host): Promise<DockerfilePlace> {
  const kind = await host.files.kindOf(path)
  if (kind === 'file') return readPlace(path, search, host)
  const {inputs, paths} = search
  if (kind === 'absent' && isInSubmodule(path, search)) return {source: 'user', path, shown: shownPath(path, paths)}
  const inContext = join(inputs.context, inputs.file ?? '')
  const isThere = inputs.context !== '.' && (await host.files.kindOf(resolveIn(paths.workspace, inContext))) === 'file'
  throw new Problem('dockerfile-missing', {
    what: `\`file: ${inputs.file}\` is ${kind === 'absent' ? 'not there' : 'no file'}.`,
    why: 'The path is read from the workspace, as docker reads it from the current folder.',
    fix: isThere
      ? `Write \`file: ${inContext}\`.`
      : 'Correct the path, or leave `file` out for the Dockerfile of the context.'
  })
}

async function readPlace(path: string, {paths}: DockerfileSearch, host: Host): Promise<DockerfilePlace> {
  const real = (await host.files.realPath(path)) ?? path
  const workspace = (await host.files.realPath(paths.workspace)) ?? paths.workspace
  if (isBelow(path, paths.workspace) && !isBelow(real, workspace)) {
    throw new Problem('dockerfile-invalid', {
      what: `${shownPath(path, paths)} is a link that leaves the workspace.`,
      why: 'What it would show is a file of the machine, not of the repository.',
      fix: 'Put the file itself into the repository.'
    })
  }
  const text = await host.files.read(path)
  return {source: 'user', path, shown: shownPath(path, paths), ...(text === undefined ? {} : {text})}
}

async function builtInDockerfile({action}: RunPaths, host: Host): Promise<DockerfilePlace> {
  const path = join(action, BUILT_IN)
  const text = await host.files.read(path)
  if (text !== undefined) return {source: 'built-in', path, shown: 'the built-in Dockerfile', text}
  throw new Problem('dockerfile-missing', {
    what: 'The context has no Dockerfile, and the built-in one is not beside the action.',
    why: 'The action was copied without its `dockerfiles` folder.',
    fix: 'Use the action from its repository, or add a Dockerfile to the context.'
  })
}

function isInSubmodule(path: string, {paths, submodules}: DockerfileSearch): boolean {
  return submodules.some(submodule => isBelow(path, join(paths.workspace, submodule.path)))
}

function isBelow(path: string, directory: string): boolean {
  const way = relative(directory, path)
  return way !== '..' && !way.startsWith('../') && !isAbsolute(way)
}

function shownPath(path: string, {workspace}: RunPaths): string {
  return isBelow(path, workspace) ? relative(workspace, path) : path
}

function resolveIn(directory: string, path: string): string {
  return isAbsolute(path) ? join(path) : join(directory, path)
}

function contextMissing(context: string): Problem {
  return new Problem('context-missing', {
    what: `\`context: ${context}\` is no folder of the workspace.`,
    why: 'There is nothing to send to the builder.',
    fix: 'Correct the path, or check the repository out before this step (`actions/checkout`).'
  })
}
