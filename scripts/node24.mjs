// Runs a TypeScript script of this repository on Node 24, from whatever Node (20 or newer) npm was started with.
// Plain JavaScript on purpose: it is the one file that must run before anything is installed.
import {spawn, spawnSync} from 'node:child_process'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** Installs the locked packages unless the installed ones already are those of package-lock.json. */
function installPackages() {
  const stamp = join(root, 'node_modules', '.installed-lock')
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  process.stderr.write('Installing the packages of package-lock.json (about half a minute)\n')
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2]
  })
  if (npm.status !== 0) {
    process.stderr.write('npm ci failed: the lines above say why. Nothing else was started.\n')
    process.exit(1)
  }
  writeFileSync(stamp, lock)
}

/** The Node 24 that npm installed for this machine, or the running one when it is new enough. */
function nodeBinary() {
  const own = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node')
  if (existsSync(own)) return own
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  process.stderr.write(
    `This needs Node 24; ${process.version} is running and npm has no Node 24 for ${process.platform}-${process.arch}.\n` +
      'Install Node 24 and try again.\n'
  )
  process.exit(1)
}

const [script, ...options] = process.argv.slice(2)
if (script === undefined) {
  process.stderr.write('usage: node scripts/node24.mjs <script.ts> [options]\n')
  process.exit(2)
}
installPackages()
const child = spawn(nodeBinary(), ['--disable-warning=ExperimentalWarning', join(root, script), ...options], {
  stdio: 'inherit',
  env: {...process.env, NODE_NO_WARNINGS: '1'}
})
// The child is in our process group and gets a terminal's Ctrl-C itself; only a signal sent to us alone is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => {})
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 130))
