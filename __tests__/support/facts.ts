import type {EventFacts, InputRoot, Origin} from '../../src/model/event.ts'
import type {Facts, RunPaths} from '../../src/model/facts.ts'
import type {Inputs} from '../../src/model/inputs.ts'
import type {Machine} from '../../src/model/machine.ts'
import type {Dockerfile, SourceFacts, Stage} from '../../src/model/source.ts'

/** What a test says about one section; `undefined` takes a thing away. */
type Said<T> = {readonly [K in keyof T]?: T[K] | undefined}

/** What a test says; everything else is an ordinary push to `main` of `acme/app` on a hosted runner. */
export interface FactsSaid {
  /** Sets the event's name, reference and the like to what belongs to the origin. */
  readonly origin?: Origin
  readonly inputs?: Said<Inputs>
  readonly event?: Said<EventFacts>
  readonly roots?: readonly InputRoot[]
  readonly machine?: Said<Machine>
  readonly source?: Said<SourceFacts>
  readonly paths?: Said<RunPaths>
}

const SHA = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

const INPUTS: Inputs = {
  mode: 'auto',
  push: 'auto',
  optIn: [],
  images: [{registry: 'ghcr.io', repository: 'acme/app'}],
  tags: [],
  labels: [],
  context: '.',
  platforms: [],
  buildArgs: [],
  buildContexts: [],
  secrets: [],
  ssh: [],
  buildxArgs: [],
  load: false,
  driver: 'auto',
  cuda: 'auto',
  forkCuda: 'as-asked',
  gpuTargets: [],
  requirements: [],
  flavor: 'runtime',
  aptPackages: [],
  extensions: {folders: [], packages: []},
  token: {secret: 'token'},
  gitCredentials: [],
  sshKeys: [],
  knownHosts: [],
  submodules: 'auto',
  registryCredentials: [],
  cache: {backend: 'auto'},
  compression: 'auto',
  gpu: 'auto',
  gpuTiers: 'quick',
  gpuDevices: [],
  gpuInjection: 'auto',
  gpuFloors: {},
  gpuReports: [],
  notices: []
}

const EVENT: EventFacts = {
  name: 'push',
  origin: 'own-branch',
  repository: {owner: 'acme', name: 'app', id: 1001, isPrivate: true, isFork: false, defaultBranch: 'main'},
  sha: SHA,
  ref: 'refs/heads/main',
  refName: 'main',
  refType: 'branch',
  isRefProtected: true,
  foreignShas: [],
  runId: '7001',
  runNumber: 42,
  runAttempt: 1,
  workflow: 'image',
  actor: 'octo',
  serverUrl: 'https://github.com',
  apiUrl: 'https://api.github.com'
}

const PULL_REQUEST = {
  ref: 'refs/pull/12/merge',
  refName: '12/merge',
  refType: 'other',
  isRefProtected: false,
  pullRequest: {number: 12, headSha: '9c1185a5c5e9fc54612808977ee8f548b2258d31', baseRef: 'main'}
} as const

/** What else is so of an event, by its origin. */
const EVENTS: {readonly [O in Origin]: Said<EventFacts>} = {
  'own-branch': {},
  'own-tag': {ref: 'refs/tags/v1.2.3', refName: 'v1.2.3', refType: 'tag'},
  'deleted-branch': {ref: 'refs/heads/gone', refName: 'gone'},
  'own-pull-request': {name: 'pull_request', action: 'synchronize', ...PULL_REQUEST},
  'fork-pull-request': {name: 'pull_request', action: 'opened', ...PULL_REQUEST},
  dependabot: {name: 'pull_request', action: 'opened', actor: 'dependabot[bot]', ...PULL_REQUEST},
  'pull-request-target': {name: 'pull_request_target', action: 'opened', pullRequest: PULL_REQUEST.pullRequest},
  'workflow-run': {name: 'workflow_run', action: 'completed'},
  'foreign-workflow-run': {name: 'workflow_run', action: 'completed'},
  dispatch: {name: 'workflow_dispatch'},
  schedule: {name: 'schedule'},
  release: {name: 'release', action: 'published', ref: 'refs/tags/v1.2.3', refName: 'v1.2.3', refType: 'tag'},
  'merge-queue': {
    name: 'merge_group',
    action: 'checks_requested',
    ref: 'refs/heads/gh-readonly-queue/main/pr-12-9c1185a5',
    refName: 'gh-readonly-queue/main/pr-12-9c1185a5'
  },
  'repository-dispatch': {name: 'repository_dispatch', action: 'rebuild'},
  comment: {name: 'issue_comment', action: 'created'},
  bystander: {name: 'watch', action: 'started'},
  unknown: {name: 'never_heard_of'}
}

const MACHINE: Machine = {
  os: 'linux',
  arch: 'x64',
  runner: 'github-hosted',
  isEphemeral: true,
  isContainer: false,
  git: {version: '2.51.0', hasLfs: true},
  docker: {path: '/usr/bin/docker', version: '28.5.2'},
  engine: {
    version: '28.5.2',
    endpoint: 'unix:///var/run/docker.sock',
    sharesLoopback: true,
    hasContainerdStore: true,
    storage: 'overlayfs',
    rootDir: '/var/lib/docker'
  },
  buildx: {version: '0.29.1'},
  builders: [{name: 'default', driver: 'docker', isCurrent: true, sharesLoopback: true, buildkit: '0.25.2'}],
  disk: {place: '/var/lib/docker', freeBytes: 80e9, holdsRun: true}
}

const PATHS: RunPaths = {
  workspace: '/home/runner/work/app/app',
  run: '/home/runner/work/_temp/pytorch-cuda-image-7001-1',
  action: '/home/runner/work/_actions/acme/pytorch-cuda-image-action/v1'
}

const BUILT_IN: Dockerfile = {
  source: 'built-in',
  path: `${PATHS.action}/dockerfiles/pytorch-cuda.Dockerfile`,
  shown: 'the built-in Dockerfile',
  globals: [{kind: 'ARG', name: 'BASE_IMAGE', value: 'python:3.12-slim', line: 16}],
  stages: [makeStage({name: 'image', from: 'base', line: 40})]
}

const SOURCE: SourceFacts = {
  dockerfile: BUILT_IN,
  submodules: [],
  originUrl: 'https://github.com/acme/app',
  committedAt: '2026-11-20T09:30:00Z',
  ignore: ['**/.git', '**/.env'],
  exposed: [],
  advice: [],
  missingRequirements: [],
  namedIndexes: []
}

const ROOT: InputRoot = {
  root: 'workspace',
  place: PATHS.workspace,
  holds: 'event',
  because: 'The commit that is checked out is the one of this event.'
}

/** Facts of an ordinary push to `main`, with what the test says instead. */
export function makeFacts(said: FactsSaid = {}): Facts {
  const origin = said.origin ?? said.event?.origin ?? 'own-branch'
  return {
    inputs: merge(INPUTS, said.inputs),
    event: merge({...merge(EVENT, EVENTS[origin]), origin}, said.event),
    roots: said.roots ?? [ROOT],
    machine: merge(MACHINE, said.machine),
    source: merge(SOURCE, said.source),
    paths: merge(PATHS, said.paths)
  }
}

/** The user's own Dockerfile, with the stages that a test gives it. */
export function makeDockerfile(said: Said<Dockerfile> = {}): Dockerfile {
  const own: Dockerfile = {
    source: 'user',
    path: `${PATHS.workspace}/Dockerfile`,
    shown: 'Dockerfile',
    globals: [],
    stages: [makeStage({})]
  }
  return merge(own, said)
}

/** A build stage without instructions that matter, with what the test says instead. */
export function makeStage(said: Said<Stage>): Stage {
  return merge<Stage>({from: 'debian:13-slim', line: 1, reads: [], mounts: [], variables: []}, said)
}

function merge<T extends object>(usual: T, said: Said<T> = {}): T {
  const entries = Object.entries({...usual, ...said}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as T
}
