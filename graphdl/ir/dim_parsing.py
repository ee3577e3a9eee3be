"""What users give as sizes and shapes, and sizes read back from their text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import index
from typing import Any

from graphdl.ir.dims import Dim, Shape, Size, symbol
from graphdl.ir.errors import DimensionError, ParseError


def as_size(value: object) -> Size:
    """Turn an int, a dim's name or a polynomial's text into a size.

    Raises
    ------
    DimensionError
        If it is negative or not a size at all.

    Examples
    --------
    >>> as_size("N"), as_size("2*N + 1"), as_size(3)
    (N, 2*N + 1, 3)
    """
    if isinstance(value, str):
        value = symbol(value) if value.isidentifier() else parse_size(value)
    if isinstance(value, Dim):
        return value
    size = _as_int(value)
    if size is None or not 0 <= size < 2**63:
        raise DimensionError(
            f"{value!r} is not a size", remedy="use an int >= 0 of 64 bits or a name such as 'N'"
        )
    return size


MOST_AXES = 64


def as_shape(shape: object) -> Shape:
    """Turn a sequence of sizes, or one size, into a shape."""
    if isinstance(shape, (str, Dim)) or _as_int(shape) is not None:
        return (as_size(shape),)
    if not isinstance(shape, Iterable) or getattr(shape, "ndim", 1) != 1:
        raise DimensionError(f"{shape!r} is not a shape", remedy="use a tuple such as ('N', 64)")
    sizes = tuple(shape)
    require_rank(len(sizes))
    return tuple(as_size(s) for s in sizes)


def require_rank(rank: int) -> None:
    """Refuse more axes than NumPy's arrays have.

    Raises
    ------
    DimensionError
        If there are more than 64.
    """
    if rank > MOST_AXES:
        raise DimensionError(
            f"an array of {rank} axes", remedy=f"reshape it: NumPy knows at most {MOST_AXES}"
        )


def _as_int(value: Any) -> int | None:
    try:
        return index(value)
    except TypeError:
        return None


def parse_size(text: str) -> Size:
    """Read a size back from its ``repr`` (a recursive-descent parser; nothing is evaluated)."""
    tokens = re.findall(r"\d+|[^\W\d]\w*|//|[-+*()]|\S", text)
    position = 0

    def peek() -> str:
        return tokens[position] if position < len(tokens) else ""

    def take() -> str:
        nonlocal position
        position += 1
        return tokens[position - 1] if position <= len(tokens) else ""

    def atom() -> Size:
        token = take()
        if token == "(":
            inner = sum_()
            if take() != ")":
                raise ParseError(f"{text!r} is not a size: ')' is missing")
            return inner
        if token == "-":
            return -factor()
        if token.isdigit():
            return int(token)
        if token.isidentifier():
            return symbol(token)
        raise ParseError(f"{text!r} is not a size: {token!r} is unexpected")

    def factor() -> Size:
        value = atom()
        while peek() in ("*", "//"):
            if take() == "*":
                value = value * atom()
            else:
                divisor = atom()
                if not isinstance(divisor, int) or divisor < 1:
                    raise ParseError(f"{text!r} is not a size: the divisor must be a positive int")
                value = value // divisor
        return value

    def sum_() -> Size:
        value = factor()
        while peek() in ("+", "-"):
            value = value + factor() if take() == "+" else value - factor()
        return value

    result = sum_()
    if position != len(tokens):
        raise ParseError(f"{text!r} is not a size: {peek()!r} is unexpected")
    return result
