import {LAYOUT} from './layout.ts'
import {normalizedName} from './lock.ts'
import {invalidWheel} from './refusal.ts'
import {parseWheelName} from './wheel-name.ts'

/** What the names in a wheel say about it. */
export interface WheelFolders {
  /** `torch-2.8.0.dist-info`. */
  readonly info: string
  /** `torch-2.8.0.data`; nothing need lie in it. */
  readonly data: string
  /** The project as the wheel's name writes it. */
  readonly project: string
}

/** Where a file of a wheel goes. */
export interface Place {
  /** Below the root of the image, without a slash in front. */
  readonly path: string
  /** A program, whatever permissions the zip gives it. */
  readonly isScript: boolean
}

const LONGEST_PATH = 1024
const LONGEST_PART = 255

/** Ways on which files for site-packages come along as plain data: through the links of an environment. */
const SITE_ALIASES = /^(?:lib|lib64)\/(?:python(?:3(?:\.\d+)?)?)\/site-packages\//
/** What an environment itself consists of. */
const OWN_FILES = /^(?:pyvenv\.cfg|bin\/python[\d.]*|bin\/activate(?:\..*)?|bin\/Activate\.ps1)$/

/** Finds the folders that tell what the wheel is. Throws `wheel-invalid` where they do not fit its name. */
export function foldersOf(wheel: string, names: readonly string[]): WheelFolders {
  const project = parseWheelName(wheel)?.distribution
  if (project === undefined) throw invalidWheel(wheel, 'its name is not that of a wheel')
  const infos = [...new Set(names.map(name => name.split('/')[0] ?? ''))].filter(name => name.endsWith('.dist-info'))
  const [info] = infos
  if (info === undefined || infos.length > 1) {
    throw invalidWheel(wheel, infos.length === 0 ? 'it has no .dist-info folder' : 'it has several .dist-info folders')
  }
  const [named = ''] = info.split('-')
  if (normalizedName(named) !== normalizedName(project)) throw invalidWheel(wheel, `its metadata is that of ${named}`)
  return {info, data: info.replace(/\.dist-info$/, '.data'), project}
}

/** Where the wheel specification puts a file. Throws `wheel-invalid` for a name that leads elsewhere. */
export function placeOf(wheel: string, name: string, folders: WheelFolders): Place {
  const fault = faultOf(name)
  if (fault !== undefined) throw invalidWheel(wheel, `it holds ${JSON.stringify(name)}, ${fault}`)
  const [first, scheme, ...rest] = name.split('/')
  if (first !== folders.data) {
    if (first?.endsWith('.data') === true && scheme !== undefined && SCHEMES.has(scheme)) {
      throw invalidWheel(wheel, `it has a second data folder, ${JSON.stringify(first)}`)
    }
    return {path: `${LAYOUT.site}/${name}`, isScript: false}
  }
  const file = rest.join('/')
  if (scheme === undefined || file === '' || !SCHEMES.has(scheme)) {
    throw invalidWheel(wheel, `it holds ${JSON.stringify(name)}, for which installers have no place`)
  }
  return schemePlace({wheel, scheme, file, project: folders.project})
}

/** What may not be part of a path in an image; undefined where it is a plain relative path. */
export function faultOf(name: string): string | undefined {
  const parts = name.split('/')
  if (name.startsWith('/')) return 'which is an absolute path'
  if (/[\p{Cc}\\]/u.test(name)) return 'which has a character in it that paths do not have'
  if (parts.includes('..') || parts.includes('.')) return 'which leads out of its folder'
  if (parts.includes('')) return 'which has an empty part'
  // In a layer such a name means that a file of the layers below is taken away.
  if (parts.some(part => part.startsWith('.wh.'))) return 'which would remove files of other layers'
  if (name.length > LONGEST_PATH || parts.some(part => Buffer.byteLength(part) > LONGEST_PART))
    return 'which is too long'
  return undefined
}

const SCHEMES: ReadonlySet<string> = new Set(['purelib', 'platlib', 'scripts', 'headers', 'data'])

function schemePlace({
  wheel,
  scheme,
  file,
  project
}: {
  wheel: string
  scheme: string
  file: string
  project: string
}): Place {
  switch (scheme) {
    case 'scripts':
      return {path: ownPath(wheel, `bin/${file}`), isScript: true}
    case 'headers':
      return {path: `${LAYOUT.headers}/${project}/${file}`, isScript: false}
    case 'data':
      return {path: ownPath(wheel, file), isScript: false}
    default:
      return {path: `${LAYOUT.site}/${file}`, isScript: false}
  }
}

/** A path below the environment, past its own links: an entry with the name of a link would take its place. */
function ownPath(wheel: string, file: string): string {
  if (OWN_FILES.test(file)) throw invalidWheel(wheel, `it would replace ${JSON.stringify(file)} of the environment`)
  const alias = SITE_ALIASES.exec(file)
  if (alias !== null) return `${LAYOUT.site}/${file.slice(alias[0].length)}`
  return `${LAYOUT.prefix}/${file.replace(/^lib64\//, 'lib/')}`
}
