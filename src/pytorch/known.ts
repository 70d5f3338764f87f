import type {SetRequest} from './request.ts'
import {isNewerCuda, isNewerPython, isNewerTorch} from './versions.ts'

/** What is asked for by version alone, as the inputs of those names have it. */
export interface AskedVersions {
  readonly torch?: string | undefined
  readonly cuda?: string | undefined
  readonly python?: string | undefined
}

/** An input whose value is newer than all that the matrix has. */
export interface NewerThanKnown {
  readonly input: keyof AskedVersions
  readonly value: string
}

const IS_NEWER: Readonly<Record<keyof AskedVersions, (value: string) => boolean>> = {
  torch: isNewerTorch,
  cuda: isNewerCuda,
  python: isNewerPython
}

/** Tells what the matrix can judge from what may exist all the same. */
export function knownPartOf(asked: AskedVersions): {
  readonly request: SetRequest
  readonly newer: readonly NewerThanKnown[]
} {
  const given = Object.entries(asked).filter((entry): entry is [keyof AskedVersions, string] => entry[1] !== undefined)
  const newer = given.filter(([input, value]) => IS_NEWER[input](value)).map(([input, value]) => ({input, value}))
  return {
    request: Object.fromEntries(given.filter(([input]) => !newer.some(one => one.input === input))),
    newer
  }
}
