"""One thing that a check found wrong: a row of its table, and a mark in its diagrams."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.node import Node
from graphdl.ir.text import rule_text


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a row of the table.

    Attributes
    ----------
    name : str
        Variable, output or state, with the index of the worst element.
    expected, got : object
        Numbers, or words where there is no number.
    digits : float
        Decimal digits to which they agree.
    rule : str
        What made the value: the rule of the chain rule, or the op.
    site : str
        The user's ``file:line``.
    node : Node, optional
        Marked in diagrams.
    """

    name: str
    expected: Any
    got: Any
    digits: float = 0.0
    rule: str = ""
    site: str = ""
    node: Node | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        numbers = (number(self.expected), number(self.got))
        return (self.name, *numbers, f"{self.digits:.1f}", self.rule, _relative(self.site))

    @property
    def note(self) -> str:
        """What is written on a marked node."""
        return f"expected {number(self.expected)}\ngot {number(self.got)}"


HEADINGS = ("name", "expected", "got", "digits", "rule", "file:line")


def describe(node: Node) -> str:
    """Return what made a node: the rule of the chain rule, or the op."""
    rules = dict.fromkeys(rule_text(o.rule) for o in node.origins if o.rule)
    return "; ".join(rules) or node.op.name


_OPERAND = re.compile(r"(~?)\{(\d+|z)\}")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def rule_math(template: str) -> str:
    """Return a rule with ``x₀``, ``x₁`` ... for an op's inputs, and ``y`` for its value.

    Examples
    --------
    >>> rule_math("~{0} += ~{z}·{1}")
    'x̄₀ += ȳ·x₁'
    """

    def name(found: re.Match[str]) -> str:
        bar, operand = found[1], found[2]
        if operand == "z":
            return "ȳ" if bar else "y"
        return ("x̄" if bar else "x") + operand.translate(_SUBSCRIPTS)

    return _OPERAND.sub(name, template)


def number(value: Any) -> str:
    """Return a number with ten digits, and all else as it is."""
    if isinstance(value, float | np.floating):
        return f"{float(value):.10g}"
    return str(value)


def _relative(site: str) -> str:
    """Return a ``file:line`` from the working folder on, where it is below that."""
    return site.removeprefix(os.path.join(os.getcwd(), ""))
