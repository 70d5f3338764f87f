import {normalizedName} from './lock.ts'

/** A lock's text without some of its packages. */
export function withoutPackages(text: string, names: readonly string[]): string {
  return edited(text, names, () => '')
}

/** A lock's text in which some packages do not tell their version: PEP 751 has none where the source alone knows it. */
export function withoutVersions(text: string, names: readonly string[]): string {
  return edited(text, names, entry => entry.replace(/^version = .*\n/m, ''))
}

/** As uv writes it: all that belongs to a package stands below its own `[[packages]]`. */
function edited(text: string, names: readonly string[], edit: (entry: string) => string): string {
  const parts = text.split(/^(?=\[\[packages\]\]$)/m)
  return parts.map(part => (names.includes(nameIn(part)) ? edit(part) : part)).join('')
}

function nameIn(entry: string): string {
  return normalizedName(/^name = "(.+)"$/m.exec(entry)?.[1] ?? '')
}
