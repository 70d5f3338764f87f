"""The process that imports torch and runs the checks of one tier. It dies by our kill timer without taking the report along."""

import importlib
import json
import os
import sys
import traceback
from typing import Any, Dict, List, Optional

import catalog
import checks  # noqa: F401
from catalog import Check, Finding, Subject, Task

EVIDENCE_LINES = 40


class Channel:
    """The way to the runner: JSON lines on a descriptor of their own, so that nothing that code prints gets in between."""

    def __init__(self, descriptor: int):
        self._stream = os.fdopen(descriptor, 'w', buffering=1)

    def send(self, message: Dict[str, Any]) -> None:
        self._stream.write(json.dumps(message) + '\n')
        self._stream.flush()


def run_tier(tier: str, task: Task, channel: Channel, done: List[str]) -> None:
    """Runs the checks of a tier, leaving out those that are done already, and says of each when it begins and what it found."""
    torch = None
    if next(known.needs_torch for known in catalog.TIERS if known.name == tier):
        channel.send({'event': 'import'})
        torch = importlib.import_module('torch')
        channel.send({'event': 'imported', 'devices': torch.cuda.device_count(), 'facts': facts_of(torch)})
    unmet: set = set()
    for entry in catalog.checks_of(tier):
        for index in indexes_of(entry, torch):
            if key_of(entry.id, index) in done:
                continue
            blocker = next((need for need in entry.needs if need in unmet or 'unmet:%s' % need in done), None)
            channel.send({'event': 'begin', 'id': entry.id, 'index': index, 'budget_s': entry.budget_s})
            subject = Subject(torch, task, index, tell=lambda event: channel.send({'event': event}))
            finding = catalog.skipped('Not run: %s failed.' % blocker) if blocker else run_check(entry, subject)
            if finding.status == catalog.FAIL or blocker:
                unmet.add(entry.id)
            channel.send({'event': 'found', 'id': entry.id, 'index': index, 'blocked_by': blocker, **as_json(finding)})


def run_check(entry: Check, subject: Subject) -> Finding:
    """Runs one check. What it throws is what it found: the text goes to the diagnosis of the host."""
    try:
        return entry.run(subject)
    except Exception as error:
        lines = traceback.format_exc().splitlines()[-EVIDENCE_LINES:]
        return catalog.failed('RAISED', '%s: %s' % (type(error).__name__, first_line(error)), evidence=tuple(lines))


def indexes_of(entry: Check, torch: Any) -> List[Optional[int]]:
    return list(range(torch.cuda.device_count())) if entry.each_device else [None]


def key_of(id: str, index: Optional[int]) -> str:
    return id if index is None else '%s@%d' % (id, index)


def as_json(finding: Finding) -> Dict[str, Any]:
    return {
        'status': finding.status,
        'code': finding.code,
        'message': finding.message,
        'evidence': list(finding.evidence),
        'measured': finding.measured,
        'threshold': finding.threshold,
    }


def facts_of(torch: Any) -> Dict[str, Any]:
    """What the report says of this torch; nothing here needs a GPU."""
    flags = getattr(torch._C, '_cuda_getArchFlags', lambda: None)() if torch.version.cuda else None
    return {
        'version': str(torch.__version__),
        'git': getattr(torch.version, 'git_version', None),
        'debug': bool(getattr(torch.version, 'debug', False)),
        'cuda': torch.version.cuda,
        'arch_flags': (flags or '').split(),
    }


def first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [''])[0][:400]


def main(tier: str, descriptor: int) -> None:
    """The entry of a worker: the task comes by standard input."""
    order = json.load(sys.stdin)
    channel = Channel(descriptor)
    run_tier(tier, Task(**order['task']), channel, order['done'])
    channel.send({'event': 'end'})
    # Without the interpreter's own ending: a driver that hangs while it unloads is not what was asked.
    os._exit(0)
