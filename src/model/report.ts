import type {GpuCheck, GpuReport, GpuStatus} from './gpu-report.ts'
import type {Answers, Plan, StepName} from './plan.ts'
import type {Problem} from './problem.ts'
import type {CredentialAudit} from './token.ts'

/** One layer of an image, as its manifest has it: compressed. */
export interface Layer {
  readonly digest: string
  readonly sizeBytes: number
  readonly mediaType: string
}

/** What became of one step. */
export interface StepResult {
  readonly name: StepName
  readonly state: 'done' | 'skipped' | 'failed' | 'not-reached'
  readonly durationMs: number
  /** What it made, in one line. */
  readonly made: string
}

/** What the steps brought forth. Absent where no step got so far. */
export interface Products {
  readonly answers?: Answers
  /** What GitHub says of the tokens of this run. */
  readonly audits?: readonly CredentialAudit[]
  readonly submodules?: readonly {readonly path: string; readonly url: string; readonly state: 'fetched' | 'left-out'}[]
  /** Tokens that a GitHub App gave us: their names, what they open, and until when. */
  readonly appTokens?: readonly {
    readonly secret: string
    readonly owner: string
    readonly repositories: readonly string[]
    readonly expiresAt?: string
  }[]
  /** The locks of this run, one for each platform; absent where the build resolved by itself. */
  readonly locks?: readonly {
    readonly platform: string
    /** Beside the report, until the job ends. */
    readonly path: string
    readonly sha256: string
    readonly packages: number
    readonly sizeBytes: number
  }[]
  readonly builder?: string
  /** The image that the build stands on, assembled from wheels. */
  readonly runtime?: RuntimeProduct
  /** `sha256:…` of what was built, pushed or not. */
  readonly digest?: string
  /** The image configuration's digest. */
  readonly imageId?: string
  /** `image@digest` in the registry. */
  readonly candidate?: string
  /** BuildKit's metadata file, scrubbed of arguments. */
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly cachedSteps?: {readonly cached: number; readonly total: number}
  /** Layer caches that were found and read, `{door}` standing for our own address. */
  readonly cachesRead?: readonly string[]
  readonly layers?: readonly Layer[]
  /** What the moving tag stood on before this run, for comparison. */
  readonly previous?: {readonly reference: string; readonly layers: readonly Layer[]}
  /** Bytes that went through the door to the registry. */
  readonly pushedBytes?: number
  /** What came of running it without a GPU. */
  readonly proof?: ProofProduct
  /** What came of running it on a GPU: the report, where it was written, and the SHA-256 of that file. */
  readonly gpu?: {readonly report: GpuReport; readonly file: string; readonly sha256: string}
  /** Full references that now point to the digest. */
  readonly tags?: readonly string[]
  /** Tags left alone because they already stand on something newer. */
  readonly keptTags?: readonly string[]
}

/** What was run without a GPU, and what was found in it. */
export interface ProofProduct {
  /** `sha256:…` of the manifest that was run: the runtime's where the image stands on one. */
  readonly subject: string
  readonly kind: 'runtime' | 'image'
  /** `found`: an earlier run proved the same, and attached that to it. */
  readonly origin: 'made' | 'found'
  readonly result: GpuStatus
  /** Empty where an earlier run has them. */
  readonly checks: readonly GpuCheck[]
  /** The earlier run. */
  readonly provenBy?: string
}

/** A runtime that was assembled, and where its layers came from. */
export interface RuntimeProduct {
  /** Of its manifest, in the image's own repository; of an index where it is for several platforms. */
  readonly digest: string
  readonly images: readonly RuntimeImage[]
  readonly layers: readonly {
    readonly title: string
    /** `numpy 2.2.6`; absent where it holds bytecode alone. */
    readonly wheels?: readonly string[]
    readonly digest: string
    readonly diffId: string
    readonly sizeBytes: number
    /** `mounted` and `copied`: from the shared store. */
    readonly origin: 'made' | 'found' | 'mounted' | 'copied'
  }[]
  readonly fetchedBytes: number
}

/** The runtime of one platform. */
export interface RuntimeImage {
  /** `linux/amd64`. */
  readonly platform: string
  /** Of its manifest. */
  readonly digest: string
  /** `3.11.2`. */
  readonly python: string
  /** Programs of this platform do not run on this machine, so nothing of it was run. */
  readonly isForeign: boolean
  /** How many libraries of the layers that were made in this run are for the machine that their wheels name. */
  readonly libraries: number
}

/** Plan and products side by side, with the end of the run. */
export interface Outcome {
  readonly plan: Plan
  readonly results: readonly StepResult[]
  readonly products: Products
  readonly notices: readonly string[]
  readonly warnings: readonly string[]
  readonly problems: readonly Problem[]
}

/** What is told at the end: outputs, summary and the report file render this and decide nothing. */
export interface Report {
  readonly schemaVersion: 1
  readonly conclusion: 'success' | 'failure' | 'cancelled'
  readonly outcome: Outcome
  readonly durationMs: number
  /** Folder with a component of kustomize for the published digest. */
  readonly overlay?: string
}
