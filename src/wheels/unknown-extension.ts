import {nearestOf} from '../model/nearest.ts'
import {Problem} from '../model/problem.ts'

/** What an entry of `extensions` was meant to be: what has a slash is a folder, without a `./` before it here. */
export type ExtensionEntry = {readonly folder: string} | {readonly package: string}

/** What an entry of `extensions` may name. */
export interface ExtensionChoices {
  /** Folders of the context that hold a Python project. */
  readonly folders: readonly string[]
  /** Packages of the lock; before there is one, those that requirement files name themselves. */
  readonly packages: readonly string[]
}

/** An entry of `extensions` that is neither a folder of the context nor a package of the lock, with the nearest of both. */
export function unknownExtension(entry: ExtensionEntry, choices: ExtensionChoices): Problem {
  const near = nearestExtension('folder' in entry ? entry.folder : entry.package, choices)
  return new Problem('extension-unknown', {
    what:
      'folder' in entry
        ? `The input \`extensions\` names the folder ${shownFolder(entry.folder)}, which is not in the build context.`
        : `The input \`extensions\` names ${entry.package}, which is no package of the lock, and no folder either: a folder has a slash in it.`,
    why: 'There is nothing to compile under that name, and the image would come without it.',
    fix:
      near === undefined
        ? 'Name a folder as seen from `context` (`third_party/kernels`, `./kernels`), or a package that `requirements` bring (`flash-attn`).'
        : `Did you mean \`extensions: ${near}\`?`,
    evidence: [
      `folders with a Python project: ${choices.folders.map(shownFolder).join(', ') || 'none'}`,
      `packages: ${choices.packages.join(', ') || 'none'}`
    ]
  })
}

/** As it has to be written. A folder is also known by its last part: `kernels` for `third_party/kernels`. */
function nearestExtension(entry: string, {folders, packages}: ExtensionChoices): string | undefined {
  const spellings = [
    ...folders.flatMap(folder => [
      {text: folder, shown: shownFolder(folder)},
      {text: lastPart(folder), shown: shownFolder(folder)}
    ]),
    ...packages.map(name => ({text: name, shown: name}))
  ]
  const texts = spellings.map(({text}) => text)
  const nearest = nearestOf(entry, texts) ?? nearestOf(lastPart(entry), texts)
  return spellings.find(({text}) => text === nearest)?.shown
}

function lastPart(folder: string): string {
  return folder.split('/').at(-1) ?? folder
}

/** What tells a folder from a name is its slash. */
function shownFolder(folder: string): string {
  return folder.includes('/') ? folder : `./${folder}`
}
