import {isAbsolute, join} from 'node:path/posix'
import type {Host} from '../host/host.ts'
import type {BuildSecret} from '../model/credentials.ts'
import type {Origin} from '../model/event.ts'
import type {Inputs} from '../model/inputs.ts'
import {Problem} from '../model/problem.ts'

/** Inputs with the paths in them made absolute, and what was wrong with those files. */
export interface InputFiles {
  readonly inputs: Inputs
  readonly problems: readonly Problem[]
}

/** Events whose code may not see secrets: their files are not even opened. */
const UNSEEN: readonly Origin[] = [
  'fork-pull-request',
  'dependabot',
  'pull-request-target',
  'foreign-workflow-run',
  'comment',
  'bystander',
  'unknown'
]

/** Looks after the files that inputs name: secrets, keys and the certificate bundle. Paths are read from the workspace. */
export async function checkInputFiles(
  inputs: Inputs,
  {workspace, origin}: {readonly workspace: string; readonly origin: Origin},
  host: Host
): Promise<InputFiles> {
  const problems: Problem[] = []
  const isUnseen = UNSEEN.includes(origin)
  const secrets = inputs.secrets.map(secret =>
    secret.from === 'file' ? {...secret, path: absolute(secret.path, workspace)} : secret
  )
  if (!isUnseen) {
    for (const secret of secrets) problems.push(...(await checkSecret(secret, host)))
    problems.push(...(await checkKeys(inputs, workspace, host)))
  }
  const {caBundle, ...others} = inputs
  const bundle = caBundle === undefined ? undefined : absolute(caBundle, workspace)
  if (bundle !== undefined) problems.push(...(await checkBundle(bundle, host)))
  const ssh = inputs.ssh.map(({id, paths}) => ({id, paths: paths.map(path => absolute(path, workspace))}))
  return {inputs: {...others, secrets, ssh, ...(bundle === undefined ? {} : {caBundle: bundle})}, problems}
}

async function checkSecret(secret: BuildSecret, host: Host): Promise<readonly Problem[]> {
  if (secret.from !== 'file') return []
  const text = await host.files.read(secret.path).catch(() => undefined)
  if (text !== undefined && text !== '') {
    // The file stays where it is; its value is kept so that it is masked and recognised.
    host.secrets.keep(`secrets ${secret.id}`, text)
    return []
  }
  return [
    missing(
      `The build secret \`${secret.id}\` is to come from ${secret.path}, which ${text === '' ? 'is empty' : 'cannot be read'}.`,
      'Write the file in an earlier step, or correct its path, which is read from the workspace.'
    )
  ]
}

async function checkKeys({ssh}: Inputs, workspace: string, host: Host): Promise<readonly Problem[]> {
  const problems: Problem[] = []
  for (const {id, paths} of ssh) {
    if (paths.length === 0 && (host.env.SSH_AUTH_SOCK ?? '') === '') {
      problems.push(
        missing(
          `\`ssh: ${id}\` names no key, and there is no agent.`,
          `Write \`${id}=path-of-a-key\`, or start an agent in an earlier step, so that SSH_AUTH_SOCK is set.`
        )
      )
    }
    for (const path of paths) {
      const kind = await host.files.kindOf(absolute(path, workspace)).catch(() => 'absent')
      if (kind === 'file' || kind === 'other') continue
      problems.push(missing(`\`ssh: ${id}\` names ${path}, which is no file or socket.`, 'Correct the path.'))
    }
  }
  return problems
}

async function checkBundle(path: string, host: Host): Promise<readonly Problem[]> {
  const text = await host.files.read(path).catch(() => undefined)
  if (text?.includes('-----BEGIN CERTIFICATE-----') || text?.includes('-----BEGIN TRUSTED CERTIFICATE-----')) return []
  return [
    new Problem('input-invalid', {
      what: `\`ca-bundle: ${path}\` ${text === undefined ? 'cannot be read' : 'holds no certificate'}.`,
      why: 'Downloads in the build would not trust the network they go through.',
      fix: 'Name a PEM file of this machine, for example /etc/ssl/certs/ca-certificates.crt.'
    })
  ]
}

function absolute(path: string, workspace: string): string {
  return isAbsolute(path) ? path : join(workspace, path)
}

function missing(what: string, fix: string): Problem {
  return new Problem('secret-missing', {
    what,
    why: 'The build would fail late, with a message about something else.',
    fix
  })
}
