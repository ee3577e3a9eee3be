"""power."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphdl.ir.dtypes import uint8
from graphdl.ir.errors import DTypeError
from graphdl.ir.kinds import as_node, common_dtype
from graphdl.ir.node import Node, operators, site_text
from graphdl.ops.integer_power import integer_power
from graphdl.ops.real_power import real_power
from graphdl.ops.sqrt import sqrt
from graphdl.ops.whole_power import whole_power

_NUMBERS = (int, float, np.integer, np.floating)


def power(x: Any, exponent: Any) -> Node:
    """Return ``x ** exponent``.

    A whole number up to ±64 multiplies (:func:`integer_power`), 0.5 is the square root; all other
    exponents, arrays among them, are real (:func:`real_power`): NaN where the base is negative and
    the exponent no integer. Integers to whole powers stay integers and wrap, as in NumPy; where an
    integer array holds a negative exponent the result is 0.

    Parameters
    ----------
    x : array_like
        The base.
    exponent : array_like
        A number or a node; both broadcast.

    Raises
    ------
    DTypeError
        If an integer is to be raised to a negative whole number.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> gd.interpret(gd.Graph(x**3), {"x": [2.0, -1.0]})["out"].tolist()
    [8.0, -1.0]
    """
    if isinstance(exponent, _NUMBERS) and not isinstance(x, _NUMBERS):
        dtype, number = common_dtype((x, exponent)), float(exponent)
        if number < 0 and not dtype.is_float:
            raise DTypeError(
                f"power: {dtype} to the negative power {exponent}",
                site=site_text(),
                remedy="cast first: x.astype('float32') ** n",
            )
        if number.is_integer() and (abs(number) <= 64 or not dtype.is_float):
            result: Node = integer_power(as_node(x, dtype), n=int(exponent))
            return result
        if number == 0.5:
            return sqrt(x)  # type: ignore[no-any-return]
    joint = common_dtype((x, exponent))
    if joint.is_integer:
        bits = 8 * joint.itemsize - (joint is not uint8)
        return whole_power(x, exponent, bits=bits)  # type: ignore[no-any-return]
    return real_power(x, exponent)  # type: ignore[no-any-return]


operators["pow"] = power

__all__ = ["power"]
