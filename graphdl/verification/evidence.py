"""What speaks for or against a gradient: variables that agree, a counterexample, a wrong step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graphdl.ir.node import Node
from graphdl.verification.finding import Finding, rule_math
from graphdl.verification.values import agreement

_FEW = 12
"""Elements of a point that are still written into a line."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How well the gradient by one variable agrees.

    Attributes
    ----------
    name : str
        The variable.
    shape : str
        Its shape.
    digits : float
        Decimal digits to which it agrees, at the worst of all directions and points.
    directions : int
        Number of derivatives that were compared.
    """

    name: str
    shape: str
    digits: float
    directions: int


@dataclass(frozen=True, slots=True, eq=False)
class Counterexample:
    """The smallest place found where the gradient is wrong.

    Attributes
    ----------
    variable : str
        By what is differentiated.
    index : tuple of int or None
        The element that was moved; None for a direction as a whole.
    measured, claimed : float
        The derivative by the independent method, and the one by the gradient.
    inputs, state : dict of str to ndarray
        The point.
    dims : dict of str to int
        Sizes of symbolic dims.
    note : str
        What is wrong, where that is no number: a shape, say.
    """

    variable: str
    index: tuple[int, ...] | None
    measured: float
    claimed: float
    inputs: dict[str, np.ndarray]
    state: dict[str, np.ndarray]
    dims: dict[str, int] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        if self.note:
            return self.note
        where = "along a random direction" if self.index is None else f"at {list(self.index)}"
        return (
            f"d loss / d {self.variable} {where}: measured {self.measured:.12g}, "
            f"but the gradient says {self.claimed:.12g}{point_text(self.inputs | self.state)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; values of the point only if they are few."""
        return {
            "variable": self.variable, "index": self.index, "measured": finite(self.measured),
            "claimed": finite(self.claimed), "note": self.note, "dims": self.dims,
            "values": _few(self.inputs | self.state),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class WrongAdjoint:
    """The first wrong step of a backward pass, seen from the loss.

    Attributes
    ----------
    node : Node
        The forward node whose adjoint is wrong; of an altered graph the node that was altered.
    rule : str
        The step that makes it, as math.
    op : str
        The op that it belongs to.
    index : tuple of int or None
        The element where it shows.
    expected, got : float
        What the adjoint is there, and what the graph gives.
    drawn : Node or None
        The node of the graph that is marked in diagrams: the adjoint itself, if it can be told.
    altered : bool
        Whether ``node`` itself is wrong, not its adjoint.
    elsewhere : mapping of str to ndarray, optional
        Inputs and state where it shows, if it can not be told at the counterexample.
    """

    node: Node
    rule: str
    op: str
    index: tuple[int, ...] | None
    expected: float
    got: float
    drawn: Node | None = None
    altered: bool = False
    elsewhere: Mapping[str, np.ndarray] | None = None

    def __str__(self) -> str:
        what = repr(self.node) if self.altered else f"the adjoint of {self.node!r}"
        at = f" at {list(self.index)}" if self.index else ""
        rule = f", by the rule of {self.op}: {rule_math(self.rule)}" if self.rule else ""
        return (
            f"{what}{at} ({self.node.site}): expected {self.expected:.12g}, "
            f"got {self.got:.12g}{rule}{self._elsewhere()}"
        )

    def _elsewhere(self) -> str:
        if self.elsewhere is None:
            return ""
        where = point_text(self.elsewhere) or " (too large for this line: see wrong.elsewhere)"
        return f"; told at another point than the smallest counterexample{where}"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            "node": repr(self.node), "site": self.node.site, "op": self.op, "rule": self.rule,
            "index": self.index, "expected": finite(self.expected), "got": finite(self.got),
            "elsewhere": None if self.elsewhere is None else _few(self.elsewhere),
        }  # fmt: skip

    @property
    def finding(self) -> Finding:
        """As a row of a table."""
        at = f" {list(self.index)}" if self.index else ""
        at += "" if self.elsewhere is None else ", at another point"
        what = "" if self.altered else "adjoint of "
        return Finding(
            f"first wrong: {what}{self.node.name or self.node.op.name}{at}",
            self.expected,
            self.got,
            agreement(self.expected, self.got),
            f"{self.op}: {rule_math(self.rule)}",
            self.node.site,
            self.drawn,
        )


def point_text(values: Mapping[str, np.ndarray]) -> str:
    """Return where a point is, if it can be said in a line.

    Examples
    --------
    >>> point_text({"x": np.array([1.0, 0.0])})
    ', where x = [1.0, 0.0]'
    >>> point_text({"x": np.eye(2, 10)})
    ', where all is 0 but x[0, 0] = 1, x[1, 1] = 1'
    """
    if sum(np.size(v) for v in values.values()) <= _FEW:
        listed = [f"{k} = {np.asarray(v).tolist()}" for k, v in values.items()]
        return f", where {', '.join(listed)}" if listed else ""
    sparse = [
        f"{k}{[int(i) for i in at]} = {np.asarray(v)[tuple(at)]:g}"
        for k, v in values.items()
        for at in np.argwhere(v)[: _FEW + 1]
    ]
    return f", where all is 0 but {', '.join(sparse)}" if len(sparse) <= _FEW else ""


def _few(values: Mapping[str, np.ndarray]) -> dict[str, Any] | None:
    """Return a point as JSON can hold it, if it is small."""
    small = sum(np.size(v) for v in values.values()) <= 10 * _FEW
    return {k: np.asarray(v).tolist() for k, v in values.items()} if small else None


def finite(value: float) -> float | None:
    """Return a number as JSON can hold it."""
    return float(value) if math.isfinite(value) else None
