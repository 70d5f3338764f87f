import {execFileSync} from 'node:child_process'
import {symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, jest, test} from '@jest/globals'
import {folderWithGit, removeFolders} from '../support/bare-job.ts'
import {expectRefused, type RefusedJob} from '../support/refused.ts'
import {standInSet, type TestWheel} from '../support/small-wheels.ts'
import {openWheelIndex, type WheelIndex} from '../support/wheel-index.ts'

// What only an index tells, by the whole action with a real uv, which comes from PyPI: refused before anything is downloaded
// for the image, on a machine without an engine. The wheels are stand-ins with the names and versions of the real ones.

jest.setTimeout(60_000)

const CODE = {'app.py': 'print(1)\n'}
const LOCK = {mode: 'lock', lock: 'pylock.toml', push: 'never', torch: '2.8.0', cuda: 'cu128', python: '3.12'}
const OTHERS: readonly TestWheel[] = [
  {project: 'torch', version: '2.4.1', files: {}},
  {project: 'oldformer', version: '0.0.28', requires: ['torch==2.4.1'], files: {}},
  {project: 'nvidia-cuda-runtime-cu12', version: '12.3.101', files: {}},
  {project: 'flow', version: '2.16.1', requires: ['nvidia-cuda-runtime-cu12==12.3.101'], files: {}}
]

const indexes: WheelIndex[] = []
let index: WheelIndex

beforeAll(async () => {
  index = await open([...standInSet(), ...OTHERS])
})

afterAll(async () => {
  for (const each of indexes) await each.close()
  removeFolders()
})

async function open(wheels: readonly TestWheel[]): Promise<WheelIndex> {
  const opened = await openWheelIndex({wheels})
  indexes.push(opened)
  return opened
}

/** A PATH with a Python, which uv asks for its version. */
function withPython(): string {
  const folder = folderWithGit()
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {encoding: 'utf8'}).trim()
  symlinkSync(python, join(folder, 'python3'))
  return folder
}

/** Plays `mode: lock` against an index. Its stand-ins have no metadata beside them, so that uv looks into some of them. */
async function expectUnlockable(of: WheelIndex, {inputs, files, ...row}: RefusedJob): Promise<void> {
  await expectRefused({
    ...row,
    files: {...CODE, ...files},
    inputs: {...LOCK, 'index-url': of.url, ...inputs},
    variables: {PATH: withPython()}
  })
  expect(of.asked().map(({path}) => path)).toContain('/simple/torch/')
}

describe('requirements that want another torch', () => {
  test.each<RefusedJob>([
    {
      given: 'a file that pins it',
      files: {'requirements.txt': 'torch==2.4.1\n'},
      inputs: {requirements: 'requirements.txt'},
      codes: ['lock-conflict'],
      says: /want torch==2\.4\.1[\s\S]*requirements\.txt/
    },
    {
      given: 'a file that holds it below',
      files: {'requirements.txt': 'torch<2.5\n'},
      inputs: {requirements: 'requirements.txt'},
      codes: ['lock-conflict'],
      says: /torch<2\.5/
    },
    {
      given: 'a package that does',
      files: {'requirements.txt': 'oldformer\n'},
      inputs: {requirements: 'requirements.txt'},
      codes: ['lock-conflict'],
      says: /^oldformer wants torch==2\.4\.1, and the image is for torch==2\.8\.0[\s\S]*a release of oldformer that fits/
    },
    {
      given: 'a package that wants another library of CUDA than torch',
      files: {'requirements.txt': 'flow\n'},
      inputs: {requirements: 'requirements.txt'},
      codes: ['lock-conflict'],
      says: /^flow wants nvidia-cuda-runtime-cu12==12\.3\.101, and torch==2\.8\.0 needs nvidia-cuda-runtime-cu12==12\.8\.90/
    },
    {
      given: 'constraints',
      files: {'requirements.txt': 'oldformer\n', 'constraints.txt': 'torch==2.4.1\n'},
      inputs: {requirements: 'requirements.txt, constraints.txt'},
      codes: ['lock-conflict'],
      says: /2\.4\.1/
    },
    {
      given: 'a project',
      files: {'pyproject.toml': '[project]\nname = "app"\nversion = "0"\ndependencies = ["torch>=2.9"]\n'},
      inputs: {requirements: 'pyproject.toml'},
      codes: ['lock-conflict'],
      says: /torch>=2\.9/
    }
  ])('given $given, it is named', row => expectUnlockable(index, row))
})

describe('an index that serves another build than the tag would say', () => {
  const without = (project: string) => standInSet().filter(wheel => wheel.project !== project)
  const cuda126: TestWheel = {project: 'nvidia-cuda-runtime-cu12', version: '12.6.77', files: {}}
  const torchFor = (requires: readonly string[], tag?: string): TestWheel => ({
    project: 'torch',
    version: '2.8.0',
    requires,
    files: {},
    ...(tag === undefined ? {} : {tag})
  })

  test.each<{wheels: readonly TestWheel[]; says: RegExp; given: string; inputs?: Readonly<Record<string, string>>}>([
    {
      given: 'the CPU build',
      wheels: [...without('torch'), torchFor([])],
      says: /CPU build/
    },
    {
      given: 'one for another CUDA',
      wheels: [...without('torch'), torchFor(['nvidia-cuda-runtime-cu12==12.6.77']), cuda126],
      says: /built for cu126, and the image is for cu128/
    }
  ])('given $given, it is told', async ({wheels, says, given}) => {
    await expectUnlockable(await open(wheels), {given, codes: ['lock-unfit'], says})
  })

  test('given wheels for another processor alone, it is told', async () => {
    const wheels = [...without('torch'), torchFor([], 'cp312-cp312-manylinux_2_28_aarch64')]
    await expectUnlockable(await open(wheels), {
      given: '',
      codes: ['lock-unfit'],
      says: /has no wheel of torch==2\.8\.0 for the platform of the image[\s\S]*manylinux_2_28_aarch64/
    })
  })
})

test('an index that has no torch at all is named', async () => {
  const wheels = standInSet().filter(({project}) => project !== 'torch')
  await expectUnlockable(await open(wheels), {
    given: '',
    codes: ['lock-unfit'],
    says: /The index http:\/\/127\.0\.0\.1:\d+\/simple has no torch==2\.8\.0/
  })
})
