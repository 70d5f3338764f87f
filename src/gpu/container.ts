import type {Injection} from './host-checks.ts'

/** Where the validator lies in the container. */
const INSIDE = '/opt/pytorch-cuda-image-validator'

/** Nobody in particular: for images that would run as root. */
const NOBODY = '65532:65532'

/** How each way of handing over GPUs is asked of docker; no names are all of them. */
const FLAGS: Readonly<Record<Injection, (names: readonly string[]) => readonly string[]>> = {
  // The value is a line of CSV, so that a list of names has quotes of its own.
  gpus: names => ['--gpus', names.length === 0 ? 'all' : `"device=${names.join(',')}"`],
  cdi: names => (names.length === 0 ? ['all'] : names).flatMap(name => ['--device', `nvidia.com/gpu=${name}`]),
  runtime: names => ['--runtime', 'nvidia', '--env', `NVIDIA_VISIBLE_DEVICES=${names.join(',') || 'all'}`]
}

/** Arguments of Python: without the image's own start-up files, so that none of its code runs beside the nonce. */
export const PYTHON_ARGUMENTS = ['-I', '-S'] as const

/**
 * Arguments after `docker` that run the validator in an image, with a GPU or without one, and nothing else.
 *
 * No network, no secret, no socket of the engine, no capability, no root, nothing to write to but /tmp.
 */
export function runArguments({
  name,
  image,
  user,
  injection,
  devices = [],
  validator
}: {
  readonly name: string
  /** By digest, as the engine has it. */
  readonly image: string
  /** The user of the image's own configuration. */
  readonly user: string
  /** Absent where the container gets no GPU. */
  readonly injection?: Injection
  /** GPUs by number or UUID; none for all. */
  readonly devices?: readonly string[]
  /** The folder of the validator on this machine. */
  readonly validator: string
}): readonly string[] {
  return [
    'run',
    '--rm',
    '--interactive',
    '--pull=never',
    `--name=${name}`,
    '--network=none',
    '--ipc=private',
    '--shm-size=2g',
    '--read-only',
    '--tmpfs=/tmp:rw,exec,nosuid,nodev,mode=1777,size=8g',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    '--pids-limit=4096',
    `--user=${isRoot(user) ? NOBODY : user}`,
    `--volume=${validator}:${INSIDE}:ro`,
    ...(injection === undefined
      ? ['--env=NVIDIA_VISIBLE_DEVICES=void']
      : ['--env=NVIDIA_DRIVER_CAPABILITIES=compute,utility', ...FLAGS[injection](devices)]),
    '--entrypoint=python3',
    image,
    ...PYTHON_ARGUMENTS,
    `${INSIDE}/validate.py`
  ]
}

function isRoot(user: string): boolean {
  return /^(?:|root|0)(?::.*)?$/.test(user)
}
