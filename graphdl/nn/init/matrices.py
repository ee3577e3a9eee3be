"""Initialisers that are matrices of a certain structure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.errors import ShapeError
from graphdl.ir.initializers import initializer
from graphdl.nn.init.plain import Drawn, Shape


@initializer("orthogonal")
@dataclass(frozen=True)
class Orthogonal(Drawn):
    """A random matrix with orthonormal rows or columns, whichever are fewer, times ``gain``.

    Saxe et al., 2013, arXiv:1312.6120. Axes before the last are taken as one, so a kernel's
    columns are its filters. Evenly distributed: the Q of a normal matrix, signs by R's diagonal
    (Mezzadri, 2006, arXiv:math-ph/0609050).

    Raises
    ------
    ShapeError
        If the parameter has fewer than two axes.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.param("w", (64, 64), init=gd.nn.init.orthogonal())
    <param 'w' float32(64, 64)>
    """

    gain: float = 1.0
    seed: int | None = None

    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        if len(shape) < 2:
            raise ShapeError(f"orthogonal: {shape} is no matrix", remedy="use init.normal()")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = (max(rows, columns), min(rows, columns))
        q, r = np.linalg.qr(generator.standard_normal(tall))
        q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
        matrix = q if rows >= columns else q.T
        return (self.gain * matrix).reshape(shape)


@initializer("identity")
@dataclass(frozen=True)
class Identity(Drawn):
    """``gain`` on the diagonal, 0 elsewhere; a recurrent matrix that passes its state on.

    Raises
    ------
    ShapeError
        If the parameter has not two axes.
    """

    gain: float = 1.0

    def _draw(self, shape: Shape, generator: np.random.Generator) -> Any:
        if len(shape) != 2:
            raise ShapeError(f"identity: {shape} is no matrix", remedy="use init.zeros()")
        return self.gain * np.eye(*shape)
