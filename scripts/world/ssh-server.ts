import {execFileSync} from 'node:child_process'
import {appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {type AddressInfo, createServer} from 'node:net'
import {userInfo} from 'node:os'
import {join, resolve} from 'node:path'
import {type Held, hold} from './holding.ts'
import {startProcess, stopProcess, waitUntil} from './processes.ts'
import {type Say, sayOnStderr, timed} from './say.ts'
import {ensureTools, findTool, worldPath} from './tools.ts'

/** A deploy key of the server: the public half, and what it opens. */
export interface DeployKey {
  /** By which it is called in the log. */
  readonly name: string
  readonly publicKey: string
  /** `owner/name`. */
  readonly repositories: readonly string[]
}

/** Which ssh server is wanted. */
export interface SshServerOptions {
  /** The world's folder. */
  readonly folder: string
  /** Tells several ssh servers of one folder apart. */
  readonly name?: string
  /** The folder of a git server, whose repositories it serves. */
  readonly repositories: string
  readonly say?: Say
}

/** A real sshd on 127.0.0.1 whose keys open single repositories, as deploy keys do. */
export interface SshServer {
  readonly port: number
  /** `127.0.0.1:port`. */
  readonly host: string
  /** Who logs in: `git` where we are root, else the user that runs this. */
  readonly user: string
  /** Its line for a `known_hosts` file. */
  readonly knownHosts: string
  addKey(key: DeployKey): void
  /** What a key is told in place of "not found", as an organisation's rules make GitHub say. */
  refuse(name: string, words: string): void
  /** Every command so far, one line each: `key verdict command`. */
  log(): readonly string[]
  stop(): Promise<void>
}

const START_WITHIN_MS = 15_000

/** What the server does for a key, whatever its client asks: fetching, from the repositories of that key. The texts are GitHub's. */
const SERVE = `#!/bin/sh
key=$1
path=$(printf '%s' "$SSH_ORIGINAL_COMMAND" | sed -n "s|^git-upload-pack '/*\\([A-Za-z0-9._-]*/[A-Za-z0-9._-]*\\)'\\$|\\1|p" | sed 's|[.]git$||' | tr A-Z a-z)
if [ -z "$path" ] || ! grep -qxF "$path" "$PLACE/keys/$key"; then
  echo "$key refused $SSH_ORIGINAL_COMMAND" >> "$PLACE/log"
  if [ -e "$PLACE/keys/$key.refusal" ]; then cat "$PLACE/keys/$key.refusal" >&2; else echo 'ERROR: Repository not found.' >&2; fi
  exit 1
fi
echo "$key served $path" >> "$PLACE/log"
exec git upload-pack "$REPOSITORIES/$path.git"
`

/** Starts an ssh server without any key. Throws with the reason where this machine lets none be started. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const worldFolder = resolve(options.folder)
  const say = options.say ?? sayOnStderr
  await ensureTools(worldFolder, ['sshd', 'ssh', 'ssh-keygen', 'git'], say)
  const held = heldSshServer(worldFolder, options.name ?? 'ssh')
  const {made: port, stop} = await hold(held, 'while-used', () =>
    timed(
      say,
      'SSH server',
      () => startIn(held.place, {worldFolder, repositories: join(options.repositories, 'repositories')}),
      found => `127.0.0.1:${found}`
    )
  )
  return {...sshServerAt(held.place, port), stop}
}

function heldSshServer(worldFolder: string, name: string): Held {
  const place = join(worldFolder, 'ssh-servers', name)
  const end = async (): Promise<void> => {
    await stopProcess(place, 'sshd')
    rmSync(place, {recursive: true, force: true})
  }
  return {worldFolder, kind: 'ssh-server', name, place, end}
}

async function startIn(
  place: string,
  {worldFolder, repositories}: {worldFolder: string; repositories: string}
): Promise<number> {
  mkdirSync(join(place, 'keys'), {recursive: true})
  const keygen = findTool(worldFolder, 'ssh-keygen') ?? 'ssh-keygen'
  execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', join(place, 'host_key')])
  const head = `#!/bin/sh\nexport PATH='${worldPath(worldFolder)}' PLACE='${place}' REPOSITORIES='${repositories}'\n`
  const settings = 'export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n'
  writeFileSync(join(place, 'serve'), SERVE.replace('#!/bin/sh\n', head + settings))
  chmodSync(join(place, 'serve'), 0o755)
  writeFileSync(join(place, 'authorized_keys'), '')
  const port = await freePort()
  writeFileSync(join(place, 'sshd_config'), configOf(place, port))
  const log = join(place, 'sshd.log')
  startProcess({
    folder: place,
    name: 'sshd',
    argv: argvOf(place, worldFolder),
    env: {PATH: worldPath(worldFolder)},
    log
  })
  const isUp = () => existsSync(log) && readFileSync(log, 'utf8').includes('Server listening')
  if (await waitUntil(isUp, START_WITHIN_MS)) return port
  const said = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n  ') : ''
  throw new Error(`sshd did not come up. ${said}`)
}

function configOf(place: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${place}/host_key`,
    `AuthorizedKeysFile ${place}/authorized_keys`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin forced-commands-only',
    'MaxStartups 100',
    'UseDNS no',
    ''
  ].join('\n')
}

/** As root, sshd wants a user and a folder of the system; both are lent to it in a mount namespace of its own. */
function argvOf(place: string, worldFolder: string): readonly string[] {
  const sshd = findTool(worldFolder, 'sshd') ?? 'sshd'
  const run = [sshd, '-D', '-e', '-f', join(place, 'sshd_config')]
  if (process.getuid?.() !== 0) return run
  const users = readFileSync('/etc/passwd', 'utf8').replace(/^(?:git|sshd):.*\n/gm, '')
  writeFileSync(
    join(place, 'passwd'),
    `${users}git:x:0:0::${place}:/bin/sh\nsshd:x:65533:65534::/run/sshd:/bin/false\n`
  )
  const script =
    'mount -t tmpfs none /run && mkdir -m 755 /run/sshd && mount --bind "$1/passwd" /etc/passwd && shift && exec "$@"'
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', place, ...run]
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const {port} = server.address() as AddressInfo
  await new Promise(done => server.close(done))
  return port
}

function sshServerAt(place: string, port: number): Omit<SshServer, 'stop'> {
  const host = `127.0.0.1:${port}`
  const [type = '', key = ''] = readFileSync(join(place, 'host_key.pub'), 'utf8').split(' ')
  return {
    port,
    host,
    user: process.getuid?.() === 0 ? 'git' : userInfo().username,
    knownHosts: `[127.0.0.1]:${port} ${type} ${key}`,
    addKey({name, publicKey, repositories}) {
      writeFileSync(join(place, 'keys', name), repositories.map(path => `${path.toLowerCase()}\n`).join(''))
      const [kind, blob] = publicKey.split(' ')
      appendFileSync(join(place, 'authorized_keys'), `command="${place}/serve ${name}",restrict ${kind} ${blob}\n`)
    },
    refuse: (name, words) => writeFileSync(join(place, 'keys', `${name}.refusal`), `${words}\n`),
    log: () => (existsSync(join(place, 'log')) ? readFileSync(join(place, 'log'), 'utf8').trim().split('\n') : [])
  }
}
