"""Initialisers whose variance goes by the number of connections."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.errors import ArgumentError
from graphdl.ir.initializers import initializer
from graphdl.nn.init.plain import TRUNCATED_STD, Drawn, Shape, truncated

_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("normal", "truncated_normal", "uniform")


def fans(shape: Shape) -> tuple[int, int]:
    """Return ``(fan_in, fan_out)`` of a weight.

    Examples
    --------
    >>> fans((64, 10)), fans((3, 3, 16, 32)), fans((10,))
    ((64, 10), (144, 288), (10, 10))
    """
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    window = math.prod(shape[:-2])
    return window * shape[-2], window * shape[-1]


@initializer("variance_scaling")
@dataclass(frozen=True)
class VarianceScaling(Drawn):
    """Zero mean and standard deviation ``gain / sqrt(fan)``.

    Attributes
    ----------
    gain : float
        Makes up for what the activation takes from the standard deviation; see ``init.gain``.
    mode : str
        Which fan: ``fan_in``, ``fan_out`` or their mean ``fan_avg``.
    distribution : str
        ``normal``, ``uniform`` in ``±gain·sqrt(3 / fan)``, or ``truncated_normal`` at two
        standard deviations of a normal distribution that is wider by so much as that takes away.
    seed : int, optional
        A seed of its own.

    Raises
    ------
    ArgumentError
        If the mode or the distribution is another.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.nn.init.variance_scaling(gd.nn.init.gain("tanh"), "fan_avg", "uniform")
    VarianceScaling(gain=1.6666666666666667, mode='fan_avg', distribution='uniform', seed=None)
    """

    gain: float = 1.0
    mode: str = "fan_in"
    distribution: str = "normal"
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.mode not in _MODES:
            raise ArgumentError(f"mode={self.mode!r}", remedy=f"use one of {', '.join(_MODES)}")
        if self.distribution not in _DISTRIBUTIONS:
            raise ArgumentError(
                f"distribution={self.distribution!r}",
                remedy=f"use one of {', '.join(_DISTRIBUTIONS)}",
            )

    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        fan_in, fan_out = fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        std = self.gain / math.sqrt(max(fan, 1))
        return std * self._unit(shape, generator)

    def _unit(self, shape: Shape, generator: np.random.Generator) -> np.ndarray:
        """Return values of variance 1."""
        if self.distribution == "uniform":
            return generator.uniform(-math.sqrt(3.0), math.sqrt(3.0), shape)
        if self.distribution == "truncated_normal":
            return truncated(shape, generator) / TRUNCATED_STD
        return np.asarray(generator.standard_normal(shape))


@initializer("he")
@dataclass(frozen=True)
class He(VarianceScaling):
    """Variance ``2 / fan_in``, for ReLU (He et al., 2015, arXiv:1502.01852).

    Normal; ``he(distribution="uniform")`` for the other.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.param("w", (64, 10), init=gd.nn.init.he(seed=7))
    <param 'w' float32(64, 10)>
    """

    gain: float = math.sqrt(2.0)


@initializer("xavier")
@dataclass(frozen=True)
class Xavier(VarianceScaling):
    """Variance ``2 / (fan_in + fan_out)``, for tanh (Glorot & Bengio, 2010).

    Uniform; ``xavier(distribution="normal")`` for the other.
    """

    mode: str = "fan_avg"
    distribution: str = "uniform"


@initializer("lecun")
@dataclass(frozen=True)
class LeCun(VarianceScaling):
    """Variance ``1 / fan_in``, for selu (LeCun et al., 1998, "Efficient BackProp").

    Normal; ``lecun(distribution="uniform")`` for the other.
    """
