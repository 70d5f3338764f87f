import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'

/** One input of an `action.yml`. */
export interface ManifestInput {
  readonly name: string
  /** Text of `default:`, expressions not evaluated; empty where there is none. */
  readonly default: string
  readonly deprecated?: string
}

/** An `action.yml` as far as running it needs. */
export interface Manifest {
  readonly name: string
  readonly inputs: readonly ManifestInput[]
  readonly outputs: readonly string[]
  /** Script paths relative to the folder of `action.yml`. */
  readonly main: string
  readonly post?: string
  readonly postIf: string
}

interface ManifestText {
  readonly name?: unknown
  readonly inputs?: Readonly<Record<string, {default?: unknown; deprecationMessage?: unknown} | null>> | null
  readonly outputs?: Readonly<Record<string, unknown>> | null
  readonly runs?: Readonly<Record<string, unknown>> | null
}

/**
 * Reads the `action.yml` (or `action.yaml`) of a Node action.
 *
 * Throws for a file that is absent, is no YAML, or describes another kind of action: only Node actions run here, and
 * with the Node that runs us.
 */
export function readManifest(action: string): Manifest {
  const text = parse(manifestTextOf(action)) as ManifestText | null
  const runs = text?.runs ?? {}
  const using = String(runs.using ?? '')
  const major = Number(/^node(\d+)$/.exec(using)?.[1] ?? Number.NaN)
  if (Number.isNaN(major)) throw new Error(`${action}/action.yml says using: ${using}; only node actions run here`)
  if (Number(process.versions.node.split('.')[0]) < major) {
    throw new Error(`${action}/action.yml wants ${using}; this is Node ${process.version}`)
  }
  if (typeof runs.main !== 'string') throw new Error(`${action}/action.yml names no runs.main`)
  return {
    name: String(text?.name ?? 'action'),
    inputs: Object.entries(text?.inputs ?? {}).map(([name, input]) => ({
      name,
      default: String(input?.default ?? ''),
      ...(input?.deprecationMessage === undefined ? {} : {deprecated: String(input.deprecationMessage)})
    })),
    outputs: Object.keys(text?.outputs ?? {}),
    main: runs.main,
    ...(typeof runs.post === 'string' ? {post: runs.post} : {}),
    postIf: String(runs['post-if'] ?? 'always()')
  }
}

function manifestTextOf(action: string): string {
  for (const name of ['action.yml', 'action.yaml']) {
    try {
      return readFileSync(join(action, name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error(`There is no action.yml in ${action}`)
}
