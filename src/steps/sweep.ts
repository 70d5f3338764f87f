import type {Host, Owner} from '../host/host.ts'
import type {Resources} from './step.ts'

/** Begins the names of everything that a run makes on a machine. */
const OURS = 'pytorch-cuda-image-'
/** buildx puts this before a builder's name, and a number behind it, to name its container. */
const CONTAINER = `buildx_buildkit_${OURS}`
/** The variable of a builder's container that says whose it is. */
const OWNER_VARIABLE = 'PYTORCH_CUDA_IMAGE_OWNER'

const TIMEOUT_MS = 20_000

/** Whom a run's private directory belongs to, in a file inside it. */
export function ownerFileOf(directory: string): string {
  return `${directory}/owner.json`
}

/** The option of `docker buildx create` that writes on a builder whose it is. */
export function ownerOption(owner: Owner): string {
  return `env.${OWNER_VARIABLE}=${printOwner(owner)}`
}

/** An owner as one word. */
export function printOwner({machine, pid, startTime}: Owner): string {
  return `${machine}.${pid}.${startTime}`
}

/** The owner that a word names; undefined where it names none. */
export function parseOwner(word: string): Owner | undefined {
  const [, machine, pid, startTime] = /^([0-9a-f]+)\.(\d+)\.(\d+)$/.exec(word) ?? []
  if (machine === undefined || startTime === undefined) return undefined
  return {machine, pid: Number(pid), startTime}
}

/**
 * Removes the private directories that runs left behind whose job has ended without a post.
 *
 * One whose owner lives, cannot be told, or is of another machine stays.
 */
export async function sweepDirectories(own: string, host: Host): Promise<void> {
  const parent = own.slice(0, own.lastIndexOf('/'))
  const files = await host.files.list(parent, {depth: 2}).catch(() => [])
  for (const file of files.filter(name => name.startsWith(OURS) && name.endsWith('/owner.json'))) {
    const directory = `${parent}/${file.slice(0, file.indexOf('/'))}`
    if (directory === own) continue
    const text = await host.files.read(`${parent}/${file}`).catch(() => undefined)
    if (!isAbandoned(text?.trim() ?? '', host)) continue
    await host.files.remove(directory)
    await host.files.remove(`${directory}.report.json`)
    await host.files.remove(`${directory}.kustomize`)
    host.log.info(`Removed ${directory}, which a run left that was cut off.`)
  }
}

/** Removes the builders in containers that such runs left in an engine, with their volumes. */
export async function sweepBuilders(docker: Resources['docker'], host: Host): Promise<void> {
  const ask = (...args: readonly string[]) =>
    host.commands.ask({file: docker.file, args, env: docker.environment, timeoutMs: TIMEOUT_MS})
  const listed = await ask('ps', '--all', '--filter', `name=^${CONTAINER}`, '--format', '{{.Names}}')
  for (const name of linesOf(listed.stdout)) {
    const printed = await ask('inspect', '--format', '{{range .Config.Env}}{{println .}}{{end}}', name)
    const told = linesOf(printed.stdout).find(line => line.startsWith(`${OWNER_VARIABLE}=`))
    if (!isAbandoned(told?.slice(OWNER_VARIABLE.length + 1) ?? '', host)) continue
    await ask('rm', '--force', name)
    await ask('volume', 'rm', '--force', `${name}_state`)
    host.log.info(`Removed the builder ${name}, which a run left that was cut off.`)
  }
}

function isAbandoned(word: string, host: Host): boolean {
  const owner = parseOwner(word)
  if (owner === undefined || owner.machine !== host.place.owner.machine) return false
  return !host.commands.isAlive(owner.pid, owner.startTime)
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter(line => line !== '')
}
