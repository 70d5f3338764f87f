import {readFileSync} from 'node:fs'
import type {Command, LayersPort} from '../../src/host/host.ts'
import {layoutAt} from '../../src/image/layout-folder.ts'
import type {Answer} from '../support/fake-host.ts'
import type {MemoryRegistry} from '../support/memory-registry.ts'
import {LAYER_LOST} from '../support/scripted-docker.ts'

/** What a build of the stories has at hand. */
export interface BuildSite {
  readonly registry: MemoryRegistry
  /** Writes a file as buildx itself does. */
  lay(files: Readonly<Record<string, string>>): void
  /** As if the runner cancelled the job. */
  cancel(signal: string): void
}

/** What `docker buildx build` does; the second build of a run, which exports the cache, always works. */
export type Build = (command: Command, site: BuildSite) => Answer

const DIGEST = `sha256:${'d1'.repeat(32)}`
const CONFIG_DIGEST = `sha256:${'c0'.repeat(32)}`
const IMAGE = {registry: 'ghcr.io', repository: 'acme/vision'}
const STEPS = [
  '[torch 1/1] RUN install torch',
  '[image 1/2] COPY --link --from=torch / /',
  '[image 2/2] COPY --link . /app'
]

/** Builds, and pushes what it was told to push: the manifest arrives in the registry without a tag. */
export const buildWorks: Build = (command, {registry, lay}) => {
  const isPushed = valuesOf(command, '--output').some(output => output.includes('push=true'))
  const [folder] = valuesOf(command, '--output').flatMap(output => /^type=oci,dest=([^,]+)/.exec(output)?.[1] ?? [])
  const place = folder === undefined ? (isPushed ? IMAGE : undefined) : layoutAt(folder)
  const manifest = place === undefined ? undefined : registry.put(place, labelsOf(command))
  const [metadata] = valuesOf(command, '--metadata-file')
  const told = {'containerimage.digest': manifest?.digest ?? DIGEST, 'containerimage.config.digest': CONFIG_DIGEST}
  if (metadata !== undefined) lay({[metadata]: JSON.stringify(told)})
  const exported = valuesOf(command, '--cache-to').length > 0 ? ['exporting cache to registry'] : []
  return {stderr: [...STEPS, ...exported].map((name, at) => vertex(name, at, {})).join('\n')}
}

/** The set of torch 2.8.0 as uv resolved it. */
const LOCK = readFileSync(new URL('../wheels/locks/torch-2.8.0-cp312.pylock.toml', import.meta.url), 'utf8')

/** Resolves, whatever is asked for, to PyTorch's own set. */
export const resolveWorks: Build = (command, {lay}) => {
  const [output] = valuesOf(command, '--output-file')
  if (output !== undefined) lay({[output]: LOCK})
  return ''
}

/** Wheels that become layers without a byte of them being fetched; the foundation has the Python of the base. */
export const layersWork: LayersPort = {
  lay: async ({recipes}) =>
    recipes.map(({key, title}) => ({
      key,
      title,
      digest: `sha256:${key}`,
      sizeBytes: 1_000,
      mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
      diffId: `sha256:${key.slice(0, 32).repeat(2)}`,
      wheels: [],
      sources: 0,
      files: [],
      libraries: 0
    })),
  layArchive: async (_archive, {title}) => ({
    digest: `sha256:${title}`,
    sizeBytes: 100,
    mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    diffId: `sha256:${title}`
  }),
  readSources: async () => ({isRead: true}),
  fileIn: () => '3.12.4\n',
  libraryOf: () => '1.5.7'
}

/** Whether a build is that of the foundation, which comes before the one that a story is about. */
export function isFoundation({args}: Command): boolean {
  return args.some(argument => /\/foundation\/[^/]+\/Dockerfile$/.test(argument))
}

/** A step of the Dockerfile ends with an error of its own. */
export const buildFails: Build = () => {
  const [failing = ''] = STEPS
  const words = 'error: no such wheel: torch==2.8.0+cu128 for cp314\n'
  const log = JSON.stringify({logs: [{vertex: 'v0', data: Buffer.from(words).toString('base64')}]})
  const error = 'process "/bin/sh -c install torch" did not complete successfully: exit code: 1'
  return {exitCode: 1, stderr: [log, vertex(failing, 0, {error})].join('\n')}
}

/** The engine builds the image, and another job takes a layer from it while it is unpacked. */
export const layerIsLost: Build = () => ({
  exitCode: 1,
  stderr: vertex('exporting to image', 9, {error: LAYER_LOST})
})

/** The runner cancels while the first step runs, and buildx ends as it does after a SIGINT. */
export const buildIsCancelled: Build = (_, {cancel}) => {
  cancel('SIGINT')
  return {exitCode: 130, stderr: vertex(STEPS[0] ?? '', 0, {error: 'context canceled'})}
}

/** Values of an option that stands before each of them. */
export function valuesOf({args}: Command, option: string): readonly string[] {
  return args.filter((_, at) => args[at - 1] === option)
}

function labelsOf(command: Command): Record<string, string> {
  return Object.fromEntries(valuesOf(command, '--label').map(label => label.split(/=(.*)/s).slice(0, 2)))
}

function vertex(name: string, at: number, more: object): string {
  const time = '2026-11-20T09:30:00Z'
  return JSON.stringify({vertexes: [{digest: `v${at}`, name, started: time, completed: time, ...more}]})
}
