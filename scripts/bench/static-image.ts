import {posix} from 'node:path'
import {LAYOUT} from '../../src/wheels/layout.ts'
import {normalizedName} from '../../src/wheels/lock.ts'
import {parseRecord} from '../../src/wheels/record.ts'
import type {ImageFile, ImageFiles} from './image-files.ts'

/** What an image for a platform that does not run here must be. */
export interface Expected {
  readonly architecture: 'arm64' | 'amd64'
  /** `torch==2.15.0`. */
  readonly packages: readonly string[]
  /** Files of packages, below the folder of packages. */
  readonly files: readonly string[]
}

/** What was seen of an image without running it. */
export interface Seen {
  /** ELF files for the machine of the platform. */
  readonly libraries: number
  /** Packages, each with every file that its RECORD names. */
  readonly packages: number
  readonly recordedFiles: number
  /** Compiled sources, beside what packages recorded. */
  readonly bytecode: number
  /** Sentences; empty where everything is as it must be. */
  readonly faults: readonly string[]
}

/** `e_machine` of ELF files, and how wheels name the machine; some of NVIDIA's call arm64 `sbsa` in their own WHEEL. */
const MACHINES = {
  amd64: {elf: 62, wheel: ['x86_64']},
  arm64: {elf: 183, wheel: ['aarch64', 'sbsa']}
} as const
/** Of code for GPUs (`EM_CUDA`, `EM_AMDGPU`), which is the same beside every machine. */
const GPU_MACHINES: readonly number[] = [190, 224]
const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46])
const LITTLE_ENDIAN = 1
const ABOUT = ['METADATA', 'WHEEL', 'RECORD', 'INSTALLER'] as const

/** Looks at an image of ours that cannot be run: what its programs are for, where files lie, and what packages say of it. */
export function lookAt(image: ImageFiles, expected: Expected): Seen {
  const {os, architecture, files, strayLayers} = image
  const {elf: wanted} = MACHINES[expected.architecture]
  const programs = [...files]
    .filter(([path]) => path.startsWith(`${LAYOUT.prefix}/`))
    .flatMap(([path, {head}]) => ({path, machine: machineIn(head)}))
    .filter(({machine}) => machine !== undefined && !GPU_MACHINES.includes(machine))
  const folders = [...new Set([...files.keys()].flatMap(path => folderOf(path) ?? []))]
  const bytecode = [...files.keys()].filter(path => path.startsWith(`${LAYOUT.site}/`) && path.endsWith('.pyc')).length
  const looked = folders.map(folder => lookAtPackage(folder, image, expected))
  return {
    libraries: programs.filter(({machine}) => machine === wanted).length,
    packages: folders.length,
    recordedFiles: looked.reduce((sum, {recorded}) => sum + recorded, 0),
    bytecode,
    faults: [
      ...(os === 'linux' && architecture === expected.architecture
        ? []
        : [`It says that it is for ${os}/${architecture}.`]),
      ...strayLayers.map(layer => `${layer} is not what the configuration says.`),
      ...programs.flatMap(({path, machine}) => (machine === wanted ? [] : [`${path} is for machine ${machine}.`])),
      ...layoutFaults(image, expected),
      ...(bytecode > 0 ? [] : ['There is no bytecode.']),
      ...looked.flatMap(({faults}) => faults)
    ]
  }
}

/** The machine that an ELF file is for, whatever its kind; undefined where a file is none. */
function machineIn(head: Uint8Array): number | undefined {
  const bytes = Buffer.from(head)
  if (bytes.length < 20 || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  return bytes[5] === LITTLE_ENDIAN ? bytes.readUInt16LE(18) : bytes.readUInt16BE(18)
}

/** The folder of a package's own words, `torch-2.15.0.dist-info`, for a file in it. */
function folderOf(path: string): string | undefined {
  return new RegExp(`^${LAYOUT.site}/([^/]+\\.dist-info)/`).exec(path)?.[1]
}

function layoutFaults({files, links}: ImageFiles, expected: Expected): readonly string[] {
  const isSite = ([path, target]: readonly [string, string]) =>
    /^opt\/venv\/lib\/python3\.\d+\/site-packages$/.test(path) &&
    posix.join(posix.dirname(path), target) === LAYOUT.site
  const missing = expected.files.filter(path => !files.has(`${LAYOUT.site}/${path}`))
  const removed = [...files.keys()].filter(path => posix.basename(path).startsWith('.wh.'))
  return [
    ...([...links].some(isSite) ? [] : [`No site-packages of a Python leads to ${LAYOUT.site}.`]),
    ...missing.map(path => `There is no ${path}.`),
    ...removed.map(path => `${path} would remove what lies below.`),
    ...expected.packages.flatMap(name =>
      files.has(`${LAYOUT.site}/${name.replace('==', '-')}.dist-info/METADATA`) ? [] : [`There is no ${name}.`]
    )
  ]
}

/** Whether a package is whole by its own words: each file that it recorded is there, with that very content. */
function lookAtPackage(
  folder: string,
  {files}: ImageFiles,
  {architecture}: Expected
): {readonly recorded: number; readonly faults: readonly string[]} {
  const about = (name: string) => files.get(`${LAYOUT.site}/${folder}/${name}`)
  const lacking = ABOUT.filter(name => about(name) === undefined)
  if (lacking.length > 0) return {recorded: 0, faults: [`${folder} has no ${lacking.join(', ')}.`]}
  const rows = parseRecord(textOf(about('RECORD'))) ?? []
  const strays = rows.flatMap(({path, hash, size}) => {
    const file = files.get(posix.join(LAYOUT.site, path))
    if (file === undefined) return [`${folder} records ${path}, which is not there.`]
    const isSame = (hash === '' || hash === `sha256=${file.sha256}`) && (size === '' || Number(size) === file.sizeBytes)
    return isSame ? [] : [`${folder} records another ${path}.`]
  })
  return {
    recorded: rows.length,
    faults: [
      ...(rows.length === 0 ? [`${folder} records no files.`] : []),
      ...(isNamedAs(folder, textOf(about('METADATA')))
        ? []
        : [`${folder} says in METADATA that it is another package.`]),
      ...(isFor(architecture, textOf(about('WHEEL')))
        ? []
        : [`${folder} says in WHEEL that it is for another platform.`]),
      ...strays
    ]
  }
}

function isNamedAs(folder: string, metadata: string): boolean {
  const field = (name: string) => new RegExp(`^${name}: *(\\S+)\\s*$`, 'm').exec(metadata)?.[1] ?? ''
  const [name = '', version = ''] = folder.replace(/\.dist-info$/, '').split('-')
  return normalizedName(field('Name')) === normalizedName(name) && field('Version').replaceAll('-', '_') === version
}

/** By the tags of the wheel: for this machine, or for any. */
function isFor(architecture: Expected['architecture'], wheel: string): boolean {
  const platforms = [...wheel.matchAll(/^Tag: *\S+?-([^-\s]+)\s*$/gm)].flatMap(([, tags = '']) => tags.split('.'))
  const names: readonly string[] = MACHINES[architecture].wheel
  const isOwn = (tag: string) => tag === 'any' || names.some(name => tag.endsWith(`_${name}`))
  return platforms.length > 0 && platforms.every(isOwn)
}

function textOf(file: ImageFile | undefined): string {
  return Buffer.from(file?.content ?? []).toString('utf8')
}
