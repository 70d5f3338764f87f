import type {LeftProcess} from './processes.ts'

/** Which part of a job said something: the runner itself, or one of the action's processes. */
export type Speaker = 'runner' | 'main' | 'post'

/** One line of the log as a reader of the run's page sees it: commands carried out, secrets masked. */
export interface LogLine {
  readonly by: Speaker
  readonly kind: 'text' | 'group' | 'endgroup' | 'debug' | 'error' | 'warning' | 'notice'
  readonly text: string
}

/** What stands on the run's page above the log. Masked. */
export interface Annotation {
  readonly by: Speaker
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  /** `file`, `line`, `endLine`, `col`, `endColumn`, `title`, as far as given. */
  readonly properties: Readonly<Record<string, string>>
}

/** The bytes of the command files after a process ended. */
export interface WrittenFiles {
  readonly env: Buffer
  readonly output: Buffer
  readonly path: Buffer
  readonly state: Buffer
  readonly summary: Buffer
}

/** What became of one process of the action. */
export interface StageResult {
  readonly stage: 'main' | 'post'
  readonly pid: number
  /** Null where a signal ended it. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly startedAt: Date
  readonly durationMs: number
  /** Signals that were sent to it, in order, with the milliseconds since its start. */
  readonly signals: readonly {readonly signal: NodeJS.Signals; readonly afterMs: number}[]
  /** Everything that it wrote, unmasked. */
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** The same without the lines that registered a mask: no secret may stand in here. */
  readonly unmaskedLines: Buffer
  readonly files: WrittenFiles
  /** Command lines of every process that was seen below it. Sampled: one that lives for milliseconds may be missed. */
  readonly commandLines: readonly (readonly string[])[]
  /** Processes of its tree that were still alive when it had ended. */
  readonly leftRunning: readonly LeftProcess[]
}

/** A file that lay in a folder of the run after post, without the runner's own. */
export interface LeftFile {
  /** Relative to that folder; folders end with a slash. */
  readonly path: string
  /** Up to 16 MiB of its content; empty for folders, sockets and links. */
  readonly content: Buffer
}

/** What became of the job. */
export interface RunResult {
  readonly conclusion: 'success' | 'failure' | 'cancelled'
  /** What a shell would see: 0, 1 for a failure, 130 for a cancelled job. */
  readonly exitCode: number
  readonly durationMs: number
  readonly main: StageResult
  /** Absent where the action has no post, its `post-if` said no, or the machine "crashed". */
  readonly post?: StageResult
  /** Values as later steps get them: not masked. */
  readonly outputs: Readonly<Record<string, string>>
  /** What post was given. */
  readonly state: Readonly<Record<string, string>>
  /** What the action exported to later steps. */
  readonly environment: Readonly<Record<string, string>>
  readonly path: readonly string[]
  /** Markdown of main and post, masked. */
  readonly summary: string
  readonly annotations: readonly Annotation[]
  readonly log: readonly LogLine[]
  /** Every value that was masked: the job's own secrets, then what the action registered. */
  readonly masks: readonly string[]
  readonly leftInTemp: readonly LeftFile[]
  /** What lies in the private home folder that stands in where the caller gives no `HOME`. */
  readonly leftInHome: readonly LeftFile[]
  /** Processes of main and post that were alive after post. They were ended, as the runner does. */
  readonly orphans: readonly LeftProcess[]
  /** Folders of the run; removed unless the caller named them or asked to keep them. */
  readonly places: {readonly root: string; readonly temp: string; readonly toolCache: string; readonly home: string}
}
