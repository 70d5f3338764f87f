import {coverageOf} from './coverage.ts'
import {rankOf} from './matrix.ts'
import {askedDimensions, DIMENSION_TABLE, type DimensionName, type SetRequest} from './request.ts'
import {type MatrixSet, pypiVariant, SETS} from './sets.ts'
import {isAskedVersion, pythonMinor} from './versions.ts'

/** Things that were asked for and do not exist together, each of them needed for that. */
export type Contradiction = readonly DimensionName[]

/** A set that exists, the request that gives it, and what that changes. */
export interface Neighbour {
  readonly set: MatrixSet
  readonly request: SetRequest
  readonly changes: readonly DimensionName[]
}

/** Why no set answers a request, and which are nearest. */
export interface Refusal {
  readonly request: SetRequest
  readonly contradictions: readonly Contradiction[]
  /** Never empty. */
  readonly nearest: readonly Neighbour[]
}

/** The one set that answers a request, or why there is none. */
export type Resolution = {readonly set: MatrixSet} | {readonly refusal: Refusal}

/** The Python that is taken where nothing speaks against it. */
const USUAL_PYTHON = 12
const MOST_NEIGHBOURS = 3

/**
 * The one set of the matrix that answers a request.
 *
 * Of several it is the newest release, there PyPI's own variant, there the usual Python. Without one, the refusal names
 * every contradiction and the nearest sets, each with a request that gives it.
 */
export function resolveSet(request: SetRequest): Resolution {
  const board = boardOf(request)
  const set = best(board.admitting(board.asked), request)
  return set === undefined ? {refusal: refusalOf(request, board)} : {set}
}

/** The sets that have those parts of what was asked for. */
export function setsWith(request: SetRequest, names: readonly DimensionName[]): readonly MatrixSet[] {
  return SETS.filter(set => names.every(name => DIMENSION_TABLE[name].admits(set, request)))
}

/** Which set has which part of what was asked for, found out once. */
interface Board {
  readonly asked: readonly DimensionName[]
  readonly admitting: (group: readonly DimensionName[]) => readonly MatrixSet[]
  readonly isAnswered: (group: readonly DimensionName[]) => boolean
}

function boardOf(request: SetRequest): Board {
  const asked = askedDimensions(request)
  const rows = SETS.map(set => ({set, has: asked.filter(name => DIMENSION_TABLE[name].admits(set, request))}))
  const kinds = [...new Map(rows.map(({has}) => [has.join(), has])).values()]
  return {
    asked,
    admitting: group => rows.filter(({has}) => group.every(name => has.includes(name))).map(({set}) => set),
    isAnswered: group => kinds.some(has => group.every(name => has.includes(name)))
  }
}

/** The set with the least costs, of which an earlier one outweighs all later ones. */
function best(
  sets: readonly MatrixSet[],
  request: SetRequest,
  far: (set: MatrixSet) => number = () => 0
): MatrixSet | undefined {
  const priced = sets.map(set => ({set, costs: [far(set), ...RANKING.map(costOf => costOf(set, request))]}))
  return priced.toSorted((one, other) => compareCosts(one.costs, other.costs))[0]?.set
}

function compareCosts(one: readonly number[], other: readonly number[]): number {
  const at = one.findIndex((cost, index) => cost !== other[index])
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0)
}

/** What makes one answer better than another, the weightiest first; the lesser cost wins. */
const RANKING: readonly ((set: MatrixSet, request: SetRequest) => number)[] = [
  (set, {gpus = []}) => gpus.filter(gpu => coverageOf(set, gpu) === 'unknown').length,
  (set, {preferred}) => Number(preferred?.torch !== undefined && !isPreferred(set, preferred.torch)),
  set => -rankOf(set.torch),
  (set, {cuda, platforms = []}) => (cuda === 'latest' ? 0 : Number(!isOnPypiFor(set, platforms))),
  set => (set.cuda === 'cpu' ? 0 : -Number(set.cuda.slice(2))),
  ({python}) => Number(python.endsWith('t')),
  (set, {cuda}) => Number(cuda !== 'cpu' && set.triton === undefined),
  ({python}) => Math.max(0, pythonMinor(python) - USUAL_PYTHON),
  ({python}) => Math.max(0, USUAL_PYTHON - pythonMinor(python))
]

function isPreferred(set: MatrixSet, torch: string): boolean {
  return torch === 'latest' || isAskedVersion(set.torch, torch)
}

function isOnPypiFor({release, cuda}: MatrixSet, platforms: readonly string[]): boolean {
  const isArmOnly = platforms.length > 0 && platforms.every(platform => platform === 'linux/arm64')
  return cuda === pypiVariant(release, isArmOnly ? 'linux/arm64' : 'linux/amd64')
}

function refusalOf(request: SetRequest, board: Board): Refusal {
  return {request, contradictions: contradictionsIn(board), nearest: nearestTo(request, board)}
}

/** The smallest groups of what was asked for that no set satisfies. */
function contradictionsIn({asked, isAnswered}: Board): readonly Contradiction[] {
  const found: Contradiction[] = []
  for (const group of groupsOf(asked)) {
    const isExplained = found.some(smaller => smaller.every(name => group.includes(name)))
    if (!isExplained && !isAnswered(group)) found.push(group)
  }
  return found
}

/** The largest groups of what was asked for that some set satisfies, and the nearest set of each. */
function nearestTo(request: SetRequest, board: Board): readonly Neighbour[] {
  const {asked, isAnswered} = board
  const kept: (readonly DimensionName[])[] = []
  for (const group of groupsOf(asked).toReversed()) {
    const isPart = kept.some(larger => group.every(name => larger.includes(name)))
    if (!isPart && isAnswered(group)) kept.push(group)
  }
  const alone = asked.map(name => [name]).filter(isAnswered)
  const groups = kept.length === 0 ? [[]] : [...kept.toSorted(torchFirst), ...alone]
  const neighbours = groups.flatMap(group => neighbourOf(request, {board, group}) ?? [])
  return neighbours
    .filter((one, at) => at === neighbours.findIndex(other => other.set === one.set))
    .toSorted((one, other) => Number(isWithoutGpu(one)) - Number(isWithoutGpu(other)))
    .slice(0, MOST_NEIGHBOURS)
}

/** Giving up the GPU is the last thing that anyone means. */
function isWithoutGpu({set, changes}: Neighbour): boolean {
  return set.cuda === 'cpu' && changes.includes('cuda')
}

function torchFirst(one: readonly DimensionName[], other: readonly DimensionName[]): number {
  return Number(other.includes('torch')) - Number(one.includes('torch'))
}

function neighbourOf(
  request: SetRequest,
  {board, group}: {readonly board: Board; readonly group: readonly DimensionName[]}
): Neighbour | undefined {
  const left = board.asked.filter(name => !group.includes(name))
  const far = (set: MatrixSet) => left.reduce((sum, name) => sum + DIMENSION_TABLE[name].distance(set, request), 0)
  const nearest = best(board.admitting(group), request, far)
  if (nearest === undefined) return undefined
  const changes = left.filter(name => !DIMENSION_TABLE[name].admits(nearest, request))
  const changed = changes.reduce((so, name) => DIMENSION_TABLE[name].towards(nearest, so), request)
  const answer = resolveSet(changed)
  return 'set' in answer ? {set: answer.set, request: changed, changes} : undefined
}

/** Every group of some names, the smallest first. */
function groupsOf(names: readonly DimensionName[]): readonly (readonly DimensionName[])[] {
  let groups: readonly (readonly DimensionName[])[] = [[]]
  for (const name of names) groups = [...groups, ...groups.map(group => [...group, name])]
  return groups.filter(group => group.length > 0).toSorted((one, other) => one.length - other.length)
}
