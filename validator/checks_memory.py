"""T8, first half: training steps do not leak, and workers of a data loader find enough shared memory."""

import os

from catalog import Finding, Subject, check, failed, passed, warned

MIB = 1024 * 1024
STEPS = 50
WARM_UP = 10


@check('t8.leak', budget_s=90, each_device=True)
def memory_stays_flat(subject: Subject) -> Finding:
    """Over the last 40 of 50 training steps allocated memory grows by 1 MiB at most, and goes back when all is let go."""
    torch = subject.torch
    cuda, index = torch.cuda, subject.index
    cuda.empty_cache()
    baseline = cuda.memory_allocated(index)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 32, 3, padding=1), torch.nn.BatchNorm2d(32), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(32, 10)
    ).to(subject.device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    warm = 0
    for step in range(STEPS):
        optimizer.zero_grad(set_to_none=True)
        images = torch.randn(16, 3, 64, 64, device=subject.device)
        torch.nn.functional.cross_entropy(model(images), torch.zeros(16, dtype=torch.long, device=subject.device)).backward()
        optimizer.step()
        if step == WARM_UP - 1:
            warm = cuda.memory_allocated(index)
    growth = cuda.memory_allocated(index) - warm
    peak = cuda.max_memory_allocated(index)
    del model, optimizer, images
    cuda.empty_cache()
    left = cuda.memory_allocated(index) - baseline
    measured = {'baseline': baseline, 'peak': peak, 'growth': growth, 'left': left}
    threshold = {'growth': MIB, 'left': 32 * MIB}
    if growth > threshold['growth']:
        return failed('LEAK', 'Memory grew by %d bytes over 40 steps.' % growth, measured=measured, threshold=threshold)
    # cuBLAS keeps a workspace per stream for as long as the process lives.
    if left > threshold['left']:
        return warned('LEAK', '%d bytes stay allocated after all was let go.' % left, measured=measured, threshold=threshold)
    return passed('Memory stays flat over 40 steps.', measured=measured, threshold=threshold)


@check('t8.loader', budget_s=60)
def loader_workers_have_memory(subject: Subject) -> Finding:
    """Two workers of a DataLoader hand over batches through /dev/shm, more than the 64 MiB that containers begin with."""
    torch = subject.torch
    from loading import Noise

    size = os.statvfs('/dev/shm').f_blocks * os.statvfs('/dev/shm').f_frsize if os.path.isdir('/dev/shm') else 0
    loader = torch.utils.data.DataLoader(Noise(), batch_size=8, num_workers=2, prefetch_factor=2)
    total = sum(batch.numel() for batch in loader)
    measured = {'shm_mib': size // MIB, 'elements': total}
    threshold = {'elements': Noise.COUNT * Noise.ELEMENTS}
    if total != threshold['elements']:
        return failed('LOADER', 'The loader lost data.', measured=measured, threshold=threshold)
    return passed('Two loader workers handed over %d MiB.' % (total * 4 // MIB), measured=measured, threshold=threshold)
