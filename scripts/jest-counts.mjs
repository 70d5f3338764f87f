import {writeFileSync} from 'node:fs'

/**
 * Writes what `scripts/test.ts` counts into the file that `JEST_COUNTS` names. Jest's own `--json` holds the thrown values of failed tests as well, and gives
 * up on one that refers to itself, as the errors of child processes do.
 */
export default class Counts {
  onRunComplete(_contexts, results) {
    const tests = results.testResults.flatMap(file => file.testResults)
    const skipped = tests.filter(({status}) => status === 'pending').map(({fullName}) => fullName)
    const counts = {
      passed: results.numPassedTests,
      failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
      skipped
    }
    writeFileSync(process.env.JEST_COUNTS, JSON.stringify(counts))
  }
}
