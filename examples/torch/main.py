"""Says which PyTorch is in the image; the built-in Dockerfile puts this file on top of the wheels."""

import torch

print(f"torch {torch.__version__}, CUDA {torch.version.cuda}, GPU: {torch.cuda.is_available()}")
