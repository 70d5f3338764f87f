/** The first dotted number in a text, without suffixes: `26.1.5` of `v26.1.5+dfsg1`. */
export function dottedVersion(text: string): string | undefined {
  return /\d+(?:\.\d+)+/.exec(text)?.[0]
}
