import type {WorkflowEvent} from '../../scripts/runner/event.ts'
import {resolveInputs} from '../../scripts/runner/inputs.ts'
import {readManifest} from '../../scripts/runner/manifest.ts'
import {contextsOf, jobVariables} from '../../scripts/runner/variables.ts'
import {ACTION} from '../support/built-action.ts'
import {PLACES} from './machine.ts'

/** A step of a job as the action meets it. */
export interface Step {
  /** The `with:` block as the workflow file has it. */
  readonly written: Readonly<Record<string, string>>
  /** Inputs with a value, expressions filled in with what this event gets. */
  readonly inputs: Readonly<Record<string, string>>
  readonly env: Readonly<Record<string, string>>
  /** Values that nobody may read, whether this event gets them or not. */
  readonly secrets: readonly string[]
}

/** The `with:` block of the workflow that all stories share: forks and Dependabot run the very same file. */
const WITH: Readonly<Record<string, string>> = {
  torch: '2.8.0',
  cuda: 'cu128',
  requirements: 'requirements.txt',
  'git-credentials': 'github.com/acme/private-kernels ${{ secrets.KERNELS_READ_TOKEN }}'
}

const SECRETS = {KERNELS_READ_TOKEN: `github_pat_${'K'.repeat(30)}`}
const TOKEN = `ghs_${'T'.repeat(36)}`
const SERVICES = {ACTIONS_RUNTIME_TOKEN: `runtime.${'R'.repeat(30)}`, ACTIONS_RESULTS_URL: 'https://results.test/'}

/** The step that an event starts, with inputs of a story over those of the shared workflow. */
export function stepFor(event: WorkflowEvent, inputs: Readonly<Record<string, string>> = {}): Step {
  const written = {...WITH, ...inputs}
  const request = {
    action: ACTION,
    event,
    inputs: written,
    secrets: SECRETS,
    token: TOKEN,
    services: SERVICES,
    environment: {PATH: '/usr/bin', HOME: PLACES.home}
  }
  const job = {workspace: PLACES.workspace, places: {...PLACES, root: '/', toolCache: '/opt/tools'}, trackingId: '1'}
  const resolved = resolveInputs(readManifest(ACTION), written, {contexts: contextsOf(request, job)})
  return {
    written,
    // The runner hands over empty inputs as well; the host leaves them out.
    inputs: Object.fromEntries(Object.entries(resolved).filter(([, value]) => value.trim() !== '')),
    env: jobVariables(request, job),
    secrets: [...Object.values(SECRETS), TOKEN, SERVICES.ACTIONS_RUNTIME_TOKEN]
  }
}
