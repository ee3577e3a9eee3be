"""Initialisers: first values of parameters.

Each is a frozen dataclass, called with a static shape, a NumPy dtype and a generator that depends
on the module's seed and the parameter's name only; with a ``seed`` of its own it draws from that
instead. Values are drawn in float64 and rounded, so a model starts alike in both float dtypes.

Weights are laid out ``(in, out)``, kernels ``(*window, in, out)``: ``fan_in`` is the number of
values that one output sums over, ``fan_out`` the number of outputs that one input feeds.
"""

from __future__ import annotations

from graphdl.ir.arguments import check_public
from graphdl.nn.init.gains import gain as gain
from graphdl.nn.init.matrices import Identity, Orthogonal
from graphdl.nn.init.plain import Constant, Normal, Ones, TruncatedNormal, Uniform, Zeros
from graphdl.nn.init.scaled import He, LeCun, VarianceScaling, Xavier
from graphdl.nn.init.scaled import fans as fans

zeros, ones, constant = Zeros, Ones, Constant
uniform, normal, truncated_normal = Uniform, Normal, TruncatedNormal
variance_scaling, he, xavier, lecun = VarianceScaling, He, Xavier, LeCun
orthogonal, identity = Orthogonal, Identity

__all__ = [
    "constant",
    "fans",
    "gain",
    "he",
    "identity",
    "lecun",
    "normal",
    "ones",
    "orthogonal",
    "truncated_normal",
    "uniform",
    "variance_scaling",
    "xavier",
    "zeros",
]

check_public(globals())
