/** A zip that breaks the rules of its format (PKWARE APPNOTE 6.3), or uses a part of it that wheels have no use for. */
export class BadZip extends Error {
  override readonly name = 'BadZip'
}
