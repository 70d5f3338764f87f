import {invalidWheel} from './refusal.ts'
import {parseWheelName} from './wheel-name.ts'

/** Machines of libraries by their number in the file (`e_machine`), in the words of wheels. */
const MACHINES: Readonly<Record<number, string>> = {
  3: 'i686',
  21: 'ppc64le',
  22: 's390x',
  40: 'armv7l',
  62: 'x86_64',
  183: 'aarch64',
  243: 'riscv64'
}
const MAGIC = [0x7f, 0x45, 0x4c, 0x46]
/** A shared object (`ET_DYN`): what Python loads. Firmware for other devices, and code for a GPU, are none. */
const SHARED = 3
const HEAD_BYTES = 20
const LITTLE_ENDIAN = 1

/**
 * The machine that a shared library is for, by its first 20 bytes; undefined where a file is none.
 *
 * Source: System V ABI, chapter 4 (ELF header), and its registry of machines.
 */
export function machineOf(head: Uint8Array): string | undefined {
  if (head.length < HEAD_BYTES || MAGIC.some((byte, at) => head[at] !== byte)) return undefined
  const view = new DataView(head.buffer, head.byteOffset, HEAD_BYTES)
  const isLittle = head[5] === LITTLE_ENDIAN
  return view.getUint16(16, isLittle) === SHARED ? MACHINES[view.getUint16(18, isLittle)] : undefined
}

/** How many libraries of a wheel are for which machine. */
export type MachineCounts = ReadonlyMap<string, number>

/**
 * How many of a wheel's libraries are for the machine that its name tells; 0 where it tells none.
 *
 * Some wheels bring libraries for several machines along, so others beside them are nobody's fault. Throws
 * `wheel-invalid` where all are for others: none could be loaded, and where the image is not run nobody would see it.
 */
export function checkMachine(wheel: string, counts: MachineCounts): number {
  const wanted = machineNamed(wheel)
  if (wanted === undefined) return 0
  const own = counts.get(wanted) ?? 0
  const [other] = counts.keys()
  if (own === 0 && other !== undefined) {
    throw invalidWheel(wheel, `its name says ${wanted}, and its libraries are for ${other}`)
  }
  return own
}

function machineNamed(wheel: string): string | undefined {
  const platforms = parseWheelName(wheel)?.platforms ?? []
  const named = new Set(Object.values(MACHINES).filter(machine => platforms.some(tag => tag.endsWith(`_${machine}`))))
  const [machine] = named
  return named.size === 1 && !platforms.includes('any') ? machine : undefined
}
