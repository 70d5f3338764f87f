import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {afterAll, expect, test} from '@jest/globals'
import {attempt} from '../../scripts/world/command.ts'
import {type Engine, engineFolder, useEngine} from '../../scripts/world/engine.ts'
import {readJson} from '../../scripts/world/json-file.ts'
import {isAlive, type ProcessRecord} from '../../scripts/world/processes.ts'
import {tinyImage} from '../../scripts/world/rootfs.ts'
import {sweepWorld} from '../../scripts/world/world.ts'

const world = resolve(fileURLToPath(new URL('../../.world', import.meta.url)))
const scripts = mkdtempSync(join(tmpdir(), 'engine-test-'))
const name = `test-${process.pid}`
const say = () => {}
const isRoot = process.getuid?.() === 0

afterAll(() => rmSync(scripts, {recursive: true}))

const ifRoot = isRoot ? test : test.skip

ifRoot(
  'given a fresh engine, then it is another one than the present one, builds, and leaves nothing when it is stopped',
  async () => {
    const present = await useEngine({folder: world, say})
    const fresh = await useEngine({folder: world, fresh: name, dataRootTmpfsMb: 200, say})
    expect(fresh.dockerHost).not.toBe(present.dockerHost)
    writeFileSync(join(scripts, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n')
    expect(await docker(fresh, 'buildx', 'build', '--quiet', scripts)).toBe(0)
    expect(await docker(fresh, 'network', 'create', 'own')).toBe(0)
    const bridge = readJson<{name: string}>(join(engineFolder(world, name), 'bridge.json'))?.name ?? ''
    const record = readJson<ProcessRecord>(join(engineFolder(world, name), 'processes', 'dockerd.json'))
    // Two at once, as two test files do: an engine refuses the later of two imports under one name.
    const imported = await Promise.all([1, 2, 3].map(() => tinyImage({folder: world, engine: fresh, say})))
    expect(new Set(imported).size).toBe(1)
    await fresh.stop()
    await leavesNothing(bridge, record)
    expect(await docker(present, 'version')).toBe(0)
    await present.stop()
  },
  120_000
)

ifRoot(
  'given a script that is killed, then the engine it started is ended by the next sweep',
  async () => {
    const script = join(scripts, 'killed.ts')
    const engine = fileURLToPath(new URL('../../scripts/world/engine.ts', import.meta.url))
    writeFileSync(
      script,
      `import {useEngine} from ${JSON.stringify(engine)}
     await useEngine({folder: ${JSON.stringify(world)}, fresh: ${JSON.stringify(name)}})
     process.kill(process.pid, 'SIGKILL')`
    )
    await attempt([process.execPath, script])
    const bridge = readJson<{name: string}>(join(engineFolder(world, name), 'bridge.json'))?.name ?? ''
    const record = readJson<ProcessRecord>(join(engineFolder(world, name), 'processes', 'dockerd.json'))
    expect(record !== undefined && isAlive(record)).toBe(true)
    await sweepWorld(world)
    await leavesNothing(bridge, record)
  },
  120_000
)

async function leavesNothing(bridge: string, record: ProcessRecord | undefined): Promise<void> {
  expect(bridge).not.toBe('')
  expect(record !== undefined && isAlive(record)).toBe(false)
  expect(existsSync(`/sys/class/net/${bridge}`)).toBe(false)
  expect(existsSync(engineFolder(world, name))).toBe(false)
  expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(engineFolder(world, name))
}

async function docker(engine: Engine, ...argv: readonly string[]): Promise<number> {
  const {exitCode} = await attempt([engine.dockerPath, ...argv], {env: {...process.env, ...engine.env}})
  return exitCode
}
