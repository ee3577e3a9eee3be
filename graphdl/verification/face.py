"""``gd.verify`` as users see it: a function whose relatives are its attributes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from graphdl import verification
from graphdl.verification.random_graphs import random_graph, shrink

Function = TypeVar("Function", bound=Callable[..., Any])


class Verify(Generic[Function]):
    """A function that checks; what makes cases for checks, and makes failures small, hangs on it.

    Type checkers see its signature, overloads too.
    """

    random_graph = staticmethod(random_graph)
    shrink = staticmethod(shrink)

    if TYPE_CHECKING:
        __call__: Function

    def __init__(self, function: Function) -> None:
        self._function = function
        functools.update_wrapper(self, function)

    if not TYPE_CHECKING:

        def __call__(self, *args, **kwargs):
            """Check."""
            return self._function(*args, **kwargs)


verify = Verify(verification.verify)
