"""The catalog of checks: what a check is, which tiers there are, and how a check says what it found."""

from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Tuple

PASS, FAIL, WARN, SKIP = 'pass', 'fail', 'warn', 'skip'


@dataclass(frozen=True)
class Tier:
    """A stage of the validation. `budget_s` is its kill timer per GPU: what takes longer is a result, TIMEOUT."""

    name: str
    title: str
    budget_s: float
    level: str
    # What is told by files and metadata alone is told even where torch cannot be imported.
    needs_torch: bool = True


# Budgets are estimates: not yet run on hardware.
TIERS: Tuple[Tier, ...] = (
    Tier('T1', 'contents', 60, 'proof', needs_torch=False),
    Tier('T2', 'import and linkage', 90, 'proof'),
    Tier('T3', 'enumeration', 60, 'quick'),
    Tier('T4', 'kernel coverage', 30, 'quick'),
    Tier('T5', 'numerics', 90, 'standard'),
    Tier('T6', 'compile', 180, 'standard'),
    Tier('T7', 'collectives', 120, 'standard'),
    Tier('T8', 'memory and throughput', 180, 'full'),
)

# The answers of the input `gpu-tiers`, and before them what the step `prove` asks for, which needs no GPU. Each holds the tiers
# of those before it: what a GPU is shown was looked at first.
LEVELS: Tuple[str, ...] = ('proof', 'quick', 'standard', 'full')


def tiers_of(level: str) -> List[Tier]:
    """The tiers that a level asks for, in order."""
    reach = LEVELS.index(level)
    return [tier for tier in TIERS if LEVELS.index(tier.level) <= reach]


@dataclass(frozen=True)
class Finding:
    """What a check found. `measured` and `threshold` hold numbers and short texts under the same names."""

    status: str
    message: str
    code: Optional[str] = None
    evidence: Tuple[str, ...] = ()
    measured: Dict[str, Any] = field(default_factory=dict)
    threshold: Dict[str, Any] = field(default_factory=dict)


def passed(message: str, **more: Any) -> Finding:
    """The check holds."""
    return Finding(PASS, message, **more)


def failed(code: str, message: str, **more: Any) -> Finding:
    """The check does not hold; `code` says in which known way."""
    return Finding(FAIL, message, code=code, **more)


def warned(code: str, message: str, **more: Any) -> Finding:
    """The check holds, and something about it will hurt later."""
    return Finding(WARN, message, code=code, **more)


def skipped(message: str, **more: Any) -> Finding:
    """The check says nothing about this image on this machine, and why."""
    return Finding(SKIP, message, **more)


@dataclass(frozen=True)
class Task:
    """What the host asks for, without its nonce: code of the image runs beside this."""

    level: str = 'quick'
    # What the image shall be: torch, cuda, arch_list; for the proof gpus[] {name, capability} as well.
    expected: Dict[str, Any] = field(default_factory=dict)
    # What nvidia-smi on the host says: devices[] {uuid, name, capability, memory_mib}; empty where nobody asked.
    host: Dict[str, Any] = field(default_factory=dict)
    # Lowest acceptable figures by name, such as bf16_tflops.
    floors: Dict[str, float] = field(default_factory=dict)
    # Figures of the last report by name; 15 % below them is a warning.
    previous: Dict[str, float] = field(default_factory=dict)
    # For how long the GPU is visibly held, so that the host can see our process on it.
    hold_s: float = 3.0
    hold_mib: int = 64


@dataclass(frozen=True)
class Subject:
    """What a check looks at: torch, the task, and for checks of each device, which one."""

    # None in a tier that does not need it.
    torch: Any
    task: Task
    # Index of a CUDA device; None for checks of the whole machine.
    index: Optional[int] = None
    # `cuda` in every validation; tests run the numerics on `cpu`.
    kind: str = 'cuda'
    # Tells the host something between two results, such as that the GPU is held now.
    tell: Callable[[str], None] = lambda event: None

    @property
    def device(self) -> Any:
        """The device that the check computes on."""
        name = self.kind if self.index is None or self.kind == 'cpu' else '%s:%d' % (self.kind, self.index)
        return self.torch.device(name)

    @property
    def capability(self) -> Tuple[int, int]:
        """Compute capability of the device; a CPU has none and counts as able to do all."""
        if self.kind == 'cpu':
            return (99, 0)
        return self.torch.cuda.get_device_capability(self.index or 0)


@dataclass(frozen=True)
class Check:
    """A check as it stands in the catalog."""

    id: str
    tier: str
    budget_s: float
    each_device: bool
    needs: Tuple[str, ...]
    run: Callable[[Subject], Finding]


CHECKS: List[Check] = []


def check(id: str, *, budget_s: float, each_device: bool = False, needs: Tuple[str, ...] = ()):
    """Puts a function into the catalog. Its tier is the head of its id: `t5.matmul.fp32` belongs to T5.

    `needs` names checks without which this one says nothing: it is skipped where one of them failed.
    """

    def enter(run: Callable[[Subject], Finding]) -> Callable[[Subject], Finding]:
        if any(other.id == id for other in CHECKS):
            raise ValueError('two checks are called %s' % id)
        CHECKS.append(Check(id, id.split('.')[0].upper(), budget_s, each_device, needs, run))
        return run

    return enter


def checks_of(tier: str) -> List[Check]:
    """The checks of a tier, in the order in which they were written."""
    return [entry for entry in CHECKS if entry.tier == tier]
