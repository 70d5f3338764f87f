import {parse} from 'csv-parse/sync'
import type {Mount} from '../model/source.ts'
import type {Instruction} from './dockerfile-lines.ts'
import {type DockerfilePlace, invalidDockerfile} from './dockerfile-problem.ts'
import {expandVariables, type Lookup} from './expansion.ts'

/** What the `--mount` options of a `RUN` ask for. */
export interface MountsAsked {
  readonly mounts: readonly Mount[]
  /** Stages, images or named contexts that it reads from. */
  readonly reads: readonly string[]
  /** Paths of the build context. */
  readonly takes: readonly string[]
}

const MOUNT = '--mount='
const TYPES = ['bind', 'cache', 'tmpfs', 'secret', 'ssh']
const YES = ['', '1', 't', 'true']
const NO = ['0', 'f', 'false']
const ALIASES: Readonly<Record<string, string>> = {src: 'source', dst: 'target', destination: 'target'}

/** Reads every `--mount` of an instruction; a value with an unknown variable in it stays as it is written. */
export function mountsOf(instruction: Instruction, lookup: Lookup, place: DockerfilePlace): MountsAsked {
  const asked = instruction.flags
    .filter(flag => flag.toLowerCase().startsWith(MOUNT))
    .map(flag => readMount(flag.slice(MOUNT.length), lookup, place))
  return {
    mounts: asked.flatMap(({mount}) => (mount === undefined ? [] : [mount])),
    reads: asked.flatMap(({read}) => (read === undefined ? [] : [read])),
    takes: asked.flatMap(({take}) => (take === undefined ? [] : [take]))
  }
}

function readMount(
  text: string,
  lookup: Lookup,
  place: DockerfilePlace
): {readonly mount?: Mount; readonly read?: string; readonly take?: string} {
  const options = readOptions(text, lookup, place)
  const type = (options.get('type') ?? 'bind').toLowerCase()
  if (!TYPES.includes(type) && !type.includes('$')) {
    throw invalidDockerfile(place, `--mount=type=${type} is none of ${TYPES.join(', ')}`)
  }
  if (type === 'secret' || type === 'ssh') return {mount: mountOf(type, options, place)}
  const from = options.get('from')
  if (from !== undefined && from !== '') return {read: from}
  return type === 'bind' ? {take: options.get('source') ?? '.'} : {}
}

function readOptions(text: string, lookup: Lookup, place: DockerfilePlace): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (const field of readFields(text, place)) {
    const cut = field.indexOf('=')
    const key = (cut === -1 ? field : field.slice(0, cut)).trim().toLowerCase()
    const value = cut === -1 ? '' : field.slice(cut + 1)
    options.set(ALIASES[key] ?? key, expandVariables(value, lookup) ?? value)
  }
  return options
}

function readFields(text: string, place: DockerfilePlace): readonly string[] {
  try {
    const rows: string[][] = parse(text)
    return rows[0] ?? []
  } catch {
    throw invalidDockerfile(place, `--mount=${text} has quotes that do not match`)
  }
}

function mountOf(type: 'secret' | 'ssh', options: ReadonlyMap<string, string>, place: DockerfilePlace): Mount {
  const required = options.has('required') && isYes(options.get('required') ?? '', place)
  return {type, id: type === 'ssh' ? sshId(options) : secretId(options, place), required, line: place.line}
}

function sshId(options: ReadonlyMap<string, string>): string {
  return options.get('id') || 'default'
}

/** BuildKit takes a secret's id from `id`, else `source`, else the last part of `target`. */
function secretId(options: ReadonlyMap<string, string>, place: DockerfilePlace): string {
  const id = options.get('id') || options.get('source') || options.get('target')?.split('/').at(-1)
  if (id === undefined || id === '') throw invalidDockerfile(place, 'a secret mount needs an id or a target')
  return id
}

function isYes(value: string, place: DockerfilePlace): boolean {
  const lower = value.toLowerCase()
  if (!YES.includes(lower) && !NO.includes(lower)) {
    throw invalidDockerfile(place, `required=${value} is neither true nor false`)
  }
  return YES.includes(lower)
}
