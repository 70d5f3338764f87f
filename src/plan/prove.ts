import {archFlagsOf} from '../gpu/host-checks.ts'
import type {Facts} from '../model/facts.ts'
import type {PlannedStep} from '../model/plan.ts'
import type {Verdict} from '../model/verdict.ts'
import type {ImageAccess} from '../model/work-build.ts'
import type {ProofExpectation, ProveWork} from '../model/work-proof.ts'
import {archListOf} from '../pytorch/coverage.ts'
import type {Output} from './output.ts'
import {allow, permit, refuse} from './permit.ts'
import {machinePlatform, platformsOf} from './stages.ts'
import type {Variant} from './variant.ts'

/**
 * Whether what was built is run without a GPU before any tag points to it.
 *
 * Building was permitted, and a container without network, capabilities and secrets can do less than a build.
 */
export function proveVerdict(facts: Facts, {variant, output}: {variant: Variant; output: Output}): Verdict {
  const {inputs, machine, source} = facts
  if (inputs.buildArgs.some(({name}) => name === 'TORCH_PACKAGES') && source.dockerfile.source === 'built-in') {
    return refuse('not-asked', 'The input `build-args` sets TORCH_PACKAGES, and nothing is known of what it installs.')
  }
  if (isEmpty(expectationOf(variant))) {
    return refuse(
      'nothing-to-do',
      `Neither \`torch\`, \`cuda\` nor \`gpu-targets\` says what ${source.dockerfile.shown} shall end with.`
    )
  }
  const own = machinePlatform(facts)
  if (!platformsOf(facts).includes(own)) {
    return refuse(
      'nothing-to-do',
      `The image is for ${platformsOf(facts).join(' and ')}, and this machine runs ${own}.`
    )
  }
  if (output.kind === 'discard') {
    return refuse('nothing-to-do', 'Nothing is kept of this build that could be run. With `load: true` it is proven.')
  }
  if (machine.engine?.sharesLoopback !== true) {
    return refuse(
      'no-engine',
      machine.engine === undefined
        ? 'No Docker engine answers on this machine, so nothing can be run.'
        : 'The Docker engine stands elsewhere, so it reaches neither our files nor the door that it would pull through.'
    )
  }
  const others = platformsOf(facts).filter(platform => platform !== own)
  const unrun = others.length === 0 ? '' : ` For ${others.join(' and ')} nothing is run: this machine runs ${own}.`
  return allow(
    `What was built is run without a GPU and held against what was asked for, before a tag points to it.${unrun}`
  )
}

/** What is run, what is expected of it, and what may be remembered. */
export function proveWork(
  facts: Facts,
  {
    variant,
    output,
    image,
    validate
  }: {variant: Variant; output: Output; image: ImageAccess | undefined; validate: PlannedStep & {name: 'validate'}}
): ProveWork {
  const {machine, paths, event} = facts
  return {
    image: output.kind === 'candidate' ? (image ?? null) : null,
    subject: facts.source.dockerfile.source === 'built-in' ? 'runtime' : 'image',
    ...(output.loadAs === undefined ? {} : {loadedAs: output.loadAs}),
    isPulledAgain: validate.verdict.allowed && validate.work.place === 'engine',
    expected: expectationOf(variant),
    docker: machine.docker?.path ?? 'docker',
    ...(machine.engine === undefined ? {} : {endpoint: machine.engine.endpoint}),
    directory: `${paths.run}/proof`,
    validator: `${paths.action}/validator`,
    container: `pytorch-cuda-image-proof-${event.runId}-${event.runAttempt}-${paths.run.slice(-8)}`,
    platform: machinePlatform(facts).replace('linux/', ''),
    disk: machine.engine?.rootDir ?? paths.workspace,
    memory: {mayRead: permit(facts, 'cache-read').allowed, mayWrite: permit(facts, 'cache-write').allowed},
    run: `${event.serverUrl}/${event.repository.owner}/${event.repository.name}/actions/runs/${event.runId}`
  }
}

/** What the inputs say, where it is a whole release and a CUDA by its name. */
function expectationOf({torch, cuda, set, gpuTargets}: Variant): ProofExpectation {
  const release = /^\d+\.\d+\.\d+[^+]*/.exec(torch ?? '')?.[0]
  const archList = torch === undefined || cuda === undefined || set === undefined ? undefined : archListOf(set)
  return {
    ...(release === undefined ? {} : {torch: release}),
    ...(cuda !== undefined && /^(?:cpu|cu\d{3})$/.test(cuda) ? {cuda} : {}),
    gpus: gpuTargets,
    archList: archFlagsOf(archList ?? '')
  }
}

function isEmpty({torch, cuda, gpus}: ProofExpectation): boolean {
  return torch === undefined && cuda === undefined && gpus.length === 0
}
