/** A version of a package as the registry's owner lists it: a manifest with or without tags. */
export interface Version {
  readonly id: number
  readonly digest: string
  readonly tags: readonly string[]
  /** When it came, or was last tagged. */
  readonly changedAt: Date
}

/** What a manifest says of itself and of others. */
export interface Node {
  /** Manifests that it lists. */
  readonly lists: readonly string[]
  /** The manifest that it is about: it is a signature, an attestation or the like. */
  readonly subject?: string
  /** It was made by a run of this action. */
  readonly isOurs: boolean
}

/**
 * Candidates that nobody needs any more: ours, without a tag, older than `before`, and named by nothing that stays.
 *
 * What they list and what is attached to them goes along, as far as nothing else names it. A manifest that could not be read
 * stays, with all that is known of it. Parents come before what they list, so that a stop half-way leaves no index with a gap.
 */
export function expiredOf(
  versions: readonly Version[],
  nodes: ReadonlyMap<string, Node>,
  {before}: {before: Date}
): readonly Version[] {
  const byDigest = new Map(versions.map(version => [version.digest, version]))
  const isKept = ({digest, tags, changedAt}: Version) => tags.length > 0 || changedAt >= before || !nodes.has(digest)
  const kept = spread(
    versions.filter(isKept).map(({digest}) => digest),
    nodes
  )
  const roots = versions.filter(({digest}) => !kept.has(digest) && nodes.get(digest)?.isOurs === true)
  const going = spread(
    roots.map(({digest}) => digest),
    nodes
  )
  for (const digest of kept) going.delete(digest)
  for (let isStable = false; !isStable; ) {
    isStable = true
    for (const [digest, node] of nodes) {
      if (going.has(digest)) continue
      // What stays keeps all that it lists, and what it is about.
      for (const named of [...node.lists, ...(node.subject === undefined ? [] : [node.subject])]) {
        if (going.delete(named)) isStable = false
      }
    }
    // A manifest whose subject stays is a part of that.
    for (const digest of going) {
      const subject = nodes.get(digest)?.subject
      if (subject !== undefined && byDigest.has(subject) && !going.has(subject) && going.delete(digest))
        isStable = false
    }
  }
  return parentsFirst(
    [...going].flatMap(digest => byDigest.get(digest) ?? []),
    nodes
  )
}

/** Everything that is listed by these manifests or attached to them, they included. */
function spread(digests: readonly string[], nodes: ReadonlyMap<string, Node>): Set<string> {
  const reached = new Set<string>()
  const attached = Map.groupBy(nodes, ([, {subject}]) => subject)
  const waiting = [...digests]
  for (let digest = waiting.shift(); digest !== undefined; digest = waiting.shift()) {
    if (reached.has(digest)) continue
    reached.add(digest)
    waiting.push(...(nodes.get(digest)?.lists ?? []), ...(attached.get(digest) ?? []).map(([name]) => name))
  }
  return reached
}

function parentsFirst(versions: readonly Version[], nodes: ReadonlyMap<string, Node>): readonly Version[] {
  const listed = (digest: string, seen: ReadonlySet<string> = new Set()): number => {
    const lists = seen.has(digest) ? [] : (nodes.get(digest)?.lists ?? [])
    return lists.length === 0 ? 0 : 1 + Math.max(...lists.map(child => listed(child, new Set([...seen, digest]))))
  }
  const attachedFirst = ({digest}: Version) => (nodes.get(digest)?.subject === undefined ? 0 : 1)
  return versions.toSorted((a, b) => attachedFirst(b) - attachedFirst(a) || listed(b.digest) - listed(a.digest))
}
