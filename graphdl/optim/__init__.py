"""Optimizers and schedules: they only build graphs."""

from __future__ import annotations

from graphdl.optim import schedules as schedules
from graphdl.optim.adam import Adam as Adam
from graphdl.optim.optimizer import Optimizer as Optimizer
from graphdl.optim.sgd import SGD as SGD

__all__ = ["SGD", "Adam", "Optimizer", "schedules"]
