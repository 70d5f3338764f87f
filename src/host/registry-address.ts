import {registryOf} from '../image/registries.ts'
import type {ImageName} from '../model/inputs.ts'

/** Whether a host name leads to this very machine. Names that merely begin like an address do not. */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.toLowerCase().replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || /^127(\.\d{1,3}){3}$/.test(bare)
}

/** Where a registry answers: plain HTTP on this machine, as docker does it, and HTTPS everywhere else. */
export function originOf(registry: string): string {
  const host = registryOf(registry).apiHost(registry)
  const {hostname} = new URL(`http://${host}`)
  return `${isLoopback(hostname) ? 'http' : 'https'}://${host}`
}

/** The address of something in an image's repository; `tail` begins after the name, for example `manifests/latest`. */
export function addressOf({registry, repository}: ImageName, tail: string): URL {
  return new URL(`${originOf(registry)}/v2/${repository}/${tail}`)
}

/** Where a `Location` header leads; undefined where it leads nowhere that may be followed. */
export function locationOf(header: string | undefined, origin: URL): URL | undefined {
  const target = header === undefined ? null : URL.parse(header, origin.href)
  return target !== null && mayLeadTo(origin, target) ? target : undefined
}

/** The address that ends an upload. What the registry put into its query stays as it is, byte for byte. */
export function withDigest(upload: URL, digest: string): URL {
  const url = new URL(upload)
  url.search = `${url.search === '' ? '' : `${url.search}&`}digest=${encodeURIComponent(digest)}`
  return url
}

/**
 * Whether an address named by `origin` may be followed: over HTTPS anywhere, in clear text only from this machine to
 * itself. Otherwise a registry on the internet could send us to services of this machine.
 */
export function mayLeadTo(origin: URL, target: URL): boolean {
  if (target.protocol === 'https:') return true
  return target.protocol === 'http:' && isLoopback(target.hostname) && isLoopback(origin.hostname)
}
