"""Training steps of graphdl timed beside PyTorch, JAX and hand-written NumPy.

Run ``python -m benchmarks --help``. Nothing here is part of the installed package.
"""
