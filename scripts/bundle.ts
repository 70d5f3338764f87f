import {spawnSync} from 'node:child_process'
import {readdirSync, readFileSync, renameSync, rmSync, statSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'

// `npm run bundle`: src/ → build/ (tsc) → dist/main, dist/post and dist/worker (ncc). The same sources give the same bytes.
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)
const ENTRIES = ['main', 'post', 'worker'] as const

/** Runs a program of node_modules on this Node; ends with its exit code when it fails. */
function run(program: string, ...args: string[]): void {
  const ran = spawnSync(process.execPath, [program, ...args], {cwd: root, stdio: ['ignore', 'inherit', 'inherit']})
  if (ran.status !== 0) process.exit(ran.status ?? 1)
}

rmSync(join(root, 'build'), {recursive: true, force: true})
run(join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc'), '-p', 'tsconfig.bundle.json')
for (const entry of ENTRIES) {
  const out = join('build', 'dist', entry)
  run(
    join(dirname(require.resolve('@vercel/ncc/package.json')), 'dist', 'ncc', 'cli.js'),
    'build',
    join('build', `${entry}.js`),
    '-o',
    out,
    '--license',
    'licenses.txt',
    '--quiet'
  )
  const bytes = readdirSync(join(root, out)).reduce((sum, name) => sum + statSync(join(root, out, name)).size, 0)
  const isModule =
    (JSON.parse(readFileSync(join(root, out, 'package.json'), 'utf8')) as {type?: string}).type === 'module'
  if (!isModule) throw new Error(`${out}/package.json does not say "type": "module"; Node would not load the bundle`)
  process.stdout.write(`dist/${entry}: ${(bytes / 1e6).toFixed(2)} MB\n`)
}

// Only a whole bundle takes the place of the old one.
rmSync(join(root, 'dist'), {recursive: true, force: true})
renameSync(join(root, 'build', 'dist'), join(root, 'dist'))
