import {parseArgs} from 'node:util'
import {ROWS} from './rows.ts'

/** What the user asked of the bench. */
export interface BenchOptions {
  readonly isQuick: boolean
  /** Only the time until the run knows what it may read and push. */
  readonly isVerdict: boolean
  /** Only what a validation takes beside its validator. */
  readonly isGpu: boolean
  /** Names of rows; empty for all. */
  readonly only: readonly string[]
}

const HELP = `npm run bench [-- <options>]

The same work in the usual way and by this action, one after the other, on one engine and a registry on this machine.

  --quick        tiny wheels in place of torch, and the rows that mean something with them: about two minutes
  --only <rows>  these rows alone, separated by commas, and what they stand on
  --verdict      only how long it takes to ask ten private repositories and a registry, each 50 ms away; seconds
  --gpu          only what the action takes around a validation, with a scripted GPU and an image that the engine has; seconds
  --help         this text

Rows:
${ROWS.map(({name, work}) => `  ${name.padEnd(14)} ${work}`).join('\n')}

It starts an engine of its own in .world/, which takes root, and prunes only that one. It says before it begins how long
it will take and how much disk; each set of PyTorch is 4 GB of wheels from PyPI. What it measured stands in
build/bench.json; docs/performance.md is written anew where all rows were asked for.
`

/** Reads the options; prints the help or what is wrong with them, and ends. */
export function readOptions(argv: readonly string[]): BenchOptions {
  const asked = parse(argv)
  if (asked.help === true) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  return {
    isQuick: asked.quick === true,
    isVerdict: asked.verdict === true,
    isGpu: asked.gpu === true,
    only: (asked.only ?? []).flatMap(names => names.split(',')).filter(name => name !== '')
  }
}

function parse(argv: readonly string[]) {
  const flag = {type: 'boolean'} as const
  const list = {type: 'string', multiple: true} as const
  try {
    return parseArgs({args: [...argv], options: {quick: flag, verdict: flag, gpu: flag, help: flag, only: list}}).values
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${HELP}`)
    process.exit(2)
  }
}
