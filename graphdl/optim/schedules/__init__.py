"""Schedules: learning rates, and other hyperparameters, as functions of the step.

A schedule is called with the number of steps taken before, 0 at the first, as a floating scalar in
the parameters' dtype, and returns a scalar. Any function of a node is one:
``lambda step: 0.1 / (1.0 + 0.01 * step)``.
"""

from __future__ import annotations

from graphdl.ir.arguments import check_public
from graphdl.optim.schedules.cosine import cosine as cosine
from graphdl.optim.schedules.cosine import cosine_restarts as cosine_restarts
from graphdl.optim.schedules.decay import exponential as exponential
from graphdl.optim.schedules.decay import inverse_sqrt as inverse_sqrt
from graphdl.optim.schedules.decay import inverse_time as inverse_time
from graphdl.optim.schedules.ramps import linear as linear
from graphdl.optim.schedules.ramps import polynomial as polynomial
from graphdl.optim.schedules.ramps import warmup as warmup
from graphdl.optim.schedules.stairs import constant as constant
from graphdl.optim.schedules.stairs import piecewise as piecewise
from graphdl.optim.schedules.stairs import step_decay as step_decay

__all__ = [
    "constant",
    "cosine",
    "cosine_restarts",
    "exponential",
    "inverse_sqrt",
    "inverse_time",
    "linear",
    "piecewise",
    "polynomial",
    "step_decay",
    "warmup",
]

check_public(globals())
