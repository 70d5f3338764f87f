import type {LockedFile} from './lock.ts'

/** A layer to make: the wheels in it, and the key that it is known by before it is made. */
export interface LayerRecipe {
  readonly key: string
  /** What people see: a project, or what the projects have in common. */
  readonly title: string
  /** In the order in which they are laid. */
  readonly wheels: readonly LockedFile[]
  /** Private archive that gets the Python sources among its files, for whoever compiles them. */
  readonly sources: string
}

/** How layers are packed: whose bytes they are depends on the program that packed them. */
export interface Packing {
  readonly format: 'zstd' | 'gzip'
  readonly level: number
  /** The version of the library in this Node. */
  readonly library: string
}

/** A layer as it lies in a registry. */
export interface Layer {
  readonly key: string
  readonly title: string
  /** `sha256:…` of the packed bytes. */
  readonly digest: string
  readonly sizeBytes: number
  readonly mediaType: string
  /** `sha256:…` of the tar. */
  readonly diffId: string
  /** How many Python sources are in it, which need bytecode beside them. */
  readonly sources: number
  /** What it holds, in the order in which it is laid; nothing where it is bytecode. */
  readonly wheels: readonly LayerWheel[]
}

/** A wheel in a layer. */
export interface LayerWheel {
  readonly name: string
  /** 64 digits. */
  readonly sha256: string
}

/** Every file of a layer with its check (CRC-32) and its size, so that two layers can be held against each other. */
export type LayerFiles = readonly (readonly [path: string, crc32: number, sizeBytes: number])[]

/** A layer that was made in this run, with what is in it. */
export interface MadeLayer extends Layer {
  readonly files: LayerFiles
  /** How many libraries in it are for the machine that its wheels name. */
  readonly libraries: number
}
