"""Numbers of things, as one says them."""

from __future__ import annotations


def counted(count: int, thing: str) -> str:
    """Return how many there are.

    Examples
    --------
    >>> counted(1, "point"), counted(8, "point")
    ('1 point', '8 points')
    """
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def among(part: int, whole: int, thing: str) -> str:
    """Return how many of all.

    Examples
    --------
    >>> among(1, 8, "point"), among(1, 1, "point")
    ('1 of 8 points', 'the only point')
    """
    return f"the only {thing}" if whole == 1 else f"{part} of {counted(whole, thing)}"
