"""The data set of T8's loader check: in a module of its own, so that worker processes can be given it by name."""

import torch
from torch.utils.data import Dataset


class Noise(Dataset):
    """24 items of 6 MiB: batches of 8, two of them ahead in each of two workers, ask for 192 MiB of shared memory."""

    COUNT = 24
    ELEMENTS = 6 * 1024 * 1024 // 4

    def __len__(self) -> int:
        return self.COUNT

    def __getitem__(self, at: int):
        return torch.full((self.ELEMENTS,), float(at))
