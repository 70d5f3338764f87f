import {existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from '@jest/globals'
import {parse} from 'yaml'

// Held against the schema of Kubernetes by `npm run lint -- kubernetes`; here, against what README.md promises of both Jobs.
const PLACE = join(dirname(fileURLToPath(import.meta.url)), '../deploy/kubernetes')

interface Container {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly args?: readonly string[]
  readonly securityContext: Readonly<Record<string, unknown>>
  readonly resources: {readonly limits: Readonly<Record<string, unknown>>}
  readonly volumeMounts: readonly {readonly name: string; readonly mountPath: string; readonly readOnly?: boolean}[]
}

interface Pod {
  readonly restartPolicy: string
  readonly automountServiceAccountToken: boolean
  readonly imagePullSecrets: readonly unknown[]
  readonly securityContext: Readonly<Record<string, unknown>>
  readonly initContainers?: readonly Container[]
  readonly containers: readonly Container[]
  readonly volumes: readonly {
    readonly name: string
    readonly emptyDir?: {readonly medium?: string}
    readonly secret?: {readonly defaultMode?: number}
  }[]
}

function read(path: string): string {
  return readFileSync(join(PLACE, path), 'utf8')
}

function podOf(folder: string): Pod {
  return parse(read(`${folder}/job.yaml`)).spec.template.spec
}

describe.each(['validate', 'train'])('the Job in %s', folder => {
  const pod = podOf(folder)
  const all = [...(pod.initContainers ?? []), ...pod.containers]

  test('never runs as root, writes to no layer, and has no token of the cluster', () => {
    expect(pod).toMatchObject({
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      imagePullSecrets: [{name: 'registry'}],
      securityContext: {runAsNonRoot: true, seccompProfile: {type: 'RuntimeDefault'}}
    })
    for (const {securityContext} of all) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: {drop: ['ALL']}
      })
    }
  })

  test('has one GPU, in the container that works with it alone', () => {
    for (const {resources} of pod.initContainers ?? []) expect(resources.limits).not.toHaveProperty(['nvidia.com/gpu'])
    expect(pod.containers.map(({resources}) => resources.limits['nvidia.com/gpu'])).toEqual([1])
  })

  test('has shared memory and a /tmp, and every mount has its volume', () => {
    const [main] = pod.containers
    const shm = main?.volumeMounts.find(({mountPath}) => mountPath === '/dev/shm')?.name
    expect(pod.volumes.find(({name}) => name === shm)?.emptyDir).toMatchObject({medium: 'Memory'})
    expect(main?.volumeMounts.map(({mountPath}) => mountPath)).toContain('/tmp')
    const names = pod.volumes.map(({name}) => name)
    for (const {volumeMounts} of all) for (const {name} of volumeMounts) expect(names).toContain(name)
  })

  test('names the image by the one name that a kustomization replaces by a digest', () => {
    expect(new Set(all.map(({image}) => image))).toEqual(new Set(['app']))
  })
})

describe('the deploy key', () => {
  const pod = podOf('train')

  test('is read by the group of the pod, copied with a mode that ssh takes, and kept from the training', () => {
    expect(pod.volumes.find(({name}) => name === 'deploy-key')?.secret?.defaultMode).toBe(0o440)
    expect(pod.securityContext).toMatchObject({fsGroup: 65532, runAsUser: 65532})
    expect(pod.initContainers?.[0]?.args?.[0]).toContain('install -m 0600')
    expect(pod.volumes.find(({name}) => name === 'keys')?.emptyDir).toMatchObject({medium: 'Memory'})
    const seen = pod.containers.flatMap(({volumeMounts}) => volumeMounts.map(({name}) => name))
    expect(seen).not.toContain('deploy-key')
    expect(seen).not.toContain('keys')
  })

  test('host keys are checked, and access is asked before anything is cloned', () => {
    const script = pod.initContainers?.[0]?.args?.[0] ?? ''
    expect(script).toContain('StrictHostKeyChecking=yes')
    expect(script.indexOf('git ls-remote')).toBeLessThan(script.indexOf('git clone'))
  })
})

describe('kustomizations', () => {
  test.each(['validate', 'train', 'example'])('%s names files that exist', folder => {
    const {resources} = parse(read(`${folder}/kustomization.yaml`)) as {resources: readonly string[]}
    for (const resource of resources) expect(existsSync(join(PLACE, folder, resource))).toBe(true)
  })

  test('the example pins the image by a digest', () => {
    const {images} = parse(read('example/image/kustomization.yaml'))
    expect(images).toEqual([
      {name: 'app', newName: 'ghcr.io/acme/app', digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/)}
    ])
  })

  test('the validation Job itself never runs, and what is made from it waits for its order', () => {
    const {spec} = parse(read('validate/job.yaml'))
    expect(spec.suspend).toBe(true)
    expect(spec.template.spec.containers[0]).toMatchObject({stdin: true, stdinOnce: true})
  })

  test('the Role names all that the action asks, and no right to change what the owner laid there', () => {
    const {rules} = parse(read('validate/role.yaml')) as {rules: {resources: string[]; verbs: string[]}[]}
    const rights = rules.flatMap(({resources, verbs}) => resources.map(name => `${name}: ${verbs.join(' ')}`))
    expect(rights).toEqual([
      'jobs: get create delete',
      'configmaps: get',
      'pods: get list',
      'pods/log: get',
      'pods/attach: get create',
      'pods/exec: get create',
      'events: list'
    ])
  })
})
