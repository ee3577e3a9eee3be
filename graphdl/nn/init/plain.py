"""Initialisers that do not look at the shape: constants and plain distributions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.initializers import initializer

Shape = tuple[int, ...]

TRUNCATED_STD = 0.87962566103423978
"""Standard deviation of a standard normal variable that lies in [-2, 2]."""


class Drawn(ABC):
    """An initialiser: draws in float64 from a generator, that of its own seed if it has one."""

    def __call__(
        self, shape: Shape, dtype: np.dtype[Any], generator: np.random.Generator
    ) -> np.ndarray:
        """Return first values of a shape and dtype."""
        seed = getattr(self, "seed", None)
        if seed is not None:
            generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
        return np.asarray(self._draw(shape, generator)).astype(dtype)

    @abstractmethod
    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        """Return first values in any dtype."""


def truncated(shape: Shape, generator: np.random.Generator) -> np.ndarray:
    """Return standard normal values in [-2, 2]; those outside are drawn anew."""
    values = np.asarray(generator.standard_normal(shape))
    while (outside := np.abs(values) > 2.0).any():
        values[outside] = generator.standard_normal(np.count_nonzero(outside))
    return values


@initializer("constant")
@dataclass(frozen=True)
class Constant(Drawn):
    """One value everywhere.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.param("threshold", (3,), init=gd.nn.init.constant(0.5))
    <param 'threshold' float32(3,)>
    """

    value: float

    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        return np.full(shape, self.value)


@initializer("zeros")
@dataclass(frozen=True)
class Zeros(Drawn):
    """0 everywhere."""

    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        return np.zeros(shape)


@initializer("ones")
@dataclass(frozen=True)
class Ones(Drawn):
    """1 everywhere."""

    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        return np.ones(shape)


@initializer("uniform")
@dataclass(frozen=True)
class Uniform(Drawn):
    """Evenly distributed in ``[low, high)``."""

    low: float = -0.05
    high: float = 0.05
    seed: int | None = None

    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        return generator.uniform(self.low, self.high, shape)


@initializer("normal")
@dataclass(frozen=True)
class Normal(Drawn):
    """Normally distributed."""

    mean: float = 0.0
    std: float = 0.05
    seed: int | None = None

    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        return generator.normal(self.mean, self.std, shape)


@initializer("truncated_normal")
@dataclass(frozen=True)
class TruncatedNormal(Drawn):
    """Normally distributed, but within ``mean ± 2·std``: what lies outside is drawn anew.

    ``std`` is that of the whole distribution, as in Keras and PyTorch; what is drawn has 0.8796
    of it.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.param("w", (64, 10), init=gd.nn.init.truncated_normal(std=0.02))
    <param 'w' float32(64, 10)>
    """

    mean: float = 0.0
    std: float = 0.05
    seed: int | None = None

    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        drawn = truncated(shape, generator)
        return self.mean + self.std * drawn
