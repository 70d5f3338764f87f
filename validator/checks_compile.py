"""T6: what is compiled on this machine runs on its driver. A passing matrix product does not prove that."""

import importlib.util
import time

from catalog import Finding, Subject, check, failed, passed, skipped

TOLERANCE = {'rtol': 1.3e-6, 'atol': 1e-5}


def lacks_triton() -> bool:
    return importlib.util.find_spec('triton') is None


def compiled(subject: Subject, function):
    """The function compiled anew, with an error where torch would quietly run a part of it uncompiled."""
    subject.torch._dynamo.reset()
    return subject.torch.compile(function, fullgraph=True)


def closeness(subject: Subject, result, reference, limits) -> dict:
    difference = (result - reference).abs()
    excess = (difference - limits['atol'] - limits['rtol'] * reference.abs()).max().item()
    return {'max_abs': difference.max().item(), 'excess': excess}


@check('t6.pointwise', budget_s=120)
def fused_pointwise_agrees(subject: Subject) -> Finding:
    """A fused pointwise expression with a reduction, compiled and not."""
    if lacks_triton():
        return skipped('The image holds no triton, without which torch.compile has no GPU back end.')
    torch = subject.torch

    def expression(left, right):
        return (torch.sin(left) * torch.cos(right) + left * right).sum(dim=-1)

    left, right = (torch.randn(512, 1024, device=subject.device, generator=torch.Generator(subject.device).manual_seed(seed)) for seed in (1, 2))
    started = time.monotonic()
    result = compiled(subject, expression)(left, right)
    if subject.kind == 'cuda':
        torch.cuda.synchronize()
    seconds = round(time.monotonic() - started, 2)
    # The terms of a sum of 1024 come in another order.
    limits = {'rtol': TOLERANCE['rtol'], 'atol': 1e-3}
    measured = {'seconds': seconds, **closeness(subject, result, expression(left, right), limits)}
    if not measured['excess'] <= 0:
        return failed('NUMERICS', 'Compiled and uncompiled differ.', measured=measured, threshold=limits)
    return passed('Compiled in %.1f s and agrees.' % seconds, measured=measured, threshold=limits)


@check('t6.backward', budget_s=180, needs=('t6.pointwise',))
def compiled_backward_agrees(subject: Subject) -> Finding:
    """Gradients of a small perceptron, compiled and not."""
    if lacks_triton():
        return skipped('The image holds no triton, without which torch.compile has no GPU back end.')
    torch = subject.torch
    torch.manual_seed(20260101)
    torch.backends.cuda.matmul.allow_tf32 = False
    model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.GELU(), torch.nn.Linear(128, 8)).to(subject.device)
    inputs = torch.randn(32, 64).to(subject.device)

    def gradients(run):
        model.zero_grad(set_to_none=True)
        run(inputs).pow(2).mean().backward()
        return torch.cat([weight.grad.flatten() for weight in model.parameters()]).clone()

    started = time.monotonic()
    result = gradients(compiled(subject, model))
    measured = {'seconds': round(time.monotonic() - started, 2), **closeness(subject, result, gradients(model), TOLERANCE)}
    if not measured['excess'] <= 0:
        return failed('NUMERICS', 'Compiled and uncompiled gradients differ.', measured=measured, threshold=TOLERANCE)
    return passed('Compiled gradients agree.', measured=measured, threshold=TOLERANCE)


@check('t6.triton', budget_s=60)
def a_triton_kernel_runs(subject: Subject) -> Finding:
    """A kernel written in Triton itself: its own ptxas may be newer than the driver."""
    if lacks_triton():
        return skipped('The image holds no triton.')
    import kernels

    torch = subject.torch
    left, right = (torch.arange(98_432, dtype=torch.float32, device=subject.device) * factor for factor in (1, 2))
    total = kernels.add(torch, left, right)
    measured = {'max_abs': (total - (left + right)).abs().max().item()}
    if measured['max_abs'] != 0:
        return failed('NUMERICS', 'The Triton kernel adds wrongly.', measured=measured, threshold={'max_abs': 0})
    return passed('A Triton kernel runs.', measured=measured, threshold={'max_abs': 0})
