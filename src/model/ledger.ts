/** A change to the machine that post must take back. Paths, names and pids only: the runner prints it to its debug log. */
export type Undo =
  | {readonly kind: 'remove-path'; readonly path: string}
  | {readonly kind: 'stop-process'; readonly pid: number; readonly startTime: string}
  | {
      readonly kind: 'remove-builder'
      readonly name: string
      readonly docker: string
      readonly environment: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'remove-container'
      readonly name: string
      readonly docker: string
      readonly environment: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'remove-job'
      readonly name: string
      readonly kubectl: string
      readonly environment: Readonly<Record<string, string>>
    }
  | {
      readonly kind: 'remove-image'
      readonly reference: string
      readonly docker: string
      readonly environment: Readonly<Record<string, string>>
    }
  /** The token lies in a file of mode 0600 below the private directory. */
  | {readonly kind: 'revoke-token'; readonly path: string; readonly apiUrl: string}
