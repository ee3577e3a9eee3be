"""Scalar expressions as display math: in a long one, what occurs several times gets a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graphdl.ir import scalar
from graphdl.ir.scalar import Scalar

LONGEST = 110
"""Characters of LaTeX up to which a formula, or a part of one, is left as it is."""
SHORTEST = 16
"""Characters from which on a part that occurs several times gets a name."""
LETTERS = "tuvwrsabcdefghijk"


def display(left: str, root: Scalar, names: Sequence[str]) -> str:
    """Return ``left = root``; a long one with lines for the parts that occur several times."""
    whole, _ = _written(root, names, "")
    if root.instruction is not None and root.instruction.result == "bool":
        whole = f"[{whole}]"
    if len(whole) <= LONGEST:
        return f"$${left} = {whole}$$"
    whole, parts = _written(root, names, [c for c in LETTERS if c not in (*names, left)])
    lines = [rf"{left} &= {whole}", *(f"{k} &= {v}" for k, v in reversed(parts.items()))]
    return aligned(lines)


def aligned(lines: Sequence[str]) -> str:
    """Return lines of display math, aligned at their ``&``."""
    if len(lines) == 1:
        return f"$${lines[0].replace('&', '', 1)}$$"
    rows = r" \\ ".join(lines)
    return rf"$$\begin{{aligned}} {rows} \end{{aligned}}$$"


def _written(
    root: Scalar, names: Sequence[str], letters: Sequence[str]
) -> tuple[str, dict[str, str]]:
    """Return an expression's LaTeX, and what the letters in it stand for."""
    key: dict[int, str] = {}  # equal expressions have equal LaTeX
    shown: dict[str, str] = {}
    parts: dict[str, str] = {}
    distinct: dict[str, Scalar] = {}
    for value in scalar.walk(root):
        key[id(value)] = scalar.latex(value, names)
        distinct.setdefault(key[id(value)], value)
    reads = Counter(key[id(a)] for v in distinct.values() for a in v.args)
    for text, value in distinct.items():
        shown[text] = _level(value, [shown[key[id(a)]] for a in value.args]) or text
        size = len(shown[text])
        named = size >= SHORTEST if reads[text] > 1 else size >= LONGEST and value is not root
        if value.args and named and len(parts) < len(letters):
            letter = letters[len(parts)]
            parts[letter], shown[text] = shown[text], letter
    return shown[key[id(root)]], parts


def _level(value: Scalar, operands: list[str]) -> str:
    """Return one instruction on operands that are written already."""
    if value.instruction is None:
        return ""
    arguments = tuple(scalar.argument(k) for k in range(len(operands)))
    return scalar.latex(Scalar(value.instruction, arguments, value.payload), operands)
