"""Activations by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphdl.ir.errors import ArgumentError, UnknownNameError
from graphdl.ir.node import Node, site_text
from graphdl.ops import FUNCTIONS

Activation = str | Callable[[Node], Node] | None
"""An op's public name, a function from node to node, or None for none."""


def activation(given: Activation) -> Callable[[Node], Node]:
    """Return the function that an activation stands for.

    Raises
    ------
    UnknownNameError
        If no op has that name.

    Examples
    --------
    >>> import graphdl as gd
    >>> activation("relu") is gd.relu
    True
    """
    if given is None:
        return _identity
    if callable(given):
        return given
    if not isinstance(given, str):
        raise ArgumentError(f"{given!r} is no activation", site=site_text())
    if given not in FUNCTIONS:
        raise UnknownNameError(
            f"there is no activation {given!r}",
            site=site_text(),
            remedy="use 'relu', 'gelu', 'tanh', 'sigmoid', 'softplus' ..., a function, or None",
        )
    found: Any = FUNCTIONS[given]
    return found  # type: ignore[no-any-return]


def _identity(x: Node) -> Node:
    return x
