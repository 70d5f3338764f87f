import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {parse} from 'yaml'
import type {Command, CommandsPort, Ran} from '../../src/host/host.ts'
import {SMI} from '../gpu/machines.ts'
import {type Machine, runValidator, VALIDATOR} from './gpu-stage.ts'

const JOB = new URL('../../deploy/kubernetes/validate/job.yaml', import.meta.url)

/** What the cluster plays, where it does not simply work. */
export interface PlayedCluster extends Pick<Machine, 'torch' | 'edit'> {
  /** Answers in place of those of a cluster that works, by the verb and what follows it. */
  readonly answers?: Readonly<Record<string, Partial<Ran>>>
  /** What the pod says of itself while it should come to run. */
  readonly status?: object
  /** The image that an admission rule gives the pod. */
  readonly image?: string
  readonly validator?: Readonly<Record<string, string>>
  /** The connection that hands the order over breaks after so many lines. */
  readonly breaksAfter?: number
  readonly events?: readonly object[]
}

/** The validator's files, by name. */
export function validatorFiles(): Readonly<Record<string, string>> {
  const names = readdirSync(VALIDATOR).filter(name => name.endsWith('.py'))
  return Object.fromEntries(names.map(name => [name, readFileSync(join(VALIDATOR, name), 'utf8')]))
}

/** The suspended Job as a cluster gives it back: with what its controller wrote into it. */
export function templateJson(): string {
  const job = parse(readFileSync(JOB, 'utf8'))
  const labels = {'batch.kubernetes.io/controller-uid': '6f1c', 'controller-uid': '6f1c', 'job-name': 'gpu-validation'}
  job.metadata = {...job.metadata, uid: '6f1c', resourceVersion: '4711'}
  job.spec.selector = {matchLabels: {'batch.kubernetes.io/controller-uid': '6f1c'}}
  job.spec.template.metadata = {labels: {...labels, team: 'vision'}}
  job.spec.template.spec.runtimeClassName = 'nvidia'
  return JSON.stringify(job)
}

/** A stand-in for kubectl with a cluster behind it: the pod "runs" the real validator, over the stand-in for torch. */
export function playCluster(cluster: PlayedCluster, asked: Command[] = []): CommandsPort {
  let created: {metadata: {name: string}; spec: {template: {spec: {containers: {image: string}[]}}}} | undefined
  let lines: string[] = []
  const status = () => cluster.status ?? {containerStatuses: [{name: 'validator', state: {running: {}}}]}
  const pods = () => {
    if (created === undefined) return {items: []}
    const image = cluster.image ?? created.spec.template.spec.containers[0]?.image
    const spec = {containers: [{name: 'validator', image}]}
    return {items: [{metadata: {name: `${created.metadata.name}-x7k2p`}, spec, status: status()}]}
  }
  const answer = (args: readonly string[]): Partial<Ran> => {
    const line = args.join(' ')
    const played = Object.entries(cluster.answers ?? {}).find(([beginning]) => line.startsWith(beginning))
    if (played !== undefined) return played[1]
    if (line.startsWith('get job ')) return {stdout: templateJson()}
    if (line.startsWith('get configmap '))
      return {stdout: JSON.stringify({data: cluster.validator ?? validatorFiles()})}
    if (line.startsWith('get pods ')) return {stdout: JSON.stringify(pods())}
    if (line.startsWith('get events ')) return {stdout: JSON.stringify({items: cluster.events ?? []})}
    if (line.includes('nvidia-smi --query-gpu')) return {stdout: SMI.a100}
    if (line.endsWith('nvidia-smi -L')) return {stdout: SMI.list}
    if (line.endsWith('nvidia-smi')) return {stdout: '| Driver Version: 570.124.06   CUDA Version: 12.8 |\n'}
    return {}
  }
  return {
    ask: async command => {
      asked.push(command)
      if (command.file !== 'kubectl') return {exitCode: 127, stdout: '', stderr: 'not found'}
      if (command.args[0] === 'create') created = JSON.parse(String(command.stdin))
      return {exitCode: 0, stdout: '', stderr: '', ...answer(command.args)}
    },
    follow: async (command, onLine) => {
      asked.push(command)
      const [verb] = command.args
      const played = cluster.answers?.[verb ?? '']
      if (played !== undefined) {
        for (const line of (played.stderr ?? '').split('\n')) onLine(line, 'stderr')
        return {exitCode: 1, stdout: '', stderr: '', ...played}
      }
      if (verb === 'logs') {
        for (const line of lines) onLine(line, 'stdout')
        return {exitCode: 0, stdout: '', stderr: ''}
      }
      lines = []
      const hear = (line: string, stream: 'stdout' | 'stderr') => {
        lines.push(line)
        if (lines.length <= (cluster.breaksAfter ?? Number.POSITIVE_INFINITY)) onLine(line, stream)
      }
      const ran = await runValidator(command, {machine: cluster, onLine: hear})
      return cluster.breaksAfter === undefined ? ran : {...ran, exitCode: 1}
    },
    stop: async () => {},
    isAlive: () => false
  }
}
