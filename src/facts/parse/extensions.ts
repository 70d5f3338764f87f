import type {Extensions} from '../../model/inputs.ts'
import {normalizedName} from '../../wheels/lock.ts'
import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'
import {parseList} from './lists.ts'

/** A project's name (PEP 508). */
const NAME = /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$/

/** `extensions`: what has a slash is a folder of the context, what has none is the name of a package. */
export function parseExtensions(text: string, desk: Desk): Extensions {
  const folders: string[] = []
  const packages: string[] = []
  for (const entry of parseList(text)) {
    if (entry.includes('/')) {
      const folder = folderOf(entry)
      if (folder === undefined) desk.fault(leadsOut(entry, desk))
      else folders.push(folder)
    } else if (NAME.test(entry)) packages.push(normalizedName(entry))
    else desk.fault(noName(entry, desk))
  }
  return {folders: [...new Set(folders)], packages: [...new Set(packages)]}
}

/** Without what says nothing: `./kernels/` is `kernels`. Undefined where it may lie outside of the context. */
function folderOf(entry: string): string | undefined {
  const parts = entry.split('/').filter(part => part !== '' && part !== '.')
  if (entry.startsWith('/') || parts.includes('..')) return undefined
  return parts.length === 0 ? '.' : parts.join('/')
}

function leadsOut(entry: string, desk: Desk) {
  return {
    what: `\`${desk.input}: ${shownValue(entry, desk)}\` is no folder of the build context.`,
    why: 'The builder is sent the context, and nothing outside of it.',
    fix: 'Write the folder as seen from `context`, for example `third_party/kernels`.'
  }
}

function noName(entry: string, desk: Desk) {
  return {
    what: `\`${desk.input}: ${shownValue(entry, desk)}\` is neither a folder nor the name of a package.`,
    why: 'A folder has a slash in it. A package stands here by its name alone: its version or commit is what `requirements` and the lock say.',
    fix: 'Write for example `third_party/kernels`, `./kernels` or `flash-attn`.'
  }
}
