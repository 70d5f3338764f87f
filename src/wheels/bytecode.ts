import {createHash} from 'node:crypto'
import {LAYOUT} from './layout.ts'

/** What the layer with the bytecode of another layer is known by: that layer, and the whole version of the Python. */
export function bytecodeKey(layerKey: string, python: string): string {
  return createHash('sha256')
    .update(JSON.stringify(['bytecode', LAYOUT.version, layerKey, python]))
    .digest('hex')
}

/** Whether a file is bytecode of a package, and its path leads nowhere else. */
export function isBytecode(path: string): boolean {
  const isPlain = path.split('/').every(part => part !== '' && part !== '.' && part !== '..')
  return isPlain && path.startsWith(`${LAYOUT.site}/`) && path.endsWith('.pyc')
}

/** Whether a file is source that an installer compiles. */
export function isSource(path: string): boolean {
  return path.startsWith(`${LAYOUT.site}/`) && path.endsWith('.py')
}

/** The named context that the bytecode is made upon: the image's own Python, and nothing of the packages. */
export const FOUNDATION_CONTEXT = 'foundation'

/**
 * A Dockerfile that compiles the sources in the archives of its context, and gives an archive of bytecode for each.
 *
 * A source that several archives have in the same place with the same bytes, as the wheels of one release for two machines
 * do, is compiled once. Bytecode names the path, the time and the size of its source, and counts as long as these are
 * those of the file beside it: so a file that is changed later is compiled anew. The same sources give the same bytes, at
 * any time and whatever is compiled beside them.
 *
 * One file in, one file out for each layer: a builder takes thousands of small ones far slower.
 */
export function bytecodeDockerfile(archives: readonly string[]): string {
  return `FROM ${FOUNDATION_CONTEXT} AS compile
USER 0:0
RUN --mount=type=bind,target=/sources <<'END'
set -eu
PYTHONHASHSEED=0 python3 -W ignore - ${archives.join(' ')} <<'PYTHON'
${COMPILER}PYTHON
END
FROM scratch
COPY --from=compile /bytecode/ /
`
}

/** Runs on the Python of the image, 3.9 or newer: the sources of each archive that is named, to bytecode in another. */
const COMPILER = `\
import hashlib, io, marshal, os, struct, sys, tarfile, tempfile
from importlib.util import MAGIC_NUMBER, cache_from_source

# Up to Python 3.10, bytecode tells whether a text of one character was used before: so all of them are.
characters = [chr(number) for number in range(256)]

places, contents = {}, {}
for archive in sys.argv[1:]:
    with tarfile.open(f'/sources/{archive}') as sources:
        for source in sources:
            content = sources.extractfile(source).read()
            known = '/' + source.name, hashlib.sha256(content).digest()
            places.setdefault(archive, []).append(known)
            contents[known] = content


def compile_all(sources):
    made = {}
    for known in sources:
        path, content = known[0], contents[known]
        try:
            code = compile(content, path, 'exec', dont_inherit=True)
        except Exception:
            # A package may hold sources for another Python, as tests or templates; pip leaves those without bytecode, too.
            continue
        # As PEP 552 has it: it counts as long as time and size are those of the source beside it.
        made[known] = MAGIC_NUMBER + struct.pack('<III', 0, ${LAYOUT.mtimeS}, len(content)) + marshal.dumps(code)
    return made


# The largest first, dealt out to the cores in turn.
sources = sorted(contents, key=lambda known: (len(contents[known]), known), reverse=True)
cores = len(os.sched_getaffinity(0))
children = []
for core in range(cores):
    results = tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        marshal.dump(compile_all(sources[core::cores]), results)
        results.flush()
        os._exit(0)
    children.append((child, results))

made = {}
for child, results in children:
    if os.waitpid(child, 0)[1] != 0:
        sys.exit('A process that compiles came to no good end.')
    results.seek(0)
    made.update(marshal.load(results))

os.mkdir('/bytecode')
for archive in sys.argv[1:]:
    with tarfile.open(f'/bytecode/{archive}', 'w') as target:
        for known in sorted(places.get(archive, [])):
            if known in made:
                entry = tarfile.TarInfo(cache_from_source(known[0])[1:])
                entry.size = len(made[known])
                target.addfile(entry, io.BytesIO(made[known]))
`
