import type {Facts} from '../model/facts.ts'
import type {BuilderWork, ImageAccess} from '../model/work-build.ts'
import type {BaseImages} from './base-images.ts'
import {type BuilderChoice, buildxToInstall} from './builder.ts'
import type {Caching} from './cache.ts'
import {routesOf} from './door.ts'
import type {Output} from './output.ts'
import {trustOf} from './permit.ts'

/** The builder that was chosen, with the docker configuration and the door that it is given. */
export function builderWork(
  facts: Facts,
  made: {
    readonly builder: BuilderChoice
    readonly caching: Caching
    readonly output: Output
    readonly images: readonly ImageAccess[]
    readonly bases: BaseImages
  }
): BuilderWork {
  const {machine, paths} = facts
  const {builder, caching, output, images, bases} = made
  const [primary] = images
  const candidate =
    output.kind === 'candidate' && primary !== undefined ? [{...primary, actions: 'pull,push' as const, tags: []}] : []
  const installBuildx = buildxToInstall(facts)
  return {
    ...builder,
    docker: machine.docker?.path ?? 'docker',
    directory: `${paths.run}/docker`,
    inheritsLogins: trustOf(facts) !== 'none',
    routes: routesOf([...candidate, ...caching.passages, ...bases.passages]),
    // A hosted machine is new; one of the owner's may have seen a run that lost its power.
    ...(machine.runner === 'self-hosted' && machine.engine !== undefined ? {sweeps: true as const} : {}),
    ...(machine.engine === undefined ? {} : {endpoint: machine.engine.endpoint}),
    ...(installBuildx === undefined ? {} : {installBuildx})
  }
}
