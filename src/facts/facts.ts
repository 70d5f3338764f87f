import type {Host} from '../host/host.ts'
import type {Facts, RunPaths} from '../model/facts.ts'
import {Problem, Problems, problemsOf} from '../model/problem.ts'
import {contradictionsOf} from './contradictions.ts'
import {checkInputFiles} from './input-files.ts'
import {gatherMachine} from './machine.ts'
import {readEvent} from './read-event.ts'
import {readInputs} from './read-inputs.ts'
import {gatherRoots} from './roots.ts'
import {gatherSource} from './source.ts'

/** Variables by which a machine tells its programs which certificates to trust, the most general first. */
const BUNDLES = [
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'PIP_CERT',
  'NODE_EXTRA_CA_CERTS'
]

/**
 * Finds out everything there is to know before deciding: nothing is changed, and no network is asked.
 *
 * Throws one Problem, or several together for inputs, so that nobody mends them one run at a time.
 */
export async function gatherFacts(host: Host): Promise<Facts> {
  refuseOtherSystems(host)
  const paths = await findPaths(host)
  // The machine is asked while everything else is read: its programs take longest to answer.
  const asking = gatherMachine(host, paths)
  try {
    const event = await readEvent(host)
    const {inputs: read, problems} = readInputs(host, event)
    const {inputs, problems: ofFiles} = await checkInputFiles(
      read,
      {workspace: paths.workspace, origin: event.origin},
      host
    )
    const stopWith = (faults: readonly Problem[]): never => {
      throw new Problems([...faults, ...contradictionsOf(inputs, event)])
    }
    if (problems.length + ofFiles.length > 0) stopWith([...problems, ...ofFiles])
    const [roots, source, machine] = await Promise.all([
      gatherRoots({inputs, event, paths}, host),
      gatherSource({inputs, paths}, host).catch(thrown => {
        const ofSource = problemsOf(thrown)
        if (ofSource.length === 0) throw thrown
        return stopWith(ofSource)
      }),
      asking
    ])
    return {inputs, event, roots, machine, source, paths}
  } finally {
    // Whatever went wrong, no program of ours may still be running when we end.
    await asking.catch(() => undefined)
  }
}

function refuseOtherSystems(host: Host): void {
  if (host.place.os === 'linux') return
  throw new Problem('runner-unsupported', {
    what: `This runner is ${host.place.os}.`,
    why: 'Images with CUDA are Linux images, and they are built on Linux.',
    fix: 'Set `runs-on: ubuntu-24.04`, or the label of a Linux runner of your own.'
  })
}

async function findPaths(host: Host): Promise<RunPaths> {
  const workspace = (host.env.GITHUB_WORKSPACE ?? '').replace(/(?<=.)\/+$/, '')
  if (!workspace.startsWith('/') || (await host.files.kindOf(workspace)) !== 'directory') {
    throw new Problem('workspace-missing', {
      what: workspace === '' ? 'GITHUB_WORKSPACE is not set.' : `The workspace ${workspace} is not there.`,
      why: 'It is the folder in which the repository is checked out.',
      fix: 'Run the action in a job of GitHub Actions after `actions/checkout`, or by `npm run local` in a checkout.'
    })
  }
  const temporary = (host.env.RUNNER_TEMP ?? '') === '' ? '/tmp' : (host.env.RUNNER_TEMP ?? '')
  const caBundle = await findBundle(host)
  return {
    workspace,
    run: `${temporary.replace(/\/+$/, '')}/pytorch-cuda-image-${host.place.runName}`,
    action: host.place.action,
    ...(caBundle === undefined ? {} : {caBundle})
  }
}

async function findBundle(host: Host): Promise<string | undefined> {
  for (const name of BUNDLES) {
    const path = host.env[name] ?? ''
    if (path.startsWith('/') && (await host.files.kindOf(path).catch(() => 'absent')) === 'file') return path
  }
  return undefined
}
