/** What a build will take where the engine stores, and what is free there. */
export interface DiskForecast {
  readonly place: string
  readonly freeBytes: number
  readonly neededBytes: number
  readonly parts: readonly DiskPart[]
  /** The wheels' own weight is not known; that of a set like it was taken. */
  readonly isEstimate: boolean
}

/** One thing that takes room on the disk. */
export interface DiskPart {
  readonly what: string
  readonly bytes: number
  /** Of what grows with the wheels: bytes on the disk for each byte of them. */
  readonly perWheelByte?: number
}
