import {satisfies} from '@renovatebot/pep440'

/** Why uv found no set of packages, as far as its words tell. */
export type Unresolved =
  /** Two sides want different releases of one of our packages. */
  | {
      readonly kind: 'conflict'
      /** `torch==2.4.1`: what the other side wants. */
      readonly wanted: string
      /** `xformers==0.0.28`; absent where a requirement file itself says so. */
      readonly by?: string
      /** `torch==2.8.0 needs triton==3.4.0`: what stands against it, where that is no release of ours itself. */
      readonly against?: string
    }
  /** A project file takes one of our packages from another index than we do. */
  | {readonly kind: 'two-indexes'; readonly package: string; readonly indexes: readonly string[]}
  /** The index does not have one of our packages as it is asked for: `torch==2.8.0+cpu`. */
  | {
      readonly kind: 'absent'
      readonly wanted: string
      /** Where the index has it, and no wheel for the Python or the platform of the image. */
      readonly misses?: 'Python' | 'platform'
    }
  /** A package would have to be built from source in order to know what it needs. */
  | {
      readonly kind: 'needs-build'
      readonly package: string
      /** It was asked for by its address, and the index was not asked which versions there are. */
      readonly isDirect?: true
    }
  /** An index wants another login, or has none of ours. */
  | {readonly kind: 'login'; readonly address: string}
  /** A repository of git could not be fetched. */
  | {readonly kind: 'git'; readonly address: string}
  | {readonly kind: 'no-python'}
  | {readonly kind: 'network'}
  | {readonly kind: 'other'}

/** What the root project is called in uv's sentences: it stands for the requirements that we hand over. */
export const ROOT_PROJECT = 'image'

/** Our packages with the version that each is held at. */
export type Pins = Readonly<Record<string, string>>

/** Reads the sentences in which uv 0.13 says why there is no set. What it says in other words is `other`, and is shown as it is. */
export function readUnresolved(words: string, pins: Pins): Unresolved {
  const text = words.replaceAll(/\s+/g, ' ')
  for (const read of READERS) {
    const found = read(text, pins)
    if (found !== undefined) return found
  }
  return {kind: 'other'}
}

const READERS: readonly ((text: string, pins: Pins) => Unresolved | undefined)[] = [
  twoIndexesIn,
  // Git's own words stand within uv's, and a server that refuses a login is no index then.
  gitIn,
  loginIn,
  heldIn,
  // A missing wheel leads to the same last sentence as a conflict, and says so in a hint.
  buildIn,
  absentIn,
  withoutWheelIn,
  sharedIn,
  claimedIn,
  conflictIn,
  text => (/No interpreter found/.test(text) ? {kind: 'no-python'} : undefined),
  text => (NETWORK.test(text) ? {kind: 'network'} : undefined)
]

const NETWORK = /error sending request|dns error|Connection (?:refused|reset)|operation timed out|Request failed after/i

function twoIndexesIn(text: string): Unresolved | undefined {
  const [, name, list] = /conflicting indexes for package `([^`]+)`: ((?:- \S+ ?)+)/.exec(text) ?? []
  if (name === undefined || list === undefined) return undefined
  return {
    kind: 'two-indexes',
    package: name,
    indexes: list
      .split('- ')
      .map(index => index.trim())
      .filter(index => index !== '')
  }
}

/** ``Failed to download and build `kernels @ git+https://…` … Git operation failed``. */
function gitIn(text: string): Unresolved | undefined {
  if (!/Git operation failed|failed to (?:clone|fetch) into/.test(text)) return undefined
  return {kind: 'git', address: /\bgit\+([a-z]+:\/\/[^\s`]+)/.exec(text)?.[1] ?? 'a repository'}
}

function loginIn(text: string): Unresolved | undefined {
  if (!/\b(?:401 Unauthorized|403 Forbidden)\b|lack of valid authentication credentials/.test(text)) return undefined
  return {kind: 'login', address: /https?:\/\/[^\s`)]+/.exec(text)?.[0] ?? 'the index'}
}

/**
 * Where uv makes the environments in which it builds packages, within its cache; a file of that name keeps it from that.
 *
 * `--no-build` would forbid the sources of every package, also of those whose metadata can be read without building.
 */
export const BUILD_PLACE = 'builds-v0'

/** ``Failed to build `flash-attn==2.8.3` `` or ``… `kernels @ git+https://…` ``, and that there is no place to build. */
const UNSTATED = new RegExp(
  `Failed to (?:download and )?build \`([\\w.-]+)(==| @ )[^\`]*\`.*failed to create directory \`[^\`]*${BUILD_PLACE}`
)

function buildIn(text: string): Unresolved | undefined {
  const [, unstated, separator] = UNSTATED.exec(text) ?? []
  if (unstated !== undefined) {
    return {kind: 'needs-build', package: unstated, ...(separator === ' @ ' ? {isDirect: true} : {})}
  }
  const required = /Wheels are required for `([^`]+)` because building from source is disabled/.exec(text)
  if (required?.[1] !== undefined) return {kind: 'needs-build', package: required[1]}
  if (!/[Bb]uilding source distributions .*is disabled|building from source is disabled/.test(text)) return undefined
  return {kind: 'needs-build', package: /(?:for|build) `([\w.-]+)/.exec(text)?.[1] ?? 'a package'}
}

/** `Because there is no version of torch==2.8.0+cpu and …`, `Because torch was not found in the package registry and …`. */
function absentIn(text: string, pins: Pins): Unresolved | undefined {
  const [, version, name] =
    /\bthere is no version of (\S+)|\b([\w.-]+) was not found in the package registry/.exec(text) ?? []
  const pin = Object.entries(pins).find(([own, held]) => own === name || `${own}==${held}` === version)
  return pin === undefined ? undefined : {kind: 'absent', wanted: pin.join('==')}
}

/** `Because torch==2.8.0 has no wheels with a matching platform tag (e.g., …)`. */
function withoutWheelIn(text: string, pins: Pins): Unresolved | undefined {
  const [, version = '', tag] = /(\S+) has no wheels with a matching (platform|Python)\b/.exec(text) ?? []
  const isOwn = Object.entries(pins).some(([own, held]) => `${own}==${held}` === version)
  return isOwn ? {kind: 'absent', wanted: version, misses: tag === 'platform' ? 'platform' : 'Python'} : undefined
}

/** `xformers==0.0.28 depends on torch==2.4.1`: who wants what. */
interface Claim {
  /** `tensorflow[and-cuda]`, or the root project. */
  readonly by: string
  /** Empty where uv speaks of all versions. */
  readonly version: string
  readonly name: string
  readonly wanted: string
}

const CLAIM =
  /([\w.-]+(?:\[[^\]]*\])?)((?:[=<>!~]=?\S+)?) depends? on ([\w.-]+)(?:\{[^}]*\})?([=<>!~]=?[^\s;]*[^\s;.,])/g

function claimsIn(text: string): readonly Claim[] {
  if (!text.includes('unsatisfiable')) return []
  return [...text.matchAll(CLAIM)].map(([, by = '', version = '', name = '', wanted = '']) => ({
    by,
    version,
    name,
    wanted
  }))
}

/** A conflict that the last sentence ends at: where a release without wheels would be no way out, or none that anyone means. */
function heldIn(text: string, pins: Pins): Unresolved | undefined {
  const last = /.*[Bb]ecause (.*?), (?:we can conclude that )?your requirements are unsatisfiable/.exec(text)?.[1] ?? ''
  const isAtPin = Object.entries(pins).some(([own, held]) => last.includes(`${own}==${held}`))
  return isAtPin ? claimedIn(text, pins) : undefined
}

/** `Because xformers==0.0.28 depends on torch==2.4.1 and …`: the last such sentence sums up those before it. */
function claimedIn(text: string, pins: Pins): Unresolved | undefined {
  const claim = claimsIn(text).findLast(({by, name, wanted}) => {
    const held = pins[name]
    return held !== undefined && by !== ROOT_PROJECT && !Object.hasOwn(pins, by) && !satisfies(held, wanted)
  })
  if (claim === undefined) return undefined
  return {kind: 'conflict', wanted: `${claim.name}${claim.wanted}`, by: `${claim.by}${claim.version}`}
}

/** `Because image depends on torch<2.5 and torch==2.8.0, …`: a requirement file itself says so. */
function conflictIn(text: string, pins: Pins): Unresolved | undefined {
  if (!text.includes('unsatisfiable')) return undefined
  const names = Object.keys(pins).map(escaped).join('|')
  const ours = new RegExp(`(?<![\\w.-])(${names})(?:\\[[^\\]]*\\])?([=<>!~]=?[^\\s;]*[^\\s;.,])`, 'g')
  const [whole] = [...text.matchAll(ours)].find(([, name = '', version]) => version !== `==${pins[name]}`) ?? []
  return whole === undefined ? undefined : {kind: 'conflict', wanted: whole}
}

/** `torch==2.8.0 depends on triton{…}==3.4.0 and image depends on triton==3.2.0`: one package that both need, in two versions. */
function sharedIn(text: string, pins: Pins): Unresolved | undefined {
  const claims = claimsIn(text)
  for (const own of claims.filter(({by, name}) => Object.hasOwn(pins, by) && !Object.hasOwn(pins, name))) {
    const other = claims.find(({by, name}) => name === own.name && !Object.hasOwn(pins, by))
    if (other === undefined) continue
    return {
      kind: 'conflict',
      wanted: `${other.name}${other.wanted}`,
      ...(other.by === ROOT_PROJECT ? {} : {by: `${other.by}${other.version}`}),
      against: `${own.by}==${pins[own.by]} needs ${own.name}${own.wanted}`
    }
  }
  return undefined
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
