"""Optimizers, schedules, clipping, groups and averages: they only build graphs."""

from __future__ import annotations

from graphdl.ir.arguments import check_public
from graphdl.optim import schedules as schedules
from graphdl.optim.adadelta import Adadelta as Adadelta
from graphdl.optim.adagrad import Adagrad as Adagrad
from graphdl.optim.adam import Adam as Adam
from graphdl.optim.adamax import Adamax as Adamax
from graphdl.optim.adamw import AdamW as AdamW
from graphdl.optim.clip import clip_by_global_norm as clip_by_global_norm
from graphdl.optim.clip import clip_by_norm as clip_by_norm
from graphdl.optim.clip import clip_by_value as clip_by_value
from graphdl.optim.ema import Ema as Ema
from graphdl.optim.groups import Groups as Groups
from graphdl.optim.lion import Lion as Lion
from graphdl.optim.nadam import NAdam as NAdam
from graphdl.optim.optimizer import Optimizer as Optimizer
from graphdl.optim.rmsprop import RMSProp as RMSProp
from graphdl.optim.sgd import SGD as SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ema",
    "Groups",
    "Lion",
    "NAdam",
    "Optimizer",
    "RMSProp",
    "clip_by_global_norm",
    "clip_by_norm",
    "clip_by_value",
    "schedules",
]

check_public(globals())
