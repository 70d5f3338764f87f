"""A stand-in for torchvision beside the one for torch: it is there, and nothing else."""

__version__ = '0.23.0+stand-in'
