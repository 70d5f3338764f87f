import {dirname, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {makeRunnerHost} from './host/runner.ts'
import {problemsOf} from './model/problem.ts'
import {reportFailure} from './report/report.ts'
import {run} from './run.ts'

// `dist/main/index.js` lies two directories below the action; the sources lie one below.
const here = dirname(fileURLToPath(import.meta.url))
const action = resolve(here, here.endsWith('src') ? '..' : '../..')
const worker = resolve(here, here.endsWith('src') ? 'worker.ts' : '../worker/index.js')

const host = await makeRunnerHost({action, worker})
try {
  const report = await run(host)
  if (report.conclusion !== 'success') process.exitCode = 1
} catch (thrown) {
  await reportFailure(problemsOf(thrown), thrown, host)
  process.exitCode = 1
} finally {
  host.end()
}
