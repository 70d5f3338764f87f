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

/** What `jest-counts.mjs` writes. */
interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: readonly string[]
}

function runJest(options: readonly string[], environment: NodeJS.ProcessEnv): Counts | undefined {
  const path = join(folder, 'jest-counts.json')
  mkdirSync(folder, {recursive: true})
  rmSync(path, {force: true})
  const reporters = ['--reporters=default', `--reporters=${join(root, 'scripts/jest-counts.mjs')}`]
  const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
  spawnSync(process.execPath, ['--experimental-vm-modules', jest, '--ci', '--maxWorkers=2', ...options, ...reporters], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {...process.env, ...environment, JEST_COUNTS: path}
  })
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Counts
  } catch {
    return undefined
  }
}

function tell(counts: Counts | undefined): number {
  if (counts === undefined) {
    process.stdout.write('The test runner ended without a report.\n0 passed, 1 failed\n')
    return 1
  }
  const {passed, failed, skipped} = counts
  for (const name of skipped) process.stdout.write(`skipped: ${name}\n`)
  process.stdout.write(
    `${passed} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}\n`
  )
  return failed === 0 && passed > 0 ? 0 : 1
}

const [kind, ...rest] = process.argv.slice(2)
if (kind === '--unit') {
  process.exit(tell(runJest([...rest, `--testPathIgnorePatterns=${NEEDS_ENGINE}`], {})))
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
