import {readFileSync} from 'node:fs'
import {afterAll, describe, jest, test} from '@jest/globals'
import {removeFolders} from '../support/bare-job.ts'
import {expectRefused, type RefusedJob} from '../support/refused.ts'

// Every set that cannot be, by the whole action: each is refused on a machine without an engine, before any download. That
// the engine is missing is told beside whatever else a plan would founder on.

jest.setTimeout(30_000)
afterAll(removeFolders)

/** The context of a built-in image. */
const CODE = {'app.py': 'print(1)\n'}
const LOCK = readFileSync(new URL('../wheels/locks/torch-2.8.0-cp312.pylock.toml', import.meta.url), 'utf8')

function expectFoundered({codes, ...row}: RefusedJob): Promise<void> {
  return expectRefused({files: CODE, ...row, codes: ['engine-missing', ...codes]})
}

describe('versions that are none', () => {
  test.each<RefusedJob>([
    {given: 'a word for torch', inputs: {torch: 'newest'}, codes: ['input-invalid'], says: /`torch`|torch: newest/},
    {given: 'a torch with its CUDA', inputs: {torch: '2.8.0+cu128'}, codes: ['input-invalid'], says: /cuda: cu128/},
    {given: 'a CUDA that is none', inputs: {cuda: 'rocm6'}, codes: ['input-invalid'], says: /cuda/},
    {given: 'a Python that YAML cut short', inputs: {python: '3.1'}, codes: ['input-invalid'], says: /"3\.10"/},
    {given: 'a driver that is none', inputs: {'driver-floor': 'new'}, codes: ['input-invalid'], says: /driver-floor/},
    {given: 'a GPU that nobody made', inputs: {'gpu-targets': 'H1OO'}, codes: ['input-invalid'], says: /H100/}
  ])('given $given, the right form is told', row => expectRefused({files: CODE, ...row}))
})

describe('sets that do not exist', () => {
  test.each<RefusedJob>([
    {
      given: 'a torch that was never built for that CUDA',
      inputs: {torch: '2.9.0', cuda: 'cu121'},
      codes: ['no-such-set'],
      says: /torch 2\.9\.0[\s\S]*Nearest that exist: `cuda: cu126`/
    },
    {
      given: 'a torch without wheels for that Python',
      inputs: {torch: '2.8.0', python: '3.14'},
      codes: ['no-such-set'],
      says: /`python: "3\.13"`/
    },
    {
      given: 'a GPU that this torch has no code for',
      inputs: {torch: '2.4', 'gpu-targets': 'B200'},
      codes: ['no-such-set'],
      says: /B200/
    },
    {
      given: 'a driver that no CUDA of this torch runs on',
      inputs: {torch: '2.15', 'driver-floor': '535'},
      codes: ['no-such-set'],
      says: /driver 535/
    },
    {
      given: 'arm64, for which this torch has wheels for the CPU alone',
      inputs: {torch: '2.8.0', platforms: 'linux/arm64'},
      codes: ['no-such-set'],
      says: /arm64/
    },
    {
      given: 'a half-given set that the rest rules out',
      inputs: {cuda: 'cu118', 'gpu-targets': 'H100\nB200'},
      codes: ['no-such-set'],
      says: /B200/
    }
  ])('given $given, the nearest that exist are told', expectFoundered)
})

describe('a base, an index or files that belong to another set', () => {
  test.each<RefusedJob>([
    {
      given: 'a base image with another Python',
      inputs: {python: '3.12', 'base-image': 'python:3.11-slim'},
      codes: ['input-conflict'],
      says: /asks for 3\.12, and the input `base-image` names python:3\.11-slim/
    },
    {
      given: 'a base image with musl',
      inputs: {'base-image': 'python:3.12-alpine'},
      codes: ['input-conflict'],
      says: /musl/
    },
    {
      given: 'an index of another CUDA',
      inputs: {cuda: 'cu128', 'index-url': 'https://download.pytorch.org/whl/cu126'},
      codes: ['input-conflict'],
      says: /an index of cu126/
    },
    {
      given: 'requirements that name an index of their own',
      files: {...CODE, 'requirements.txt': '--extra-index-url https://download.pytorch.org/whl/cu121\ntorch\n'},
      inputs: {requirements: 'requirements.txt'},
      codes: ['index-ambiguous'],
      says: /requirements\.txt/
    },
    {
      given: 'the lock of another torch',
      files: {...CODE, 'pylock.toml': LOCK},
      inputs: {lock: 'pylock.toml', torch: '2.7.1', cuda: 'cu126'},
      codes: ['lock-unfit'],
      says: /torch 2\.8\.0[\s\S]*2\.7\.1/
    },
    {
      given: 'the lock of another platform',
      files: {...CODE, 'pylock.toml': LOCK},
      inputs: {lock: 'pylock.toml', torch: '2.11.0', platforms: 'linux/arm64'},
      codes: ['lock-unfit'],
      says: /linux\/arm64/
    }
  ])('given $given, it is told', expectFoundered)
})

test('a lock without hashes is none', () =>
  expectRefused({
    given: '',
    files: {...CODE, 'pylock.toml': LOCK.replaceAll(/sha256 = "[0-9a-f]+"/g, 'md5 = "00"')},
    inputs: {lock: 'pylock.toml'},
    codes: ['lock-invalid'],
    says: /SHA-256/
  }))

test('what contradicts and what cannot be read are told together', () =>
  expectRefused({
    given: '',
    files: CODE,
    inputs: {mode: 'bild', torch: '2.9.0', cuda: 'cu121'},
    codes: ['input-invalid', 'no-such-set']
  }))
