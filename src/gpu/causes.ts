/** What the text is an answer to, where the text alone does not tell. */
export interface Circumstances {
  /** The text was printed while an image was pushed or pulled. */
  readonly isTransfer?: boolean
  /** The GPU of this machine is partitioned (MIG). */
  readonly isMig?: boolean
}

/** A known way in which a GPU container fails. The first row whose pattern a text contains is its cause. */
export interface Cause {
  readonly code: string
  /** Lower-case substrings, any of which is enough; an expression where a substring would match too much. */
  readonly patterns: readonly (string | RegExp)[]
  /** One sentence. */
  readonly cause: string
  /** What to do, as exact as a machine that is not ours allows. */
  readonly fix: string
  /** Reports of others, `owner/repository#number`. */
  readonly reports: readonly string[]
  /** Only under these circumstances. */
  readonly only?: keyof Circumstances
}

const INSTALL_TOOLKIT =
  'Install nvidia-container-toolkit, run `nvidia-ctk runtime configure --runtime=docker`, and restart Docker. Docker from snap cannot use it.'

const OTHER_VARIANT =
  'Build a variant for this driver (`cuda: cu126` needs 525, `cuda: cu130` needs 580), or install a newer driver on the machine.'

const OTHER_KERNELS =
  'Choose a variant with kernels for this GPU: `cu126` up to Hopper, Volta and older included; `cu128` or newer, with torch 2.7 or newer, for Blackwell.'

const CLEAN_PATH =
  'Remove `/usr/local/cuda/compat` from `LD_LIBRARY_PATH` of the image, and do not install cuda-compat.'

/**
 * The known causes, in the order in which they are tried: what is particular stands before what is general.
 *
 * So a missing driver library (row 6) wins over "no CUDA GPUs" (row 32), which it is the reason for.
 */
export const CAUSES: readonly Cause[] = [
  {
    code: 'TOOLKIT_MISSING',
    patterns: ['could not select device driver "" with capabilities: [[gpu]]'],
    cause:
      'Docker cannot hand over a GPU: the NVIDIA container toolkit is not installed, or Docker was not restarted after.',
    fix: INSTALL_TOOLKIT,
    reports: ['NVIDIA/nvidia-docker#1034', 'NVIDIA/nvidia-docker#1682', 'NVIDIA/nvidia-container-toolkit#871']
  },
  {
    code: 'TOOLKIT_MISSING',
    patterns: ['could not select device driver "nvidia" with capabilities: [[gpu]]'],
    cause:
      'Docker knows no driver named nvidia: the NVIDIA container toolkit is not installed, or Docker was not restarted after.',
    fix: INSTALL_TOOLKIT,
    reports: ['NVIDIA/nvidia-docker#1243']
  },
  {
    code: 'CDI_DISABLED',
    patterns: ['could not select device driver "cdi"'],
    cause: 'The container device interface (CDI) is turned off in this Docker engine.',
    fix: 'Set `{"features": {"cdi": true}}` in /etc/docker/daemon.json and restart Docker, or use `gpu-injection: gpus`.',
    reports: []
  },
  {
    code: 'CDI_SPEC_MISSING',
    patterns: ['unresolvable cdi devices'],
    cause: 'There is no CDI specification for the GPU on this machine, or an old one.',
    fix: 'Run `nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`; `nvidia-ctk cdi list` must then name the GPU.',
    reports: ['NVIDIA/nvidia-container-toolkit#434', 'moby/moby#47633']
  },
  {
    code: 'CDI_SPEC_STALE',
    patterns: ['failed to stat cdi host device'],
    cause: 'The CDI specification names device files that are no longer there.',
    fix: 'Generate it anew: `nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`.',
    reports: ['NVIDIA/nvidia-container-toolkit#885']
  },
  {
    code: 'DRIVER_MISSING',
    patterns: ['load library failed: libnvidia-ml.so.1'],
    cause:
      'There is no NVIDIA driver on this machine, or Docker runs where it cannot see it (a virtual machine, snap).',
    fix: 'Install the driver; `nvidia-smi` on the machine itself must work first.',
    reports: ['NVIDIA/nvidia-container-toolkit#676']
  },
  {
    code: 'DRIVER_MISMATCH',
    patterns: ['driver/library version mismatch'],
    cause: 'The driver was updated and the kernel still runs the old one.',
    fix: 'Reboot the machine. To keep it from happening again, hold the driver packages (`apt-mark hold`) out of unattended upgrades.',
    reports: ['NVIDIA/nvidia-container-toolkit#394', 'rocker-org/ml#28']
  },
  {
    code: 'CGROUP_LOST',
    patterns: ['failed to initialize nvml: unknown error'],
    cause:
      'The container lost its access to the GPU while it ran: `systemctl daemon-reload` takes it away under cgroup v2.',
    fix: 'Start a new container. For good: use CDI, or Docker with the cgroupfs driver.',
    reports: ['NVIDIA/nvidia-docker#1730', 'NVIDIA/nvidia-container-toolkit#48', 'moby/moby#47424']
  },
  {
    code: 'REQUIRE_CUDA',
    patterns: ['unsatisfied condition: cuda>='],
    cause: 'The base image asks for a newer CUDA (`NVIDIA_REQUIRE_CUDA`) than the driver of this machine offers.',
    fix: 'If the driver fits the CUDA major (12: 525, 13: 580), set `ENV NVIDIA_REQUIRE_CUDA="cuda>=13.0"` (or the major you use) in the image; else install a newer driver.',
    reports: ['NVIDIA/nvidia-container-toolkit#152', 'NVIDIA/nvidia-docker#1796', 'ggml-org/llama.cpp#9665']
  },
  {
    code: 'ROOTLESS_CGROUP',
    patterns: ['bpf_prog_query(bpf_cgroup_device) failed'],
    cause: 'A rootless engine may not set device rules.',
    fix: 'Use `gpu-injection: cdi`, or set `no-cgroups = true` in /etc/nvidia-container-runtime/config.toml.',
    reports: ['NVIDIA/libnvidia-container#154', 'NVIDIA/nvidia-container-toolkit#139']
  },
  {
    code: 'HOOK_UNSUPPORTED',
    patterns: ['invoking the nvidia container runtime hook directly'],
    cause: 'The toolkit of this machine is not in its legacy mode, so `--gpus` does not work here.',
    fix: 'Use `gpu-injection: runtime`, or `gpu-injection: cdi`.',
    reports: []
  },
  {
    code: 'DRIVER_TOO_OLD',
    patterns: ['the nvidia driver on your system is too old (found version'],
    cause: 'The driver is older than the CUDA that torch was built for. The number reads 12080 for CUDA 12.8.',
    fix: OTHER_VARIANT,
    reports: ['pytorch/pytorch#162531', 'actions/partner-runner-images#172']
  },
  {
    code: 'DRIVER_TOO_OLD',
    patterns: ['cuda driver version is insufficient for cuda runtime version'],
    cause: 'The driver is older than the CUDA of the image (CUDA error 35).',
    fix: OTHER_VARIANT,
    reports: []
  },
  {
    code: 'FABRIC_MANAGER',
    patterns: ['error 802: system not yet initialized'],
    cause:
      'The GPUs of an HGX machine are not connected yet: nvidia-fabricmanager does not run, or has another version than the driver.',
    fix: 'Install nvidia-fabricmanager in exactly the version of the driver, and start it: `systemctl enable --now nvidia-fabricmanager`.',
    reports: ['gpustack/gpustack#1254', 'pytorch/pytorch#35710']
  },
  {
    code: 'COMPAT_MISFIT',
    patterns: [/\berror 803\b/, 'unsupported display driver / cuda driver combination'],
    cause: 'The image brings driver libraries of its own (cuda-compat) that do not fit the driver of this machine.',
    fix: CLEAN_PATH,
    reports: ['NVIDIA/nvidia-docker#1256']
  },
  {
    code: 'COMPAT_HW',
    patterns: [/\berror 804\b/, 'forward compatibility was attempted on non supported hw'],
    cause: 'The image brings cuda-compat, which works on data-centre GPUs only.',
    fix: `${CLEAN_PATH} The driver of the machine must then be new enough by itself.`,
    reports: ['oobabooga/text-generation-webui#4407']
  },
  {
    code: 'ARCH_MISSING',
    patterns: ['no kernel image is available for execution on the device'],
    cause: 'This build of torch, or of an extension, has no kernels for the GPU (CUDA error 209).',
    fix: OTHER_KERNELS,
    reports: ['pytorch/pytorch#150733', 'pytorch/pytorch#159847']
  },
  {
    code: 'ARCH_MISSING',
    patterns: ['is not compatible with the current pytorch installation'],
    cause: 'torch itself warns that it has no kernels for the GPU.',
    fix: OTHER_KERNELS,
    reports: ['pytorch/pytorch#151376', 'pytorch/pytorch#182250']
  },
  {
    code: 'PTX_TOOLCHAIN',
    patterns: ['the provided ptx was compiled with an unsupported toolchain'],
    cause:
      'Kernels are compiled at first use here, by a driver that is older than the compiler that prepared them (CUDA error 222).',
    fix: 'Install a newer driver, or choose an older CUDA variant.',
    reports: []
  },
  {
    code: 'PTXAS_NEWER',
    patterns: ['device kernel image is invalid'],
    cause: "Triton's own ptxas is newer than the driver, so what it compiles does not load.",
    fix: 'Install a newer driver, or set `TRITON_PTXAS_PATH` to an older ptxas.',
    reports: ['pytorch/pytorch#119054', 'triton-lang/triton#1556']
  },
  {
    code: 'NO_COMPILER',
    patterns: ['failed to find c compiler'],
    cause: '`torch.compile` and Triton need a C compiler at run time, and the image has none.',
    fix: 'Use `flavor: compile`, or install `gcc` and `libc6-dev` in the image.',
    reports: ['pytorch/pytorch#116696']
  },
  {
    code: 'NO_PY_HEADERS',
    patterns: ['python.h: no such file'],
    cause: 'Triton compiles a launcher against Python, and its headers are not in the image.',
    fix: 'Install the `-dev` package of the Python that the image runs (`python3-dev` on Debian).',
    reports: ['TabbyML/tabby#456']
  },
  {
    code: 'NCCL_MIXED',
    patterns: ['undefined symbol: nccl'],
    cause: 'Two packages put their NCCL into the same place, or one of the system is found first.',
    fix: 'Keep exactly one nvidia-nccl package (`pip list | grep nccl`), and no NCCL on `LD_LIBRARY_PATH`.',
    reports: ['pytorch/pytorch#186591', 'pytorch/pytorch#119932', 'vllm-project/vllm#4195']
  },
  {
    code: 'CUDNN_MIXED',
    patterns: ['cudnn_status_sublibrary_version_mismatch'],
    cause: 'A cuDNN of the base image is loaded beside the one that torch brings.',
    fix: 'Use a base image without `-cudnn-` in its name, best `python:3.x-slim`.',
    reports: ['pytorch/pytorch#188892', 'pytorch/pytorch#185512']
  },
  {
    code: 'VISION_MISMATCH',
    patterns: ['operator torchvision::nms does not exist'],
    cause: 'torch and torchvision are not of one release.',
    fix: 'Install both in one step with versions that belong together; the action does so for `torch`.',
    reports: ['pytorch/vision#8985', 'pytorch/pytorch#157648']
  },
  {
    code: 'SHM_SMALL',
    patterns: ['insufficient shared memory (shm)', /\bbus error\b/],
    cause: 'Workers of a data loader share memory through /dev/shm, which has 64 MB in a container by default.',
    fix: 'Run with `--shm-size=2g`; in Kubernetes mount an `emptyDir` with `medium: Memory` at /dev/shm.',
    reports: ['pytorch/pytorch#5040', 'pytorch/pytorch#16979']
  },
  {
    code: 'GPU_OOM',
    patterns: ['cuda out of memory'],
    cause: 'The GPU has no memory left: another process uses it, or the check is too big for it.',
    fix: 'Look at `nvidia-smi` for other processes, and give validation a GPU of its own.',
    reports: []
  },
  {
    code: 'GPU_HW',
    patterns: ['uncorrectable ecc', /\bxid\b/, /(?:^|\s)err!/, 'gpu is lost', 'fallen off the bus'],
    cause: 'The GPU or its connection is broken.',
    fix: 'Take the runner out of service and run `dcgmi diag -r 3` on it.',
    reports: []
  },
  {
    code: 'DISK_FULL',
    patterns: ['no space left on device'],
    cause: 'The image, unpacked, is bigger than what is free on the disk of the machine.',
    fix: 'Free space (`docker system df`, `docker image prune`), or use a runner with a larger disk.',
    reports: ['actions/runner-images#10237', 'actions/runner-images#14492']
  },
  {
    code: 'REGISTRY_TIMEOUT',
    patterns: ['connection reset by peer', 'i/o timeout', 'toomanyrequests'],
    cause: 'The registry cut the transfer: a layer is too big, or there were too many requests.',
    fix: 'Run the job again; if it stays so, make layers smaller (1.5 GB at most) and let fewer jobs push at once.',
    reports: ['docker/setup-buildx-action#113', 'docker/build-push-action#251'],
    only: 'isTransfer'
  },
  {
    code: 'MIG_DEVNODES',
    patterns: ['cuda_error_invalid_device', 'no cuda gpus are available', 'only the parent gpu visible'],
    cause: 'The GPU is partitioned, and the container was not given the device files of an instance.',
    fix: 'Hand over the instance by its UUID (`MIG-…`, see `nvidia-smi -L`), and generate the CDI specification anew after each change of instances.',
    reports: ['NVIDIA/nvidia-container-toolkit#1740', 'NVIDIA/k8s-dra-driver-gpu#787'],
    only: 'isMig'
  },
  {
    code: 'NO_GPU',
    patterns: [
      'no cuda gpus are available',
      'torch.cuda.is_available() is false',
      'torch not compiled with cuda enabled',
      'found no nvidia driver on your system',
      'this torch is built for the cpu'
    ],
    cause: 'torch sees no GPU: it is a CPU build, or the container was started without one.',
    fix: 'Look first whether `torch.version.cuda` is None (then the wheel is a CPU build); else start the container with `--gpus all`, and with NVIDIA_VISIBLE_DEVICES neither empty nor `none`.',
    reports: []
  }
]
