import {createHash} from 'node:crypto'
import type {TestWheel} from './small-wheels.ts'

const PYPI_FILES = 'https://files.pythonhosted.org/packages'

/** Where PyPI has the init of each machine, as Node names those. */
const WHEELS: Readonly<Record<string, {readonly tag: string; readonly folder: string; readonly sha256: string}>> = {
  x64: {
    tag: 'py2.py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.manylinux_2_17_x86_64.manylinux2014_x86_64',
    folder: '80/9f/04e2f23d636acdabcb62c623467f37ec672ee77d301fa2e98d6abb0dc763',
    sha256: '5d6b1fe9b8efcdbbdcb670efe7a55f9117251ee9648d35ffd0c487fd79515ea5'
  },
  arm64: {
    tag: 'py2.py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64',
    folder: '0f/24/394fa0bdd8a60561f5d12b6d6cdd56b1190e393a1d50d38cf3500a894ee9',
    sha256: 'a516a16a7dfed012de2524eb449e31f7f583b11b938eebb3ec09fd194497293d'
  }
}

/** The real init of PyPI for this machine, to be served by an index of a test. */
export async function fetchInitWheel(): Promise<TestWheel> {
  const wheel = WHEELS[process.arch]
  if (wheel === undefined) throw new Error(`PyPI has no init for ${process.arch}.`)
  const {tag, folder, sha256} = wheel
  const answer = await fetch(`${PYPI_FILES}/${folder}/dumb_init-1.2.5.post1-${tag}.whl`)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) throw new Error(`PyPI gave other bytes for the init (${answer.status}): ${found}`)
  return {project: 'dumb-init', version: '1.2.5.post1', tag, files: {}, sent: bytes, lockedAs: bytes}
}
