import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Command} from '../../src/host/host.ts'
import {ACTION} from '../support/built-action.ts'
import type {Answer} from '../support/fake-host.ts'
import {INFO, sayingsOf} from '../support/scripted-docker.ts'
import {proofPasses} from '../support/validator-lines.ts'

/** Where things lie on the machine of every story. */
export const PLACES = {
  workspace: '/home/runner/work/vision/vision',
  temp: '/home/runner/work/_temp',
  action: '/home/runner/work/_actions/octo/pytorch-cuda-image-action/v1',
  home: '/home/runner',
  docker: '/usr/bin/docker'
} as const

/** The submodule of the repository that every story is about. */
export const SUBMODULE = {
  path: 'kernels',
  url: 'https://github.com/acme/private-kernels',
  commit: '5e1f0c2d3b4a59687766554433221100ffeeddcc'
} as const

/** How the machine's programs behave where they do not simply work. */
export interface Behaviour {
  /** The commit that lies in the workspace. */
  readonly head: string
  /** `none`: there is no docker client. `silent`: the client is there, and no engine answers it. */
  readonly engine: 'answers' | 'silent' | 'none'
  /** What the server of the submodule says to the credential; without one it asks for a login. */
  readonly submoduleDenied?: string
  /** What comes of `uv pip compile`. */
  readonly resolve: (command: Command) => Answer
  /** What comes of `docker buildx build`. */
  readonly build: (command: Command) => Answer
  /** A file of the machine, as a program reads it. */
  readonly read: (path: string) => string
}

const NO_LOGIN = `fatal: could not read Username for 'https://github.com': terminal prompts disabled\n`

type Programs = Readonly<Record<string, Answer | ((command: Command) => Answer)>>

/** The checkout: no Dockerfile, so that the built-in one is used, and a private submodule that is not there yet. */
const CHECKOUT: Readonly<Record<string, string>> = {
  'requirements.txt': 'einops==0.8.1\n',
  'train.py': 'import torch\n',
  '.gitmodules': `[submodule "${SUBMODULE.path}"]\n\tpath = ${SUBMODULE.path}\n\turl = ${SUBMODULE.url}\n`,
  '.git/HEAD': 'ref: refs/heads/main\n'
}
const BUILT_IN = [
  'dockerfiles/pytorch-cuda.Dockerfile',
  'dockerfiles/pytorch-cuda.Dockerfile.dockerignore',
  'dockerfiles/foundation.Dockerfile',
  'dockerfiles/runtime.Dockerfile'
]

/** What lies on the machine before the run: the checkout, the action, and the docker client where there is one. */
export function filesOf({engine}: Pick<Behaviour, 'engine'>): Record<string, string> {
  const {workspace, action, docker} = PLACES
  const checkout = Object.entries(CHECKOUT).map(([path, text]) => [`${workspace}/${path}`, text])
  const builtIn = BUILT_IN.map(path => [`${action}/${path}`, readFileSync(join(ACTION, path), 'utf8')])
  return Object.fromEntries([...checkout, ...builtIn, ...(engine === 'none' ? [] : [[docker, '']])])
}

/** Programs of a hosted runner with git and an engine that has the containerd image store, answering as the real ones. */
export function programsOf(behaviour: Behaviour): Programs {
  return {...gitPrograms(behaviour), ...dockerPrograms(behaviour), '/tools/uv/0.13.8/uv pip compile': behaviour.resolve}
}

function gitPrograms({head, submoduleDenied, read}: Behaviour): Programs {
  const {workspace} = PLACES
  const {path, url, commit} = SUBMODULE
  const entries = `submodule.${path}.path\n${path}\0submodule.${path}.url\n${url}\0`
  const inWorkspace = (args: string) => `git -C ${workspace} ${args}`
  const list = 'config --file .gitmodules'
  return {
    'git --version': 'git version 2.51.0',
    'git-lfs version': 'git-lfs/3.7.0',
    [inWorkspace(list)]: entries,
    [inWorkspace('config --local --get remote.origin.url')]: 'https://github.com/acme/vision\n',
    [inWorkspace('show -s')]: '2026-11-20T09:12:00+01:00\n',
    [inWorkspace('rev-parse --show-toplevel')]: `${workspace}\n`,
    [inWorkspace('rev-parse --show-superproject-working-tree')]: '',
    [inWorkspace('rev-parse --verify --quiet HEAD')]: `${head}\n`,
    'git config --system': {exitCode: 1},
    'git config --global': {exitCode: 1},
    'git rev-parse --is-shallow-repository': 'true\n',
    [`git rev-parse --git-path modules/${path}`]: `.git/modules/${path}\n`,
    'git ls-files': '',
    [`git ${list}`]: entries,
    'git --literal-pathspecs ls-files': `160000 ${commit} 0\t${path}\0`,
    'git ls-remote': ({env = {}}) => {
      // As git does: the helper that the private configuration names for this very address is asked for a login.
      const settings = read(String(env.GIT_CONFIG_VALUE_0))
      const hasLogin = settings.includes(`[credential "${url}"]`)
      if (!hasLogin) return {exitCode: 128, stderr: NO_LOGIN}
      return submoduleDenied === undefined
        ? `${commit}	HEAD
`
        : {exitCode: 128, stderr: submoduleDenied}
    },
    'git submodule update': {stderr: `Submodule path '${path}': checked out '${commit}'\n`}
  }
}

function dockerPrograms({engine, build}: Behaviour): Programs {
  const {docker} = PLACES
  if (engine === 'none') return {}
  const info = engine === 'answers' ? INFO : {ClientInfo: INFO.ClientInfo}
  const said = Object.entries(sayingsOf({info})).map(([begin, text]) => [`${docker} ${begin}`, text])
  return {
    ...Object.fromEntries(said),
    ...(engine === 'answers' ? {} : {[`${docker} info`]: {exitCode: 1, stdout: JSON.stringify(info)}}),
    [`${docker} buildx create`]: 'created\n',
    [`${docker} buildx rm`]: 'removed\n',
    [`${docker} image rm`]: 'removed\n',
    [`${docker} buildx build`]: build,
    [`${docker} pull`]: '',
    [`${docker} run`]: proofPasses,
    [`${docker} rm`]: '',
    [`${docker} image inspect`]: '10001:10001\n'
  }
}
