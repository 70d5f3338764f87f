import {spawnSync} from 'node:child_process'
import {createRequire} from 'node:module'

// `node scripts/node24.mjs scripts/jest.ts <pattern>`: jest as this repository needs it (ES modules, Node 24).
const jest = createRequire(import.meta.url).resolve('jest/bin/jest')
const run = spawnSync(process.execPath, ['--experimental-vm-modules', jest, ...process.argv.slice(2)], {
  stdio: 'inherit'
})
process.exit(run.status ?? 1)
