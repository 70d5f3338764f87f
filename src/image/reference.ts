import {createHash} from 'node:crypto'
import type {ImageName} from '../model/inputs.ts'

/** An image reference taken apart: `host/path[:tag][@digest]`. */
export interface Reference {
  readonly image: ImageName
  readonly tag?: string
  readonly digest?: string
  /** The text had capitals in its name, which registries do not accept: they were put into lower case. */
  readonly wasLowered: boolean
}

const HUB = 'docker.io'
const HUB_ALIASES = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[a-f0-9:]+\])(?::\d{1,5})?$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^\w[\w.-]{0,127}$/
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-f0-9]{32,}$/
const LONGEST_NAME = 255
const LONGEST_TAG = 128
const HASH_LENGTH = 8

/**
 * Reads an image reference as docker does: no host means Docker Hub, and a bare name there is `library/<name>`.
 *
 * Returns undefined for a text that no registry could take. The grammar is the distribution specification's.
 */
export function parseReference(text: string): Reference | undefined {
  const {name, tag, digest} = splitReference(text)
  const lowered = name.toLowerCase()
  const image = imageOf(lowered)
  if (image === undefined || imageText(image).length > LONGEST_NAME) return undefined
  if (tag !== undefined && !isTag(tag)) return undefined
  if (digest !== undefined && !DIGEST.test(digest)) return undefined
  return {
    image,
    wasLowered: lowered !== name,
    ...(tag === undefined ? {} : {tag}),
    ...(digest === undefined ? {} : {digest})
  }
}

/** Whether a registry takes the text as a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text)
}

/** The name as people write it: `ghcr.io/acme/app`. */
export function imageText(image: ImageName): string {
  return `${image.registry}/${image.repository}`
}

/** The whole reference in its full form; `parseReference` of it gives the same again. */
export function referenceText(reference: Omit<Reference, 'wasLowered'>): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return `${imageText(reference.image)}${tag}${digest}`
}

/** Whether two names stand for the same repository. */
export function isSameImage(one: ImageName, other: ImageName): boolean {
  return one.registry === other.registry && one.repository === other.repository
}

/** The name that an image has behind the door on 127.0.0.1: one valid repository path for each image, host first. */
export function localNameOf(image: ImageName): string {
  return `${image.registry.replace(/^\[(.*)\]/, ipv6Name).replace(':', '-')}/${image.repository}`
}

/**
 * A text made fit for a tag: lower case letters, digits, `.`, `_` and `-`, at most `longest` characters.
 *
 * What had to be cut, or has nothing left that can be read, gets eight digits of the text's SHA-256, so that long
 * branch names with one beginning stay apart. `feature/x` is `feature-x`, as everywhere else.
 */
export function tagSlug(text: string, longest = LONGEST_TAG): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
  if (/[a-z0-9]/.test(plain) && plain.length <= longest) return plain
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)
  const kept = plain.slice(0, Math.max(0, longest - HASH_LENGTH - 1)).replace(/[._-]+$/, '')
  return kept.length === 0 ? hash : `${kept}-${hash}`
}

function splitReference(text: string): {name: string; tag: string | undefined; digest: string | undefined} {
  const at = text.indexOf('@')
  const digest = at === -1 ? undefined : text.slice(at + 1)
  const named = at === -1 ? text : text.slice(0, at)
  const colon = named.lastIndexOf(':')
  // A colon before the last slash belongs to a port, not to a tag.
  const hasTag = colon > named.lastIndexOf('/')
  return {name: hasTag ? named.slice(0, colon) : named, tag: hasTag ? named.slice(colon + 1) : undefined, digest}
}

function imageOf(name: string): ImageName | undefined {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost'
  const registry = hasHost && !HUB_ALIASES.includes(first) ? first : HUB
  const path = hasHost ? name.slice(slash + 1) : name
  const repository = registry === HUB && !path.includes('/') ? `library/${path}` : path
  const isName = HOST.test(registry) && path.length > 0 && repository.split('/').every(part => COMPONENT.test(part))
  return isName ? {registry, repository} : undefined
}

function ipv6Name(_all: string, address: string): string {
  return `ip6-${address.replaceAll(':', 'x')}`
}
