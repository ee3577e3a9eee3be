"""Sizes as C expressions."""

from __future__ import annotations

from collections.abc import Mapping

from graphdl.ir.dim_bounds import is_at_least
from graphdl.ir.dims import FloorDiv, Size


def dim_name(dim: str) -> str:
    """Return the C identifier of a symbolic dim.

    C compilers disagree on letters beyond ASCII: such a name is told by its bytes, which no other
    dim's name begins with.

    Examples
    --------
    >>> dim_name("N"), dim_name("μ")
    ('dim_N', 'dim_0cebc')
    """
    return f"dim_{dim}" if dim.isascii() else f"dim_0{dim.encode().hex()}"


def size_text(size: Size) -> str:
    """Return a size as an int64_t expression over variables named like the dims.

    Examples
    --------
    >>> from graphdl.ir.dims import symbol
    >>> size_text(symbol("N") * 64 + 1)
    '(64*dim_N + 1)'
    """
    if isinstance(size, int):
        return str(size)
    terms = []
    for monomial, coefficient in size.terms:
        factors = [] if coefficient == 1 and monomial else [str(coefficient)]
        for atom, power in monomial:
            text = dim_name(atom) if isinstance(atom, str) else _floor_text(atom)
            factors += [text] * power
        terms.append("*".join(factors))
    joined = " + ".join(terms).replace("+ -", "- ")
    return joined if len(terms) == 1 and "*" not in joined else f"({joined})"


def _floor_text(atom: FloorDiv) -> str:
    above, below = size_text(atom.numerator), atom.divisor
    if is_at_least(atom.numerator, 0):
        return f"({above} / {below})"
    # C rounds towards zero
    return f"({above} / {below} - ({above} % {below} < 0))"


def linear_text(terms: Mapping[str, Size], offset: Size) -> str:
    """Return ``sum of coefficient * name + offset``, without what is zero."""
    parts = [
        name if coefficient == 1 else f"{name}*{size_text(coefficient)}"
        for name, coefficient in terms.items()
    ]
    if offset != 0 or not parts:
        parts.append(size_text(offset))
    return " + ".join(parts).replace("+ -", "- ")
