"""T2: torch is imported, which takes no GPU, is what was asked for, and takes its CUDA libraries from the packages beside it."""

import importlib
import importlib.util
import os
import re
from typing import List

from catalog import Finding, Subject, check, failed, passed, skipped, warned
from checks_contents import package_roots
from checks_kernels import match_of

# What torch links to. The driver's own libraries (libcuda, libnvidia-*) come from the host, and are not among them.
CUDA_LIBRARY = re.compile(
    r'/lib(cublas|cublasLt|cudart|cudnn\w*|cufft|cufile|cupti|curand|cusolver|cusparse|cusparseLt|nccl|nvJitLink|nvrtc|nvshmem\w*|nvToolsExt)(-[\w.]+)?\.so'
)


@check('t2.variant', budget_s=10)
def torch_is_what_was_asked(subject: Subject) -> Finding:
    """The release and the CUDA that torch itself names are those that the image was asked for."""
    torch, expected = subject.torch, subject.task.expected
    measured = {'cuda': variant_of(torch.version.cuda), 'torch': str(torch.__version__).split('+')[0]}
    threshold = {name: expected[name] for name in ('cuda', 'torch') if expected.get(name)}
    if not threshold:
        return skipped('Nobody says which torch the image shall hold.', measured=measured)
    wrong = [name for name, text in threshold.items() if measured[name] != text]
    if 'cuda' in wrong and measured['cuda'] == 'cpu':
        message = 'This torch is built for the CPU (torch.version.cuda is None), and %s was asked for.' % threshold['cuda']
        return failed('CPU_BUILD', message, measured=measured, threshold=threshold)
    if wrong:
        return failed('WRONG_VARIANT', 'The image holds another torch than it should.', measured=measured, threshold=threshold)
    return passed('torch is what it should be.', measured=measured, threshold=threshold)


def variant_of(cuda) -> str:
    """`cu128` for 12.8."""
    return 'cpu' if cuda is None else 'cu' + ''.join(cuda.split('.')[:2])


@check('t2.kernels', budget_s=10, needs=('t2.variant',))
def named_gpus_are_covered(subject: Subject) -> Finding:
    """The list of architectures in the wheel covers every GPU that the image was asked for. Reading it needs none."""
    gpus = subject.task.expected.get('gpus') or []
    flags = arch_flags(subject)
    measured = {'arch_flags': ' '.join(flags)}
    if not gpus:
        return skipped('No GPU was named.', measured=measured)
    threshold = {'gpus': ', '.join('%s (%s)' % (gpu['name'], gpu['capability']) for gpu in gpus)}
    by = {match: [gpu for gpu in gpus if match_of(flags, capability_of(gpu)) == match] for match in ('sass', 'ptx', 'none')}
    if by['none']:
        return failed('ARCH_MISSING', 'This torch holds no kernel for %s.' % told(by['none']), measured=measured, threshold=threshold)
    if by['ptx']:
        message = 'Only PTX fits %s: the driver compiles each kernel at its first use.' % told(by['ptx'])
        return warned('JIT', message, measured=measured, threshold=threshold)
    return passed('Kernels for %s are there.' % told(gpus), measured=measured, threshold=threshold)


@check('t2.label', budget_s=10, needs=('t2.variant',))
def the_label_tells_the_truth(subject: Subject) -> Finding:
    """The label `arch-list`, by which machines choose the image, names nothing that the wheel does not hold."""
    said, flags = subject.task.expected.get('arch_list') or [], arch_flags(subject)
    if not said:
        return skipped('The image has no list of architectures.')
    figures = {'measured': {'arch_flags': ' '.join(flags)}, 'threshold': {'arch_list': ' '.join(said)}}
    missing = [flag for flag in said if flag not in flags]
    if missing:
        return warned('LABEL_ARCHES', 'The label names %s, which the wheel does not hold.' % ', '.join(missing), **figures)
    return passed('The label names what the wheel holds.', **figures)


@check('t2.libraries', budget_s=20)
def cuda_comes_from_the_packages(subject: Subject) -> Finding:
    """Every CUDA library in this process lies beside the packages: one of the system may be of any version."""
    if subject.torch.version.cuda is None:
        return skipped('A build for the CPU links to no CUDA library.')
    roots, loaded = package_roots(), cuda_libraries()
    foreign = [path for path in loaded if not any(path.startswith(root + os.sep) for root in roots)]
    measured = {'loaded': len(loaded), 'foreign': len(foreign)}
    if foreign:
        message = '%s comes from outside of the packages.' % ', '.join(os.path.basename(path) for path in foreign)
        evidence = tuple(foreign + ['LD_LIBRARY_PATH=%s' % os.environ.get('LD_LIBRARY_PATH', '')])
        return failed('FOREIGN_LIBRARY', message, evidence=evidence, measured=measured, threshold={'foreign': 0})
    return passed('%d CUDA libraries come from the packages.' % len(loaded), measured=measured)


@check('t2.cudnn', budget_s=20)
def cudnn_fits_torch(subject: Subject) -> Finding:
    """torch finds a cuDNN that is not older than the one it was compiled with; if not, it says so itself."""
    torch = subject.torch
    if torch.version.cuda is None:
        return skipped('A build for the CPU uses no cuDNN.')
    try:
        version = torch.backends.cudnn.version()
    except RuntimeError as error:
        return failed('DOUBLE_LIBRARY', 'torch does not take this cuDNN.', evidence=(str(error),))
    if version is None:
        return skipped('This torch was built without cuDNN.')
    return passed('cuDNN %s fits.' % version, measured={'cudnn': version})


@check('t2.numpy', budget_s=20)
def numbers_pass_to_numpy(subject: Subject) -> Finding:
    """A tensor becomes an array and back: a NumPy that is too new for this torch is refused there."""
    if importlib.util.find_spec('numpy') is None:
        return skipped('The image holds no NumPy.')
    torch, numpy = subject.torch, importlib.import_module('numpy')
    measured = {'numpy': numpy.__version__}
    try:
        total = int(torch.from_numpy(torch.arange(4).numpy()).sum().item())
    except RuntimeError as error:
        return failed('NUMPY_ABI', 'This torch does not work with NumPy %s.' % numpy.__version__, evidence=(str(error),), measured=measured)
    if total != 6:
        return failed('NUMERICS', 'Four numbers add up to %d.' % total, measured={**measured, 'sum': total}, threshold={'sum': 6})
    return passed('Numbers pass to NumPy %s and back.' % numpy.__version__, measured=measured)


@check('t2.nms', budget_s=60)
def torchvision_has_its_operators(subject: Subject) -> Finding:
    """torchvision's `nms` keeps one of two boxes that lie upon each other: its operators are of this very torch."""
    if importlib.util.find_spec('torchvision') is None:
        return skipped('The image holds no torchvision.')
    torch = subject.torch
    try:
        version = importlib.import_module('torchvision').__version__
        boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 9.0], [50.0, 50.0, 60.0, 60.0]])
        kept = torch.ops.torchvision.nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5).tolist()
    except (RuntimeError, ImportError, AttributeError) as error:
        return failed('VISION_OPERATORS', 'torchvision is not of this torch.', evidence=('%s: %s' % (type(error).__name__, error),))
    measured, threshold = {'torchvision': version, 'kept': str(kept)}, {'kept': '[0, 2]'}
    if kept != [0, 2]:
        return failed('VISION_OPERATORS', 'nms kept other boxes than it must.', measured=measured, threshold=threshold)
    return passed('torchvision %s has its operators.' % version, measured=measured, threshold=threshold)


def arch_flags(subject: Subject) -> List[str]:
    """`sm_80 sm_90 compute_90`, as the wheel was compiled; empty for a build for the CPU."""
    if subject.torch.version.cuda is None:
        return []
    return (subject.torch._C._cuda_getArchFlags() or '').split()


def capability_of(gpu: dict) -> tuple:
    major, _, minor = gpu['capability'].partition('.')
    return (int(major), int(minor))


def told(gpus: list) -> str:
    return ', '.join('%s (%s)' % (gpu['name'], gpu['capability']) if gpu['name'] != gpu['capability'] else gpu['name'] for gpu in gpus)


def cuda_libraries() -> List[str]:
    """The files of CUDA libraries that this process has in its memory, links resolved."""
    with open('/proc/self/maps') as maps:
        files = {line.split(None, 5)[5].strip() for line in maps if len(line.split(None, 5)) == 6}
    return sorted(os.path.realpath(path) for path in files if CUDA_LIBRARY.search(path))
