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
 * A Dockerfile that compiles the sources in the folders of its context, and has one layer for each folder.
 *
 * A source that several folders have in the same place with the same bytes, as the wheels of one release for two machines
 * do, is compiled once. Bytecode names the path, the time and the size of its source, and counts as long as these are
 * those of the file beside it: so a file that is changed later is compiled anew. The same sources give the same bytes, at
 * any time and whatever is compiled beside them.
 */
export function bytecodeDockerfile(folders: readonly string[]): string {
  const copies = folders.map(folder => `COPY --link --from=compile /bytecode/${folder}/ /`)
  return `FROM ${FOUNDATION_CONTEXT} AS compile
USER 0:0
RUN --mount=type=bind,target=/sources <<'END'
set -eu
PYTHONHASHSEED=0 python3 -W ignore - ${folders.join(' ')} <<'PYTHON'
${COMPILER}PYTHON
find /bytecode -type f -exec chmod 0644 {} +
find /bytecode -type d -exec chmod 0755 {} +
find /bytecode -exec touch -h -d @${LAYOUT.mtimeS} {} +
END
FROM scratch
${copies.join('\n')}
`
}

/** Runs on the Python of the image, 3.9 or newer: the sources of each folder that is named, to bytecode beside them. */
const COMPILER = `\
import hashlib, os, py_compile, sys
from importlib.util import cache_from_source

# Up to Python 3.10, bytecode tells whether a text of one character was used before: so all of them are.
characters = [chr(number) for number in range(256)]

firsts, others = {}, []
for layer in sys.argv[1:]:
    root = f'/sources/{layer}'
    os.makedirs(f'/bytecode/{layer}')
    for folder, _, names in os.walk(root):
        for name in names:
            source = os.path.join(folder, name)
            path = source[len(root):]
            with open(source, 'rb') as file:
                content = file.read()
            known = path, hashlib.sha256(content).digest()
            if known in firsts:
                others.append((firsts[known][1], layer, path))
            else:
                firsts[known] = len(content), layer, path


def place(layer, path):
    return f'/bytecode/{layer}{cache_from_source(path)}'


def compile_all(sources):
    for _, layer, path in sources:
        try:
            py_compile.compile(
                f'/sources/{layer}{path}', place(layer, path), path, doraise=True,
                invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
        except Exception:
            # A package may hold sources for another Python, as tests or templates; pip leaves those without bytecode, too.
            pass


# The largest first, dealt out to the cores in turn.
sources = sorted(firsts.values(), reverse=True)
cores = len(os.sched_getaffinity(0))
children = []
for core in range(cores):
    child = os.fork()
    if child == 0:
        compile_all(sources[core::cores])
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)

for first, layer, path in others:
    made, wanted = place(first, path), place(layer, path)
    if os.path.exists(made):
        os.makedirs(os.path.dirname(wanted), exist_ok=True)
        os.link(made, wanted)
`

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
