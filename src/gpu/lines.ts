import {createHmac, timingSafeEqual} from 'node:crypto'
import type {GpuCheck, GpuTier} from '../model/gpu-report.ts'

/** What the validator said in one run, read line by line. */
export interface Transcript {
  readonly checks: readonly GpuCheck[]
  readonly tiers: readonly Omit<GpuTier, 'checks'>[]
  readonly torch?: Readonly<Record<string, unknown>>
  readonly kernel?: string
  /** Lines that claim to be the validator's and bear no valid mark. */
  readonly forged: readonly string[]
  /** All that belongs to the run is there: from the first line to the one that ends it, without a gap. */
  readonly isComplete: boolean
}

/** What a genuine line announces, for who has to act on it at once. */
export type Announcement = 'holding' | 'released' | 'other'

const MARK = /^(\{.*),"mac":"([0-9a-f]{64})"\}$/

/** Reads the lines of a validator that was given this nonce. Other output is none of its concern. */
export function transcriptReader(nonce: string) {
  const checks: GpuCheck[] = []
  const tiers: Omit<GpuTier, 'checks'>[] = []
  const forged: string[] = []
  let torch: Readonly<Record<string, unknown>> | undefined
  let kernel: string | undefined
  let next = 0
  let hasEnded = false
  let hasGap = false

  function take(line: string): Announcement {
    const body = genuine(line, nonce)
    if (body === undefined) {
      if (line.startsWith('{') && line.includes('"mac"')) forged.push(line.slice(0, 400))
      return 'other'
    }
    hasGap ||= body.seq !== next || hasEnded
    next = Number(body.seq) + 1
    switch (body.event) {
      case 'begin':
        kernel = String(body.kernel)
        break
      case 'torch':
        torch ??= torchOf(body)
        break
      case 'check':
        checks.push(checkOf(body))
        break
      case 'tier':
        tiers.push(tierOf(body))
        break
      case 'end':
        hasEnded = true
        break
      case 'holding':
      case 'released':
        return body.event
    }
    return 'other'
  }

  return {
    take,
    transcript: (): Transcript => ({
      checks,
      tiers,
      forged,
      isComplete: hasEnded && !hasGap,
      ...(torch === undefined ? {} : {torch}),
      ...(kernel === undefined ? {} : {kernel})
    })
  }
}

/** The content of a line whose mark is right. */
function genuine(line: string, nonce: string): Readonly<Record<string, unknown>> | undefined {
  const [, head, mac = ''] = MARK.exec(line) ?? []
  if (head === undefined) return undefined
  const body = `${head}}`
  const expected = createHmac('sha256', nonce).update(body).digest()
  if (!timingSafeEqual(expected, Buffer.from(mac, 'hex'))) return undefined
  const value = parsed(body)
  return value?.format === 1 ? value : undefined
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function torchOf({format: _f, seq: _s, event: _e, tier: _t, ...facts}: Readonly<Record<string, unknown>>) {
  return facts
}

function checkOf({format: _f, seq: _s, event: _e, ...check}: Readonly<Record<string, unknown>>): GpuCheck {
  return check as unknown as GpuCheck
}

function tierOf(body: Readonly<Record<string, unknown>>): Omit<GpuTier, 'checks'> {
  const {tier, title, status, duration_ms, budget_ms, blocked_by} = body
  return {
    id: String(tier),
    title: String(title ?? ''),
    status: status as GpuTier['status'],
    duration_ms: Number(duration_ms),
    budget_ms: Number(budget_ms ?? 0),
    ...(blocked_by === undefined ? {} : {blocked_by: String(blocked_by)})
  }
}
