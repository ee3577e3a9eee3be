"""Python's cyclic garbage collector, paused while many nodes are made.

Nodes are frozen and refer to older nodes only, so they form no cycles. Yet the collector walks
all of them again and again while their number grows, which takes half the time of large graphs.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def paused() -> Iterator[None]:
    """Let the collector rest inside; it goes on afterwards if it was on before.

    Examples
    --------
    >>> with paused():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
