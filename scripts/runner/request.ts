import type {WorkflowEvent} from './event.ts'
import type {LogLine} from './result.ts'

/** What to run, and as which job. Only `action` and `event` are needed. */
export interface RunRequest {
  /** Folder with the `action.yml`. */
  readonly action: string
  readonly event: WorkflowEvent
  /** The `with:` block. Values may hold `${{ github.… }}`, `${{ secrets.… }}`, `${{ vars.… }}`, `${{ env.… }}`. */
  readonly inputs?: Readonly<Record<string, string>>
  /** The job's `env:`, and what the machine gives (`PATH`, `HOME`, proxies). Nothing of our own environment is inherited. */
  readonly environment?: Readonly<Record<string, string>>
  /** The checked-out repository; an empty folder where absent. */
  readonly workspace?: string
  /** The repository's secrets. Events of forks and of Dependabot get none of them, as on GitHub. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Those of Dependabot's own store, which its events get instead. */
  readonly dependabotSecrets?: Readonly<Record<string, string>>
  readonly vars?: Readonly<Record<string, string>>
  /** `github.token`. */
  readonly token?: string
  /**
   * `ACTIONS_*` variables of the job's services. `ACTIONS_ID_TOKEN_REQUEST_*` stand for `id-token: write` and are
   * withheld from events that never get it.
   */
  readonly services?: Readonly<Record<string, string>>
  /** The last word on every variable, for what no real runner does; undefined takes one away. */
  readonly variables?: Readonly<Record<string, string | undefined>>
  readonly machine?: 'github-hosted' | 'self-hosted'
  readonly debug?: boolean
  /** The runner's work folder: `_temp` in it is wiped at start and end, `_tool` and `home` stay. Absent: a private one. */
  readonly root?: string
  /** Leave a private work folder, and `_temp`, for someone to look at. */
  readonly keep?: boolean
  /** Cancels the job: after so many milliseconds of main, or as soon as a line of its log matches. */
  readonly cancelAfter?: number | RegExp
  /** Cancels the job when it is aborted. */
  readonly signal?: AbortSignal
  /** Kills the node process of main alone, as a machine short of memory does; post runs. */
  readonly killAfter?: number | RegExp
  /** The machine loses power: main's whole tree is killed, no post runs, and `_temp` stays as it is. */
  readonly crashAfter?: number | RegExp
  /** Kills whatever runs when it is aborted, post too. */
  readonly force?: AbortSignal
  readonly timings?: Partial<CancelTimings>
  readonly onLine?: (line: LogLine) => void
}

/** How long a cancelled process has, in milliseconds. */
export interface CancelTimings {
  /** From SIGINT to SIGTERM. */
  readonly sigintMs: number
  /** From SIGTERM to the killing of the tree. */
  readonly sigtermMs: number
  /** How long output that a left-over child holds open is waited for. */
  readonly streamsMs: number
}

/** What GitHub's runner allows. Source: `ProcessInvoker.cs` of actions/runner. */
export const RUNNER_TIMINGS: CancelTimings = {sigintMs: 7500, sigtermMs: 2500, streamsMs: 5000}
