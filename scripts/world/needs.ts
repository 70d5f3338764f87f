import {existsSync, readdirSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {engineAnswers} from './engine.ts'
import {isPublicRegistryReachable} from './rootfs.ts'
import {bytesText} from './say.ts'
import {ENGINE_TOOLS, hasEnginePrograms, missingTools, type Tool} from './tools.ts'

/** One thing that this machine lacks and that would be fetched or started. */
export interface Need {
  readonly what: string
  readonly where: string
  /** About how much is downloaded; 0 for what is only started. */
  readonly downloadBytes: number
}

// Measured on Debian 12 with the packages of Debian 13 (26.1.5), 2026.
const ENGINE_BYTES = 76_000_000
const LISTS_BYTES = 20_000_000
const ROOTFS_BYTES = 85_000_000
const SERVER_TOOLS: readonly Tool[] = ['docker-registry', 'skopeo', 'openssl', 'git']

/** Finds out what would have to be fetched and started for the world, without doing any of it. */
export async function needs(folder: string): Promise<Need[]> {
  const place = resolve(folder)
  const [hasEngine, hasRegistry] = await Promise.all([engineAnswers(), isPublicRegistryReachable()])
  const found: Need[] = []
  if (!hasEngine) found.push(...engineNeeds(place))
  const hasImage =
    existsSync(join(place, 'images')) && readdirSync(join(place, 'images')).some(name => name.endsWith('.tar.gz'))
  const imageTools: readonly Tool[] = hasRegistry || hasImage ? [] : ['debootstrap', 'wget']
  const tools = missingTools(place, [...(hasEngine ? [] : ENGINE_TOOLS), ...SERVER_TOOLS, ...imageTools])
  if (tools.length > 0) {
    found.push({
      what: `${tools.join(', ')}: packages of this system, unpacked, not installed`,
      where: place,
      downloadBytes: LISTS_BYTES
    })
  }
  if (imageTools.length > 0) {
    found.push({
      what: 'a base image with Python, made by debootstrap',
      where: join(place, 'images'),
      downloadBytes: ROOTFS_BYTES
    })
  }
  return found
}

/** The needs as lines for a person to agree to. */
export function needLines(found: readonly Need[]): string[] {
  return found.map(({what, where, downloadBytes}) => {
    const download = downloadBytes === 0 ? '' : ` (about ${bytesText(downloadBytes)} to download)`
    return `- ${what}, in ${where}${download}`
  })
}

function engineNeeds(place: string): Need[] {
  const running = {
    what: 'a Docker engine of its own, on a private socket, with a network bridge of its own',
    where: place
  }
  if (hasEnginePrograms(place)) return [{...running, downloadBytes: 0}]
  return [
    {
      ...running,
      what: `${running.what}: Debian's packages, unpacked, not installed`,
      downloadBytes: ENGINE_BYTES + LISTS_BYTES
    }
  ]
}
