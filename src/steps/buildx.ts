import type {Host, Ran} from '../host/host.ts'
import {Problem} from '../model/problem.ts'
import type {Secret} from '../model/secret.ts'
import type {Ended} from './lost-layer.ts'
import {makeProgress, type Progress} from './progress.ts'
import type {StepContext} from './step.ts'

/** How long nothing may be shown before what is moving is told. */
const SILENCE_MS = 10_000

/** Failures that buildx reports in words of its own, in the order in which they are looked for. */
const FAILURES = [
  {
    code: 'disk-full',
    pattern: /no space left on device/i,
    what: 'The disk of the build engine is full.',
    why: 'A PyTorch image needs several times its size while it is built.',
    fix: 'Free space where the engine stores (`docker system df`, `docker buildx prune`), or give the runner a larger disk.'
  },
  {
    code: 'engine-lost',
    pattern:
      /error reading from server: EOF|closing transport|graceful_stop|io: read\/write on closed pipe|Cannot connect to the Docker daemon/i,
    what: 'The build engine went away during the build.',
    why: 'It stopped answering: it was restarted, killed, or ran out of memory.',
    fix: 'Look at the engine (`journalctl -u docker`, `dmesg | grep -i oom`) and run the job again; what was built is cached.'
  },
  {
    code: 'emulation-missing',
    pattern: /exec format error/i,
    what: 'A command of the build is for another platform than this machine runs.',
    why: 'Nothing on this machine emulates that platform; or a file that is executed is no program.',
    fix: 'Put docker/setup-qemu-action before this step, or name a `builder` with a node of that platform. Stages that begin with `FROM --platform=$BUILDPLATFORM` need neither.'
  },
  {
    code: 'registry-refused',
    pattern: /failed to (push|copy)|unexpected status from (PUT|POST|HEAD|PATCH)|push access denied/i,
    what: 'The image was built, but the registry refused it.',
    why: 'The lines below are its own words.',
    fix: 'Run the job again if the answer was temporary (429, 5xx): the layers are cached. See the push preflight otherwise.'
  }
] as const

/** What a finished `docker buildx build` tells. */
export interface Built {
  readonly ran: Ran
  readonly progress: Progress
}

/** Runs `docker buildx …` with its progress shown, each `{door}` filled in. A failure is an answer. */
export async function runBuildx(
  argv: readonly string[],
  environment: Readonly<Record<string, string | Secret>>,
  {context, cwd}: {context: StepContext; cwd: string}
): Promise<Built> {
  const {host, resources} = context
  const door = resources.door?.address
  let shownAt = host.clock.elapsedMs()
  const show = (line: string) => {
    shownAt = host.clock.elapsedMs()
    host.log.info(line)
  }
  const progress = makeProgress(show, {
    sparedBy: argv.includes('--no-cache') ? 'twin' : 'cache',
    cover: text => host.secrets.cover(text)
  })
  const beat = setInterval(() => {
    if (host.clock.elapsedMs() - shownAt >= SILENCE_MS) progress.beat()
  }, SILENCE_MS)
  try {
    const ran = await host.commands.follow(
      {
        file: resources.docker.file,
        args: argv.map(argument => (door === undefined ? argument : argument.replaceAll('{door}', door))),
        env: {...resources.docker.environment, ...environment},
        cwd,
        ...(context.stopped === undefined ? {} : {stopped: context.stopped}),
        // What steps print comes in base64, which covering would break.
        lines: 'as-printed'
      },
      line => progress.take(line)
    )
    return {ran, progress}
  } finally {
    clearInterval(beat)
  }
}

/** Arguments with the digest of the runtime that was laid, where they name one. */
export function uponRuntime(argv: readonly string[], {products}: StepContext): readonly string[] {
  return argv.map(argument => argument.replaceAll('{runtime}', products.runtime?.digest ?? ''))
}

/** Variables of the runner by name, as far as it has them. */
export function variablesOf(names: readonly string[] | undefined, host: Host): Record<string, string> {
  return Object.fromEntries(
    (names ?? []).flatMap(name => (host.env[name] === undefined ? [] : [[name, host.env[name]]]))
  )
}

/** How a build ended, with what BuildKit and buildx said last; what the failing step itself printed is not among it. */
export function lastWordsOf({ran, progress}: Built): Ended {
  return {exitCode: ran.exitCode, words: [progress.failure()?.error ?? '', ...progress.words()]}
}

/** The problem that a failed build is, with the failing step's last lines as evidence. */
export function problemOfBuild({ran, progress}: Built): Problem {
  const failure = progress.failure()
  const words = progress.words().slice(-8)
  const everything = [failure?.error ?? '', ...(failure?.tail ?? []), ...words].join('\n')
  const known = FAILURES.find(row => row.pattern.test(everything))
  const evidence = failure === undefined ? words : [failure.step, ...failure.tail, failure.error]
  if (known !== undefined) return new Problem(known.code, {...known, evidence})
  return new Problem('build-failed', {
    what: failure === undefined ? 'buildx could not build the image.' : `The build step "${failure.step}" failed.`,
    why: `docker buildx build ended with exit code ${ran.exitCode}.`,
    fix: 'Mend what the last lines of the step name. Earlier steps are cached.',
    evidence
  })
}
