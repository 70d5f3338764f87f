import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {PAGES} from './docs/pages.ts'

// `npm run docs` prints the pages that follow from tables; `npm run docs -- --check` only compares, and exits 1 on a difference.
const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const isCheck = process.argv.includes('--check')
let stale = 0
for (const {path, print} of PAGES) {
  const file = resolve(root, path)
  const current = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const printed = print(current)
  if (printed === current) continue
  stale += 1
  if (!isCheck) writeFileSync(file, printed)
  process.stdout.write(`${path} ${isCheck ? 'is not what `npm run docs` prints' : 'printed'}\n`)
}
if (isCheck && stale > 0) process.exitCode = 1
