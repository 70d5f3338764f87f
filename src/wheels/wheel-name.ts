/** What the name of a wheel says (PEP 427): its project, and the environments that it is for. */
export interface WheelName {
  /** As written, with underscores for hyphens. */
  readonly distribution: string
  readonly version: string
  /** Tells two uploads of one version apart; the higher one counts. */
  readonly build?: string
  /** `cp312`, `py3`: any of them will do. */
  readonly pythons: readonly string[]
  /** `cp312`, `abi3`, `none`. */
  readonly abis: readonly string[]
  /** `manylinux_2_28_x86_64`, `any`. */
  readonly platforms: readonly string[]
}

/** A wheel as people speak of it, `nvidia-nccl-cu12 2.27.3`; its whole name where that is none of a wheel. */
export function wheelText(name: string): string {
  const wheel = parseWheelName(name)
  return wheel === undefined ? name : `${wheel.distribution.replaceAll('_', '-')} ${wheel.version}`
}

/** Reads the name of a wheel; undefined where it is none. */
export function parseWheelName(name: string): WheelName | undefined {
  if (!name.endsWith('.whl')) return undefined
  const parts = name.slice(0, -'.whl'.length).split('-')
  if (parts.some(part => part === '')) return undefined
  const [distribution, version, ...rest] = parts
  const [build, ...tags] = rest.length === 4 ? rest : [undefined, ...rest]
  const [pythons, abis, platforms] = tags
  if (distribution === undefined || version === undefined || tags.length !== 3) return undefined
  // A build tag begins with a digit, so that it cannot be taken for a Python.
  if (build !== undefined && !/^\d/.test(build)) return undefined
  return {
    distribution,
    version,
    ...(build === undefined ? {} : {build}),
    pythons: pythons?.split('.') ?? [],
    abis: abis?.split('.') ?? [],
    platforms: platforms?.split('.') ?? []
  }
}
