"""What a check of a gradient found, as an object, as text, as JSON and as a page."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphdl.ir.node import Node
from graphdl.verification.proof import Step


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
    """A place where the gradient is wrong, with all that is needed to see it again.

    Attributes
    ----------
    variable : str
        By what is differentiated.
    index : tuple of int or None
        The element that was moved; None for the direction as a whole.
    measured, claimed : float
        The derivative by the independent method, and the one by the gradient.
    inputs, state : dict of str to ndarray
        The point.
    """

    variable: str
    index: tuple[int, ...] | None
    measured: float
    claimed: float
    inputs: dict[str, np.ndarray]
    state: dict[str, np.ndarray]

    def __str__(self) -> str:
        where = "along a random direction" if self.index is None else f"at {list(self.index)}"
        return (
            f"d loss / d {self.variable} {where}: measured {self.measured:.12g}, "
            f"but the gradient says {self.claimed:.12g}"
        )


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
    """

    node: Node
    rule: str
    op: str
    index: tuple[int, ...] | None
    expected: float
    got: float

    def __str__(self) -> str:
        at = "" if self.index is None else f" at {list(self.index)}"
        return (
            f"the adjoint of {self.node!r}{at} ({self.node.site}): expected {self.expected:.12g}, "
            f"got {self.got:.12g}, by the rule of {self.op}: {self.rule}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """What a check found.

    Attributes
    ----------
    verdict : str
        ``"proved"``, ``"checked"`` or ``"refuted"``.
    method : str
        By what; a proof is compared at points, too.
    digits : float
        Decimal digits of agreement, the worst of all variables.
    points : int
        Number of random points.
    variables : tuple of Checked
        One a variable.
    counterexample : Counterexample or None
        Present if refuted at a point.
    steps : tuple of Step
        The rules that the gradient rests on, and how each is established.
    wrong : WrongAdjoint or None
        The first wrong step, if refuted.
    """

    verdict: str
    method: str
    digits: float
    points: int
    variables: tuple[Checked, ...]
    counterexample: Counterexample | None = None
    steps: tuple[Step, ...] = ()
    wrong: WrongAdjoint | None = None

    def __bool__(self) -> bool:
        return self.verdict != "refuted"

    def __str__(self) -> str:
        names = max((len(v.name) for v in self.variables), default=0)
        rows = [
            f"  {v.name:{names}}  {v.digits:4.1f} digits  {v.directions} directions  {v.shape}"
            for v in self.variables
        ]
        rules = [f"  rule of {step}" for step in self.steps]
        place = [f"  first wrong: {self.wrong}"] if self.wrong else []
        return "\n".join([self._first_line(), *place, *rows, *rules])

    def _first_line(self) -> str:
        found = sum(v.directions for v in self.variables)
        how = f"({self.method}, {found} derivatives)"
        if self.counterexample is not None:
            return f"refuted at one of {self.points} points: {self.counterexample} {how}"
        faults = [s for s in self.steps if s.verdict == "refuted"]
        if faults:
            return f"refuted: the rule of {faults[0].op} is wrong, {faults[0].outcome.fault}"
        agreed = f"{self.digits:.1f} digits at {self.points} points"
        if self.verdict == "proved":
            return (
                f"proved by the chain rule from {len(self.steps)} rules; agrees to {agreed} {how}"
            )
        return f"checked to {agreed} {how}"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; a counterexample without the arrays of its point."""
        wrong = self.counterexample
        return {
            "verdict": self.verdict,
            "method": self.method,
            "digits": _finite(self.digits),
            "points": self.points,
            "variables": [
                {"name": v.name, "shape": v.shape, "digits": _finite(v.digits),
                 "directions": v.directions}
                for v in self.variables
            ],
            "counterexample": wrong and {
                "variable": wrong.variable, "index": wrong.index,
                "measured": _finite(wrong.measured), "claimed": _finite(wrong.claimed),
            },
            "steps": [
                {"op": s.op, "count": s.count, "verdict": s.verdict, "text": str(s)}
                for s in self.steps
            ],
            "wrong": self.wrong and {
                "node": repr(self.wrong.node), "site": self.wrong.node.site, "op": self.wrong.op,
                "rule": self.wrong.rule, "index": self.wrong.index,
                "expected": _finite(self.wrong.expected), "got": _finite(self.wrong.got),
            },
        }  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Write a page with the verdict and a table of variables."""
        rows = "\n".join(
            f"<tr><td>{html.escape(v.name)}</td><td>{html.escape(v.shape)}</td>"
            f"<td>{v.digits:.1f}</td><td>{v.directions}</td></tr>"
            for v in self.variables
        )
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        first = html.escape(self._first_line())
        steps = "\n".join(f"<li>rule of {html.escape(str(s))}</li>" for s in self.steps)
        target.write_text(
            _PAGE.format(verdict=self.verdict, first=first, rows=rows, steps=steps), "utf-8"
        )
        return target


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Gradient check: {verdict}</title>
<style>body {{ font-family: sans-serif; margin: 2em }} td, th {{ padding: 0 1em 0 0;
text-align: left }}</style>
<h1>Gradient check: {verdict}</h1>
<p>{first}</p>
<table><tr><th>variable</th><th>shape</th><th>digits</th><th>directions</th></tr>
{rows}
</table>
<ul>
{steps}
</ul></html>
"""


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
