"""One rank of T7, started by torchrun: exchanges known numbers and measures how fast. The first rank prints what all found."""

import json
import os
import sys
import time
from datetime import timedelta

import torch
import torch.distributed as dist

ROUNDS = 5


def main(backend: str, sizes: str) -> None:
    rank, local = int(os.environ['RANK']), int(os.environ['LOCAL_RANK'])
    device = torch.device('cuda', local) if backend == 'nccl' else torch.device('cpu')
    if backend == 'nccl':
        torch.cuda.set_device(device)
    dist.init_process_group(backend, timeout=timedelta(seconds=45))
    wrong, speeds = 0, {}
    for size in (int(text) for text in sizes.split(',')):
        wrong += exchange(max(1, size // 4), device)
        if dist.get_world_size() > 1:
            speeds['busbw_gbps_%d' % size] = bus_bandwidth(max(1, size // 4), device)
    total = torch.tensor([float(wrong)], device=device)
    dist.all_reduce(total)
    if rank == 0:
        version = '.'.join(map(str, torch.cuda.nccl.version())) if backend == 'nccl' else backend
        print('RANKS ' + json.dumps({'wrong': int(total.item()), 'busbw_gbps': speeds, 'nccl': version}), flush=True)
    dist.barrier()
    dist.destroy_process_group()


def exchange(count: int, device: torch.device) -> int:
    """How many of three exchanges gave other numbers than they must. All are small integers: sums in fp32 are exact."""
    rank, world = dist.get_rank(), dist.get_world_size()
    mine = torch.full((count,), float(rank + 1), device=device)
    summed = mine.clone()
    dist.all_reduce(summed)
    sent = torch.full((count,), 42.0 if rank == 0 else -1.0, device=device)
    dist.broadcast(sent, src=0)
    gathered = [torch.empty_like(mine) for _ in range(world)]
    dist.all_gather(gathered, mine)
    facts = (
        bool((summed == world * (world + 1) / 2).all()),
        bool((sent == 42.0).all()),
        all(bool((part == other + 1).all()) for other, part in enumerate(gathered)),
    )
    return sum(not fact for fact in facts)


def bus_bandwidth(count: int, device: torch.device) -> float:
    """GB/s of the bus in an all_reduce, counted as nccl-tests does: 2 (n-1)/n of the bytes."""
    world = dist.get_world_size()
    buffer = torch.ones(count, device=device)
    for _ in range(2):
        dist.all_reduce(buffer)
    wait(device)
    started = time.monotonic()
    for _ in range(ROUNDS):
        dist.all_reduce(buffer)
    wait(device)
    seconds = (time.monotonic() - started) / ROUNDS
    return round(count * 4 / seconds * 2 * (world - 1) / world / 1e9, 3)


def wait(device: torch.device) -> None:
    if device.type == 'cuda':
        torch.cuda.synchronize(device)
    dist.barrier()


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2])
