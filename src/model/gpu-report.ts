/** What a check, a tier, or a whole validation came to. */
export type GpuStatus = 'pass' | 'fail' | 'warn' | 'skip'

/** Numbers and short texts by name; what was measured and what it was held against have the same names. */
export type Figures = Readonly<Record<string, unknown>>

/** One check, as the validator prints it or as the host made it. */
export interface GpuCheck {
  readonly id: string
  readonly tier: string
  readonly status: GpuStatus
  /** Of a failure or a warning: a heading of docs/gpu-diagnosis.md. */
  readonly code?: string
  readonly message: string
  readonly evidence: readonly string[]
  readonly measured: Figures
  readonly threshold: Figures
  /** Number of the GPU, for checks of each one. */
  readonly device?: number
  readonly blocked_by?: string
  readonly duration_ms: number
  readonly budget_ms: number
}

/** A stage of the validation. */
export interface GpuTier {
  readonly id: string
  readonly title: string
  readonly status: GpuStatus
  readonly duration_ms: number
  readonly budget_ms: number
  readonly blocked_by?: string
  readonly checks: readonly GpuCheck[]
}

/** A GPU, or a MIG instance, as the host knows it. */
export interface GpuDevice {
  readonly index: number
  readonly uuid: string
  readonly name: string
  /** `9.0` */
  readonly capability: string
  readonly memory_mib: number
  readonly mig_profile?: string
  readonly sm_match?: 'sass' | 'ptx' | 'none'
}

/** What was found out about an image by running it on a GPU. Fields follow docs/gpu-report.schema.json. */
export interface GpuReport {
  readonly schema_version: 1
  readonly tool: {readonly name: string; readonly version: string}
  readonly run: {readonly id: string; readonly attempt: number; readonly workflow: string; readonly revision: string}
  readonly started_at: string
  readonly duration_ms: number
  readonly result: 'pass' | 'warn' | 'fail'
  readonly level: 'quick' | 'standard' | 'full'
  readonly image: {
    readonly ref: string
    readonly digest: string
    readonly platform?: string
    readonly size_compressed?: number
    readonly layers?: number
    readonly labels: Readonly<Record<string, string>>
  }
  readonly expected: {readonly torch?: string; readonly cuda_variant?: string; readonly arch_list: readonly string[]}
  readonly host: {
    /** `container`: the action itself ran inside the image. `cluster`: a Job did. Nobody outside of it looked on. */
    readonly place: 'engine' | 'container' | 'cluster'
    readonly kernel?: string
    readonly driver?: string
    readonly driver_cuda?: string
    readonly engine?: string
    readonly toolkit?: string
    readonly injection?: 'gpus' | 'cdi' | 'runtime'
    readonly mig: boolean
    readonly runner: {readonly ephemeral: boolean; readonly kind: string}
  }
  /** What the host saw by itself while the container said that it holds the GPU. */
  readonly witnessed: readonly {readonly gpu_uuid: string; readonly used_mib: number}[]
  readonly torch?: Figures
  readonly devices: readonly GpuDevice[]
  readonly tiers: readonly GpuTier[]
  readonly numerics: readonly {
    readonly op: string
    readonly dtype: string
    readonly device: number
    readonly max_abs: number
    readonly rel: number
    readonly tol: number
    readonly ok: boolean
  }[]
  readonly throughput: Readonly<Record<string, number>>
  readonly diagnosis: readonly {
    readonly check: string
    readonly code: string
    readonly cause: string
    readonly fix: string
    readonly docs: string
    readonly evidence: readonly string[]
  }[]
}
