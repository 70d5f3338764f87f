"""Runs tiers in worker processes, each check under its kill timer, and says what came of them. Never imports torch."""

import json
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from typing import Any, Callable, Dict, List, Optional, Tuple

import catalog
from catalog import Task, Tier

# Importing torch from a cold disk reads several GB.
IMPORT_BUDGET_S = 120.0
# A process in an uninterruptible call of the driver survives SIGKILL for as long as that call takes.
DEATH_S = 5.0
OUTPUT_LINES = 40
LONGEST_LINE = 64 * 1024
# A worker that was killed is started again for the checks after it; not for ever.
WORKERS_PER_TIER = 3

Tell = Callable[[Dict[str, Any]], None]


class Worker:
    """One worker process with its channel and its output."""

    def __init__(self, tier: str, task: Task, done: List[str], program: Optional[List[str]] = None):
        reading, writing = os.pipe()
        here = os.path.dirname(os.path.abspath(__file__))
        command = program or [sys.executable, os.path.join(here, 'validate.py')]
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command + ['--worker', tier, str(writing)],
            stdin=subprocess.PIPE,
            stdout=self.output,
            stderr=self.output,
            pass_fds=(writing,),
            env=worker_environment(),
            start_new_session=True,
        )
        os.close(writing)
        self._reading = reading
        self._left = b''
        try:
            self.process.stdin.write(json.dumps({'task': asdict(task), 'done': done}).encode())
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def next_message(self, deadline: float) -> Optional[Dict[str, Any]]:
        """The next message; None at the end of the channel. Raises TimeoutError at the deadline."""
        while b'\n' not in self._left:
            wait = deadline - time.monotonic()
            if wait <= 0 or not select.select([self._reading], [], [], wait)[0]:
                raise TimeoutError
            chunk = os.read(self._reading, 65536)
            if not chunk:
                return None
            self._left += chunk
            if len(self._left) > 16 * LONGEST_LINE:
                return None
        line, self._left = self._left.split(b'\n', 1)
        try:
            message = json.loads(line)
        except ValueError:
            return {}
        return message if isinstance(message, dict) else {}

    def end(self) -> Tuple[Optional[int], str]:
        """Kills what is left of the worker and its children; gives its exit status, and what the kernel says where it lives on."""
        try:
            if self.process.poll() is None:
                # It has said all it had to say; a normal end needs a moment.
                self.process.wait(0.2)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        try:
            return self.process.wait(DEATH_S), ''
        except subprocess.TimeoutExpired:
            return None, state_of(self.process.pid)
        finally:
            os.close(self._reading)

    def last_lines(self) -> List[str]:
        """The end of what the worker printed."""
        self.output.seek(0, os.SEEK_END)
        self.output.seek(max(0, self.output.tell() - LONGEST_LINE))
        return self.output.read().decode('utf-8', 'replace').splitlines()[-OUTPUT_LINES:]


def worker_environment() -> Dict[str, str]:
    """The image's own environment, with every cache below the one place that is writable."""
    place = os.path.join(tempfile.gettempdir(), 'validator')
    os.makedirs(place, mode=0o700, exist_ok=True)
    return {
        **os.environ,
        'HOME': place,
        'XDG_CACHE_HOME': place,
        'CUDA_CACHE_PATH': os.path.join(place, 'cuda'),
        'TORCHINDUCTOR_CACHE_DIR': os.path.join(place, 'inductor'),
        'TRITON_CACHE_DIR': os.path.join(place, 'triton'),
        'PYTHONDONTWRITEBYTECODE': '1',
        'PYTHONFAULTHANDLER': '1',
        # There is no network in the container but loopback.
        'NCCL_SOCKET_IFNAME': 'lo',
        'GLOO_SOCKET_IFNAME': 'lo',
    }


def state_of(pid: int) -> str:
    try:
        with open('/proc/%d/stat' % pid) as stat:
            return 'state %s' % stat.read().rsplit(')', 1)[1].split()[0]
    except (OSError, IndexError):
        return 'state unknown'


def run_tiers(task: Task, tell: Tell, program: Optional[List[str]] = None) -> str:
    """Runs the tiers of the task's level in order; after one that failed, the others are skipped. Gives the worst status."""
    worst, blocked_by = catalog.PASS, None
    for tier in catalog.tiers_of(task.level):
        if blocked_by is not None:
            tell({'event': 'tier', 'tier': tier.name, 'title': tier.title, 'status': catalog.SKIP, 'blocked_by': blocked_by, 'duration_ms': 0})
            continue
        started = time.monotonic()
        status = TierRun(tier, task, tell, program).run()
        tell({
            'event': 'tier',
            'tier': tier.name,
            'title': tier.title,
            'status': status,
            'duration_ms': elapsed_ms(started),
            'budget_ms': int(tier.budget_s * 1000),
        })
        if status == catalog.FAIL:
            worst, blocked_by = catalog.FAIL, tier.name
        elif status == catalog.WARN and worst == catalog.PASS:
            worst = catalog.WARN
    return worst


class TierRun:
    """One tier, through as many workers as it takes."""

    def __init__(self, tier: Tier, task: Task, tell: Tell, program: Optional[List[str]]):
        self.tier, self.task, self.tell, self.program = tier, task, tell, program
        self.done: List[str] = []
        self.statuses: List[str] = []
        self.devices = max(1, len(task.host.get('devices', [])))

    def run(self) -> str:
        deadline = time.monotonic() + self.tier.budget_s * self.devices + IMPORT_BUDGET_S
        for _ in range(WORKERS_PER_TIER):
            if self._run_worker(deadline):
                break
        if catalog.FAIL in self.statuses:
            return catalog.FAIL
        if catalog.WARN in self.statuses:
            return catalog.WARN
        return catalog.PASS if catalog.PASS in self.statuses else catalog.SKIP

    def _run_worker(self, tier_deadline: float) -> bool:
        """Runs one worker to its end; whether the tier is through with it."""
        worker = Worker(self.tier.name, self.task, self.done, self.program)
        running: Dict[str, Any] = {'id': '%s.start' % self.tier.name.lower(), 'index': None, 'budget_s': IMPORT_BUDGET_S}
        started = time.monotonic()
        is_between = False
        while True:
            try:
                message = worker.next_message(min(tier_deadline, started + running['budget_s']))
            except TimeoutError:
                return self._lose(worker, running, started, 'TIMEOUT')
            if message is None:
                return self._lose(worker, running, started, 'CRASHED')
            event = message.get('event')
            if event == 'imported':
                self.devices = max(self.devices, int(message.get('devices') or 0))
                self.tell({'event': 'torch', 'tier': self.tier.name, 'devices': message.get('devices'), **message.get('facts', {})})
            elif event == 'begin':
                running, started, is_between = message, time.monotonic(), False
            elif event == 'found' and not is_between:
                self._record(message, elapsed_ms(started), running['budget_s'])
                # What a check leaves behind has to end as well, before the next begins.
                running = {**running, 'id': '%s.end' % self.tier.name.lower(), 'index': None, 'budget_s': IMPORT_BUDGET_S}
                started, is_between = time.monotonic(), True
            elif event in ('holding', 'released'):
                self.tell({'event': event, 'tier': self.tier.name})
            elif event == 'end':
                worker.end()
                worker.output.close()
                return True

    def _lose(self, worker: Worker, running: Dict[str, Any], started: float, code: str) -> bool:
        """Records what a lost worker was doing. A driver that does not let it die ends the tier."""
        took = elapsed_ms(started)
        status, state = worker.end()
        how = 'did not end within %g s' % running['budget_s'] if code == 'TIMEOUT' else 'took its process down (%s)' % exit_text(status)
        if status is None:
            how += '; the driver does not let it die (%s)' % state
        message, evidence = 'The check %s.' % how, worker.last_lines()
        worker.output.close()
        if code == 'CRASHED' and running['id'].endswith('.start') and status == 1 and evidence:
            # Python ended by itself: torch, or something that it imports, could not be loaded.
            code, message = 'RAISED', evidence[-1]
        self._record(
            {
                'id': running['id'],
                'index': running['index'],
                'status': catalog.FAIL,
                'code': code,
                'message': message,
                'evidence': evidence,
                'measured': {},
                'threshold': {'seconds': running['budget_s']},
            },
            took,
            running['budget_s'],
        )
        is_start = running['id'].endswith('.start') or running['id'].endswith('.end')
        return is_start or status is None

    def _record(self, found: Dict[str, Any], duration_ms: int, budget_s: float) -> None:
        id, index = str(found.get('id')), found.get('index')
        key = id if index is None else '%s@%d' % (id, index)
        self.done.append(key)
        status = found.get('status')
        if status not in (catalog.PASS, catalog.FAIL, catalog.WARN, catalog.SKIP):
            status = catalog.FAIL
        if status == catalog.FAIL or found.get('blocked_by'):
            self.done.append('unmet:%s' % id)
        self.statuses.append(status)
        line = {
            'event': 'check',
            'id': id,
            'tier': self.tier.name,
            'status': status,
            'message': str(found.get('message', ''))[:2000],
            'evidence': [str(text)[:2000] for text in found.get('evidence', [])][-OUTPUT_LINES:],
            'measured': plain(found.get('measured', {})),
            'threshold': plain(found.get('threshold', {})),
            'duration_ms': duration_ms,
            'budget_ms': int(budget_s * 1000),
        }
        if found.get('code'):
            line['code'] = found['code']
        if index is not None:
            line['device'] = index
        if found.get('blocked_by'):
            line['blocked_by'] = found['blocked_by']
        self.tell(line)


def plain(figures: Dict[str, Any]) -> Dict[str, Any]:
    """Figures as JSON has them: it knows neither infinity nor what is not a number, so these become words."""
    return {name: str(value) if isinstance(value, float) and not math.isfinite(value) else value for name, value in figures.items()}


def exit_text(status: Optional[int]) -> str:
    if status is None:
        return 'still there'
    if status < 0:
        try:
            return signal.Signals(-status).name
        except ValueError:
            return 'signal %d' % -status
    return 'exit status %d' % status


def elapsed_ms(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
