import {parseArgs} from 'node:util'

/** What the user asked of the demo. */
export interface DemoOptions {
  readonly isSmall: boolean
  readonly keep: boolean
  readonly yes: boolean
}

const HELP = `npm run demo [-- <options>]

The whole story against a local registry and a local git server, with the real action:
a push, the same push again, one changed line, a fork's pull request, and a wrong token.

  --small   a tiny wheel set in place of torch: about two minutes, some megabytes
  --keep    leave the engine, the registry's data and the workspaces standing (in .world/)
  --yes     do not ask before installing what is missing
  --help    this text

Without --small about 4 GB of wheels are fetched from PyPI and 20 GB of disk are used for a while.
`

/** Reads the options; prints the help or what is wrong with them, and ends. */
export function readOptions(argv: readonly string[]): DemoOptions {
  const asked = parse(argv)
  if (asked.help === true) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  return {isSmall: asked.small === true, keep: asked.keep === true, yes: asked.yes === true}
}

function parse(argv: readonly string[]): Record<string, unknown> {
  const flag = {type: 'boolean'} as const
  try {
    return parseArgs({args: [...argv], options: {small: flag, keep: flag, yes: flag, help: flag}}).values
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${HELP}`)
    process.exit(2)
  }
}
