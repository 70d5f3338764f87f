import {openWorkshop, type Workshop} from '../workshop.ts'

/** Where the flavours are built and tried from outside. */
export interface FlavourStage extends Workshop {
  /** What a command in an image prints, run as strictly as one can, with room for temporary files. */
  runIn(name: string, options: readonly string[], ...command: readonly string[]): Promise<Ended>
}

/** How a container ended. */
export interface Ended {
  readonly exitCode: number
  /** Its output and its errors, without blanks around. */
  readonly said: string
}

/** Opens the stage of one test file; its name tells it from the others, which are open at the same time. */
export async function openFlavourStage(name: string): Promise<FlavourStage> {
  const shop = await openWorkshop(`flavour-${name}`)
  return {
    ...shop,
    async runIn(image, options, ...command) {
      const strict = ['--read-only', '--tmpfs', '/tmp:exec', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']
      const {exitCode, stdout, stderr} = await shop.docker(
        ...['run', '--rm', ...strict, '--network', 'host', ...options, shop.reference(image), ...command]
      )
      return {exitCode, said: `${stdout}${stderr}`.trim()}
    }
  }
}
