"""Accesses as NumPy views.

A *form* says how an array lies in a kernel's loops: one entry an axis, a loop's name or None for a
size of 1 that broadcasts. Forms are aligned at the right; leading Nones are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from graphdl.codegen.numpy.text import shape_text, size_text
from graphdl.codegen.program import Access
from graphdl.ir.dims import Shape, Size
from graphdl.ir.kinds import Affine

Form = tuple[str | None, ...]


def trimmed(present: Iterable[str], domain: Sequence[str]) -> Form:
    """Return the form of an array that depends on some loops of a domain.

    Examples
    --------
    >>> trimmed({"i"}, ["b", "i", "j"]), trimmed({"j"}, ["b", "i", "j"])
    (('i', None), ('j',))
    """
    names = set(present)
    form = tuple(n if n in names else None for n in domain)
    first = next((p for p, n in enumerate(form) if n is not None), len(form))
    return form[first:]


def loops(form: Form) -> list[str]:
    """Return the loops of a form."""
    return [n for n in form if n is not None]


def reformed(text: str, given: Form, wanted: Form) -> str:
    """Return an expression that shows an array of one form in another with the same loops.

    Examples
    --------
    >>> reformed("m", ("i",), ("i", None))
    'm[:, None]'
    """
    if given == wanted:
        return text
    items = []
    place = 0
    for entry in wanted:
        if entry is None:
            if place < len(given) and given[place] is None:
                items.append(":")
                place += 1
            else:
                items.append("None")
            continue
        while given[place] is None:
            items.append("0")
            place += 1
        items.append(":")
        place += 1
    items += ["0"] * (len(given) - place)
    return text + _brackets(items, keep_array=not loops(wanted))


def _brackets(items: Sequence[str], *, keep_array: bool = False) -> str:
    """Return an index; an all-integer one keeps an array of no axes instead of a scalar."""
    shown = list(items)
    while shown and shown[-1] == ":":
        shown.pop()
    if keep_array and shown and "..." not in shown:
        shown.append("...")
    return f"[{', '.join(shown)}]" if shown else ""


class Views:
    """Prints accesses as views, given the variables that hold dims and the sizes of loops."""

    def __init__(self, dims: Mapping[str, str]) -> None:
        self.dims = dims

    def size(self, size: Size) -> str:
        """Return a size's text."""
        return size_text(size, self.dims)

    def shape(self, shape: Shape) -> str:
        """Return a shape's text."""
        return shape_text(shape, self.dims)

    def view(self, text: str, access: Access, form: Form, sizes: Mapping[str, Size]) -> str:
        """Return the expression for the elements of an access, in a form of all its loops."""
        simple = self._simple_items(access, sizes)
        if simple is None:
            return self._strided(text, access, form, sizes)
        items, order = simple
        if access.shape != access.buffer.shape:
            text = f"{text}.reshape({self.shape(access.shape) if len(access.shape) != 1 else -1})"
        if order == loops(form):
            return text + _brackets(_with_nones(items, form), keep_array=not order)
        text += _brackets([i for _, i in items])
        wanted = [order.index(n) for n in loops(form)]
        text += ".T" if wanted == list(range(len(order)))[::-1] else f".transpose({wanted})"
        return reformed(text, tuple(loops(form)), form)

    def _simple_items(
        self, access: Access, sizes: Mapping[str, Size]
    ) -> tuple[list[tuple[str | None, str]], list[str]] | None:
        """Return (loop, index text) for each axis, and the loops in order; None if not simple."""
        items: list[tuple[str | None, str]] = []
        order: list[str] = []
        for index, size in zip(access.index, access.shape, strict=True):
            if not index.terms:
                items.append((None, self.size(index.offset)))
                continue
            (name, step), *more = index.terms
            if more or not isinstance(step, int) or name in order:
                return None
            order.append(name)
            items.append((name, self._slice(index.offset, step, sizes.get(name, size), size)))
        return items, order

    def _slice(self, start: Size, step: int, count: Size, whole: Size) -> str:
        if start == 0 and step == 1 and count == whole:
            return ":"
        if step > 0:
            stop = self.size(start + count * step)
            first = "" if start == 0 else self.size(start)
            return f"{first}:{stop}" + (f":{step}" if step > 1 else "")
        last = start + step * (count - 1)
        if start == whole - 1 and last == 0 and step == -1:
            return "::-1"
        # A stop of -1 would mean the end, so that count from the end of the axis instead.
        stop_text = self.size(last - 1 - whole)
        return f"{self.size(start - whole)}:{stop_text}:{step}"

    def _strided(self, text: str, access: Access, form: Form, sizes: Mapping[str, Size]) -> str:
        strides, offset = access.strides()
        item = access.buffer.dtype.itemsize
        shape = self.shape(tuple(1 if n is None else sizes[n] for n in form))
        steps = self.shape(tuple(0 if n is None else strides.get(n, 0) * item for n in form))
        start = f"[{self.size(offset)}:]" if offset != 0 else ""
        return f"np.lib.stride_tricks.as_strided({text}.reshape(-1){start}, {shape}, {steps})"

    def positions(self, affine: Affine, form: Form, sizes: Mapping[str, Size], dtype: str) -> str:
        """Return an affine function of loops as an integer array in a form of its loops."""
        parts = []
        for name, step in affine.terms:
            kept = form[form.index(name) :]
            lone = tuple(n if n == name else None for n in kept)
            count = self.size(sizes[name])
            text = reformed(f"np.arange({count}, dtype={dtype})", (name,), lone)
            parts.append(text if step == 1 else f"{self._factor(step)} * {text}")
        if affine.offset != 0 or not parts:
            parts.append(self.size(affine.offset))
        return " + ".join(parts)

    def _factor(self, size: Size) -> str:
        return self.size(size) if isinstance(size, int) else f"({self.size(size)})"


def _with_nones(items: Sequence[tuple[str | None, str]], form: Form) -> list[str]:
    """Insert the form's new axes among index items whose loops come in the form's order."""
    result: list[str] = []
    place = 0
    for entry in form:
        if entry is None:
            result.append("None")
            continue
        while items[place][0] is None:
            result.append(items[place][1])
            place += 1
        result.append(items[place][1])
        place += 1
    return result + [text for _, text in items[place:]]


def is_matrix(
    access: Access, rows: Sequence[str], columns: Sequence[str], sizes: Mapping[str, Size]
) -> bool:
    """Whether an access can be seen as matrices that BLAS takes as they are."""
    if access.gathered:
        return False
    strides, _ = access.strides()
    for group in (rows, columns):
        for outer, inner in pairwise(group):
            if strides.get(outer, 0) != strides.get(inner, 0) * sizes[inner]:
                return False
        if any(strides.get(n, 0) == 0 for n in group):
            return False
    if not columns and not rows:
        return True
    unit = [bool(g) and strides[g[-1]] == 1 for g in (rows, columns)]
    return any(unit)
