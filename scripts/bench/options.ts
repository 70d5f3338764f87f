import {parseArgs} from 'node:util'

/** What the user asked of the bench. */
export interface BenchOptions {
  readonly isQuick: boolean
  /** Only the time until the run knows what it may read and push. */
  readonly isVerdict: boolean
}

const HELP = `npm run bench [-- <options>]

The same work in the usual way and by this action, one after the other, on one engine and a registry on this machine:
nothing changed, a first build, one changed line of code on an empty builder.

  --quick   tiny wheels in place of torch: about two minutes; docs/performance.md stays as it is
  --verdict only how long it takes to ask ten private repositories and a registry, each 50 ms away; seconds
  --help    this text

It starts an engine of its own in .world/, which takes root, and prunes only that one. Without --quick about 8 GB of
wheels are fetched from PyPI, 35 GB of disk are used for a while, and it takes a quarter of an hour or more.
`

/** Reads the options; prints the help or what is wrong with them, and ends. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const asked = parse(argv)
  if (asked.help === true) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  return {isQuick: asked.quick === true, isVerdict: asked.verdict === true}
}

function parse(argv: readonly string[]): Record<string, unknown> {
  const flag = {type: 'boolean'} as const
  try {
    return parseArgs({args: [...argv], options: {quick: flag, verdict: flag, help: flag}}).values
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${HELP}`)
    process.exit(2)
  }
}
