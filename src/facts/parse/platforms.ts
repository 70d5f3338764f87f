import {nearestOf} from '../../model/nearest.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'
import {parseList} from './lists.ts'

/** What BuildKit calls the platforms of Linux. */
const PLATFORMS = [
  'linux/amd64',
  'linux/amd64/v2',
  'linux/amd64/v3',
  'linux/amd64/v4',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/arm/v5',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
  'linux/riscv64',
  'linux/loong64',
  'linux/mips64le',
  'linux/mips64'
]
const ALIASES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  x64: 'amd64',
  aarch64: 'arm64',
  'arm64/v8': 'arm64',
  'aarch64/v8': 'arm64',
  'amd64/v1': 'amd64',
  arm: 'arm/v7',
  armhf: 'arm/v7',
  i386: '386'
}

/** `platforms`: `linux/amd64`, `linux/arm64`, …; the part before the architecture may be left out. */
export function parsePlatforms(text: string, desk: Desk): readonly string[] {
  const found = parseList(text).flatMap(entry => {
    const lower = entry.toLowerCase()
    const arch = lower.replace(/^linux\//, '')
    const platform = `linux/${Object.hasOwn(ALIASES, arch) ? ALIASES[arch] : arch}`
    if (PLATFORMS.includes(platform)) return [platform]
    const nearest = nearestOf(lower, PLATFORMS)
    desk.fault({
      what: `\`platforms\` names ${shownValue(entry, desk)}, which is no platform that can be built here.`,
      why: 'Images are built for Linux; the usual platforms are linux/amd64 and linux/arm64.',
      fix: nearest === undefined ? 'Name one of these.' : `Did you mean ${nearest}?`
    })
    return []
  })
  return [...new Set(found)]
}
