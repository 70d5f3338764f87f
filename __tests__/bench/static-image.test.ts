import {createHash} from 'node:crypto'
import {describe, expect, test} from '@jest/globals'
import type {ImageFile, ImageFiles} from '../../scripts/bench/image-files.ts'
import {lookAt} from '../../scripts/bench/static-image.ts'
import {elfHead} from '../support/elf.ts'

const SITE = 'opt/venv/lib/python/site-packages'
const ABOUT = `${SITE}/torch-2.15.0.dist-info`
const LIBRARY = 'torch/lib/libtorch_cuda.so'

function file(content: string | Buffer): ImageFile {
  const bytes = Buffer.from(content)
  const sha256 = createHash('sha256').update(bytes).digest('base64url')
  return {sizeBytes: bytes.length, sha256, head: bytes.subarray(0, 20), content: bytes}
}

/** One package with a library, a program and a kernel for a GPU. */
function image({
  over = {},
  ...rest
}: Partial<ImageFiles> & {over?: Record<string, ImageFile | undefined>} = {}): ImageFiles {
  const packed: Record<string, ImageFile> = {
    [LIBRARY]: file(elfHead('aarch64')),
    'torch/__init__.py': file('import torch\n'),
    'torch/kernel.cubin': file(elfHead('cuda', 'program')),
    '../../../bin/torchrun': file(elfHead('aarch64', 'program'))
  }
  const rows = Object.entries(packed).map(([path, {sha256, sizeBytes}]) => `${path},sha256=${sha256},${sizeBytes}\n`)
  const files: Record<string, ImageFile | undefined> = {
    'usr/bin/python3.11': file(elfHead('x86_64')),
    [`${SITE}/${LIBRARY}`]: packed[LIBRARY],
    [`${SITE}/torch/__init__.py`]: packed['torch/__init__.py'],
    [`${SITE}/torch/kernel.cubin`]: packed['torch/kernel.cubin'],
    [`${SITE}/torch/__pycache__/__init__.cpython-311.pyc`]: file('compiled'),
    'opt/venv/bin/torchrun': packed['../../../bin/torchrun'],
    [`${ABOUT}/METADATA`]: file('Metadata-Version: 2.1\nName: torch\nVersion: 2.15.0\n'),
    [`${ABOUT}/WHEEL`]: file('Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_aarch64\n'),
    [`${ABOUT}/INSTALLER`]: file('pytorch-cuda-image-action\n'),
    [`${ABOUT}/RECORD`]: file(`${rows.join('')}torch-2.15.0.dist-info/RECORD,,\n`),
    ...over
  }
  return {
    os: 'linux',
    architecture: 'arm64',
    files: new Map(Object.entries(files).flatMap(([path, one]) => (one === undefined ? [] : [[path, one] as const]))),
    links: new Map([['opt/venv/lib/python3.11/site-packages', '../python/site-packages']]),
    strayLayers: [],
    ...rest
  }
}

const look = (seen: ImageFiles) => lookAt(seen, {architecture: 'arm64', packages: ['torch==2.15.0'], files: [LIBRARY]})

describe('an image that cannot be run', () => {
  test('is whole by what can be seen; code for GPUs and the base image are not its machine’s', () => {
    expect(look(image())).toEqual({libraries: 2, packages: 1, recordedFiles: 5, bytecode: 1, faults: []})
  })

  test.each(['py3-none-any', 'py3-none-manylinux2014_sbsa', 'py3-none-manylinux2014_aarch64.manylinux_2_17_aarch64'])(
    'a wheel that calls itself %s is for it',
    tag => {
      expect(look(image({over: {[`${ABOUT}/WHEEL`]: file(`Tag: ${tag}\n`)}})).faults).toEqual([])
    }
  )

  test.each<{given: string; seen: ImageFiles; then: RegExp}>([
    {given: 'another architecture in its configuration', seen: image({architecture: 'amd64'}), then: /linux\/amd64/},
    {given: 'a layer that it does not name', seen: image({strayLayers: ['sha256:ab']}), then: /^sha256:ab is not/},
    {
      given: 'a library for another machine',
      seen: image({over: {[`${SITE}/extra.so`]: file(elfHead('x86_64'))}}),
      then: /extra\.so is for machine 62/
    },
    {
      given: 'a program for another machine',
      seen: image({over: {'opt/venv/bin/ptxas': file(elfHead('x86_64', 'program'))}}),
      then: /ptxas is for machine 62/
    },
    {given: 'no link to the folder of packages', seen: image({links: new Map()}), then: /No site-packages/},
    {
      given: 'such a link that leads elsewhere',
      seen: image({links: new Map([['opt/venv/lib/python3.11/site-packages', '/usr/lib/python3']])}),
      then: /No site-packages/
    },
    {
      given: 'a file less than was recorded',
      seen: image({over: {[`${SITE}/torch/kernel.cubin`]: undefined}}),
      then: /records torch\/kernel\.cubin, which is not there/
    },
    {
      given: 'another content than was recorded',
      seen: image({over: {[`${SITE}/torch/__init__.py`]: file('import other\n')}}),
      then: /records another torch\/__init__\.py/
    },
    {given: 'no WHEEL', seen: image({over: {[`${ABOUT}/WHEEL`]: undefined}}), then: /has no WHEEL/},
    {
      given: 'a wheel for another platform',
      seen: image({over: {[`${ABOUT}/WHEEL`]: file('Tag: cp311-cp311-manylinux_2_28_x86_64\n')}}),
      then: /says in WHEEL that it is for another platform/
    },
    {
      given: 'metadata of another version',
      seen: image({over: {[`${ABOUT}/METADATA`]: file('Name: torch\nVersion: 2.14.0\n')}}),
      then: /says in METADATA that it is another package/
    },
    {given: 'an empty RECORD', seen: image({over: {[`${ABOUT}/RECORD`]: file('')}}), then: /records no files/},
    {
      given: 'no bytecode',
      seen: image({over: {[`${SITE}/torch/__pycache__/__init__.cpython-311.pyc`]: undefined}}),
      then: /no bytecode/
    },
    {
      given: 'a mark that removes',
      seen: image({over: {[`${SITE}/torch/.wh.version.py`]: file('')}}),
      then: /would remove/
    }
  ])('given $given, that is the one fault', ({seen, then}) => {
    const {faults} = look(seen)
    expect(faults).toEqual([expect.stringMatching(then)])
  })

  test('without the package that was asked for, or without its CUDA, it is another one', () => {
    const expected = {architecture: 'arm64', packages: ['torch==2.11.0'], files: ['torch/lib/libtorch_hip.so']} as const
    expect(lookAt(image(), expected).faults).toEqual([
      'There is no torch/lib/libtorch_hip.so.',
      'There is no torch==2.11.0.'
    ])
  })
})
