"""T4: this torch holds kernels for each GPU, and one of them runs."""

import re
from typing import List, Tuple

from catalog import Finding, Subject, check, failed, passed, warned


def capabilities(flags: List[str], kind: str) -> List[Tuple[int, int]]:
    """`sm_86` and `compute_90` as (8, 6) and (9, 0). A trailing `a` or `f` (sm_90a) names features, no other GPU."""
    found = [re.fullmatch(r'%s_(\d+)(\d)[af]?' % kind, flag) for flag in flags]
    return [(int(match.group(1)), int(match.group(2))) for match in found if match]


def match_of(flags: List[str], capability: Tuple[int, int]) -> str:
    """How kernels reach a GPU: `sass` runs on the same major and an equal or higher minor, `ptx` on any later GPU, or `none`."""
    if any(major == capability[0] and minor <= capability[1] for major, minor in capabilities(flags, 'sm')):
        return 'sass'
    return 'ptx' if any(version <= capability for version in capabilities(flags, 'compute')) else 'none'


@check('t4.coverage', budget_s=10, each_device=True)
def torch_has_kernels(subject: Subject) -> Finding:
    """The list of architectures in the wheel covers the GPU: by machine code, or by PTX that the driver compiles at first use."""
    flags = (subject.torch._C._cuda_getArchFlags() or '').split()
    capability = subject.capability
    match = match_of(flags, capability)
    measured = {'capability': '%d.%d' % capability, 'sm_match': match}
    threshold = {'arch_flags': ' '.join(flags)}
    if match == 'none':
        return failed('ARCH_MISSING', 'This torch holds no kernel for capability %d.%d.' % capability, measured=measured, threshold=threshold)
    if match == 'ptx':
        return warned('JIT', 'Only PTX fits capability %d.%d: the driver compiles each kernel at its first use.' % capability, measured=measured, threshold=threshold)
    return passed('Kernels for capability %d.%d are there.' % capability, measured=measured, threshold=threshold)


@check('t4.runs', budget_s=20, each_device=True, needs=('t4.coverage',))
def a_kernel_runs(subject: Subject) -> Finding:
    """One kernel of torch's own runs to its end; an error that comes late is caught by the synchronization."""
    torch = subject.torch
    values = torch.linspace(0, 1, 4096, device=subject.device)
    total = (values * 2 + 1).sum().item()
    if subject.kind == 'cuda':
        torch.cuda.synchronize(subject.index)
    if not abs(total - 8192) <= 0.5:
        return failed('NUMERICS', 'The kernel gave %r.' % total, measured={'sum': total}, threshold={'sum': 8192})
    return passed('A kernel ran.', measured={'sum': total}, threshold={'sum': 8192})
