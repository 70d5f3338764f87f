import type {Circumstances} from '../../src/gpu/causes.ts'

/** A log for one row of `CAUSES`, and one that looks like it and is something else. */
export interface Log {
  readonly given: string
  readonly lines: readonly string[]
  /** Where in `lines` the telling one stands. */
  readonly at: number
  readonly circumstances?: Circumstances
  readonly near: readonly string[]
}

const START =
  'docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: '
const HOOK = `${START}error during container init: error running hook #0: error running hook: exit status 1, stdout: , stderr: Auto-detected mode as 'legacy'`

/** In the order of `CAUSES`. Texts are put together from the reports that each row names; none was printed by a machine of ours. */
export const LOGS: readonly Log[] = [
  {
    given: 'docker run --gpus all without the toolkit',
    lines: [
      'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]]',
      '',
      "Run 'docker run --help' for more information"
    ],
    at: 0,
    near: ['docker: Error response from daemon: could not select device driver "" with capabilities: [[tpu]]']
  },
  {
    given: 'a compose file that reserves the driver nvidia, without the toolkit',
    lines: ['Error response from daemon: could not select device driver "nvidia" with capabilities: [[gpu]]'],
    at: 0,
    near: ['nvidia driver "nvidia" selected with capabilities: [[gpu]]']
  },
  {
    given: 'a CDI device asked of an engine with CDI turned off',
    lines: ['docker: Error response from daemon: could not select device driver "cdi" with capabilities: []'],
    at: 0,
    near: ['cdi: device driver selected']
  },
  {
    given: 'a CDI device without a specification',
    lines: [
      'docker: Error response from daemon: CDI device injection failed: unresolvable CDI devices nvidia.com/gpu=all'
    ],
    at: 0,
    near: ['CDI devices: nvidia.com/gpu=all, nvidia.com/gpu=0']
  },
  {
    given: 'a CDI specification from before a reboot',
    lines: [
      `${START}failed to inject CDI devices: failed to stat CDI host device "/dev/dri/card1": no such file or directory`
    ],
    at: 0,
    near: ['failed to stat host path "/dev/dri/card1"']
  },
  {
    given: 'the toolkit on a machine without a driver',
    lines: [
      HOOK,
      'nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or directory'
    ],
    at: 1,
    near: ['load library failed: libcudnn.so.9: cannot open shared object file']
  },
  {
    given: 'a driver that was updated without a reboot',
    lines: ['Failed to initialize NVML: Driver/library version mismatch', 'NVML library version: 580.95'],
    at: 0,
    near: ['driver version 580.95.05, library version 580.95.05']
  },
  {
    given: 'a container that lost its devices, which torch tells as no GPU',
    lines: ['Failed to initialize NVML: Unknown Error', 'RuntimeError: No CUDA GPUs are available'],
    at: 0,
    near: ['Failed to initialize NVML: Insufficient Permissions']
  },
  {
    given: 'a base image that asks for a newer CUDA',
    lines: [
      HOOK,
      'nvidia-container-cli: requirement error: unsatisfied condition: cuda>=13.1, please update your driver to a newer version, or use an earlier cuda container: unknown.'
    ],
    at: 1,
    near: ['NVIDIA_REQUIRE_CUDA=cuda>=13.1']
  },
  {
    given: 'a rootless engine',
    lines: [
      `${HOOK}nvidia-container-cli: mount error: failed to add device rules: unable to find any existing device filters attached to the cgroup: bpf_prog_query(BPF_CGROUP_DEVICE) failed: operation not permitted: unknown.`
    ],
    at: 0,
    near: ['bpf_prog_query(BPF_CGROUP_DEVICE): 2 programs']
  },
  {
    given: '--gpus with a toolkit in cdi mode',
    lines: [
      `${START}error running hook #0: error running hook: exit status 1, stdout: , stderr: invoking the NVIDIA Container Runtime Hook directly (e.g. specifying the docker --gpus flag) is not supported. Please use the NVIDIA Container Runtime (e.g. specify the --runtime=nvidia flag) instead.`
    ],
    at: 0,
    near: ['using the NVIDIA Container Runtime in mode cdi']
  },
  {
    given: 'torch for CUDA 13 on a driver for 12.8',
    lines: [
      'RuntimeError: The NVIDIA driver on your system is too old (found version 12080). Please update your GPU driver by downloading and installing a new version from the URL: http://www.nvidia.com/Download/index.aspx'
    ],
    at: 0,
    near: ['The NVIDIA driver on your system is new enough (found version 13000).']
  },
  {
    given: 'a CUDA library on an old driver',
    lines: ['cudaErrorInsufficientDriver: CUDA driver version is insufficient for CUDA runtime version'],
    at: 0,
    near: ['CUDA driver version: 12.8, CUDA runtime version: 12.8']
  },
  {
    given: 'an HGX machine without the fabric manager',
    lines: [
      'UserWarning: CUDA initialization: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling NumCudaDevices() that might have already set an error? Error 802: system not yet initialized (Triggered internally at /pytorch/c10/cuda/CUDAFunctions.cpp:109.)',
      'torch.cuda.is_available() is false'
    ],
    at: 0,
    near: ['systemd: system not yet initialized']
  },
  {
    given: 'cuda-compat that does not fit the driver',
    lines: [
      'Unexpected error from cudaGetDeviceCount(). Error 803: system has unsupported display driver / cuda driver combination'
    ],
    at: 0,
    near: ['error 8031: no such table']
  },
  {
    given: 'cuda-compat on a GeForce',
    lines: [
      'Unexpected error from cudaGetDeviceCount(). Error 804: forward compatibility was attempted on non supported HW'
    ],
    at: 0,
    near: ['forward compatibility was attempted on supported HW']
  },
  {
    given: 'a kernel that is not in the wheel',
    lines: [
      'Traceback (most recent call last):',
      'torch.AcceleratorError: CUDA error: no kernel image is available for execution on the device',
      'CUDA kernel errors might be asynchronously reported at some other API call'
    ],
    at: 1,
    near: ['kernel image loaded: vmlinuz-6.1']
  },
  {
    given: 'the warning of torch on a new GPU',
    lines: [
      'UserWarning: ',
      'NVIDIA GeForce RTX 5090 with CUDA capability sm_120 is not compatible with the current PyTorch installation.'
    ],
    at: 1,
    near: ['torchvision 0.23.0 is compatible with the current PyTorch installation.']
  },
  {
    given: 'PTX that is newer than the driver',
    lines: ['RuntimeError: CUDA error: the provided PTX was compiled with an unsupported toolchain.'],
    at: 0,
    near: ['PTX was compiled with CUDA 12.8']
  },
  {
    given: 'a ptxas of Triton that is newer than the driver',
    lines: ['RuntimeError: Triton Error [CUDA]: device kernel image is invalid'],
    at: 0,
    near: ['Triton: device kernel image cached']
  },
  {
    given: 'torch.compile in an image without gcc',
    lines: [
      'torch._inductor.exc.InductorError: RuntimeError: Failed to find C compiler. Please specify via CC environment variable or set triton.knobs.build.impl.'
    ],
    at: 0,
    near: ['Found C compiler: gcc 12.2.0']
  },
  {
    given: 'Triton in an image without the headers of Python',
    lines: ['/tmp/tmpm0c/main.c:5:10: fatal error: Python.h: No such file or directory', 'compilation terminated.'],
    at: 0,
    near: ['main.c:5:10: fatal error: stdlib.h: No such file or directory']
  },
  {
    given: 'two NCCL packages',
    lines: [
      'ImportError: /usr/local/lib/python3.12/site-packages/torch/lib/libtorch_cuda.so: undefined symbol: ncclCommRegister'
    ],
    at: 0,
    near: ['ImportError: flash_attn_2_cuda.so: undefined symbol: _ZN2at4_ops5zeros4callE']
  },
  {
    given: 'cuDNN of the base image beside that of the wheel',
    lines: [
      'RuntimeError: cuDNN error: CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH',
      'RuntimeError: GET was unable to find an engine to execute this computation'
    ],
    at: 0,
    near: ['RuntimeError: cuDNN error: CUDNN_STATUS_NOT_SUPPORTED']
  },
  {
    given: 'torchvision of another release',
    lines: ['RuntimeError: operator torchvision::nms does not exist'],
    at: 0,
    near: ['operator mylib::nms does not exist']
  },
  {
    given: 'a data loader in 64 MB of shared memory',
    lines: [
      'ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory (shm).'
    ],
    at: 0,
    near: ['omnibus errors were handled', 'shared memory (shm): 2 GiB']
  },
  {
    given: 'a GPU that others use',
    lines: [
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 79.25 GiB of which 1.06 MiB is free.'
    ],
    at: 0,
    near: ['Out of memory: Killed process 4711 (python3)']
  },
  {
    given: 'a GPU that fell off the bus',
    lines: [
      'Unable to determine the device handle for GPU0000:01:00.0: GPU is lost.  Reboot the system to recover this GPU'
    ],
    at: 0,
    near: ['maxid 79 reached', 'stderr! not an error of the GPU']
  },
  {
    given: 'a disk that the image does not fit on',
    lines: [
      'docker: failed to register layer: write /usr/local/lib/python3.12/site-packages/torch/lib/libtorch_cuda.so: no space left on device'
    ],
    at: 0,
    near: ['12 GB of space left on device']
  },
  {
    given: 'a push that the registry cut',
    lines: ['write tcp 10.1.0.4:41234->140.82.112.34:443: write: connection reset by peer'],
    at: 0,
    circumstances: {isTransfer: true},
    near: ['connection to peer established']
  },
  {
    given: 'a MIG instance without its device files',
    lines: ['RuntimeError: No CUDA GPUs are available'],
    at: 0,
    circumstances: {isMig: true},
    near: ['CUDA_ERROR_INVALID_CONTEXT']
  },
  {
    given: 'a container without a GPU',
    lines: ['RuntimeError: No CUDA GPUs are available'],
    at: 0,
    near: ['2 CUDA GPUs are available']
  }
]
