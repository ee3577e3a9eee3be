"""What activations take from the standard deviation, to be made up for by weights."""

from __future__ import annotations

import math

from graphdl.ir.errors import UnknownNameError
from graphdl.ir.node import site_text

_GAINS = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5.0 / 3.0,
    "relu": math.sqrt(2.0),
    "selu": 0.75,
}


def gain(activation: str, slope: float = 0.01) -> float:
    """Return the factor by which weights in front of an activation are scaled.

    Those of PyTorch: 1 for ``linear`` and ``sigmoid``, 5/3 for ``tanh``, √2 for ``relu``,
    ``√(2 / (1 + slope²))`` for ``leaky_relu`` and ``prelu`` (He et al., 2015, arXiv:1502.01852),
    3/4 for ``selu``.

    Parameters
    ----------
    activation : str
        Its name.
    slope : float
        The slope of leaky_relu below 0.

    Raises
    ------
    UnknownNameError
        If no gain is known.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.param("w", (64, 10), init=gd.nn.init.orthogonal(gd.nn.init.gain("relu")))
    >>> gain("leaky_relu", slope=1.0)
    1.0
    """
    if activation in ("leaky_relu", "prelu"):
        return math.sqrt(2.0 / (1.0 + slope * slope))
    if activation not in _GAINS:
        raise UnknownNameError(
            f"no gain is known for {activation!r}",
            site=site_text(),
            remedy=f"use one of {', '.join([*_GAINS, 'leaky_relu', 'prelu'])}, or a number",
        )
    return _GAINS[activation]
