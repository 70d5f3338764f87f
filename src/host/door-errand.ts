/** What a builder wants at the door. `name` is the local name, before it is known to be one of ours. */
export type Errand =
  | {readonly kind: 'ping'}
  | {readonly kind: 'manifest'; readonly name: string; readonly reference: string}
  | {readonly kind: 'blob'; readonly name: string; readonly digest: string}
  | {readonly kind: 'begin-upload'; readonly name: string}
  | {readonly kind: 'upload'; readonly name: string; readonly id: string}
  | {readonly kind: 'referrers'; readonly name: string; readonly digest: string}

/**
 * The paths of the distribution specification that builders use, the most telling first. Nothing else passes: what
 * follows a name is put into an address of the registry, so it may hold only what a tag, a digest or an id holds.
 */
const PATHS: readonly {readonly path: RegExp; readonly errand: (name: string, rest: string) => Errand}[] = [
  {path: /^\/v2\/(.+)\/blobs\/uploads\/()$/, errand: name => ({kind: 'begin-upload', name})},
  {path: /^\/v2\/(.+)\/blobs\/uploads\/([0-9a-f]{32})$/, errand: (name, id) => ({kind: 'upload', name, id})},
  {path: /^\/v2\/(.+)\/blobs\/(\w+:[0-9a-f]+)$/, errand: (name, digest) => ({kind: 'blob', name, digest})},
  {path: /^\/v2\/(.+)\/referrers\/(\w+:[0-9a-f]+)$/, errand: (name, digest) => ({kind: 'referrers', name, digest})},
  {
    path: /^\/v2\/(.+)\/manifests\/(\w[\w.-]{0,127}|\w+:[0-9a-f]+)$/,
    errand: (name, reference) => ({kind: 'manifest', name, reference})
  }
]

/** The errand that a request's path stands for; undefined for everything that the door does not do. */
export function errandOf(path: string): Errand | undefined {
  if (path === '/v2/' || path === '/v2') return {kind: 'ping'}
  for (const {path: pattern, errand} of PATHS) {
    const [, name, rest] = pattern.exec(path) ?? []
    if (name !== undefined && rest !== undefined) return errand(name, rest)
  }
  return undefined
}
