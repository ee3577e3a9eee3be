"""Initialisers: first values of parameters.

Each is a frozen dataclass, called with a static shape, a NumPy dtype and a generator that depends
on the module's seed and the parameter's name only; with a ``seed`` of its own it draws from that
instead. Values are drawn in float64 and rounded, so a model starts alike in both float dtypes.

Weights are laid out ``(in, out)``, kernels ``(*window, in, out)``: ``fan_in`` is the number of
values that one output sums over, ``fan_out`` the number of outputs that one input feeds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.errors import ArgumentError
from graphdl.ir.initializers import initializer

Shape = tuple[int, ...]


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


def _generator(seed: int | None, given: np.random.Generator) -> np.random.Generator:
    if seed is None:
        return given
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))


@initializer("constant")
@dataclass(frozen=True)
class Constant:
    """One value everywhere."""

    value: float

    def __call__(
        self, shape: Shape, dtype: np.dtype[Any], generator: np.random.Generator
    ) -> np.ndarray:
        return np.full(shape, self.value, dtype)


@initializer("zeros")
@dataclass(frozen=True)
class Zeros:
    """0 everywhere."""

    def __call__(
        self, shape: Shape, dtype: np.dtype[Any], generator: np.random.Generator
    ) -> np.ndarray:
        return np.zeros(shape, dtype)


@initializer("ones")
@dataclass(frozen=True)
class Ones:
    """1 everywhere."""

    def __call__(
        self, shape: Shape, dtype: np.dtype[Any], generator: np.random.Generator
    ) -> np.ndarray:
        return np.ones(shape, dtype)


@initializer("uniform")
@dataclass(frozen=True)
class Uniform:
    """Evenly distributed in ``[low, high)``."""

    low: float = -0.05
    high: float = 0.05
    seed: int | None = None

    def __call__(
        self, shape: Shape, dtype: np.dtype[Any], generator: np.random.Generator
    ) -> np.ndarray:
        return _generator(self.seed, generator).uniform(self.low, self.high, shape).astype(dtype)


@initializer("normal")
@dataclass(frozen=True)
class Normal:
    """Normally distributed."""

    mean: float = 0.0
    std: float = 0.05
    seed: int | None = None

    def __call__(
        self, shape: Shape, dtype: np.dtype[Any], generator: np.random.Generator
    ) -> np.ndarray:
        return _generator(self.seed, generator).normal(self.mean, self.std, shape).astype(dtype)


_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("normal", "uniform")


@dataclass(frozen=True)
class _Scaled:
    """Zero mean and standard deviation ``gain / sqrt(fan)``.

    Attributes
    ----------
    gain : float
        Makes up for what the activation takes from the variance.
    mode : str
        Which fan: ``fan_in``, ``fan_out`` or their mean ``fan_avg``.
    distribution : str
        ``normal``, or ``uniform`` in ``±gain·sqrt(3 / fan)``.
    seed : int, optional
        A seed of its own.
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

    def __call__(
        self, shape: Shape, dtype: np.dtype[Any], generator: np.random.Generator
    ) -> np.ndarray:
        fan_in, fan_out = fans(shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        std = self.gain / math.sqrt(max(fan, 1))
        source = _generator(self.seed, generator)
        if self.distribution == "normal":
            return (std * source.standard_normal(shape)).astype(dtype)
        limit = math.sqrt(3.0) * std
        return source.uniform(-limit, limit, shape).astype(dtype)


@initializer("he")
@dataclass(frozen=True)
class He(_Scaled):
    """Variance ``2 / fan_in``, for ReLU (He et al., 2015, arXiv:1502.01852).

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.param("w", (64, 10), init=gd.nn.init.he(seed=7))
    <param 'w' float32(64, 10)>
    """

    gain: float = math.sqrt(2.0)


@initializer("xavier")
@dataclass(frozen=True)
class Xavier(_Scaled):
    """Variance ``2 / (fan_in + fan_out)``, for tanh (Glorot & Bengio, 2010)."""

    mode: str = "fan_avg"
    distribution: str = "uniform"


@initializer("lecun")
@dataclass(frozen=True)
class LeCun(_Scaled):
    """Variance ``1 / fan_in`` (LeCun et al., 1998, "Efficient BackProp")."""


zeros, ones, constant, uniform, normal = Zeros, Ones, Constant, Uniform, Normal
he, xavier, lecun = He, Xavier, LeCun

__all__ = ["constant", "fans", "he", "lecun", "normal", "ones", "uniform", "xavier", "zeros"]
