"""T8, second half: how fast a GPU is, against floors that were asked for and against the last report."""

import time
from typing import Any, Callable, Dict

from catalog import Finding, Subject, check, failed, passed, warned

# A machine that others use varies; this much slower than last time is worth a look.
SLOWER = 0.15
SIZE = 4096
COPY_BYTES = 256 * 1024 * 1024


def judge(figures: Dict[str, float], subject: Subject) -> Finding:
    """Figures under a floor fail; 15 % under the last report's is a warning."""
    floors = {name: subject.task.floors[name] for name in figures if name in subject.task.floors}
    previous = {name: subject.task.previous[name] for name in figures if name in subject.task.previous}
    threshold = {**{'floor_%s' % name: value for name, value in floors.items()}, **{'last_%s' % name: value for name, value in previous.items()}}
    under = [name for name, floor in floors.items() if figures[name] < floor]
    slower = [name for name, last in previous.items() if figures[name] < last * (1 - SLOWER)]
    if under:
        return failed('FLOOR_MISSED', 'Under the floor: %s.' % ', '.join(under), measured=figures, threshold=threshold)
    if slower:
        return warned('SLOWER', 'More than 15 %% slower than the last report: %s.' % ', '.join(slower), measured=figures, threshold=threshold)
    return passed(', '.join('%s %.4g' % pair for pair in figures.items()) + '.', measured=figures, threshold=threshold)


def seconds_of(run: Callable[[], Any], subject: Subject, rounds: int) -> float:
    """Seconds of one round, after two that warm up."""
    wait = subject.torch.cuda.synchronize
    for _ in range(2):
        run()
    wait(subject.index)
    started = time.monotonic()
    for _ in range(rounds):
        run()
    wait(subject.index)
    return (time.monotonic() - started) / rounds


@check('t8.matmul', budget_s=60, each_device=True)
def matrix_products_are_fast(subject: Subject) -> Finding:
    """TFLOP/s of a 4096² matrix product in bf16, or in fp16 before Ampere."""
    torch = subject.torch
    name, dtype = ('bf16_tflops', torch.bfloat16) if subject.capability >= (8, 0) else ('fp16_tflops', torch.float16)
    left, right = (torch.randn(SIZE, SIZE, device=subject.device, dtype=dtype) for _ in range(2))
    seconds = seconds_of(lambda: torch.matmul(left, right), subject, 20)
    return judge({name: round(2 * SIZE**3 / seconds / 1e12, 2)}, subject)


@check('t8.copies', budget_s=60, each_device=True)
def copies_are_fast(subject: Subject) -> Finding:
    """GB/s between pinned memory of the host and the GPU, both ways."""
    torch = subject.torch
    here = torch.empty(COPY_BYTES, dtype=torch.uint8, pin_memory=True)
    there = torch.empty(COPY_BYTES, dtype=torch.uint8, device=subject.device)
    to = seconds_of(lambda: there.copy_(here, non_blocking=True), subject, 10)
    back = seconds_of(lambda: here.copy_(there, non_blocking=True), subject, 10)
    return judge({'h2d_gbps': round(COPY_BYTES / to / 1e9, 2), 'd2h_gbps': round(COPY_BYTES / back / 1e9, 2)}, subject)


@check('t8.steps', budget_s=60, each_device=True)
def training_steps_are_fast(subject: Subject) -> Finding:
    """Training steps per second of a small transformer layer."""
    torch = subject.torch
    torch.manual_seed(20260101)
    layer = torch.nn.TransformerEncoderLayer(256, 8, 1024, batch_first=True).to(subject.device)
    optimizer = torch.optim.AdamW(layer.parameters())
    tokens = torch.randn(16, 128, 256, device=subject.device)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        layer(tokens).pow(2).mean().backward()
        optimizer.step()

    return judge({'steps_per_s': round(1 / seconds_of(step, subject, 30), 2)}, subject)
