import type {HostState, ImageState, Injection} from '../gpu/host-checks.ts'
import type {ContainerRun} from '../gpu/judgement.ts'
import type {Announcement} from '../gpu/lines.ts'
import type {GpuProcess} from '../gpu/nvidia-smi.ts'
import type {Command, Host} from '../host/host.ts'
import {Secret} from '../model/secret.ts'
import type {ValidateWork} from '../model/work-release.ts'
import {withRequirements} from './requirement-check.ts'
import {hearValidator} from './validator-run.ts'

/** Limit for the whole container, beyond what the validator's own timers add up to; and for each GPU after the first. */
const LIMITS_MS = {quick: 15 * 60_000, standard: 30 * 60_000, full: 45 * 60_000} as const
const EACH_GPU_MS = 5 * 60_000

/** How often the host looks for our process while the container says that it holds the GPU. */
const LOOKS = 12
const HOLD_S = 4

/** What a run of the validator needs. */
export interface Order {
  readonly work: ValidateWork
  readonly state: HostState
  readonly image: ImageState
  readonly injection: Injection
  /** Figures of earlier reports by name. */
  readonly previous: Readonly<Record<string, number>>
  /** A number that only this run knows. */
  readonly nonce: string
}

/** How long the validator may take with the GPUs that there are. */
export function limitOf({work, state}: Pick<Order, 'work' | 'state'>): number {
  return LIMITS_MS[work.level] + EACH_GPU_MS * Math.max(0, state.devices.length - 1)
}

/** Runs what the validator speaks through and reads what it says; while it holds the GPU, the host looks by itself. */
export async function listen(
  order: Order,
  {command, host, witness}: {command: Command; host: Host; witness: () => Promise<readonly GpuProcess[]>}
): Promise<ContainerRun> {
  let isHeld = false
  let looking: Promise<readonly GpuProcess[]> = Promise.resolve([])
  const look = async (): Promise<readonly GpuProcess[]> => {
    for (let turn = 0; turn < LOOKS && isHeld; turn += 1) {
      const seen = await witness()
      if (seen.length > 0) return seen
    }
    return []
  }
  const onSaid = (said: Announcement) => {
    if (said === 'holding' && !isHeld) {
      isHeld = true
      looking = look()
    }
    if (said === 'released') isHeld = false
  }
  const heard = await hearValidator(command, {nonce: order.nonce, limitMs: limitOf(order), onSaid}, host)
  isHeld = false
  const checks = withRequirements(heard.transcript.checks)
  return {...heard, transcript: {...heard.transcript, checks}, witnessed: await looking}
}

/** What the validator is asked, for its standard input alone: it holds the number that only this run knows. */
export function secretOrder({work, state, image, previous, nonce}: Order): Secret {
  const devices = state.devices.map(({uuid, name, capability, memory_mib, mig_profile}) => ({
    uuid,
    name,
    capability,
    memory_mib,
    ...(mig_profile === undefined ? {} : {mig: mig_profile})
  }))
  const {torch, cuda, archList} = image
  const expected = {...(torch === undefined ? {} : {torch}), ...(cuda === undefined ? {} : {cuda}), arch_list: archList}
  const text = JSON.stringify({
    nonce,
    level: work.level,
    expected,
    host: {devices},
    floors: work.floors,
    previous,
    hold_s: HOLD_S
  })
  return new Secret('validation order', text)
}
