"""Reads the order of the host, runs the tiers, and prints one JSON line per event, each with its MAC."""

import ctypes
import hashlib
import hmac
import json
import platform
from typing import Any, Dict, IO

import catalog
import runner
from catalog import Task

FORMAT = 1
PR_SET_DUMPABLE = 4


class Lines:
    """The lines for the host, numbered; the MAC is over everything else on the line, as it is printed."""

    def __init__(self, stream: IO[str], nonce: str):
        self._stream, self._key, self._number = stream, nonce.encode(), 0

    def tell(self, line: Dict[str, Any]) -> None:
        body = json.dumps({'format': FORMAT, 'seq': self._number, **line}, separators=(',', ':'), allow_nan=False)
        mac = hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()
        self._stream.write('%s,"mac":"%s"}\n' % (body[:-1], mac))
        self._stream.flush()
        self._number += 1


def answer(order: IO[str], stream: IO[str]) -> int:
    """Carries out the order that stands on `order`; gives the exit status."""
    hide_memory()
    try:
        given = json.load(order)
        nonce = str(given.pop('nonce'))
        task = Task(**given)
        tiers = [tier.name for tier in catalog.tiers_of(task.level)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        stream.write(json.dumps({'format': FORMAT, 'event': 'refused', 'message': 'The order could not be read: %s' % error}) + '\n')
        return 2
    lines = Lines(stream, nonce)
    lines.tell({
        'event': 'begin',
        'tiers': tiers,
        'python': platform.python_version(),
        'machine': platform.machine(),
        'kernel': platform.release(),
    })
    result = runner.run_tiers(task, lines.tell)
    lines.tell({'event': 'end', 'result': result})
    return 1 if result == catalog.FAIL else 0


def hide_memory() -> None:
    """Closes /proc/<pid> of this process to others of the same user: the nonce and the way to the host stay ours."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (OSError, AttributeError):
        pass
