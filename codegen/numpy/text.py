"""Small pieces of Python text: names, sizes, dtypes, literals, comments."""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Iterable, Mapping

import numpy as np

from graphdl.ir.dims import Shape, Size, fold
from graphdl.ir.dtypes import DType

WIDTH = 99


class Names:
    """Hands out identifiers, each once.

    Examples
    --------
    >>> names = Names(["np"])
    >>> names.take("np"), names.take("x"), names.take("x"), names.take("2 words")
    ('np_', 'x', 'x_2', 'v2_words')
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self._reserved = frozenset(reserved)
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}  # where to go on searching

    def take(self, wish: str) -> str:
        """Return an ASCII identifier that resembles the wish and is free."""
        base = re.sub(r"[^0-9A-Za-z_]+", "_", wish).lstrip("_") or "v"
        base = f"v{base}" if base[0].isdigit() else base
        if base in self._reserved or keyword.iskeyword(base):
            base += "_"
        name, count = base, self._counts.get(base, 1)
        while name in self._taken:
            count += 1
            name = f"{base}_{count}"
        self._counts[base] = count
        self._taken.add(name)
        return name

    def copy(self) -> Names:
        """Return names for an inner scope: what is taken here is taken there."""
        inner = Names(self._reserved)
        inner._taken, inner._counts = set(self._taken), dict(self._counts)
        return inner


class _Text:
    """A size under construction: its text, and whether it is a sum."""

    def __init__(self, text: str, is_sum: bool = False) -> None:
        self.text, self.is_sum = text, is_sum

    def factor(self) -> str:
        return f"({self.text})" if self.is_sum else self.text

    def __mul__(self, other: _Text) -> _Text:
        return _Text(f"{self.factor()} * {other.factor()}")

    def __rmul__(self, other: int) -> _Text:
        if other in (1, -1):
            return _Text(self.text if other == 1 else f"-{self.factor()}", self.is_sum)
        return _Text(f"{other} * {self.factor()}")

    def __add__(self, other: _Text | int) -> _Text:
        text = str(other) if isinstance(other, int) else other.text
        joined = f"{self.text} - {text[1:]}" if text[0] == "-" else f"{self.text} + {text}"
        return _Text(joined, True)

    def __radd__(self, other: int) -> _Text:
        return self if other == 0 else _Text(str(other)) + self


def size_text(size: Size, names: Mapping[str, str]) -> str:
    """Return a size as a Python expression over the variables that hold the dims.

    Examples
    --------
    >>> from graphdl.ir.dim_parsing import as_size
    >>> size_text(as_size("2*N - 1"), {"N": "n"})
    '2 * n - 1'
    """
    if isinstance(size, int):
        return str(size)

    def leaf(name: str) -> _Text:
        return _Text(names[name])

    def floor_div(numerator: _Text, divisor: int) -> _Text:
        return _Text(f"({numerator.factor()} // {divisor})")

    result = fold(size, leaf, floor_div)
    return result.text if isinstance(result, _Text) else str(result)


def shape_text(shape: Shape, names: Mapping[str, str]) -> str:
    """Return a shape as a Python tuple."""
    return tuple_text([size_text(s, names) for s in shape])


def tuple_text(items: Iterable[str]) -> str:
    """Return a tuple's text.

    Examples
    --------
    >>> tuple_text(["N"]), tuple_text([])
    ('(N,)', '()')
    """
    listed = list(items)
    return f"({listed[0]},)" if len(listed) == 1 else f"({', '.join(listed)})"


def dtype_text(dtype: DType) -> str:
    """Return a dtype's name in Python text."""
    return "np.bool_" if dtype.name == "bool" else f"np.{dtype.name}"


def literal(value: float | int | bool, dtype: DType) -> str:
    """Return a number as a weakly typed literal: the shortest text that gives exactly its value.

    Examples
    --------
    >>> from graphdl.ir.dtypes import float32, float64
    >>> literal(float(np.float32(0.1)), float32), literal(1 / 3, float64)
    ('0.1', '0.3333333333333333')
    >>> literal(-math.inf, float32)
    '-np.inf'
    """
    if dtype.name == "bool":
        return repr(bool(value))
    if not dtype.is_float:
        return repr(int(value))
    number = float(value)
    if math.isnan(number):
        return "np.nan"
    if math.isinf(number):
        return "np.inf" if number > 0 else "-np.inf"
    if dtype.name == "float32":
        shortest = float(str(np.float32(number)))
        if np.float32(shortest) == np.float32(number):
            number = shortest
    return repr(number)


def spoken(number: str) -> str:
    """Return a name for a literal.

    Examples
    --------
    >>> spoken("0.0"), spoken("-0.5"), spoken("N")
    ('zero', 'minus_half', 'size')
    """
    sign, digits = ("minus_", number[1:]) if number[0] == "-" else ("", number)
    known = {"0": "zero", "0.0": "zero", "1": "one", "1.0": "one", "0.5": "half", "2.0": "two",
             "2": "two", "np.inf": "infinity", "np.nan": "nan", "True": "true",
             "False": "false"}  # fmt: skip
    if digits in known:
        return sign + known[digits]
    if not re.fullmatch(r"[0-9.e+-]+", digits) or len(digits) > 12:
        return "size" if digits[:1].isalpha() or digits[:1] == "(" else sign + "number"
    return sign + "c" + re.sub(r"\W", "_", digits)


def quoted(text: str) -> str:
    """Return a string literal, in double quotes where that needs no escape."""
    plain = repr(text)
    return plain if '"' in plain or "\\'" in plain else f'"{plain[1:-1]}"'


def comment_lines(comment: str) -> list[str]:
    """Return text as comment lines that nothing in it can end."""
    lines = []
    for line in comment.splitlines():
        clean = "".join(c if c.isprintable() else "?" for c in line).strip()
        if clean:
            lines.append(f"# {clean}" if len(clean) < 88 else f"# {clean[:87]}…")
    return lines


def indent(lines: Iterable[str], depth: int = 1) -> list[str]:
    """Return lines moved to the right; empty ones stay empty."""
    return ["    " * depth + line if line else line for line in lines]


def word(text: str) -> str:
    """Return the name that an expression begins with."""
    head = text
    for mark in "([.":
        head = head.partition(mark)[0]
    return head


def suffix(text: str) -> str:
    """Return what a view's name may end with."""
    if text.endswith(".T") or ".transpose(" in text:
        return "t"
    if text.endswith("[:, None]"):
        return "col"
    if ".view(np.int" in text:
        return "bits"
    return "flat" if text.endswith(".reshape(-1)") else "view"


def wrapped(line: str, used: int) -> list[str]:
    """Break a long call at the commas of its outermost parentheses."""
    if len(line) + used <= WIDTH or not line.endswith(")"):
        return [line]
    margin = line[: len(line) - len(line.lstrip())]
    head, _, tail = line.partition("(")
    inner = tail[:-1]
    parts: list[str] = []
    depth, last = 0, 0
    quoted = False
    for position, character in enumerate(inner):
        quoted ^= character == '"'
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0 and not quoted:
            parts.append(inner[last:position].strip())
            last = position + 1
    parts.append(inner[last:].strip())
    return [f"{head}(", *(f"{margin}    {p}," for p in parts if p), f"{margin})"]
