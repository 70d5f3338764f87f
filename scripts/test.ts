import {spawnSync} from 'node:child_process'
import {mkdirSync, readFileSync, rmSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {useEngine} from './world/engine.ts'

// `npm test`: sets up what the tests need, runs them all, and ends with one line: `N passed, N failed`.
// `npm run unit`: only those that need no engine, no registry and no git server.

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const folder = join(root, '.world')

/** A test that needs a Docker engine says so in its file name. */
const NEEDS_ENGINE = '\\.engine\\.test\\.ts$'

interface JestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numRuntimeErrorTestSuites: number
  readonly testResults: readonly {
    readonly assertionResults: readonly {readonly status: string; readonly fullName: string}[]
  }[]
}

function runJest(options: readonly string[], environment: NodeJS.ProcessEnv): JestReport | undefined {
  const output = join(folder, 'jest.json')
  mkdirSync(folder, {recursive: true})
  rmSync(output, {force: true})
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
  spawnSync(
    process.execPath,
    ['--experimental-vm-modules', jest, '--ci', '--json', `--outputFile=${output}`, '--maxWorkers=2', ...options],
    // jest writes its report to standard output too; what people read goes to standard error.
    {cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: {...process.env, ...environment}}
  )
  try {
    return JSON.parse(readFileSync(output, 'utf8')) as JestReport
  } catch {
    return undefined
  }
}

function tell(report: JestReport | undefined): number {
  if (report === undefined) {
    process.stdout.write('The test runner ended without a report.\n0 passed, 1 failed\n')
    return 1
  }
  for (const {status, fullName} of report.testResults.flatMap(file => file.assertionResults)) {
    if (status === 'pending') process.stdout.write(`skipped: ${fullName}\n`)
  }
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites
  const skipped = report.numPendingTests === 0 ? '' : `, ${report.numPendingTests} skipped`
  process.stdout.write(`${report.numPassedTests} passed, ${failed} failed${skipped}\n`)
  return failed === 0 && report.numPassedTests > 0 ? 0 : 1
}

const [kind, ...rest] = process.argv.slice(2)
if (kind === '--unit') {
  process.exit(tell(runJest([`--testPathIgnorePatterns=${NEEDS_ENGINE}`, ...rest], {})))
}
const engine = await useEngine({folder})
let exitCode = 1
try {
  const options = kind === undefined ? [] : [kind, ...rest]
  exitCode = tell(runJest(options, {...engine.env, WORLD_FOLDER: folder}))
} finally {
  await engine.stop()
}
process.exit(exitCode)
