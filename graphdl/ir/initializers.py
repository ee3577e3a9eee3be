"""The initialisers that the text form of a graph can name.

``graphdl.nn.init`` fills the table; an initialiser of a user's own joins it the same way.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TypeVar

from graphdl.ir.errors import ArgumentError

INITIALIZERS: dict[str, type] = {}
"""Name in the text form -> frozen dataclass whose instances are initialisers."""

Class = TypeVar("Class", bound=type)


def initializer(name: str) -> Callable[[Class], Class]:
    """Register a frozen dataclass as an initialiser (a decorator).

    Parameters
    ----------
    name : str
        How the text form calls it: ``he(gain=2.0)``.

    Raises
    ------
    ArgumentError
        If the name is taken, or the class is no frozen dataclass: only those compare by value.
    """

    def register(cls: Class) -> Class:
        known = INITIALIZERS.get(name)
        taken = known is not None and known.__qualname__ != cls.__qualname__
        if taken or not name.isidentifier() or name in ("array", "opaque"):
            raise ArgumentError(f"an initialiser cannot be named {name!r}", remedy="choose another")
        if not dataclasses.is_dataclass(cls) or not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise ArgumentError(
                f"initialiser {cls.__name__} is no frozen dataclass",
                remedy="put @dataclass(frozen=True) between @initializer and the class",
            )
        INITIALIZERS[name] = cls
        return cls

    return register
