import {digestOf} from '../../src/host/digest.ts'
import type {
  AnnotatedLine,
  AppsPort,
  CachePort,
  Command,
  CommandsPort,
  Door,
  FilesPort,
  GitHubPort,
  Host,
  LayersPort,
  Ran,
  RegistryPort,
  ToolsPort
} from '../../src/host/host.ts'
import {openSecrets} from '../../src/host/secrets.ts'
import type {Undo} from '../../src/model/ledger.ts'
import {Secret} from '../../src/model/secret.ts'
import type {DoorRoute} from '../../src/model/work-build.ts'
import {makeMemoryRegistry} from './memory-registry.ts'

/** An answer of a program: its exit code and what it prints, or just what it prints. */
export type Answer = string | Partial<Ran>

/** What a test says about the world; everything else is an empty machine on which no program exists. */
export interface FakeWorld {
  readonly env?: Readonly<Record<string, string>>
  readonly inputs?: Readonly<Record<string, string>>
  /** Text files by absolute path, or the real files of the machine. */
  readonly files?: Readonly<Record<string, string>> | FilesPort
  /**
   * Answers programs by what their command line begins with; the longest beginning wins.
   *
   * A program without an answer does not exist (127). A commands port takes the place of all that, for real programs.
   */
  readonly programs?: Readonly<Record<string, Answer | ((command: Command) => Answer)>> | CommandsPort
  readonly registry?: RegistryPort
  readonly github?: GitHubPort
  readonly apps?: AppsPort
  readonly tools?: ToolsPort
  readonly cache?: CachePort
  readonly layers?: LayersPort
  readonly place?: Partial<Host['place']>
  /** Numbers of the processes that live. */
  readonly alive?: readonly number[]
}

/** A host that does nothing and remembers all. */
export interface FakeHost extends Host {
  /** Everything that was done, one line each, in order. */
  readonly deeds: readonly string[]
  readonly asked: readonly Command[]
  readonly told: readonly {readonly level: string; readonly text: string; readonly place?: AnnotatedLine}[]
  readonly outputs: Readonly<Record<string, string>>
  readonly summaries: readonly string[]
  readonly undos: readonly Undo[]
  /** Every form that was handed to the runner to be masked. */
  readonly masks: readonly string[]
  /** What lies in the files that were given and written, secrets revealed. */
  readonly stored: ReadonlyMap<string, string>
  /** As if the runner cancelled the job. */
  cancel(reason: string): void
}

/** With whom a run of these tests ends. */
export const OWNER = {machine: 'abcdef', pid: 100, startTime: '5000'}

/** A command as one line. */
export function lineOf(command: Command): string {
  return [command.file, ...command.args].join(' ')
}

/** Makes a host for a test; see `FakeWorld`. */
export function makeFakeHost(world: FakeWorld = {}): FakeHost {
  const deeds: string[] = []
  const told: {level: string; text: string; place?: AnnotatedLine}[] = []
  const masks: string[] = []
  const outputs: Record<string, string> = {}
  const summaries: string[] = []
  const undos: Undo[] = []
  const asked: Command[] = []
  const stored = new Map(isFilesPort(world.files) ? [] : Object.entries(world.files ?? {}))
  const abort = new AbortController()
  const say = (level: string) => (text: string, _title?: string, place?: AnnotatedLine) => {
    told.push({level, text, ...(place === undefined ? {} : {place})})
    deeds.push(`${level} ${text}`)
  }
  const secrets = openSecrets({mask: form => masks.push(form), say: say('notice')})
  const run = commandRunner(world.programs)
  let milliseconds = 0

  return {
    deeds,
    asked,
    told,
    outputs,
    summaries,
    undos,
    masks,
    stored,
    cancel: reason => abort.abort(reason),
    env: world.env ?? {},
    inputs: {raw: () => world.inputs ?? {}},
    secrets,
    commands: {
      ask: command => {
        asked.push(command)
        deeds.push(`ask ${lineOf(command)}`)
        return run.ask(command)
      },
      follow: (command, onLine) => {
        asked.push(command)
        deeds.push(`follow ${lineOf(command)}`)
        return run.follow(command, onLine)
      },
      stop: async pid => void deeds.push(`stop ${pid}`),
      isAlive: pid => world.alive?.includes(pid) ?? false
    },
    files: isFilesPort(world.files) ? world.files : memoryFiles(stored, deeds),
    log: {
      info: say('info'),
      debug: say('debug'),
      notice: say('notice'),
      warning: say('warning'),
      error: say('error'),
      group: (title, body) => {
        say('group')(title)
        return body()
      }
    },
    results: {
      output: (name, value) => {
        outputs[name] = value
        deeds.push(`output ${name}`)
      },
      summary: async markdown => void summaries.push(markdown)
    },
    ledger: {
      record: undo => {
        undos.push(undo)
        deeds.push(`record ${JSON.stringify(undo)}`)
      },
      entries: () => undos
    },
    registry: world.registry ?? makeMemoryRegistry(),
    github: world.github ?? {
      compareCommits: async () => 'unknown',
      ask: async () => ({status: 0, message: '', json: undefined})
    },
    apps: world.apps ?? {
      mint: async () => undefined,
      revoke: async ({token}) => void deeds.push(`revoke ${token.name}`)
    },
    tools: world.tools ?? {
      buildx: async version => `/tools/buildx/${version}/docker-buildx`,
      uv: async version => `/tools/uv/${version}/uv`
    },
    layers: world.layers ?? {
      lay: async () => {
        throw new Error('This test lays no wheels.')
      },
      readSources: async () => ({isRead: false, because: 'This test reads no layers.'}),
      layArchive: async () => {
        throw new Error('This test lays no bytecode.')
      },
      fileIn: () => undefined,
      libraryOf: () => '1'
    },
    cache: world.cache ?? {restore: async () => undefined, save: async () => false},
    clock: {now: () => new Date('2026-11-20T09:30:00Z'), elapsedMs: () => (milliseconds += 10)},
    place: {action: '/action', runName: '7001-1', os: 'linux', arch: 'x64', owner: OWNER, ...world.place},
    cancelled: abort.signal,
    stopAfter: limit => void deeds.push(`stop after ${limit} ms`),
    end: () => void deeds.push('end'),
    openDoor: async routes => openFakeDoor(routes, deeds),
    openBridge: async ({engine, socket}) => {
      deeds.push(`open bridge from ${socket} to ${engine}`)
      return {close: async () => void deeds.push('close bridge')}
    }
  }
}

function isFilesPort(files: FakeWorld['files']): files is FilesPort {
  return typeof files?.realPath === 'function'
}

function commandRunner(programs: FakeWorld['programs'] = {}): Pick<CommandsPort, 'ask' | 'follow'> {
  if (typeof programs.ask === 'function') return programs as CommandsPort
  const answers = Object.entries(programs as Exclude<FakeWorld['programs'], CommandsPort | undefined>)
  const answerTo = (command: Command): Ran => {
    const line = lineOf(command)
    const fitting = answers.filter(([beginning]) => line === beginning || line.startsWith(`${beginning} `))
    const [, said] = fitting.toSorted(([one], [other]) => other.length - one.length)[0] ?? []
    const answer = typeof said === 'function' ? said(command) : said
    if (answer === undefined) return {exitCode: 127, stdout: '', stderr: `${command.file}: not found`}
    return {exitCode: 0, stdout: '', stderr: '', ...(typeof answer === 'string' ? {stdout: answer} : answer)}
  }
  return {
    ask: async command => answerTo(command),
    follow: async (command, onLine) => {
      const ran = answerTo(command)
      for (const line of ran.stdout.split('\n').filter(text => text !== '')) onLine(line, 'stdout')
      for (const line of ran.stderr.split('\n').filter(text => text !== '')) onLine(line, 'stderr')
      return ran
    }
  }
}

function memoryFiles(stored: Map<string, string>, deeds: string[]): FilesPort {
  const directories = new Set<string>()
  const below = (path: string) => [...stored.keys()].filter(key => key.startsWith(`${path}/`))
  return {
    read: async path => stored.get(path),
    write: async (path, content) => {
      stored.set(path, content instanceof Secret ? content.reveal() : content)
      deeds.push(`write ${path}`)
    },
    makeDirectory: async path => {
      directories.add(path)
      deeds.push(`make directory ${path}`)
    },
    remove: async path => {
      for (const key of [path, ...below(path)]) stored.delete(key)
      directories.delete(path)
      deeds.push(`remove ${path}`)
    },
    list: async (path, {depth}) =>
      below(path)
        .map(key => key.slice(path.length + 1))
        .filter(name => name.split('/').length <= depth)
        .toSorted(),
    digestOf: async path => {
      const content = stored.get(path)
      return content === undefined ? undefined : digestOf(Buffer.from(content))
    },
    kindOf: async path => {
      if (stored.has(path)) return 'file'
      return directories.has(path) || below(path).length > 0 ? 'directory' : 'absent'
    },
    realPath: async path => (stored.has(path) || directories.has(path) || below(path).length > 0 ? path : undefined),
    freeBytes: async () => 80e9,
    isSameDisk: async () => true
  }
}

function openFakeDoor(routes: readonly DoorRoute[], deeds: string[]): Door {
  deeds.push(`open door for ${routes.map(({local, actions}) => `${local} (${actions})`).join(', ')}`)
  return {
    address: '127.0.0.1:41000',
    user: 'run',
    password: new Secret('the door', 'door-password-of-this-run'),
    traffic: () => ({pushedBytes: 0, pulledBytes: 0, stalls: 0}),
    close: async () => void deeds.push('close door')
  }
}
