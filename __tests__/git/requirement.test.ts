import {describe, expect, test} from '@jest/globals'
import {gitAddressesIn} from '../../src/git/requirement.ts'

const KERNELS = 'https://github.com/acme/kernels'

describe('the repositories that requirements name', () => {
  test.each([
    {given: 'an address alone', text: `kernels @ git+${KERNELS}`, then: [KERNELS]},
    {given: 'the old form', text: `git+${KERNELS}.git@v1#egg=kernels`, then: [`${KERNELS}.git`]},
    {given: 'a branch with a slash', text: `kernels @ git+${KERNELS}@fix/nms`, then: [KERNELS]},
    {
      given: 'a user of ssh, which is no revision',
      text: 'kernels @ git+ssh://git@github.com/acme/kernels@main',
      then: ['ssh://git@github.com/acme/kernels']
    },
    {
      given: 'a user of ssh without a revision',
      text: 'kernels @ git+ssh://git@github.com/acme/kernels',
      then: ['ssh://git@github.com/acme/kernels']
    },
    {
      given: 'a subdirectory and a marker',
      text: `k @ git+${KERNELS}@v1#subdirectory=py ; os_name == "posix"`,
      then: [KERNELS]
    },
    {
      given: 'a dependency of pyproject.toml',
      text: `dependencies = ["kernels @ git+${KERNELS}@v1", "six"]`,
      then: [KERNELS]
    },
    {given: 'a source of uv', text: `kernels = { git = "${KERNELS}", rev = "v1" }`, then: [KERNELS]},
    {given: 'a source in uv.lock', text: `source = { git = "${KERNELS}?rev=v1#0f3c" }`, then: [KERNELS]},
    {
      given: 'the same twice',
      text: `a @ git+${KERNELS}@v1#subdirectory=a\nb @ git+${KERNELS}@v1#subdirectory=b`,
      then: [KERNELS]
    },
    {given: 'a comment', text: `# kernels @ git+${KERNELS}\n  # git = "${KERNELS}"`, then: []},
    {given: 'packages of an index', text: 'numpy>=2\ngitpython==3.1.45\ndigit = "7"', then: []}
  ])('given $given, then $then', ({text, then}) => {
    expect(gitAddressesIn(text)).toEqual(then)
  })
})
