import {inflateRawSync} from 'node:zlib'
import {compare, satisfies} from '@renovatebot/pep440'
import {pythonMinor} from '../../src/pytorch/versions.ts'
import {parseWheelName, type WheelName} from '../../src/wheels/wheel-name.ts'
import {dataOffsetOf, findDirectory, LOCAL_HEADER_BYTES, readDirectory, TAIL_BYTES} from '../../src/wheels/zip.ts'
import type {RecordedRelease} from './compare.ts'

/** Where packages are looked up: PyPI's index as JSON (PEP 691). */
const INDEX = 'https://pypi.org/simple'

/** One file of a project. */
interface IndexFile {
  readonly filename: string
  readonly url: string
  readonly size: number
  readonly 'upload-time': string
  readonly 'requires-python'?: string | null
  readonly yanked: boolean | string
}

/** A wheel with what its name says. */
interface Wheel {
  readonly file: IndexFile
  readonly name: WheelName
}

/** What is read of `METADATA`. */
interface Metadata {
  readonly requires: readonly string[]
  readonly requiresPython: string
}

/** The wheels of the three projects, read once. */
export interface Shelves {
  readonly torch: readonly Wheel[]
  readonly torchvision: readonly Wheel[]
  readonly torchaudio: readonly Wheel[]
}

/** Reads what PyPI has of PyTorch and its companions. */
export async function readShelves(): Promise<Shelves> {
  const [torch, torchvision, torchaudio] = await Promise.all(['torch', 'torchvision', 'torchaudio'].map(wheelsOf))
  return {torch: torch ?? [], torchvision: torchvision ?? [], torchaudio: torchaudio ?? []}
}

/** Stable releases of PyTorch 2, oldest first. */
export function stableReleases({torch}: Shelves): readonly string[] {
  const versions = new Set(torch.map(({name}) => name.version))
  return [...versions].filter(version => /^2\.\d+\.\d+$/.test(version)).toSorted(compare)
}

/** What PyPI says of one release. */
export async function recordRelease(torch: string, shelves: Shelves): Promise<RecordedRelease> {
  const wheels = shelves.torch.filter(({name}) => name.version === torch)
  const linux = wheels.filter(({name}) => isFor(name, 'x86_64'))
  const wheel = preferred(linux)
  const {requires, requiresPython} = await readMetadata(wheel.file)
  const released = wheels.map(({file}) => file['upload-time'].slice(0, 'YYYY-MM-DD'.length)).toSorted()[0] ?? ''
  const torchvision = await companionOf({version: torch, released}, shelves.torchvision)
  const torchaudio = await companionOf({version: torch, released}, shelves.torchaudio)
  return {
    released,
    requires: requires.filter(line => /^(?:nvidia-|cuda-|triton)/.test(line)).flatMap(onLinux),
    requiresPython,
    pythons: pythonsOf(linux),
    pythonsArm64: pythonsOf(wheels.filter(({name}) => isFor(name, 'aarch64'))),
    torchvision: torchvision.version,
    torchvisionRequiresPython: torchvision.requiresPython,
    torchaudio: torchaudio.version
  }
}

async function wheelsOf(project: string): Promise<readonly Wheel[]> {
  const answer = await fetch(`${INDEX}/${project}/`, {headers: {accept: 'application/vnd.pypi.simple.v1+json'}})
  if (!answer.ok) throw new Error(`${INDEX}/${project}/ answers ${answer.status}`)
  const {files} = (await answer.json()) as {files: readonly IndexFile[]}
  return files
    .filter(({yanked}) => yanked === false)
    .flatMap(file => {
      const name = parseWheelName(file.filename)
      return name === undefined ? [] : [{file, name}]
    })
}

function isFor({platforms}: WheelName, arch: string): boolean {
  return platforms.some(platform => /linux/.test(platform) && platform.endsWith(`_${arch}`))
}

/** The wheel of the usual Python, else of the newest before it. A later build of the same comes first. */
function preferred(wheels: readonly Wheel[]): Wheel {
  const distance = ({name}: Wheel) => Math.abs(12 - Number(/^cp3(\d+)$/.exec(name.pythons[0] ?? '')?.[1] ?? 99))
  const plain = wheels.filter(({name}) => name.abis.every(abi => !abi.endsWith('t')))
  const [wheel] = plain.toSorted(
    (one, other) => distance(one) - distance(other) || Number(other.name.build ?? 0) - Number(one.name.build ?? 0)
  )
  if (wheel === undefined) throw new Error('There is no wheel for Linux')
  return wheel
}

/** `3.13`, `3.13t`, ascending. */
function pythonsOf(wheels: readonly Wheel[]): readonly string[] {
  const pythons = wheels.flatMap(({name}) => name.abis.map(abi => abi.replace(/^cp3(\d+)(t?)m?$/, '3.$1$2')))
  return [...new Set(pythons)].toSorted(
    (one, other) => pythonMinor(one) - pythonMinor(other) || one.length - other.length
  )
}

/** How long after a release of torch its companions may come. */
const COMPANION_DAYS = 7

/**
 * The version that pins this torch. Since torch 2.14 there may be none; then it is the newest that admits this torch and
 * came before it or with it: what comes later belongs to a later one.
 */
async function companionOf(torch: {readonly version: string; readonly released: string}, wheels: readonly Wheel[]) {
  const versions = [...new Set(wheels.map(({name}) => name.version))].filter(one => /^\d+\.\d+\.\d+$/.test(one))
  const until = Date.parse(torch.released) + COMPANION_DAYS * 24 * 3_600_000
  let ranged: {readonly version: string; readonly requiresPython: string} | undefined
  for (const version of versions.toSorted(compare).toReversed()) {
    const {file} = preferredOrAny(wheels.filter(({name}) => name.version === version && isFor(name, 'x86_64')))
    const metadata = await readMetadata(file)
    const said = metadata.requires.find(line => /^torch\b/.test(line))
    const specifier = said?.replace(/^torch\s*\(?([^;)]*)\)?.*$/, '$1').trim() ?? ''
    const found = {version, requiresPython: metadata.requiresPython}
    const isPin = specifier.startsWith('==')
    if (isPin && satisfies(torch.version, specifier)) return found
    // Older ones pin older releases: nothing better comes.
    if (isPin && compare(specifier.slice(2), torch.version) < 0) break
    const isInTime = Date.parse(file['upload-time']) <= until
    if (!isPin && isInTime && (specifier === '' || satisfies(torch.version, specifier))) ranged ??= found
  }
  if (ranged === undefined) throw new Error(`No companion for torch ${torch.version} was found`)
  return ranged
}

function preferredOrAny(wheels: readonly Wheel[]): Wheel {
  const [any] = wheels
  if (any === undefined) throw new Error('There is no wheel for Linux')
  return any.name.pythons.includes('py3') ? any : preferred(wheels)
}

const READ = new Map<string, Metadata>()

/** The metadata file beside a wheel (PEP 658), or where there is none, the one inside it, by two small reads. */
async function readMetadata(file: IndexFile): Promise<Metadata> {
  const known = READ.get(file.url)
  if (known !== undefined) return known
  const beside = await fetch(`${file.url}.metadata`)
  const text = beside.ok ? await beside.text() : await metadataInside(file)
  const head = text.split(/\r?\n\r?\n/)[0] ?? ''
  const metadata = {
    requires: [...head.matchAll(/^Requires-Dist: (.*)$/gm)].map(([, line = '']) => line.trim()),
    requiresPython: /^Requires-Python: (.*)$/m.exec(head)?.[1]?.trim() ?? ''
  }
  READ.set(file.url, metadata)
  return metadata
}

async function metadataInside({url, size}: IndexFile): Promise<string> {
  const from = Math.max(0, size - TAIL_BYTES)
  const end = findDirectory(await readRange(url, from, size), size)
  const entries = readDirectory(await readRange(url, end.offset, end.offset + end.sizeBytes), end)
  const entry = entries.find(({name}) => /^[^/]+\.dist-info\/METADATA$/.test(name))
  if (entry === undefined) throw new Error(`${url} has no METADATA`)
  const local = await readRange(url, entry.offset, entry.before)
  const begin = dataOffsetOf(entry, local.subarray(0, Math.max(LOCAL_HEADER_BYTES, local.length))) - entry.offset
  const packed = local.subarray(begin, begin + entry.packedBytes)
  return Buffer.from(entry.method === 'deflated' ? inflateRawSync(packed) : packed).toString('utf8')
}

async function readRange(url: string, from: number, to: number): Promise<Uint8Array> {
  const answer = await fetch(url, {headers: {range: `bytes=${from}-${to - 1}`}})
  if (answer.status !== 206) throw new Error(`${url} gives no ranges (${answer.status})`)
  return new Uint8Array(await answer.arrayBuffer())
}

/** A requirement as it stands on Linux and x86-64: nothing where it is not for there, else without that marker. */
function onLinux(line: string): readonly string[] {
  const [requirement = '', marker = ''] = line.split(/\s*;\s*/)
  const plain = requirement.replaceAll(/\s*[()]\s*/g, '').replaceAll(/\s+/g, '')
  const kept = marker
    .split(/\s+and\s+/)
    .map(part => part.replaceAll(/[()]/g, '').replaceAll("'", '"').trim())
    .filter(
      part =>
        part !== '' && !/^(?:platform_system|sys_platform|platform_machine)\s*==\s*"(?:Linux|linux|x86_64)"/.test(part)
    )
  if (kept.some(part => /^(?:platform_system|sys_platform|platform_machine|extra)\b/.test(part))) return []
  return [kept.length === 0 ? plain : `${plain}; ${kept.join(' and ')}`]
}
