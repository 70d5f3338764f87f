import type {Inputs} from '../model/inputs.ts'
import {parseBuildArgs, parseBuildContexts, parseLabels} from './parse/assignments.ts'
import {parseBuildSecrets} from './parse/build-secrets.ts'
import {parseBuildxArgs} from './parse/buildx-args.ts'
import {parseChoice, parsePush, parseYesNo} from './parse/choices.ts'
import {parseGitCredentials, parseRegistryCredentials, type RegistryLogins} from './parse/credentials.ts'
import type {Desk} from './parse/desk.ts'
import {parseExtensions} from './parse/extensions.ts'
import {parseGitHubApp} from './parse/github-app.ts'
import {parseDevices, parseDigest, parseFloors, parseReports} from './parse/gpu.ts'
import {parseBaseImage, parseDevelImage, parseImages, parseTags} from './parse/images.ts'
import {parseKnownHosts} from './parse/known-hosts.ts'
import {parseLayerStore} from './parse/layer-store.ts'
import {parseOptIn, parseSecretSource} from './parse/opt-in.ts'
import {parseAptPackages} from './parse/packages.ts'
import {
  type IndexAddress,
  parseBuilder,
  parseCaBundle,
  parseCache,
  parseIndexUrl,
  parsePath,
  parsePaths,
  parseSsh,
  parseTarget
} from './parse/places.ts'
import {parsePlatforms} from './parse/platforms.ts'
import {parseSize} from './parse/sizes.ts'
import {parseSshKeys} from './parse/ssh-keys.ts'
import {parseTimeout} from './parse/timeout.ts'
import {parseToken} from './parse/tokens.ts'
import {parseCuda, parseDriver, parseGpuTargets, parsePython, parseTorch} from './parse/versions.ts'

/** What the rows fill in: the model's inputs, with registry logins as they are read before the images are known. */
export type ReadInputs = Omit<Inputs, 'given' | 'notices' | 'registryCredentials' | 'indexUrl' | 'indexLogin'> & {
  readonly registryCredentials: RegistryLogins
  readonly index?: IndexAddress
}

/** An input of `action.yml`: everything that is known about it, in one place. */
export interface InputRow<T = unknown> {
  readonly name: string
  readonly group: InputGroup
  /** One sentence or two for a reader of the documentation, in Markdown. */
  readonly description: string
  /** As it stands in `action.yml`; empty where facts tell. */
  readonly default: string
  /** It may hold secrets: read before all others, so that these are recognised there. */
  readonly isSecret?: true
  /** Reads a text that is not empty. Reports faults to the desk and then gives what it could make of it. */
  parse(text: string, desk: Desk): T | undefined
}

/** Headings under which inputs are listed. */
export const INPUT_GROUPS = [
  'what to do',
  'image',
  'build',
  'PyTorch',
  'private code',
  'registry',
  'bytes',
  'GPU',
  'running'
] as const

/** An entry of `INPUT_GROUPS`. */
export type InputGroup = (typeof INPUT_GROUPS)[number]

type Rows = {readonly [K in keyof ReadInputs]-?: InputRow<NonNullable<ReadInputs[K]>>}

/** The inputs by the field of `Inputs` that each one fills. A new input is a new row here. */
export const INPUT_ROWS: Rows = {
  mode: {
    name: 'mode',
    group: 'what to do',
    description:
      '`auto` does all that this machine and this event permit, `plan` prints what would be done and stops, `build` ends with a candidate that no tag points to, `validate` runs the image `digest` on this machine’s GPU, `promote` puts the tags onto it, `lock` writes a lock of every package and stops.',
    default: 'auto',
    parse: parseChoice('auto', 'plan', 'build', 'validate', 'promote', 'lock')
  },
  push: {
    name: 'push',
    group: 'what to do',
    description:
      '`auto` pushes where the event may, `always` makes it an error where it may not, `never` only builds. `true` and `false` mean `always` and `never`.',
    default: 'auto',
    parse: parsePush
  },
  optIn: {
    name: 'opt-in',
    group: 'what to do',
    description:
      'What the policy allows on request only: `pr-push` (own pull requests push `pr-<number>`), `pr-gpu` (and use a GPU), `merge-queue` (pushes `mq-<commit>`), `dependabot-read` (Dependabot’s pull requests read private submodules, with tokens of its own store). Gives nothing to any other event.',
    default: '',
    parse: parseOptIn
  },
  images: {
    name: 'image',
    group: 'image',
    description:
      'Names to push to, without tag and digest, one per line; the first is the primary one. Default: `ghcr.io/<owner>/<repository>`.',
    default: '',
    parse: parseImages
  },
  tags: {
    name: 'tags',
    group: 'image',
    description:
      'Tags, or full references whose image is then pushed too, one per line. Default: by event (versions, branch, `sha-`, `pr-`).',
    default: '',
    parse: parseTags
  },
  labels: {
    name: 'labels',
    group: 'image',
    description: '`name=value`, one per line; also written as OCI annotations.',
    default: '',
    parse: parseLabels
  },
  context: {
    name: 'context',
    group: 'build',
    description: 'The build context: a folder of the workspace.',
    default: '.',
    parse: parsePath
  },
  file: {
    name: 'file',
    group: 'build',
    description:
      'Path of the Dockerfile, from the workspace. Default: `Dockerfile` in the context, else the one that comes with the action.',
    default: '',
    parse: parsePath
  },
  target: {
    name: 'target',
    group: 'build',
    description: 'The stage to build. Default: the last one.',
    default: '',
    parse: parseTarget
  },
  platforms: {
    name: 'platforms',
    group: 'build',
    description: 'Platforms to build for, such as `linux/amd64, linux/arm64`. Default: the builder’s own.',
    default: '',
    parse: parsePlatforms
  },
  buildArgs: {
    name: 'build-args',
    group: 'build',
    description: '`NAME=value`, one per line. Never a secret: they stand in the image’s history.',
    default: '',
    parse: parseBuildArgs
  },
  buildContexts: {
    name: 'build-contexts',
    group: 'build',
    description: 'Named contexts, `name=location`, one per line.',
    default: '',
    parse: parseBuildContexts
  },
  secrets: {
    name: 'secrets',
    group: 'build',
    description:
      'For `RUN --mount=type=secret,id=…`: `id=value`, `id=file:path` or `id=env:NAME`, one per line; an entry in double quotes may have several lines.',
    default: '',
    isSecret: true,
    parse: parseBuildSecrets
  },
  ssh: {
    name: 'ssh',
    group: 'build',
    description: 'For `RUN --mount=type=ssh`: `default` for the agent, or `id=path` of a key or socket, one per line.',
    default: '',
    parse: parseSsh
  },
  load: {
    name: 'load',
    group: 'build',
    description: 'Load the image into the engine too, for steps that test it.',
    default: 'false',
    parse: parseYesNo
  },
  builder: {
    name: 'builder',
    group: 'build',
    description: 'A buildx builder of this machine to use; it stays as it is.',
    default: '',
    parse: parseBuilder
  },
  driver: {
    name: 'driver',
    group: 'build',
    description: 'The buildx driver: `auto`, `docker` (needs the containerd image store) or `docker-container`.',
    default: 'auto',
    parse: parseChoice('auto', 'docker', 'docker-container')
  },
  buildxArgs: {
    name: 'buildx-args',
    group: 'build',
    description:
      'Flags of `docker buildx build` that change only how it runs, one per line: `--no-cache`, `--no-cache-filter=STAGES`, `--pull`, `--shm-size=SIZE`, `--ulimit=NAME=N`. Not used where the code is not trusted.',
    default: '',
    parse: parseBuildxArgs
  },
  torch: {
    name: 'torch',
    group: 'PyTorch',
    description:
      'The release of PyTorch: `2.8.0`, `2.8`, a range such as `>=2.7,<2.9`, `latest`, or `auto` for the newest that fits. Default: 2.8.0, as far as the inputs below allow it.',
    // Empty, because the runner hands a default over like a value: 2.8.0 in the workflow is a wish, 2.8.0 here is none.
    default: '',
    parse: parseTorch
  },
  cuda: {
    name: 'cuda',
    group: 'PyTorch',
    description:
      'The CUDA that PyTorch is built for: `auto` (what PyPI serves, as far as GPUs and driver allow), `12.8` or `cu128`, `12` or `latest` for the newest, or `cpu`.',
    default: 'auto',
    parse: parseCuda
  },
  python: {
    name: 'python',
    group: 'PyTorch',
    description:
      'The Python: `3.12`, or `3.12.4`. Picks the base image where `base-image` is left out. Default: that of `base-image`, else 3.12 as far as the release has it.',
    default: '',
    parse: parsePython
  },
  gpuTargets: {
    name: 'gpu-targets',
    group: 'PyTorch',
    description:
      'GPUs that the image must run on, such as `A100, H100`, or compute capabilities, such as `8.0;9.0`. A PyTorch without code for one of them is refused.',
    default: '',
    parse: parseGpuTargets
  },
  driverFloor: {
    name: 'driver-floor',
    group: 'PyTorch',
    description: 'The oldest NVIDIA driver that the image must run on: a branch such as `535`, or `535.104.05`.',
    default: '',
    parse: parseDriver
  },
  forkCuda: {
    name: 'fork-cuda',
    group: 'PyTorch',
    description:
      'What pull requests from forks are built for: `as-asked`, or `cpu`, which saves gigabytes where only a build is wanted. With an `index-url`, the CPU packages come from there (docs/lock.md).',
    default: 'as-asked',
    parse: parseChoice('as-asked', 'cpu')
  },
  requirements: {
    name: 'requirements',
    group: 'PyTorch',
    description:
      'Files of the context whose packages the built-in image has, and one that begins with `FROM runtime`, one per line: requirement files, `pyproject.toml`, or `uv.lock`.',
    default: '',
    parse: parsePaths
  },
  lock: {
    name: 'lock',
    group: 'PyTorch',
    description:
      'A lock of the repository (`pylock.toml`): exactly its files are installed. Default: packages are resolved anew in each run.',
    default: '',
    parse: parsePath
  },
  extensions: {
    name: 'extensions',
    group: 'PyTorch',
    description:
      'What has `.cu` sources and is compiled by the built-in Dockerfile for `gpu-targets`, one per line: folders of the context, such as a private submodule, written with a slash (`third_party/kernels`, `./kernels`), three at most; and names of packages that `requirements` bring (`flash-attn`). For CUDA 12 with `cuda-devel`.',
    default: '',
    parse: parseExtensions
  },
  cudaDevel: {
    name: 'cuda-devel',
    group: 'PyTorch',
    description:
      'An image with the toolkit of CUDA, by its digest, such as `nvidia/cuda:12.8.1-devel-ubuntu24.04@sha256:…`: by its compiler `extensions` are made, and nothing of it is in the image. Default: the compiler from PyPI, which has those of CUDA 13 and newer.',
    default: '',
    parse: parseDevelImage
  },
  index: {
    name: 'index-url',
    group: 'PyTorch',
    description:
      'The package index; a login in it is kept apart and never written down. Default: the one that has the asked CUDA.',
    default: '',
    isSecret: true,
    parse: parseIndexUrl
  },
  baseImage: {
    name: 'base-image',
    group: 'PyTorch',
    description: 'The image that the built-in Dockerfile begins with.',
    default: '',
    parse: parseBaseImage
  },
  flavor: {
    name: 'flavor',
    group: 'PyTorch',
    description:
      'What the built-in image is for: `runtime`, `compile` (a C++ compiler and headers, for `torch.compile`), `notebook` (JupyterLab) or `ssh` (an ssh server).',
    default: 'runtime',
    parse: parseChoice('runtime', 'compile', 'notebook', 'ssh')
  },
  aptPackages: {
    name: 'apt-packages',
    group: 'PyTorch',
    description: 'Packages of Debian or Ubuntu for the built-in image, such as `libgl1 ffmpeg git`.',
    default: '',
    parse: parseAptPackages
  },
  token: {
    name: 'token',
    group: 'private code',
    description: 'Reads this repository’s submodules and pushes to GitHub’s registry, as far as it may.',
    default: '${{ github.token }}',
    isSecret: true,
    parse: parseToken
  },
  gitCredentials: {
    name: 'git-credentials',
    group: 'private code',
    description:
      'Tokens for private submodules, one per line: `host[:port][/path] [user] token`. The longest path wins; `#` begins a comment.',
    default: '',
    isSecret: true,
    parse: parseGitCredentials
  },
  sshKeys: {
    name: 'ssh-keys',
    group: 'private code',
    description:
      'Deploy keys: a line `host[:port]/owner/repository[, …]`, then that key’s PEM block; repeated. Each is used for its own repositories only.',
    default: '',
    isSecret: true,
    parse: parseSshKeys
  },
  knownHosts: {
    name: 'known-hosts',
    group: 'private code',
    description:
      'Public keys of ssh servers, as in a `known_hosts` file. Those of github.com come with the action; a server without one is never talked to.',
    default: '',
    parse: parseKnownHosts
  },
  githubApp: {
    name: 'github-app',
    group: 'private code',
    description:
      'A GitHub App whose token reads private submodules: lines `id: …`, `private-key: …`, `repositories: owner/name, …`. The token is narrowed to those and revoked at the end.',
    default: '',
    isSecret: true,
    parse: parseGitHubApp
  },
  submodules: {
    name: 'submodules',
    group: 'private code',
    description:
      '`auto` fetches those that are not there yet, with their own; `recursive` likewise, `true` the first level only, `false` none.',
    default: 'auto',
    parse: parseChoice('auto', 'true', 'recursive', 'false')
  },
  registryCredentials: {
    name: 'registry-credentials',
    group: 'registry',
    description:
      'Logins, one per line: `host[:port][/path] user token`; or one bare token for every `image`. They open private base images as well. Default: `token` for GitHub’s registry.',
    default: '',
    isSecret: true,
    parse: parseRegistryCredentials
  },
  cache: {
    name: 'cache',
    group: 'bytes',
    description: 'The layer cache: `auto`, `registry[:reference]`, `gha`, `local[:folder]` or `none`.',
    default: 'auto',
    parse: parseCache
  },
  compression: {
    name: 'compression',
    group: 'bytes',
    description: 'How layers are compressed: `auto`, `zstd` or `gzip`.',
    default: 'auto',
    parse: parseChoice('auto', 'zstd', 'gzip')
  },
  layerStore: {
    name: 'layer-store',
    group: 'bytes',
    description:
      'A repository, such as `ghcr.io/<owner>/layers`, in which this owner’s repositories share the layers of public wheels; written by refs that stand for their repository. With ` protected` behind it, what it remembers of other wheels than PyTorch’s, of bytecode and of base images is believed as well: say so where protected refs alone can write to it. Default: the image’s own repository alone.',
    default: '',
    parse: parseLayerStore
  },
  maxSizeBytes: {
    name: 'max-size',
    group: 'bytes',
    description:
      'The most that the compressed image of one platform may weigh, such as `5GB`; over it no tag is moved. Default: no limit.',
    default: '',
    parse: parseSize
  },
  gpu: {
    name: 'gpu',
    group: 'GPU',
    description:
      'Whether the image has to run on a GPU before tags move: `auto` where this machine has one, `required` always, `never`.',
    default: 'auto',
    parse: parseChoice('auto', 'required', 'never')
  },
  gpuTiers: {
    name: 'gpu-tiers',
    group: 'GPU',
    description:
      'How much is tried on the GPU: `quick` (host, contents, linkage, enumeration, kernels), `standard` (and numerics, `torch.compile`, NCCL), `full` (and memory, throughput, DCGM).',
    default: 'quick',
    parse: parseChoice('quick', 'standard', 'full')
  },
  gpuInjection: {
    name: 'gpu-injection',
    group: 'GPU',
    description:
      'How the container gets the GPU: `auto`, `gpus` (docker’s own flag), `cdi`, `runtime`, or `kubernetes`: in a Job of the cluster that `kubectl` speaks to.',
    default: 'auto',
    parse: parseChoice('auto', 'gpus', 'cdi', 'runtime', 'kubernetes')
  },
  gpuDevices: {
    name: 'gpu-devices',
    group: 'GPU',
    description:
      'Which GPUs of this machine are used, by number or UUID as `nvidia-smi -L` tells them, such as `0` or `GPU-…`; all of one kind. Default: all. In a cluster its device plug-in decides.',
    default: '',
    parse: parseDevices
  },
  gpuFloors: {
    name: 'gpu-floors',
    group: 'GPU',
    description: 'Lowest acceptable figures, `name=number`, one per line, such as `bf16_tflops=200`.',
    default: '',
    parse: parseFloors
  },
  digest: {
    name: 'digest',
    group: 'GPU',
    description: 'The image that `mode: validate` runs and `mode: promote` tags: the output `digest` of the build.',
    default: '',
    parse: parseDigest
  },
  gpuReports: {
    name: 'gpu-report',
    group: 'GPU',
    description:
      'Reports of the validation, a path on each line, optionally followed by the output `gpu-report-sha256`. `promote` needs all of them to pass; `validate` compares its speed with them.',
    default: '',
    parse: parseReports
  },
  caBundle: {
    name: 'ca-bundle',
    group: 'running',
    description:
      'Path of a certificate bundle for networks with a CA of their own; the build gets it as a secret, no layer holds it.',
    default: '',
    parse: parseCaBundle
  },
  secretSource: {
    name: 'secret-source',
    group: 'running',
    description: 'Filled in by GitHub: the store that the secrets of this run come from. Leave it as it is.',
    default: '${{ github.secret_source }}',
    parse: parseSecretSource
  },
  timeoutMs: {
    name: 'timeout',
    group: 'running',
    description: 'Limit for the whole run, such as `90m` or `2h`; a bare number means minutes.',
    default: '',
    parse: parseTimeout
  }
}

/** Every input, in the order of the documentation. */
export const INPUTS: readonly InputRow[] = Object.values(INPUT_ROWS)
