import {randomBytes} from 'node:crypto'
import {writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {parseArgs} from 'node:util'
import {startGitServer} from './git-server.ts'
import {needLines, needs} from './needs.ts'
import {startRegistry} from './registry.ts'
import {endWorld, removeWorld, setUpWorld, type World} from './world.ts'

const USAGE = `usage: main.ts <command> [--folder .world]
  needs   say what would be fetched and started, and do nothing
  up      set up an engine, images, a registry with login and a git server, and leave them running
  down    end everything that runs; what was fetched stays
  remove  end everything and remove the folder`

const COMMANDS: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  needs: async folder => show(needLines(await needs(folder))),
  up: async folder => show(await setUpAll(folder)),
  down: endWorld,
  remove: removeWorld
}

async function setUpAll(folder: string): Promise<string[]> {
  const world = await setUpWorld({folder, keep: true})
  const [writer, reader, gitToken] = [secret(), secret(), secret()]
  const users = [
    {name: 'writer', password: writer, allow: {'*': ['pull', 'push', 'delete']}},
    {name: 'reader', password: reader, allow: {'*': ['pull']}}
  ] as const
  const registry = await startRegistry({folder, users, keep: true})
  const git = await startGitServer({
    folder,
    tokens: [{name: 'acme', token: gitToken, repositories: ['acme/*']}],
    keep: true
  })
  const lines = [
    ...engineLines(world),
    line('WORLD_BASE_IMAGE', world.base?.reference ?? world.tiny),
    line('WORLD_TINY_IMAGE', world.tiny),
    line('WORLD_BASE_REGISTRY', world.baseRegistry),
    line('WORLD_REGISTRY', registry.host),
    line('WORLD_REGISTRY_WRITER_PASSWORD', writer),
    line('WORLD_REGISTRY_READER_PASSWORD', reader),
    line('WORLD_GIT_URL', git.url),
    line('WORLD_GIT_TOKEN', gitToken)
  ]
  writeFileSync(join(resolve(folder), 'env.sh'), `${lines.join('\n')}\n`, {mode: 0o600})
  return lines
}

function engineLines({engine, folder}: World): string[] {
  const {PATH: _path, ...variables} = engine.env
  const ownPrograms = engine.started ? [`export PATH='${join(folder, 'bin')}':"$PATH":/usr/sbin:/sbin`] : []
  return [...Object.entries(variables).map(([name, value]) => line(name, value)), ...ownPrograms]
}

function line(name: string, value: string): string {
  return `export ${name}='${value}'`
}

function secret(): string {
  return randomBytes(18).toString('base64url')
}

function show(lines: readonly string[]): void {
  process.stdout.write(lines.map(text => `${text}\n`).join(''))
}

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {folder: {type: 'string', default: '.world'}}
})
const command = Object.hasOwn(COMMANDS, positionals[0] ?? '') ? COMMANDS[positionals[0] ?? ''] : undefined
if (command === undefined) {
  process.stderr.write(`${USAGE}\n`)
  process.exit(2)
}
await command(values.folder)
