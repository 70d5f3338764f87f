import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {folderWithGit} from './bare-job.ts'

/** `docker info` of a hosted runner, whose engine has the containerd image store. */
export const INFO = {
  ServerVersion: '28.5.2',
  Driver: 'overlayfs',
  DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
  DockerRootDir: '/var/lib/docker',
  Name: 'runner',
  OperatingSystem: 'Ubuntu 24.04.3 LTS',
  SecurityOptions: ['name=seccomp,profile=builtin'],
  ClientInfo: {Version: '28.5.1', Plugins: [{Name: 'buildx', Version: 'v0.29.1'}]}
}

/** The engine's own builder, as `docker buildx ls` has it. */
export const BUILDER = {Name: 'default', Driver: 'docker', Nodes: [{Endpoint: 'default', Version: 'v0.25.2'}]}

/** `docker context inspect` for an engine at an address. */
export function contextAt(address: string) {
  return {Name: 'default', Endpoints: {docker: {Host: address}}}
}

/** What a client is told of the engine behind it; a hosted runner's where nothing is said. */
export interface Engine {
  readonly info?: object
  readonly context?: object
  readonly builders?: readonly object[]
}

/** What `docker` prints when it is asked about its engine, by what its command line begins with. */
export function sayingsOf({
  info = INFO,
  context = contextAt('unix:///var/run/docker.sock'),
  builders = [BUILDER]
}: Engine = {}): Readonly<Record<string, string>> {
  return {
    info: JSON.stringify(info),
    'context inspect': JSON.stringify(context),
    'buildx ls': builders.map(builder => JSON.stringify(builder)).join('\n'),
    'buildx inspect': 'Name: default\nDriver: docker\n\nNodes:\nName: default\n'
  }
}

/** A row of the shell's `case`, by which BuildKit's image cannot be had. */
export const WITHOUT_BUILDKIT =
  '*"--driver docker-container"*) echo "ERROR: pull access denied for moby/buildkit" >&2; exit 1 ;;'

/** What an engine says that lost a layer while it unpacked an image. */
export const LAYER_LOST = `failed to prepare extraction snapshot "extract-858612528-gZrz sha256:${'22'.repeat(32)}": parent snapshot sha256:${'11'.repeat(32)} does not exist: not found`

/** Lines of a shell script that answers as a client of this engine; rows of its `case` come first, all else fails. */
export function clientOf(engine: Engine, rows: readonly string[] = []): readonly string[] {
  const said = Object.entries(sayingsOf(engine)).map(([begin, text]) => `"${begin}"*) printf '%s\\n' '${text}' ;;`)
  return ['case "$*" in', ...rows, ...said, '*) exit 1 ;;', 'esac']
}

/** Lays a `docker` that is a shell script into a folder. */
export function layDocker(folder: string, lines: readonly string[]): void {
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${lines.join('\n')}\n`, {mode: 0o755})
}

/** A folder for PATH with git and such a `docker`. */
export function folderWithDocker(lines: readonly string[]): string {
  const folder = folderWithGit()
  layDocker(folder, lines)
  return folder
}
