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
 * A Dockerfile that compiles the sources in the archives of its context, and has one layer for each archive.
 *
 * A source that several archives have in the same place with the same bytes, as the wheels of one release for two machines
 * do, is compiled once. Bytecode names the path, the time and the size of its source, and counts as long as these are
 * those of the file beside it: so a file that is changed later is compiled anew. The same sources give the same bytes, at
 * any time and whatever is compiled beside them.
 */
export function bytecodeDockerfile(archives: readonly string[]): string {
  const copies = archives.map(archive => `COPY --link --from=compile /bytecode/${archive}/ /`)
  return `FROM ${FOUNDATION_CONTEXT} AS compile
USER 0:0
RUN --mount=type=bind,target=/sources <<'END'
set -eu
PYTHONHASHSEED=0 python3 -W ignore - ${archives.join(' ')} <<'PYTHON'
${COMPILER}PYTHON
END
FROM scratch
${copies.join('\n')}
`
}

/** Runs on the Python of the image, 3.9 or newer: the sources of each archive that is named, to bytecode in a folder. */
const COMPILER = `\
import hashlib, marshal, os, struct, sys, tarfile
from importlib.util import MAGIC_NUMBER, cache_from_source

# Up to Python 3.10, bytecode tells whether a text of one character was used before: so all of them are.
characters = [chr(number) for number in range(256)]
mtime = ${LAYOUT.mtimeS}

firsts, others = {}, []
for archive in sys.argv[1:]:
    with tarfile.open(f'/sources/{archive}') as sources:
        for source in sources:
            content = sources.extractfile(source).read()
            path = '/' + source.name
            known = path, hashlib.sha256(content).digest()
            if known in firsts:
                others.append((firsts[known][1], archive, path))
            else:
                firsts[known] = len(content), archive, path, content


def place(archive, path):
    return f'/bytecode/{archive}{cache_from_source(path)}'


def compile_all(sources):
    for size, archive, path, content in sources:
        try:
            code = compile(content, path, 'exec', dont_inherit=True)
        except Exception:
            # A package may hold sources for another Python, as tests or templates; pip leaves those without bytecode, too.
            continue
        # As PEP 552 has it: it counts as long as time and size are those of the source beside it.
        made = MAGIC_NUMBER + struct.pack('<III', 0, mtime, size) + marshal.dumps(code)
        wanted = place(archive, path)
        os.makedirs(os.path.dirname(wanted), exist_ok=True)
        with open(wanted, 'wb') as file:
            file.write(made)
        os.utime(wanted, (mtime, mtime))


os.umask(0o022)
for archive in sys.argv[1:]:
    os.makedirs(f'/bytecode/{archive}')

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

for first, archive, path in others:
    made, wanted = place(first, path), place(archive, path)
    if os.path.exists(made):
        os.makedirs(os.path.dirname(wanted), exist_ok=True)
        os.link(made, wanted)
for folder, _, _ in os.walk('/bytecode'):
    os.utime(folder, (mtime, mtime))
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
