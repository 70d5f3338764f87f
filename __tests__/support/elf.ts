/** Numbers of machines in ELF files. */
const MACHINES = {x86_64: 62, aarch64: 183, arm: 40, cuda: 190} as const

/** The header of a file that stands in for a shared library of a machine, or for a program; nothing can load it. */
export function elfHead(machine: keyof typeof MACHINES, type: 'library' | 'program' = 'library'): Buffer {
  const head = Buffer.alloc(64)
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  head.writeUInt16LE(type === 'library' ? 3 : 2, 16)
  head.writeUInt16LE(MACHINES[machine], 18)
  return head
}
