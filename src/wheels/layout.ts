/**
 * Where wheels stand in an image.
 *
 * Files lie in a folder whose name has no Python version, so that a wheel without a Python in its tag is the very same
 * layer below 3.11 and 3.12: `lib/python3.X/site-packages` is a link to it, made in the foundation. The folder lies as
 * deep as the link does. So `../../../bin/tool`, as pip writes it into RECORD, leads to the same place whether a reader
 * follows the link or takes the path as text.
 */
export const LAYOUT = {
  prefix: 'opt/venv',
  site: 'opt/venv/lib/python/site-packages',
  headers: 'opt/venv/include/site/python',
  scripts: 'opt/venv/bin',
  /** What scripts begin with. It names no version either. */
  interpreter: '/opt/venv/bin/python3',
  /** What stands in INSTALLER. */
  installer: 'pytorch-cuda-image-action',
  /**
   * The time of every file: 1980-01-02, so that it is 1980 or later in every time zone. Zip knows no earlier year, and
   * packages are zipped again by their users.
   */
  mtimeS: 315_619_200,
  /** Raised with every change that gives other bytes for the same wheel. */
  version: 1
} as const

/** Folders that the foundation has already. No layer names them: an entry of its own would replace what they are there. */
export const FOUNDATION_FOLDERS: ReadonlySet<string> = new Set(
  [LAYOUT.site, LAYOUT.headers, LAYOUT.scripts, 'opt/venv/share'].flatMap(ancestorsOf)
)

/** A folder and all that it lies in, without the root. */
export function ancestorsOf(folder: string): readonly string[] {
  const parts = folder.split('/')
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'))
}
