import {describe, expect, test} from '@jest/globals'
import {markerEnvironment, markerHolds} from '../../src/wheels/marker.ts'

const ENVIRONMENT = markerEnvironment('linux/amd64', '3.11.2') ?? {}

describe('markerHolds, for CPython 3.11.2 on linux/amd64', () => {
  test.each([
    {marker: "sys_platform == 'linux'", then: true},
    {marker: 'sys_platform == "win32"', then: false},
    {marker: "platform_machine == 'x86_64' and sys_platform == 'linux'", then: true},
    {marker: "platform_machine == 'aarch64' or sys_platform == 'linux'", then: true},
    {marker: "(os_name == 'nt' or python_version < '3.9') and sys_platform == 'linux'", then: false},
    {marker: "python_version >= '3.9'", then: true},
    {marker: "python_version < '3.10'", then: false},
    {marker: "python_full_version < '3.11.3'", then: true},
    {marker: "'linux' in sys_platform", then: true},
    {marker: "sys_platform not in 'win32 darwin'", then: true},
    {marker: "implementation_name != 'pypy'", then: true},
    {marker: "extra == 'gpu'", then: undefined},
    {marker: "platform_release >= '6'", then: undefined},
    {marker: "python_version == '3.*'", then: undefined},
    {marker: 'sys_platform', then: undefined},
    {marker: "(sys_platform == 'linux'", then: undefined}
  ])('$marker is $then', ({marker, then}) => {
    expect(markerHolds(marker, ENVIRONMENT)).toBe(then)
  })
})
