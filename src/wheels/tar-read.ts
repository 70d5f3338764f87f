const BLOCK = 512

/** The content of a small file in a tar; undefined where there is none of that name. Reads what BuildKit writes. */
export function fileInTar(tar: Uint8Array, wanted: string): Uint8Array | undefined {
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const head = tar.subarray(at, at + BLOCK)
    const name = textAt(head, 0, 100)
    if (name === '') return undefined
    const prefix = textAt(head, 257, 5) === 'ustar' ? textAt(head, 345, 155) : ''
    const size = Number.parseInt(textAt(head, 124, 12).trim() || '0', 8)
    if (Number.isNaN(size)) return undefined
    const path = (prefix === '' ? name : `${prefix}/${name}`).replace(/^\.?\//, '')
    const type = String.fromCharCode(head[156] ?? 0)
    if (path === wanted && (type === '0' || type === '\u0000')) return tar.subarray(at + BLOCK, at + BLOCK + size)
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return undefined
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  const field = Buffer.from(bytes.subarray(at, at + length)).toString('latin1')
  const end = field.indexOf('\u0000')
  return end === -1 ? field : field.slice(0, end)
}
