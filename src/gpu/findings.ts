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
    code: 'GPU_UNKNOWN',
    cause: 'The input `gpu-devices` names a GPU that nvidia-smi does not list.',
    fix: 'Name GPUs by the numbers or UUIDs that `nvidia-smi -L` prints on that runner.'
  },
  {
    code: 'GPU_BUSY',
    cause: 'Another process uses the GPU, which distorts what is measured.',
    fix: 'Give validation a machine, or a GPU, of its own: one job at a time on each runner.'
  },
  {
    code: 'GPU_MIXED',
    cause: 'The machine has GPUs of different kinds, and a report speaks of one.',
    fix: 'Name the GPUs of one kind in `gpu-devices`, such as `0` or `GPU-…`, and validate each kind by a job of its own.'
  },
  {
    code: 'IMAGE_UNLABELLED',
    cause: 'The image does not say which CUDA and torch it holds, so nothing can be checked before it is pulled.',
    fix: 'Set the inputs `torch` and `cuda`, which label what is built, also by a Dockerfile of your own; or write the labels there (docs/self-hosted.md). An image that is not for a GPU: `gpu: never`.'
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
    code: 'JOB_NOT_STARTED',
    cause:
      'The cluster did not start the Job that runs the image: no node with a free GPU, a quota, or an image that it cannot pull.',
    fix: 'Read the cluster’s own words in the evidence; `kubectl get secret registry` must know how to pull a private image.'
  },
  {
    code: 'IMAGE_REPLACED',
    cause:
      'The pod was given another image than the one to validate: something in the cluster rewrites images on their way in.',
    fix: 'Exempt the Job from that admission rule, or validate on a machine with Docker.'
  },
  {
    code: 'PULL_FAILED',
    cause: 'The engine could not pull the image by its digest.',
    fix: 'Read the lines of the engine in the evidence, and run again where they speak of the network.'
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
    code: 'DOUBLE_LIBRARY',
    cause: 'The image holds cuDNN or NCCL twice, or torch does not take the cuDNN that it finds.',
    fix: 'Start from an image without CUDA, such as `python:3.12-slim`: the wheels of torch bring their own. Or remove the wheels of the other CUDA.'
  },
  {
    code: 'REQUIREMENT_UNMET',
    cause: 'The packages of the image do not fit each other: one requires what is missing, or another version of it.',
    fix: 'Install everything by one command, so that one resolution decides; `--no-deps`, and a second `pip install` after the first, break what the first one chose.'
  },
  {
    code: 'INIT_BROKEN',
    cause: 'The init that containers of the image begin with starts no command, so none of them would start.',
    fix: 'Look where dumb-init comes from: another release of it among your requirements, or another file of that name in your index.'
  },
  {
    code: 'CPU_BUILD',
    cause: 'The torch in the image is a build for the CPU, under a name that promises CUDA.',
    fix: 'Look what installed torch last: an `index-url` of another build, or a `pip install` without PyTorch’s own index. Or set `cuda: cpu`.'
  },
  {
    code: 'WRONG_VARIANT',
    cause: 'The image holds another torch, or another CUDA, than its labels say.',
    fix: 'Look which package replaced torch: a later `pip install` without the same index is the usual reason.'
  },
  {
    code: 'LABEL_ARCHES',
    cause: 'The label `arch-list` names architectures that the wheel does not hold.',
    fix: 'Build the image anew with this action, or correct the label: machines choose the image by it.'
  },
  {
    code: 'FOREIGN_LIBRARY',
    cause: 'torch takes a CUDA library from outside of its packages, which may be of any version.',
    fix: 'Remove the folder from `LD_LIBRARY_PATH`, or start from an image without CUDA, such as `python:3.12-slim`.'
  },
  {
    code: 'NUMPY_ABI',
    cause: 'This torch was compiled against NumPy 1, and turns no tensor into an array of NumPy 2.',
    fix: 'Add `numpy<2` to the requirements, or choose torch 2.4 or newer.'
  },
  {
    code: 'VISION_OPERATORS',
    cause:
      'torchvision is not of this torch: its operators, `nms` among them, are compiled for one release and one CUDA of torch.',
    fix: 'Install the torchvision that belongs to the torch, from the same index (docs/versions.md).'
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
