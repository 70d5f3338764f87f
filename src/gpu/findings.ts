/** A code that the validator or the host's own checks give: not read from a text, but measured. */
export interface FindingCode {
  readonly code: string
  readonly cause: string
  readonly fix: string
}

/** What was measured and has no row in `CAUSES`, in the order of the tiers. */
export const FINDING_CODES: readonly FindingCode[] = [
  {
    code: 'GPU_ABSENT',
    cause: 'nvidia-smi does not answer on this machine, or names no GPU.',
    fix: 'Check the runner: its label says that it has a GPU. `nvidia-smi` must work before the action runs.'
  },
  {
    code: 'GPU_BUSY',
    cause: 'Another process uses the GPU, which distorts what is measured.',
    fix: 'Give validation a machine, or a GPU, of its own: one job at a time on each runner.'
  },
  {
    code: 'GPU_MIXED',
    cause: 'The machine has GPUs of different kinds.',
    fix: 'Validate each kind on a runner of its own, or accept that T7 and throughput speak of the slowest.'
  },
  {
    code: 'IMAGE_UNLABELLED',
    cause: 'The image does not say which CUDA and torch it holds, so nothing can be checked before it is pulled.',
    fix: 'Build it with this action, or give it the labels that docs/self-hosted.md lists.'
  },
  {
    code: 'DISK_SHORT',
    cause: 'Less space is free than 2.5 times the compressed size of the image and 2 GB more.',
    fix: 'Free space before the job (`docker image prune`), or use a larger disk.'
  },
  {
    code: 'ENGINE_MISSING',
    cause:
      'There is no Docker engine on this machine to run the image with, and the job does not run in the image either.',
    fix: 'Install Docker Engine on the runner, or run the job in the image: `container: image@digest`.'
  },
  {
    code: 'NO_PYTHON',
    cause: 'The image has no `python3` on its PATH, which the validator runs with.',
    fix: 'Put the folder of the Python that has torch onto PATH in the image: `ENV PATH=/opt/venv/bin:$PATH`.'
  },
  {
    code: 'RUN_FAILED',
    cause: 'The container did not start, or ended before it said anything.',
    fix: 'Read the lines of the engine in the evidence.'
  },
  {
    code: 'WRONG_VARIANT',
    cause: 'The image holds another torch, or another CUDA, than its labels say.',
    fix: 'Look which package replaced torch: a later `pip install` without the same index is the usual reason.'
  },
  {
    code: 'DEVICE_MISMATCH',
    cause: 'The container sees other GPUs than the host handed over.',
    fix: 'Look at NVIDIA_VISIBLE_DEVICES in the image and on the runner, and at stale CDI specifications.'
  },
  {
    code: 'JIT',
    cause: 'torch has no machine code for this GPU, only PTX that the driver compiles at each first use.',
    fix: 'It works. For a fast start choose a variant whose list of architectures names the GPU.'
  },
  {
    code: 'NUMERICS',
    cause: 'The GPU computes something else than the reference in fp64, beyond what the number format allows.',
    fix: 'Run again on another machine: if it passes there, the GPU is suspect; if not, torch or a library is.'
  },
  {
    code: 'NCCL_WRONG',
    cause: 'What the GPUs exchanged arrived changed.',
    fix: 'Try `NCCL_P2P_DISABLE=1`: if that helps, direct access between the GPUs is broken (often by ACS or IOMMU settings).'
  },
  {
    code: 'LEAK',
    cause: 'Memory of the GPU grows from step to step, or is not given back.',
    fix: 'Compare with the last torch that did not; report it there if a plain torch shows it.'
  },
  {
    code: 'LOADER',
    cause: 'Workers of a data loader lost batches.',
    fix: 'Read the evidence; a too small /dev/shm is the usual reason.'
  },
  {
    code: 'FLOOR_MISSED',
    cause: 'The GPU is slower than the floor that `gpu-floors` asks for.',
    fix: 'Look for another process, a power or thermal limit (`nvidia-smi -q -d PERFORMANCE`), or a slow slot.'
  },
  {
    code: 'SLOWER',
    cause: 'A figure is more than 15 % under that of the last report.',
    fix: 'Look what changed: driver, torch, or the load of the machine.'
  },
  {
    code: 'DCGM',
    cause: "NVIDIA's own diagnosis (`dcgmi diag`) found a fault of the machine.",
    fix: 'Take the runner out of service and read the lines of dcgmi.'
  },
  {
    code: 'TIMEOUT',
    cause: 'A check did not end within its time and was killed.',
    fix: 'A GPU that hangs needs a reset or a reboot; a first start on a cold disk needs patience, and a second run.'
  },
  {
    code: 'CRASHED',
    cause: 'A check took its process down (a signal, not an exception).',
    fix: 'Read the last lines it printed; a library that does not fit the driver is the usual reason.'
  },
  {
    code: 'RAISED',
    cause: 'A check raised an exception that is none of the known causes.',
    fix: 'Read the traceback in the evidence.'
  },
  {
    code: 'REPORT_INCOMPLETE',
    cause: 'The validator did not say all that it had to: it was killed half-way, or its lines were disturbed.',
    fix: 'Run again; look whether the machine ended the container (memory, a time limit).'
  },
  {
    code: 'REPORT_FORGED',
    cause: "A line bears no valid mark of this run: something in the image prints lines in the validator's name.",
    fix: 'Find out what: no image does that by accident.'
  },
  {
    code: 'NOT_SEEN',
    cause: 'The host saw no process of the container on the GPU while the container said that it held it.',
    fix: 'Look whether `nvidia-smi` on the runner lists processes at all (it does not inside a container).'
  }
]
