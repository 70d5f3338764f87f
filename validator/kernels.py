"""Kernels in Triton: in a file of their own, because Triton reads the source of what it compiles, and not every image has it."""

import triton
import triton.language as tl


@triton.jit
def add_kernel(left, right, total, count, block: tl.constexpr):
    offsets = tl.program_id(axis=0) * block + tl.arange(0, block)
    inside = offsets < count
    tl.store(total + offsets, tl.load(left + offsets, mask=inside) + tl.load(right + offsets, mask=inside), mask=inside)


def add(torch, left, right):
    """The sum of two vectors."""
    total = torch.empty_like(left)
    count = total.numel()
    add_kernel[(triton.cdiv(count, 1024),)](left, right, total, count, block=1024)
    torch.cuda.synchronize()
    return total
