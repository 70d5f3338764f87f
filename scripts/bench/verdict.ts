import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {eventFor} from '../runner/checkout.ts'
import {inheritedFrom} from '../runner/local-request.ts'
import {runAction} from '../runner/run.ts'
import {useEngine} from '../world/engine.ts'
import {type GitServer, startGitServer} from '../world/git-server.ts'
import {startRegistry} from '../world/registry.ts'
import {tinyImage} from '../world/rootfs.ts'
import type {Say} from '../world/say.ts'
import {startSshServer} from '../world/ssh-server.ts'
import {ensureTools} from '../world/tools.ts'
import {commit} from './checkout.ts'
import {secondsInLog} from './log-times.ts'
import {openSlowLink, type SlowLink} from './slow-link.ts'

/** How long it takes to know whether a run may read and push everything it needs. */
export interface Verdict {
  /** Of the step that asks the git servers, and of the one that asks the registry; the middle one of several runs each. */
  readonly gitSeconds: number
  readonly registrySeconds: number
  /** How often one waits for the other side, one wait after another: what a busy machine does not change. */
  readonly gitTurns: number
  readonly registryTurns: number
}

const DELAY_MS = 50
const RUNS = 5
/** Half of them by token, half by key. */
const REPOSITORIES = 10
const ROBOT = 'bench-robot'
const PASSWORD = 'password-of-the-bench-registry'
const TOKEN = 'ghs_tokenOfTheBench0123456789abcd'
const ACTION = resolve(fileURLToPath(new URL('../..', import.meta.url)))

/**
 * Asks ten private repositories and a registry, each behind a line with 50 ms of round trip, by the whole action.
 *
 * Five repositories are read with a token each, five with a deploy key each; the times are those of the action's own log.
 */
export async function measureVerdict({folder, say}: {folder: string; say: Say}): Promise<Verdict> {
  const name = `verdict-${process.pid}`
  const engine = await useEngine({folder, say})
  const tiny = await tinyImage({folder, engine, say})
  const users = [{name: ROBOT, password: PASSWORD, allow: {'*': ['pull', 'push'] as const}}]
  const tokenLinks: SlowLink[] = []
  const tokensAt = async (address: string) => {
    const link = await openSlowLink(portOf(address), DELAY_MS)
    tokenLinks.push(link)
    return `127.0.0.1:${link.port}`
  }
  const registry = await startRegistry({folder, name, users, tokensAt, say})
  const git = await startGitServer({
    folder,
    name,
    tokens: [{name: 'bench', token: TOKEN, repositories: ['acme/*']}],
    say
  })
  const ssh = await startSshServer({folder, name, repositories: git.folder, say})
  const [gitLink, registryLink, sshLink] = await Promise.all([
    openSlowLink(portOf(git.url), DELAY_MS),
    openSlowLink(portOf(registry.host), DELAY_MS),
    openSlowLink(portOf(ssh.host), DELAY_MS)
  ])
  const [gitPort, registryPort, sshPort] = [gitLink.port, registryLink.port, sshLink.port]
  const place = mkdtempSync(join(tmpdir(), 'verdict-'))
  try {
    const workspace = join(place, 'workspace')
    await commit(workspace, {Dockerfile: `FROM ${tiny}\n`})
    const keys = await keysFor(git, {folder, place})
    for (const {name: key, publicKey, repository} of keys)
      ssh.addKey({name: key, publicKey, repositories: [repository]})
    const [, type = '', hostKey = ''] = ssh.knownHosts.split(' ')
    const byToken = await Promise.all(numbers().map(number => repositoryOf(git, `token-${number}`)))
    const secrets = {
      REGISTRY_PASSWORD: PASSWORD,
      READ_TOKEN: TOKEN,
      ...Object.fromEntries(keys.map(key => [key.secret, key.privateKey]))
    }
    const inputs = {
      submodules: 'false',
      image: `127.0.0.1:${registryPort}/acme/app`,
      cache: 'none',
      'registry-credentials': `127.0.0.1:${registryPort} ${ROBOT} \${{ secrets.REGISTRY_PASSWORD }}`,
      'git-credentials': byToken.map(path => `127.0.0.1:${gitPort}/${path} \${{ secrets.READ_TOKEN }}`).join('\n'),
      'ssh-keys': keys.map(key => `127.0.0.1:${sshPort}/${key.repository}\n\${{ secrets.${key.secret} }}`).join('\n'),
      'known-hosts': `[127.0.0.1]:${sshPort} ${type} ${hostKey}`
    }
    const seconds: {git: number; preflight: number}[] = []
    const turnsOfRegistry = () => sum([registryLink, ...tokenLinks].flatMap(link => link.turns()))
    let registryTurns = 0
    for (let run = 0; run < RUNS; run += 1) {
      const before = turnsOfRegistry()
      const {conclusion, log} = await runAction({
        action: ACTION,
        event: eventFor('push', workspace, {repository: 'acme/bench', serverUrl: `http://127.0.0.1:${gitPort}`}),
        workspace,
        inputs,
        secrets,
        environment: {...inheritedFrom(process.env), ...engine.env},
        // What comes after it is the push.
        onLine: ({text}) => {
          if (/^preflight: .* in [0-9.]+ s$/.test(text)) registryTurns = turnsOfRegistry() - before
        }
      })
      const text = log.map(line => line.text).join('\n')
      if (conclusion !== 'success') throw new Error(`The action ended with ${conclusion}:\n${text.slice(-3000)}`)
      if (!text.includes(`git: ${REPOSITORIES} repositories asked`)) throw new Error('Not every repository was asked.')
      seconds.push({git: secondsIn(text, 'git'), preflight: secondsIn(text, 'preflight')})
    }
    return {
      gitSeconds: middle(seconds.map(one => one.git)),
      registrySeconds: middle(seconds.map(one => one.preflight)),
      // Repositories are asked side by side, each by a connection of its own.
      gitTurns: Math.max(...gitLink.turns(), ...sshLink.turns()),
      registryTurns
    }
  } finally {
    rmSync(place, {recursive: true, force: true})
    for (const link of [gitLink, registryLink, sshLink, ...tokenLinks]) await link.close()
    await ssh.stop()
    await git.stop()
    await registry.stop()
    await engine.stop()
  }
}

/** The verdict as a line of Markdown. */
export function verdictText({gitSeconds, registrySeconds, gitTurns, registryTurns}: Verdict): string {
  const sum = gitSeconds + registrySeconds
  return `| verdict: ${REPOSITORIES} private repositories (half by token, half by deploy key) and a registry, ${DELAY_MS} ms away each | git ${gitSeconds.toFixed(1)} s (${gitTurns} waits one after another) | registry ${registrySeconds.toFixed(1)} s (${registryTurns}) | together ${sum.toFixed(1)} s | to reach ≤ 2 s |`
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}

function portOf(address: string): number {
  return Number(address.replace(/^.*:/, ''))
}

function numbers(): readonly number[] {
  return Array.from({length: REPOSITORIES / 2}, (_, index) => index + 1)
}

async function repositoryOf(git: GitServer, name: string): Promise<string> {
  await git.createRepository(`acme/${name}`, {'code.txt': `${name}\n`})
  return `acme/${name}`
}

async function keysFor(git: GitServer, {folder, place}: {folder: string; place: string}) {
  const keygen = await ensureTools(folder, ['ssh-keygen'], () => {})
  return Promise.all(
    numbers().map(async number => {
      const file = join(place, `key-${number}`)
      execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', file])
      return {
        name: `key-${number}`,
        secret: `KEY_${number}`,
        privateKey: readFileSync(file, 'utf8'),
        publicKey: readFileSync(`${file}.pub`, 'utf8'),
        repository: await repositoryOf(git, `key-${number}`)
      }
    })
  )
}

/** The time that a step's last line tells. */
function secondsIn(text: string, step: string): number {
  const seconds = secondsInLog(text, step)
  if (seconds === undefined) throw new Error(`The log tells no time for ${step}.`)
  return seconds
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}
