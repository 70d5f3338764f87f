/** A web address, `user@host:path` as ssh has it, or GitHub's short form: what buildx takes for remote. */
const REMOTE = /^(?:[a-z][a-z0-9+.-]*:\/\/|[^\s/@]+@[^\s/:]+:|github\.com\/)/i

/** Whether a build context is fetched by the builder instead of being sent by us. */
export function isRemoteContext(place: string): boolean {
  return REMOTE.test(place)
}
