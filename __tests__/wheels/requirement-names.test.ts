import {describe, expect, test} from '@jest/globals'
import {packagesNamedIn} from '../../src/wheels/requirement-names.ts'

describe('packages that a file names', () => {
  test.each([
    {given: 'a name', line: 'Flash_Attn', then: ['flash-attn']},
    {given: 'a version', line: 'einops>=0.8,<1  # shapes', then: ['einops']},
    {given: 'extras and a marker', line: 'jax[cuda12]; python_version > "3.10"', then: ['jax']},
    {given: 'a repository', line: 'my-kernels @ git+https://git.acme.test/acme/kernels@main', then: ['my-kernels']},
    {given: 'a line of `dependencies`', line: '  "einops~=0.8",', then: ['einops']},
    {given: 'an option', line: '-r other.txt', then: []},
    {given: 'a comment', line: '# einops', then: []},
    {given: 'a setting of a project', line: 'version = "1.0"', then: []}
  ])('given $given', ({line, then}) => {
    expect(packagesNamedIn(`\n${line}\n`)).toEqual(then)
  })
})
