import type {Submodule} from '../model/source.ts'
import {parseSettings} from './settings.ts'

/** Arguments of the git command whose output `parseModules` reads; it is run in the directory of the superproject. */
export const LIST_MODULES = [
  'config',
  '--file',
  '.gitmodules',
  '--null',
  '--get-regexp',
  String.raw`^submodule\..*\.(path|url|update)$`
] as const

/** What is wrong with an entry of `.gitmodules`. */
export interface ModuleFault {
  readonly name: string
  readonly fault: string
}

/** Submodules whose name and path are safe to use, and what is wrong with the others. */
export interface Modules {
  readonly submodules: readonly Submodule[]
  readonly faults: readonly ModuleFault[]
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/

/**
 * Reads the submodules from what git prints for `LIST_MODULES`, whatever quoting the file uses.
 *
 * Names become directories below `.git/modules` and paths become directories of the workspace, so both are checked here.
 */
export function parseModules(printed: string): Modules {
  const values = new Map<string, {path?: string; url?: string; update?: string}>()
  for (const {subsection, name, value} of parseSettings(printed)) {
    // The last one counts, as it does for git.
    if (subsection !== undefined) values.set(subsection, {...values.get(subsection), [name]: value})
  }
  const submodules: Submodule[] = []
  const faults: ModuleFault[] = []
  const owners = new Map<string, string>()
  for (const [name, {path: written, url, update}] of values) {
    const path = written?.replace(/\/$/, '')
    // The repository says that nobody needs it unless they ask for it by name.
    if (update === 'none') continue
    const fault = nameFault(name) ?? pathFault(path) ?? takenFault(owners.get(path ?? ''), path)
    if (fault === undefined) submodules.push({name, path: path as string, url: url ?? ''})
    else faults.push({name: name.replace(new RegExp(CONTROL, 'g'), '?'), fault})
    owners.set(path ?? '', name)
  }
  return {submodules, faults}
}

function nameFault(name: string): string | undefined {
  if (name === '') return 'It has no name.'
  if (CONTROL.test(name)) return 'Its name contains a control character.'
  if (name.startsWith('/') || name.split(/[\\/]/).includes('..')) {
    return 'Its name would lead out of `.git/modules`, where git keeps submodules by name.'
  }
  return undefined
}

function pathFault(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return 'It has no path.'
  if (CONTROL.test(path))
    return 'Its path contains a control character; git versions have run foreign code because of one.'
  if (path.startsWith('-')) return 'Its path begins with a dash, as an option does.'
  if (path.startsWith('/') || path.includes('\\')) return `Its path \`${path}\` is not relative with plain slashes.`
  const parts = path.split('/')
  if (parts.some(part => part === '' || part === '.' || part === '..')) {
    return `Its path \`${path}\` has an empty part, \`.\` or \`..\` in it.`
  }
  // `GIT~1` is what Windows file systems make of `.git`.
  if (parts.some(part => /^(?:\.git|git~1)$/i.test(part))) return `Its path \`${path}\` leads into git's own directory.`
  return undefined
}

function takenFault(owner: string | undefined, path: string | undefined): string | undefined {
  return owner === undefined ? undefined : `Its path \`${path}\` is also that of the submodule \`${owner}\`.`
}
