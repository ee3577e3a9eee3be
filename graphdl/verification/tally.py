"""Values by name, compared at one point after another, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.verification.finding import Finding, describe
from graphdl.verification.sampler import Arrays, Point
from graphdl.verification.values import Expected
from graphdl.verification.wording import counted


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a check that passed has found.

    Attributes
    ----------
    verdict : str
        What agrees.
    digits : float
        Decimal digits of the worst element.
    points : int
        Number of points that were compared.
    values : int
        Number of outputs and states.
    """

    verdict: str
    digits: float
    points: int
    values: int

    def __str__(self) -> str:
        digits = f" to {self.digits:.1f} digits" if math.isfinite(self.digits) else ""
        points, values = counted(self.points, "point"), counted(self.values, "value")
        return f"{self.verdict}{digits} at {points} ({values})"


def value_nodes(graph: Graph) -> dict[str, Node]:
    """Map what a graph computes to its nodes: outputs, and ``state <name>`` for new state."""
    after = {f"state {s.name}": graph.updates.get(s, s) for s in graph.state}
    return {**graph.outputs, **after}


@dataclass
class Tally:
    """Compares values of these nodes and keeps count.

    Attributes
    ----------
    nodes : mapping of str to Node
        What is compared.
    digits : float, optional
        That must agree, instead of what follows from the dtype.
    """

    nodes: Mapping[str, Node]
    digits: float | None = None
    least: float = math.inf
    points: int = 0
    seen: set[str] = field(default_factory=set)

    def compare(self, double: Arrays, single: Arrays | None, got: Arrays) -> list[Finding]:
        """Return what is wrong at one point."""
        wrong = []
        for name, node in self.nodes.items():
            expected = Expected(double[name], single[name] if single else None, self.digits)
            digits, difference = expected.compare(np.asarray(got[name]), node.dtype.name)
            self.least = min(self.least, digits)
            if not node.dtype.is_float or np.isfinite(double[name]).any():
                self.seen.add(name)
            if difference is not None:
                wrong.append(
                    Finding(
                        f"{name} {difference.index}".rstrip(),
                        difference.expected,
                        difference.got,
                        difference.digits,
                        describe(node),
                        node.site,
                        node,
                    )
                )
        self.points += 1
        return wrong

    def passed(self, verdict: str) -> Agreement:
        """Return the result of a check that has found nothing wrong.

        Raises
        ------
        ArgumentError
            If nothing, or a value that is finite nowhere, was compared: that says nothing.
        """
        for name, node in self.nodes.items():
            if name not in self.seen:
                raise ArgumentError(
                    f"{name} is finite at none of {counted(self.points, 'point')}: "
                    "nothing was compared",
                    site=node.site,
                    remedy="pass inputs=... at which it is",
                )
        if not self.nodes:
            raise ArgumentError("there is no output to compare")
        return Agreement(verdict, self.least, self.points, len(self.nodes))


def refused(point: Point, expected: object, got: object) -> Finding:
    """Return the finding that one side refuses what the other takes."""
    first, second = (v if isinstance(v, str) else "a result" for v in (expected, got))
    return Finding(f"call at {point}", first, second)
