import {createHash} from 'node:crypto'
import type {Layer} from '../model/layers.ts'
import {LAYOUT} from './layout.ts'

/** What the layer with the bytecode of another layer is known by: that layer, and the whole version of the Python. */
export function bytecodeKey(layerKey: string, python: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['bytecode', LAYOUT.version, layerKey, python]))
    .digest('hex')
}

/** Whether a file is source that an installer compiles. */
export function isSource(path: string): boolean {
  return path.startsWith(`${LAYOUT.site}/`) && path.endsWith('.py')
}

/** The named context that the bytecode is made upon: the image's own Python, and nothing of the packages. */
export const FOUNDATION_CONTEXT = 'foundation'

/**
 * A Dockerfile that compiles the sources in `layers/<folder>` of its context, and has one layer for each folder.
 *
 * Bytecode names the time and the size of its source, and counts as long as both are those of the file beside it: so a
 * file that is changed later is compiled anew. The same sources give the same bytes, at any time.
 */
export function bytecodeDockerfile(folders: readonly string[]): string {
  const copies = folders.map(folder => `COPY --link --from=compile /bytecode/${folder}/ /`)
  return `FROM ${FOUNDATION_CONTEXT} AS compile
USER 0:0
COPY layers/ /bytecode/
RUN <<'END'
set -eu
cd /bytecode
for layer in *; do
  # A package may hold sources for another Python, as tests or templates; pip leaves those without bytecode, too.
  PYTHONHASHSEED=0 python3 -m compileall -q -j 0 --invalidation-mode timestamp \\
    -s "/bytecode/$layer" -p / "/bytecode/$layer" > /dev/null 2>&1 || true
done
find . -type f ! -name '*.pyc' -delete
find . -mindepth 2 -depth -type d -empty -delete
find . -exec touch -h -d @${LAYOUT.mtimeS} {} +
END
FROM scratch
${copies.join('\n')}
`
}

interface ImageJson {
  readonly layers?: readonly {readonly mediaType: string; readonly digest: string; readonly size: number}[]
}

/**
 * The layers of the image that `bytecodeDockerfile` gives, each under the key of its own.
 *
 * Undefined where the image has another number of layers: then nobody can tell which is which.
 */
export function bytecodeLayers(
  of: readonly Pick<Layer, 'key' | 'title'>[],
  {manifest, config, python}: {manifest: string; config: string; python: string}
): readonly Layer[] | undefined {
  const {layers = []} = JSON.parse(manifest) as ImageJson
  const {rootfs} = JSON.parse(config) as {readonly rootfs?: {readonly diff_ids?: readonly string[]}}
  const diffIds = rootfs?.diff_ids ?? []
  if (layers.length !== of.length || diffIds.length !== of.length) return undefined
  return layers.flatMap(({mediaType, digest, size}, at) => {
    const [layer, diffId] = [of[at], diffIds[at]]
    if (layer === undefined || diffId === undefined) return []
    const key = bytecodeKey(layer.key, python)
    return [
      {key, title: `bytecode of ${layer.title}`, digest, sizeBytes: size, mediaType, diffId, sources: 0, wheels: []}
    ]
  })
}
