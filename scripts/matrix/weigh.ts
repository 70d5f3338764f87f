import {spawnSync} from 'node:child_process'
import type {LockedFile, LockedPackage} from '../../src/model/lock.ts'
import {parseLock} from '../../src/wheels/lock.ts'
import {parseWheelName} from '../../src/wheels/wheel-name.ts'
import type {RecordedRelease} from './compare.ts'

/** What a release weighs with all that it requires, resolved by uv for Linux on x86-64; undefined without uv on PATH. */
export function weigh(packages: readonly string[], pythons: readonly string[]): RecordedRelease['set'] | undefined {
  const python = pythons.includes('3.12') ? '3.12' : (pythons.findLast(one => !one.endsWith('t')) ?? '3.12')
  const args = ['pip', 'compile', '-', '--quiet', '--no-header', '--format', 'pylock.toml', '--only-binary', ':all:']
  const target = ['--python-version', python, '--python-platform', 'x86_64-manylinux_2_28']
  const ran = spawnSync('uv', [...args, ...target], {input: packages.join('\n'), encoding: 'utf8'})
  if (ran.error !== undefined || ran.status !== 0) return undefined
  const sizes = parseLock(ran.stdout, 'the lock').packages.map(one => wheelOf(one, python)?.sizeBytes ?? 0)
  return {python, wheels: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0)}
}

/** The wheel of this very Python, else one of the stable ABI, else one for every Python. */
function wheelOf({source}: LockedPackage, python: string): LockedFile | undefined {
  if (source.kind !== 'wheels') return undefined
  const tag = `cp${python.replace('.', '')}`
  const ranked = source.wheels.flatMap(file => {
    const name = parseWheelName(file.name)
    const isHere = name?.platforms.some(one => one === 'any' || /(?:many)?linux.*_x86_64$/.test(one)) ?? false
    const isMusl = name?.platforms.some(one => one.startsWith('musllinux')) ?? false
    if (name === undefined || !isHere || isMusl) return []
    const rank = name.abis.includes(tag)
      ? 0
      : name.abis.includes('abi3')
        ? 1
        : name.pythons.some(one => /^py3$|^py2$/.test(one))
          ? 2
          : 9
    return rank === 9 ? [] : [{file, rank, build: Number(name.build ?? 0)}]
  })
  return ranked.toSorted((one, other) => one.rank - other.rank || other.build - one.build)[0]?.file
}
