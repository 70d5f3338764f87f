import type {Injection} from './host-checks.ts'

/** Where the validator lies in the container. */
const INSIDE = '/opt/pytorch-cuda-image-validator'

/** Nobody in particular: for images that would run as root. */
const NOBODY = '65532:65532'

/** How each way of handing over a GPU is asked of docker. */
const FLAGS: Readonly<Record<Injection, readonly string[]>> = {
  gpus: ['--gpus', 'all'],
  cdi: ['--device', 'nvidia.com/gpu=all'],
  runtime: ['--runtime', 'nvidia', '--env', 'NVIDIA_VISIBLE_DEVICES=all']
}

/** Arguments of Python: without the image's own start-up files, so that none of its code runs beside the nonce. */
export const PYTHON_ARGUMENTS = ['-I', '-S'] as const

/**
 * Arguments after `docker` that run the validator in an image, with a GPU and nothing else.
 *
 * No network, no secret, no socket of the engine, no capability, no root, nothing to write to but /tmp.
 */
export function runArguments({
  name,
  image,
  user,
  injection,
  validator
}: {
  readonly name: string
  /** By digest, as the engine has it. */
  readonly image: string
  /** The user of the image's own configuration. */
  readonly user: string
  readonly injection: Injection
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
    '--env=NVIDIA_DRIVER_CAPABILITIES=compute,utility',
    ...FLAGS[injection],
    '--entrypoint=python3',
    image,
    ...PYTHON_ARGUMENTS,
    `${INSIDE}/validate.py`
  ]
}

function isRoot(user: string): boolean {
  return /^(?:|root|0)(?::.*)?$/.test(user)
}
