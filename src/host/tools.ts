import {createWriteStream} from 'node:fs'
import {chmod, rm} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import type {LogPort, ToolsPort} from './host.ts'
import {downloadVerified, type Fetched, noSum, sumOf, type Watch} from './tool-download.ts'
import {openWheelFile} from './wheel-file.ts'

/** SHA-256 of each release that we fetch, by version and platform. */
export type Checksums = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Buildx as published on github.com/docker/buildx/releases; the sums are also in the history of Docker's official image. */
export const BUILDX: Checksums = {
  '0.29.1': {
    'linux-amd64': '7d2d7d6d4680aa349614965aaa33ccec43f1a9a21e908a5ce4cb6adfa5ad5141',
    'linux-arm64': '50e85c4e290b698908421161c1aee069bcc5d4a65b7b7201bfac3a176b223a7e'
  }
}

/** A wheel of uv, and the program in it. */
export interface UvWheel {
  /** Behind `packages/` at files.pythonhosted.org. */
  readonly path: string
  readonly sha256: string
  /** SHA-256 of the program itself, by which a kept one is known again. */
  readonly program: string
}

/** uv as published on PyPI, by version and platform. The sums of the wheels are PyPI's own. */
export const UV: Readonly<Record<string, Readonly<Record<string, UvWheel>>>> = {
  '0.13.8': {
    'linux-amd64': {
      path: 'c5/32/52ee34636aea1ab3f8baeeae1c3599461b8cddfb379862cc72ac61b8d91c/uv-0.13.8-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl',
      sha256: 'e18a57b8b352eb7c8feb317b9f6f533c8f0ad9673fd6cf34bbe3cf1a9f6a8984',
      program: '4a7607589912d9c20e86b860b032f7c7f2913c9a3e76f46aef136885387452b8'
    },
    'linux-arm64': {
      path: '9e/f0/d989ac5fcebf83f1c8c5d78974f27788e8364945969eb646f5d0db35d924/uv-0.13.8-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl',
      sha256: '0b3e8b1a4f5e405e31e2ff33de8af4744831e9f7338539671efbd8c3c94e791d',
      program: '5aa4427bd923cfdca2d56a3577f60d8fa7825aa3b496fef975dfd6f03db57d28'
    }
  }
}

const BUILDX_PLACE = {
  because: 'This machine has no buildx, or one that is too old.',
  instead: 'Install buildx 0.13 or newer on the runner',
  variable: 'PYTORCH_CUDA_IMAGE_BUILDX_BASE',
  usual: 'https://github.com/docker/buildx/releases/download'
} as const

const UV_PLACE = {
  because: 'The packages of the image are resolved by uv, and this machine has none of that version.',
  instead: 'Install that version of uv on the runner (`pip install uv==…`)',
  variable: 'PYTORCH_CUDA_IMAGE_PYPI_BASE',
  usual: 'https://files.pythonhosted.org/packages'
} as const

/** Node's names for processors, in the words of buildx's releases. */
const ARCHITECTURES: Readonly<Record<string, string>> = {x64: 'amd64', arm64: 'arm64'}

const BUILDX_TOOL = 'docker-buildx'
/** Not `uv`, under which astral-sh/setup-uv keeps GitHub's builds of it: the same version, other bytes. */
const UV_TOOL = 'pytorch-cuda-image-uv'

/** The toolkit tries three times with up to 20 seconds between, and would wait three minutes each time for a silent server. */
const STALL_MS = 60_000

/**
 * Programs from the tool cache, checked against their sums each time: other jobs write to that directory too.
 *
 * Throws `download-failed`.
 */
export function openTools({
  environment,
  platform,
  log,
  cancelled,
  checksums = BUILDX,
  wheels = UV,
  stallMs = STALL_MS
}: {
  environment: Readonly<Record<string, string | undefined>>
  /** As `process.platform` and `process.arch` say. */
  platform: {readonly os: string; readonly arch: string}
  log: LogPort
  cancelled: AbortSignal
  checksums?: Checksums
  wheels?: typeof UV
  /** How long a download may stand still. */
  stallMs?: number
}): ToolsPort {
  const name = `${platform.os}-${ARCHITECTURES[platform.arch] ?? platform.arch}`
  const watch: Watch = {log, cancelled, stallMs}
  const baseOf = ({variable, usual}: Pick<Fetched, 'variable' | 'usual'>) =>
    (environment[variable] || usual).replace(/\/+$/, '')

  async function buildx(version: string, directory: string): Promise<string> {
    const program: Fetched = {...BUILDX_PLACE, name: `buildx ${version}`}
    const sha256 = checksums[version]?.[name]
    if (sha256 === undefined) throw noSum(program, name)
    const kept = await keptTool(BUILDX_TOOL, {version, program: BUILDX_TOOL, sha256})
    if (kept !== undefined) return kept
    const file = join(directory, `${BUILDX_TOOL}-${version}`)
    const url = `${baseOf(program)}/v${version}/buildx-v${version}.${name}`
    await downloadVerified({url, sha256, file}, program, watch)
    return keep(BUILDX_TOOL, {version, file, program: BUILDX_TOOL})
  }

  async function uv(version: string, directory: string): Promise<string> {
    const program: Fetched = {...UV_PLACE, name: `uv ${version}`}
    const wheel = wheels[version]?.[name]
    if (wheel === undefined) throw noSum(program, name)
    const kept = await keptTool(UV_TOOL, {version, program: 'uv', sha256: wheel.program})
    if (kept !== undefined) return kept
    const file = join(directory, basename(wheel.path))
    await downloadVerified({url: `${baseOf(program)}/${wheel.path}`, sha256: wheel.sha256, file}, program, watch)
    const unpacked = join(directory, `uv-${version}`)
    await unpackScript(file, `uv-${version}.data/scripts/uv`, unpacked)
    await rm(file, {force: true})
    return keep(UV_TOOL, {version, file: unpacked, program: 'uv'})
  }

  /** The program that an earlier run put into the tool cache, where it is still what was published. */
  async function keptTool(
    tool: string,
    {version, program, sha256}: {readonly version: string; readonly program: string; readonly sha256: string}
  ): Promise<string | undefined> {
    // Loaded when it is needed: machines with programs of their own never get here.
    const tools = await import('@actions/tool-cache')
    const cached = tools.find(tool, version, platform.arch)
    if (cached === '') return undefined
    const path = join(cached, program)
    if ((await sumOf(path)) === sha256) return path
    log.warning(`${path} in the tool cache is not what was published; it is fetched anew.`)
    await rm(cached, {recursive: true, force: true})
    await rm(`${cached}.complete`, {force: true})
    return undefined
  }

  /** Moves a program into the tool cache, which copies the file with its mode. */
  async function keep(
    tool: string,
    {version, file, program}: {readonly version: string; readonly file: string; readonly program: string}
  ): Promise<string> {
    const tools = await import('@actions/tool-cache')
    await chmod(file, 0o755)
    const kept = await tools.cacheFile(file, program, tool, version, platform.arch)
    await rm(file, {force: true})
    return join(kept, program)
  }

  return {buildx, uv}
}

/** A wheel that was held against its sum holds what we know it to hold. */
async function unpackScript(wheel: string, script: string, to: string): Promise<void> {
  const opened = await openWheelFile(basename(wheel), wheel)
  try {
    const entry = opened.entries.find(({name}) => name === script)
    if (entry === undefined) throw new Error(`${wheel} holds no ${script}.`)
    await pipeline(opened.pieces(entry), createWriteStream(to))
  } finally {
    await opened.close()
  }
}
