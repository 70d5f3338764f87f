import {shownValue} from './choices.ts'
import type {Desk} from './desk.ts'

/** A package of Debian or Ubuntu, with `=version`, `:architecture` or neither (Debian Policy 5.6.1). */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]+(?::[a-z0-9]+)?(?:=[A-Za-z0-9.+~:-]+)?$/

/** `apt-packages`: names separated by line ends, commas or blanks. */
export function parseAptPackages(text: string, desk: Desk): readonly string[] {
  const lines = text.split(/\r?\n/).filter(line => !line.trim().startsWith('#'))
  const names = lines.flatMap(line => line.split(/[\s,]+/)).filter(name => name !== '')
  for (const name of names.filter(each => !PACKAGE.test(each))) {
    desk.fault({
      what: `\`${desk.input}: ${shownValue(name, desk)}\` is no name of a package.`,
      why: 'A name has small letters, digits, `+`, `-` and `.`; options of apt are not taken.',
      fix: 'Write names as `apt-get install` takes them, for example `libgl1 ffmpeg git`.'
    })
  }
  return [...new Set(names)]
}
