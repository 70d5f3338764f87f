import {createHash} from 'node:crypto'
import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {networkInterfaces} from 'node:os'
import {join} from 'node:path'
import {attempt, run} from './command.ts'
import {readJson, writeJson} from './json-file.ts'
import {findTool} from './tools.ts'

/** The network of one engine, and what it changed on the machine. */
export interface Bridge {
  readonly name: string
  /** The address of the bridge itself with its prefix: `10.213.7.1/24`. */
  readonly address: string
  /** Whether the kernel forwarded packets before this engine was started: `0` or `1`. */
  readonly forwardedBefore: string
  /** The policy of the FORWARD chain before: `ACCEPT` or `DROP`. */
  readonly forwardPolicyBefore: string
}

const FORWARDING = '/proc/sys/net/ipv4/ip_forward'
const RECORD = 'bridge.json'

/** Makes a network bridge that belongs to one engine only, with a private subnet that nothing on this machine uses. */
export async function makeBridge(folder: string, engineFolder: string): Promise<Bridge> {
  const name = `pcw-${createHash('sha256').update(engineFolder).digest('hex').slice(0, 8)}`
  const bridge = {
    name,
    address: freeAddress(name),
    forwardedBefore: readFileSync(FORWARDING, 'utf8').trim(),
    forwardPolicyBefore: await forwardPolicy(folder)
  }
  writeJson(join(engineFolder, RECORD), bridge)
  await attempt([...ip(folder), 'link', 'del', name])
  await run([...ip(folder), 'link', 'add', 'name', name, 'type', 'bridge'])
  await run([...ip(folder), 'addr', 'add', bridge.address, 'dev', name])
  await run([...ip(folder), 'link', 'set', name, 'up'])
  return bridge
}

/** Removes an engine's bridge and its firewall rules, and puts forwarding back as it was if no other engine needs it. */
export async function removeBridge(folder: string, engineFolder: string): Promise<void> {
  const record = join(engineFolder, RECORD)
  const bridge = readJson<Bridge>(record)
  if (bridge === undefined) return
  for (const table of ['nat', 'filter']) await removeRules(folder, table, rule => rule.includes(bridge.name))
  await attempt([...ip(folder), 'link', 'del', bridge.name])
  if (!(await anotherEngineHasRules(folder))) await restoreForwarding(folder, bridge)
  rmSync(record, {force: true})
}

async function restoreForwarding(folder: string, bridge: Bridge): Promise<void> {
  for (const table of ['nat', 'filter']) {
    await removeRules(folder, table, rule => /\bDOCKER\b|\bDOCKER-/.test(rule))
    const chains = (await rules(folder, table)).filter(line => /^-N DOCKER/.test(line)).map(line => line.slice(3))
    for (const chain of chains) await attempt([iptables(folder), '-t', table, '-X', chain])
  }
  await attempt([iptables(folder), '-P', 'FORWARD', bridge.forwardPolicyBefore])
  writeFileSync(FORWARDING, bridge.forwardedBefore)
}

// A living engine has a rule of Docker's that names its bridge; the rules that name none are left over once all bridges are gone.
async function anotherEngineHasRules(folder: string): Promise<boolean> {
  const lines = [...(await rules(folder, 'nat')), ...(await rules(folder, 'filter'))]
  return lines.some(line => /DOCKER/.test(line) && / -[io] /.test(line)) || lines.some(line => /MASQUERADE/.test(line))
}

async function removeRules(folder: string, table: string, isOurs: (rule: string) => boolean): Promise<void> {
  for (const rule of (await rules(folder, table)).filter(line => line.startsWith('-A ') && isOurs(line))) {
    await attempt([iptables(folder), '-t', table, '-D', ...rule.split(' ').slice(1)])
  }
}

async function rules(folder: string, table: string): Promise<string[]> {
  const {stdout} = await attempt([iptables(folder), '-t', table, '-S'])
  return stdout.split('\n')
}

async function forwardPolicy(folder: string): Promise<string> {
  const policy = (await rules(folder, 'filter')).find(line => line.startsWith('-P FORWARD '))
  return policy?.split(' ')[2] ?? 'ACCEPT'
}

function freeAddress(seed: string): string {
  const used = Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({address}) => address))
  const first = Number.parseInt(seed.slice(-2), 16)
  for (let step = 0; step < 256; step++) {
    const subnet = `10.213.${(first + step) % 256}.`
    if (!used.some(address => address.startsWith(subnet))) return `${subnet}1/24`
  }
  throw new Error('Every subnet of 10.213.0.0/16 is used on this machine, so that no bridge can be made.')
}

function ip(folder: string): string[] {
  const program = findTool(folder, 'ip')
  return program === undefined ? [findTool(folder, 'busybox') ?? 'busybox', 'ip'] : [program]
}

function iptables(folder: string): string {
  return findTool(folder, 'iptables') ?? 'iptables'
}
