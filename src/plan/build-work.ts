import {isSameImage} from '../image/reference.ts'
import type {Facts} from '../model/facts.ts'
import type {ImageName} from '../model/inputs.ts'
import type {BuildWork, ImageAccess} from '../model/work-build.ts'
import {argumentsByEnvironment} from './arguments.ts'
import {buildArgv, type Recipe, type Shape} from './build.ts'
import type {Caching} from './cache.ts'
import {type Labels, runLabelsOf} from './labels.ts'
import type {Output} from './output.ts'
import {buildDirectory, metadataFile} from './paths.ts'
import {agentVariablesOf, buildAccessOf, keyFilesOf, keysOf} from './secrets.ts'
import type {Naming} from './tags.ts'

/** One run of buildx, with what it reads and what it leaves. */
export function buildWork(
  facts: Facts,
  made: {
    readonly recipe: Recipe
    readonly output: Output
    readonly labels: Labels
    readonly caching: Caching
    readonly images: readonly ImageAccess[]
    readonly naming: Naming
  }
): BuildWork {
  const {paths, source} = facts
  const {recipe, output, labels, caching, images, naming} = made
  const {dockerfile, ignore} = source
  const isPublished = output.kind === 'candidate'
  const candidate = isPublished ? (images[0] ?? null) : null
  const compareWith = candidate === null ? undefined : movingTagOf(naming, candidate.image)
  const maxBytes = facts.inputs.maxSizeBytes
  return {
    argv: buildArgv(recipe, {
      outputs: output.values,
      shape: shapeOf(facts, output),
      labels,
      runLabels: runLabelsOf(facts)
    }),
    workspace: paths.workspace,
    directory: buildDirectory(facts),
    buildArgs: argumentsByEnvironment(recipe.arguments),
    runnerVariables: [...caching.runnerVariables, ...agentVariablesOf(facts)],
    secrets: recipe.secrets,
    ssh: keysOf(facts),
    access: buildAccessOf(facts),
    keyFiles: keyFilesOf(facts),
    dockerfile: {source: dockerfile.source, path: dockerfile.path},
    ignore: dockerfile.source === 'built-in' ? ignore : [],
    metadataFile: metadataFile(facts),
    output: output.kind,
    ...(maxBytes === undefined ? {} : {maxBytes}),
    ...(compareWith === undefined ? {} : {compareWith}),
    candidate,
    ...(output.leavesImage === undefined ? {} : {leavesImage: output.leavesImage}),
    ...(output.loadAs === undefined ? {} : {loadAs: output.loadAs}),
    ...(caching.directory === undefined || caching.from.length === 0 ? {} : {localCache: caching.directory})
  }
}

/** The tag whose image this run is going to replace. */
function movingTagOf({tags}: Naming, own: ImageName): string | undefined {
  return tags.find(({class: kind, image}) => kind === 'moving' && (image === undefined || isSameImage(image, own)))?.tag
}

/** An engine without the containerd image store cannot load an image that stands in an index. */
function shapeOf({machine}: Facts, {kind, loadAs}: Output): Shape {
  if (kind !== 'candidate') return 'unpublished'
  return loadAs === undefined || machine.engine?.hasContainerdStore === true ? 'index' : 'manifest'
}
