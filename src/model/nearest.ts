const FARTHEST = 4

/** The name in a list that a mistyped one was most likely meant to be; of two as near, one that begins as it does. */
export function nearestOf(text: string, names: readonly string[]): string | undefined {
  const typed = text.toLowerCase()
  const ranked = names
    .map(name => ({
      name,
      distance: distanceBetween(typed, name.toLowerCase()),
      isAlike: startOf(name) === startOf(typed)
    }))
    .toSorted((one, other) => one.distance - other.distance || Number(other.isAlike) - Number(one.isAlike))
  const [best] = ranked
  const limit = Math.min(FARTHEST, Math.max(1, Math.floor(text.length / 2)))
  return best !== undefined && best.distance <= limit ? best.name : undefined
}

function startOf(text: string): string {
  return text.slice(0, 1).toLowerCase()
}

/** How many letters must be put in, taken out or changed (Levenshtein). */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({length: other.length + 1}, (_, index) => index)
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1]
    for (const [index, otherLetter] of [...other].entries()) {
      const change = (row[index] ?? 0) + (letter === otherLetter ? 0 : 1)
      next.push(Math.min(change, (row[index + 1] ?? 0) + 1, (next[index] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
