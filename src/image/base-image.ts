/** The Python that an image's name tells, `3.12` for `python:3.12-slim`; other images do not say. */
export function pythonOfImage(reference: string): string | undefined {
  return /(?:^|\/)python:(3\.\d+)/.exec(reference)?.[1]
}

/** Whether an image's name tells that its C library is musl, which no wheel of PyTorch is built for. */
export function isMusl(reference: string): boolean {
  return /(?:^|[/:._-])(?:alpine|musl)/i.test(reference)
}
