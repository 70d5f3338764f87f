"""T7: the GPUs of this machine talk to each other by NCCL, and what they exchange is right."""

import json
import os
import subprocess
import sys

from catalog import Finding, Subject, check, failed, passed, skipped

HERE = os.path.dirname(os.path.abspath(__file__))
TIMEOUT_S = 60


def run_ranks(world_size: int, backend: str = 'nccl', sizes: str = '8,4096,1048576,67108864') -> dict:
    """Starts one process per GPU by torchrun and gives what the first of them found."""
    command = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', str(world_size)]
    ranks = subprocess.run(
        command + [os.path.join(HERE, 'ranks.py'), backend, sizes],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=TIMEOUT_S,
        text=True,
        errors='replace',
    )
    lines = ranks.stdout.splitlines()
    found = [line[len('RANKS ') :] for line in lines if line.startswith('RANKS ')]
    if ranks.returncode != 0 or not found:
        return {'error': 'torchrun ended with exit status %d.' % ranks.returncode, 'lines': lines[-40:]}
    return json.loads(found[0])


@check('t7.exchange', budget_s=90)
def ranks_exchange_rightly(subject: Subject) -> Finding:
    """all_reduce, broadcast and all_gather with sums that are known beforehand, from 8 bytes to 64 MiB; with one GPU, alone."""
    world_size = subject.torch.cuda.device_count()
    try:
        found = run_ranks(world_size)
    except subprocess.TimeoutExpired as late:
        return failed('TIMEOUT', 'The ranks did not end within %d s.' % TIMEOUT_S, evidence=tuple(text_of(late.stdout)[-40:]))
    if 'error' in found:
        return failed('RAISED', found['error'], evidence=tuple(found['lines']))
    floor = subject.task.floors.get('nccl_busbw_gbps')
    measured = {'world_size': world_size, 'wrong': found['wrong'], 'nccl': found['nccl'], **found['busbw_gbps']}
    threshold = {'wrong': 0} if floor is None else {'wrong': 0, 'busbw_gbps': floor}
    if found['wrong'] > 0:
        return failed('NCCL_WRONG', '%d exchanges gave wrong sums.' % found['wrong'], measured=measured, threshold=threshold)
    fastest = max(found['busbw_gbps'].values(), default=0)
    if floor is not None and world_size > 1 and fastest < floor:
        return failed('FLOOR_MISSED', 'The bus carries %.1f GB/s, at least %.1f were asked.' % (fastest, floor), measured=measured, threshold=threshold)
    return passed('%d rank(s) exchange rightly.' % world_size, measured=measured, threshold=threshold)


@check('t7.peers', budget_s=20)
def peers_reach_each_other(subject: Subject) -> Finding:
    """Which GPUs reach each other's memory directly; a fact for the report, no condition."""
    torch = subject.torch
    count = torch.cuda.device_count()
    if count < 2:
        return skipped('There is one GPU.')
    matrix = [[int(one == other or torch.cuda.can_device_access_peer(one, other)) for other in range(count)] for one in range(count)]
    return passed('Peer access was asked for %d GPUs.' % count, measured={'p2p': matrix})


def text_of(output) -> list:
    text = output.decode('utf-8', 'replace') if isinstance(output, bytes) else (output or '')
    return text.splitlines()
