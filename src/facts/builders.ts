import {dottedVersion} from './dotted-version.ts'

/** A builder as `docker buildx ls` lists it. */
export interface BuilderSeen {
  readonly name: string
  readonly driver: string
  readonly isCurrent: boolean
  readonly buildkit?: string
  /** Where its nodes run. */
  readonly endpoints: readonly string[]
}

interface Listed {
  readonly Name?: string
  readonly Driver?: string
  readonly Current?: boolean
  readonly Nodes?: readonly {readonly Endpoint?: string; readonly Version?: string}[] | null
}

/** Reads `docker buildx ls`, one JSON object per line, or its table as before 0.13. Builders without a driver are broken. */
export function parseBuilders(text: string, current: string | undefined): readonly BuilderSeen[] {
  const found = text.trimStart().startsWith('{') ? parseObjects(text) : parseTable(text)
  // buildx 0.13 prints a builder once for each of its nodes and once more.
  const unique = found.filter(({name}, at) => found.findIndex(other => other.name === name) === at)
  return unique.map(builder => ({...builder, isCurrent: builder.isCurrent || builder.name === current}))
}

/** What `docker buildx inspect` says about a builder. */
export function parseInspected(text: string): {readonly name?: string} {
  const name = /^Name:\s+(\S+)/m.exec(text)?.[1]
  return name === undefined ? {} : {name}
}

/** Whether `docker buildx inspect` shows every node on the host's network. */
export function isOnHostNetwork(text: string): boolean {
  const nodes = text.split(/^Nodes:$/m)[1] ?? ''
  const count = nodes.match(/^Name:/gm)?.length ?? 0
  const onHost = nodes.match(/^Driver Options:.*\bnetwork="?host"?/gm)?.length ?? 0
  return count > 0 && count === onHost
}

function parseObjects(text: string): readonly BuilderSeen[] {
  return text.split('\n').flatMap(line => {
    const {Name, Driver, Current, Nodes} = parseListed(line)
    if (Name === undefined || Name === '' || Driver === undefined || Driver === '') return []
    const endpoints = [...new Set((Nodes ?? []).flatMap(({Endpoint}) => (Endpoint === undefined ? [] : [Endpoint])))]
    const version = (Nodes ?? []).map(node => buildkitVersion(node.Version ?? '')).find(text => text !== undefined)
    return [{name: Name, driver: Driver, isCurrent: Current === true, endpoints, ...versionField(version)}]
  })
}

function parseListed(line: string): Listed {
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}

function parseTable(text: string): readonly BuilderSeen[] {
  const builders: {name: string; driver: string; isCurrent: boolean; nodes: string[][]}[] = []
  for (const line of text.split('\n').slice(1)) {
    const words = line.trim().split(/\s+/)
    const [first = '', second = ''] = words
    if (/^\s/.test(line)) builders.at(-1)?.nodes.push(words.filter(word => word !== '\\_'))
    else if (second !== '')
      builders.push({name: first.replace(/\*$/, ''), driver: second, isCurrent: first.endsWith('*'), nodes: []})
    // Older ones put a blank before the star of the current builder.
    const last = builders.at(-1)
    if (last !== undefined && second === '*') Object.assign(last, {driver: words[2] ?? '', isCurrent: true})
  }
  const whole = builders.filter(({nodes}) => nodes.length > 0)
  return whole.map(({name, driver, isCurrent, nodes}) => {
    const version = nodes
      .flatMap(words => words.slice(2))
      .map(buildkitVersion)
      .find(word => word !== undefined)
    const endpoints = nodes.flatMap(([, endpoint]) => (endpoint === undefined ? [] : [endpoint]))
    return {name, driver, isCurrent, endpoints: [...new Set(endpoints)], ...versionField(version)}
  })
}

/** BuildKit's version; Debian's builds say 0.0.0, which tells nothing. */
function buildkitVersion(text: string): string | undefined {
  const version = /^v?\d+\.\d+/.test(text) ? dottedVersion(text) : undefined
  return version === '0.0.0' ? undefined : version
}

function versionField(version: string | undefined): {readonly buildkit?: string} {
  return version === undefined ? {} : {buildkit: version}
}
