/** A set of packages with the address and the hash of every file: a `pylock.toml` (PEP 751), read. */
export interface Lock {
  /** What wrote it, such as `uv`. */
  readonly createdBy: string
  /** The Pythons that it was made for, such as `>=3.12`. */
  readonly requiresPython?: string
  readonly packages: readonly LockedPackage[]
}

/** One package of a lock. */
export interface LockedPackage {
  /** Normalized (PEP 503): lower case, single hyphens. */
  readonly name: string
  /** Absent where only the source tree tells. */
  readonly version?: string
  /** Where it is not meant for every environment (PEP 508). */
  readonly marker?: string
  /** The index that it came from, where the lock says so. */
  readonly index?: string
  readonly source: LockedSource
}

/** Where a package's files come from. Whatever is fetched by its address is known by its hash, git by its commit. */
export type LockedSource =
  /** Wheels of an index or an address; with several, the installer takes the first that fits. */
  | {readonly kind: 'wheels'; readonly wheels: readonly LockedFile[]}
  /** Source that must be built, because there is no wheel. */
  | {readonly kind: 'sdist'; readonly sdist: LockedFile}
  | {
      readonly kind: 'git'
      readonly url: string
      /** The whole commit, whatever branch or tag was asked for. */
      readonly commit: string
      readonly requestedRevision?: string
      /** The folder in the repository that holds the package. */
      readonly subdirectory?: string
    }
  /** A folder beside the lock. Nothing says what it held when the lock was made. */
  | {readonly kind: 'directory'; readonly path: string; readonly editable: boolean}

/** A file to fetch, with what it must be. */
export interface LockedFile {
  readonly url: string
  /** The file's own name, for example `torch-2.8.0-cp312-cp312-manylinux_2_28_x86_64.whl`. */
  readonly name: string
  /** Absent where whoever made the lock was not told. */
  readonly sizeBytes?: number
  /** Lower case, 64 digits. */
  readonly sha256: string
}
