import {readFileSync} from 'node:fs'
import {describe, expect, test} from '@jest/globals'
import {Problem} from '../../src/model/problem.ts'
import {normalizedName, parseLock} from '../../src/wheels/lock.ts'

/** Locks as uv 0.13.8 wrote them: all of torch 2.8.0 for Python 3.12, and one with a package of every kind of source. */
const TORCH = readFileSync(new URL('locks/torch-2.8.0-cp312.pylock.toml', import.meta.url), 'utf8')
const EVERY_SOURCE = readFileSync(new URL('locks/every-source.pylock.toml', import.meta.url), 'utf8')

const SHA = 'a'.repeat(64)

function faultsOf(text: string): readonly string[] {
  try {
    parseLock(text, 'pylock.toml')
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === 'lock-invalid') return thrown.evidence
    throw thrown
  }
  return []
}

function lockOf(...packages: readonly string[]): string {
  return ['lock-version = "1.0"', 'created-by = "uv"', ...packages.map(body => `[[packages]]\n${body}`)].join('\n')
}

describe('parseLock', () => {
  test('reads the lock of a PyTorch set: each package has a wheel with its address, size and hash', () => {
    const lock = parseLock(TORCH, 'pylock.toml')
    expect(lock).toMatchObject({createdBy: 'uv', requiresPython: '>=3.12'})
    expect(lock.packages).toHaveLength(31)
    expect(lock.packages.every(({source}) => source.kind === 'wheels')).toBe(true)
    expect(lock.packages.find(({name}) => name === 'torch')).toEqual({
      name: 'torch',
      version: '2.8.0',
      source: {
        kind: 'wheels',
        wheels: [
          {
            url: 'https://files.pythonhosted.org/packages/99/a8/6acf48d48838fb8fe480597d98a0668c2beb02ee4755cc136de92a0a956f/torch-2.8.0-cp312-cp312-manylinux_2_28_x86_64.whl',
            name: 'torch-2.8.0-cp312-cp312-manylinux_2_28_x86_64.whl',
            sizeBytes: 887_913_624,
            sha256: 'b2aca0939fb7e4d842561febbd4ffda67a8e958ff725c1c27e244e85e982173c'
          }
        ]
      }
    })
  })

  test('tells git, folders, source and addresses apart', () => {
    const {packages} = parseLock(EVERY_SOURCE, 'pylock.toml')
    expect(Object.fromEntries(packages.map(({name, source}) => [name, source.kind]))).toEqual({
      'acme-kernels': 'git',
      'acme-loader': 'directory',
      'antlr4-python3-runtime': 'sdist',
      filelock: 'wheels',
      numpy: 'wheels'
    })
    expect(packages.find(({name}) => name === 'acme-kernels')?.source).toEqual({
      kind: 'git',
      url: 'https://git.example.com/acme/kernels.git',
      commit: '3564017baf488cab0d8bbc29102abd6ef5468567',
      requestedRevision: 'v0.3'
    })
    expect(packages.find(({name}) => name === 'numpy')?.marker).toBe("python_full_version >= '3.9'")
    expect(packages.find(({name}) => name === 'filelock')?.source).toEqual({
      kind: 'wheels',
      wheels: [expect.objectContaining({name: 'filelock-4.2.12-py3-none-any.whl'})]
    })
  })

  test.each([
    {given: 'text that is no TOML', text: 'torch==2.8.0 --hash=sha256:…', fault: /./},
    {given: 'no packages', text: 'lock-version = "1.0"', fault: /no \[\[packages\]\]/},
    {
      given: 'another lock version',
      text: lockOf(`name = "six"\n`).replace('1.0', '2.0'),
      fault: /lock-version is "2.0"/
    },
    {given: 'no lock version', text: `[[packages]]\nname = "six"`, fault: /lock-version is missing/},
    {given: 'a package without a name', text: lockOf('version = "1"'), fault: /number 1 has no name/},
    {given: 'a package without files', text: lockOf('name = "six"'), fault: /six has no wheels/},
    {
      given: 'a wheel without a hash',
      text: lockOf('name = "six"\nwheels = [{url = "https://a.example/six-1-py3-none-any.whl"}]'),
      fault: /six-1-py3-none-any.whl has no SHA-256/
    },
    {
      given: 'a wheel whose only hash is MD5',
      text: lockOf('name = "six"\nwheels = [{url = "https://a.example/six-1-py3-none-any.whl", hashes = {md5 = "0"}}]'),
      fault: /has no SHA-256/
    },
    {
      given: 'a wheel on the disk of whoever made the lock',
      text: lockOf(`name = "six"\nwheels = [{url = "file:///tmp/six.whl", hashes = {sha256 = "${SHA}"}}]`),
      fault: /is no web address/
    },
    {
      given: 'a git source that names a branch',
      text: lockOf('name = "k"\nvcs = {type = "git", url = "https://a.example/k", commit-id = "main"}'),
      fault: /k: its commit-id is main/
    },
    {
      given: 'another version control',
      text: lockOf('name = "k"\nvcs = {type = "hg", url = "https://a.example/k", commit-id = "1"}'),
      fault: /only git is understood/
    },
    {given: 'a folder without a path', text: lockOf('name = "k"\ndirectory = {editable = true}'), fault: /has no path/}
  ])('given $given, then it is refused and says so', ({text, fault}) => {
    expect(faultsOf(text)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]))
  })

  test('tells every fault at once', () => {
    expect(faultsOf(lockOf('name = "six"', 'version = "1"'))).toHaveLength(2)
  })
})

describe('normalizedName', () => {
  test.each([
    ['nvidia_cublas.cu12', 'nvidia-cublas-cu12'],
    ['Jinja2', 'jinja2'],
    ['a-_.b', 'a-b']
  ])('%s is %s', (name, then) => {
    expect(normalizedName(name)).toBe(then)
  })
})
