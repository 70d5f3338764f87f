const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** Bytes for people, in decimal units: `3.9 GB`. */
export function sizeText(bytes: number): string {
  // A half of the last digit more, so that 999 999 bytes are 1.0 MB and not 1000 kB.
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes * 1.0005) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`
}

/** A duration for people: `0.3 s`, `47 s`, `3 min 20 s`. */
export function durationText(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A count with its noun: `1 tag`, `3 tags`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const BAR_WIDTH = 32

/** A bar whose length is to the longest as the value is to the greatest; something is never drawn as nothing. */
export function bar(value: number, greatest: number): string {
  if (value <= 0 || greatest <= 0) return ''
  return '█'.repeat(Math.max(1, Math.round((BAR_WIDTH * value) / greatest)))
}

/** A bar of fixed length that shows how much of the whole is done. */
export function share(part: number, whole: number): string {
  const full = whole <= 0 ? 0 : Math.round((BAR_WIDTH * part) / whole)
  return '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full)
}
