"""T5: what the GPU computes agrees with a reference in fp64 on the CPU, within what the number format allows.

Inputs are rounded to the format before the reference is computed, so that only the computation is judged. Matrix
products and convolutions are compared by errors normalised to the whole result: elementwise tolerances fail where terms
cancel. All tolerances are from PyTorch's own tests and numerics notes; not yet run on hardware.
"""

from dataclasses import dataclass
from typing import Any, Callable, Dict

from catalog import Finding, Subject, check, failed, passed, skipped


@dataclass(frozen=True)
class Format:
    """A number format with what may go wrong in it.

    `by` says what `limit` is relative to: `rms` and `mean` of the reference; `mixed` first grants each element `rtol` of
    itself, its rounding on the way out, and takes the rest relative to the RMS.
    """

    name: str
    dtype: str
    by: str
    limit: float
    rtol: float = 0.0
    tf32: bool = False
    oldest: tuple = (0, 0)


FORMATS = (
    Format('fp64', 'float64', 'mean', 1e-7),
    Format('fp32', 'float32', 'rms', 1e-5),
    Format('tf32', 'float32', 'mean', 5e-3, tf32=True, oldest=(8, 0)),
    Format('bf16', 'bfloat16', 'mixed', 1e-3, rtol=1.6e-2, oldest=(8, 0)),
    Format('fp16', 'float16', 'mixed', 1e-3, rtol=1e-3),
)


def error_of(result: Any, reference: Any, kind: Format) -> Dict[str, float]:
    """The largest error of a result, as it is and relative to what its format is judged by."""
    difference = (result.double().cpu() - reference).abs()
    largest = difference.max().item()
    if kind.by == 'mean':
        relative = largest / reference.abs().mean().item()
    else:
        scale = reference.pow(2).mean().sqrt().item()
        excess = difference - kind.rtol * reference.abs() if kind.by == 'mixed' else difference
        # By torch, not by Python's max, which takes what is not a number for less than nothing.
        relative = excess.max().clamp(min=0).item() / scale
    return {'max_abs': largest, 'rel': relative}


def compare(op: str, kind: Format, subject: Subject, compute: Callable[[Callable[..., Any], Any], Any]) -> Finding:
    """Computes the same twice: in the format on the device, and in fp64 on the CPU from the same rounded inputs."""
    torch = subject.torch
    if subject.capability < kind.oldest:
        return skipped('%s is native from capability %d.%d on.' % (kind.name, *kind.oldest))
    dtype = getattr(torch, kind.dtype)
    generator = torch.Generator().manual_seed(20260101)
    drawn = []

    def on_device(*shape: int) -> Any:
        drawn.append(torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype))
        return drawn[-1].to(subject.device)

    # Both ways said explicitly: off for matmul and on for cuDNN is what torch begins with.
    torch.backends.cuda.matmul.allow_tf32 = kind.tf32
    torch.backends.cudnn.allow_tf32 = kind.tf32
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    torch.backends.cuda.matmul.allow_fp16_reduced_precision_reduction = False
    with torch.no_grad():
        result = compute(on_device)
        again = iter(drawn)
        reference = compute(lambda *shape: next(again).double())
    measured = {'op': op, 'dtype': kind.name, **error_of(result, reference, kind)}
    threshold = {'rel': kind.limit, 'rtol': kind.rtol, 'by': kind.by}
    if not measured['rel'] <= kind.limit:
        return failed('NUMERICS', '%s in %s is off by %.2g, allowed %.2g.' % (op, kind.name, measured['rel'], kind.limit), measured=measured, threshold=threshold)
    return passed('%s in %s is off by %.2g, allowed %.2g.' % (op, kind.name, measured['rel'], kind.limit), measured=measured, threshold=threshold)


def matmul(torch: Any) -> Callable[[Callable[..., Any]], Any]:
    return lambda draw: torch.matmul(draw(1024, 1024), draw(1024, 1024))


def conv2d(torch: Any) -> Callable[[Callable[..., Any]], Any]:
    return lambda draw: torch.nn.functional.conv2d(draw(8, 64, 56, 56), draw(64, 64, 3, 3), padding=1)


def enter(op: str, make: Callable[[Any], Callable[..., Any]], kind: Format) -> None:
    @check('t5.%s.%s' % (op, kind.name), budget_s=30, each_device=True)
    def compared(subject: Subject) -> Finding:
        return compare(op, kind, subject, make(subject.torch))


for form in FORMATS:
    enter('matmul', matmul, form)
    enter('conv2d', conv2d, form)


@check('t5.attention', budget_s=30, each_device=True)
def attention_agrees(subject: Subject) -> Finding:
    """Scaled dot-product attention, with whatever kernel torch picks for the GPU."""
    attend = subject.torch.nn.functional.scaled_dot_product_attention
    kind = next(form for form in FORMATS if form.name == 'fp16')
    # The softmax's weights pass through the format once more than a product's terms do.
    loose = Format(kind.name, kind.dtype, kind.by, 4e-3, rtol=kind.rtol)
    return compare('attention', loose, subject, lambda draw: attend(draw(2, 4, 128, 64), draw(2, 4, 128, 64), draw(2, 4, 128, 64)))


@check('t5.svd', budget_s=30, each_device=True)
def singular_values_agree(subject: Subject) -> Finding:
    """Singular values of a 256×256 matrix, by cuSOLVER."""
    kind = Format('fp32', 'float32', 'rms', 1e-5)
    return compare('svd', kind, subject, lambda draw: subject.torch.linalg.svdvals(draw(256, 256)))


@check('t5.fft', budget_s=30, each_device=True)
def transform_agrees(subject: Subject) -> Finding:
    """A two-dimensional FFT there and back, by cuFFT."""
    fft = subject.torch.fft
    kind = Format('fp32', 'float32', 'rms', 1e-5)
    return compare('fft', kind, subject, lambda draw: fft.irfft2(fft.rfft2(draw(256, 256)), s=(256, 256)))


@check('t5.rnn', budget_s=30, each_device=True)
def recurrent_layer_agrees(subject: Subject) -> Finding:
    """A GRU, by cuDNN: weights on the device are the very ones of the reference."""
    torch = subject.torch
    torch.manual_seed(20260101)
    layer = torch.nn.GRU(64, 64, num_layers=2).double()
    torch.backends.cudnn.allow_tf32 = False
    with torch.no_grad():
        # The weights are rounded first, so that both compute with the same.
        layer = layer.float()
        inputs = torch.randn(32, 8, 64)
        reference = layer.double()(inputs.double())[0]
        result = layer.float().to(subject.device)(inputs.to(subject.device))[0]
    kind = Format('fp32', 'float32', 'rms', 1e-5)
    measured = {'op': 'gru', 'dtype': 'fp32', **error_of(result, reference, kind)}
    threshold = {'rel': kind.limit, 'rtol': 0.0, 'by': kind.by}
    if not measured['rel'] <= kind.limit:
        return failed('NUMERICS', 'The GRU is off by %.2g, allowed %.2g.' % (measured['rel'], kind.limit), measured=measured, threshold=threshold)
    return passed('The GRU is off by %.2g, allowed %.2g.' % (measured['rel'], kind.limit), measured=measured, threshold=threshold)


@check('t5.random', budget_s=20, each_device=True)
def random_numbers_repeat(subject: Subject) -> Finding:
    """The same seed gives the same numbers, another seed others, and their mean is where it must be."""
    torch = subject.torch

    def draw(seed: int) -> Any:
        return torch.randn(1 << 16, generator=torch.Generator(subject.device).manual_seed(seed), device=subject.device).cpu()

    first, again, other = draw(7), draw(7), draw(8)
    measured = {'repeats': bool(torch.equal(first, again)), 'differs': not bool(torch.equal(first, other)), 'mean': first.mean().item()}
    threshold = {'repeats': True, 'differs': True, 'mean': 0.05}
    if measured['repeats'] and measured['differs'] and abs(measured['mean']) <= threshold['mean']:
        return passed('Random numbers repeat by their seed.', measured=measured, threshold=threshold)
    return failed('NUMERICS', 'Random numbers do not repeat by their seed.', measured=measured, threshold=threshold)
