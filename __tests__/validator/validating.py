"""Runs the validator as the host does, with the stand-in for torch, and reads its lines."""

import hashlib
import hmac
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VALIDATOR = os.path.join(HERE, '..', '..', 'validator')
NONCE = 'a nonce for tests'

A100 = {'uuid': 'GPU-aaaaaaaa', 'name': 'NVIDIA A100-SXM4-80GB', 'capability': '8.0', 'memory_mib': 81920}
H100 = {'uuid': 'GPU-bbbbbbbb', 'name': 'NVIDIA H100 80GB HBM3', 'capability': '9.0', 'memory_mib': 81559}
MIG = {'uuid': 'MIG-cccccccc', 'name': 'NVIDIA A100-SXM4-80GB', 'capability': '8.0', 'memory_mib': 9856, 'mig': '1g.10gb'}


class Answer:
    """What the validator said: every line, the findings by id, and the exit status."""

    def __init__(self, status, text):
        self.status, self.text = status, text
        self.lines = [json.loads(line) for line in text.splitlines() if line.startswith('{')]

    def of(self, event):
        return [line for line in self.lines if line['event'] == event]

    def checks(self):
        return {(line['id'] if 'device' not in line else '%s@%d' % (line['id'], line['device'])): line for line in self.of('check')}

    def tiers(self):
        return {line['tier']: line['status'] for line in self.of('tier')}

    @property
    def result(self):
        return next((line['result'] for line in reversed(self.lines) if line['event'] == 'end' and is_ours(line, self.text)), None)


def is_ours(line, text):
    """Whether the MAC of a line is right, computed from the very text that was printed."""
    tail = ',"mac":"%s"}' % line['mac']
    printed = [printed[: -len(tail)] + '}' for printed in text.splitlines() if printed.endswith(tail)]
    return any(hmac.compare_digest(hmac.new(NONCE.encode(), body.encode(), hashlib.sha256).hexdigest(), line['mac']) for body in printed)


def validate(torch, order=None, timeout_s=60, environment=None):
    """Runs the validator over a stand-in that plays `torch`."""
    given = {'nonce': NONCE, 'level': 'quick', 'hold_s': 0.05, **(order or {})}
    ran = subprocess.run(
        [sys.executable, '-I', '-S', os.path.join(VALIDATOR, 'validate.py')],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, 'PYTHONPATH': os.path.join(HERE, 'stand_in'), 'STAND_IN_TORCH': json.dumps(torch), **(environment or {})},
    )
    if ran.stderr:
        raise AssertionError('the validator printed to stderr: %s' % ran.stderr)
    return Answer(ran.returncode, ran.stdout)
