/**
 * Seconds for a gigabyte of wheels, on two cores with a registry on the same machine.
 *
 * `laid`: fetched and sent as layers. `installed`: by `RUN uv` in split layers, packed and pushed. `unpacked`: layers that
 * an empty builder fetches for a `RUN` upon them. Source: docs/layers.md, "Which way, by what it costs".
 */
export const SECONDS_PER_GB = {laid: 16, installed: 20, unpacked: 10} as const

/** Below this every way is a matter of seconds. */
const SMALL_BYTES = 1e9

/** How long layers of so many bytes of wheels keep a `RUN` upon them waiting. */
export function unpackSeconds(bytes: number): number {
  return seconds(bytes, SECONDS_PER_GB.unpacked)
}

/** Why a package that must be built is built where all others are installed, as a sentence; empty where it is all the same. */
export function costOfBuilding(bytes: number): string {
  if (bytes < SMALL_BYTES) return ''
  const {laid, unpacked, installed} = SECONDS_PER_GB
  return (
    ` For a \`RUN\` upon laid layers ${(bytes / 1e9).toFixed(1)} GB would be laid and unpacked first, about ` +
    `${seconds(bytes, laid + unpacked)} s on two cores; installed together it takes ${seconds(bytes, installed)} s.`
  )
}

function seconds(bytes: number, perGigabyte: number): number {
  return Math.max(1, Math.round((bytes / 1e9) * perGigabyte))
}
