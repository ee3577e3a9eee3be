"""A call of each function, from the cases that the tests run."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

import graphdl as gd
from graphdl.codegen.diagram.naming import Formula, Names
from graphdl.codegen.diagram.opening import open_graph
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ir.rewrites import is_number
from graphdl.passes.derivative import GradientWarning, open_composites
from graphdl.passes.expand import expand
from tests.ops.cases import Case, elementwise_cases
from tests.ops.rows import rows

MOST = 40
"""Cases of a function that are looked at."""


@dataclass(frozen=True)
class Sample:
    """A function called on named inputs.

    Attributes
    ----------
    function : callable
        What the page is about.
    inputs : list of Node
        Named like the function's parameters where these are arrays.
    value : Node
        What the call returns; the first result of several.
    """

    function: Any
    inputs: list[Node]
    value: Node

    @property
    def variables(self) -> list[Node]:
        """What the value can be differentiated by."""
        return [x for x in self.inputs if x.dtype.is_float and self.value.dtype.is_float]

    @property
    def result(self) -> str:
        """A letter for the value."""
        return next(letter for letter in "yzw" if letter not in {x.name for x in self.inputs})

    def backward(self) -> gd.Graph | None:
        """Return forward and backward as one graph; None where nothing has a derivative.

        Composites that declare no derivative are opened.
        """
        if not self.variables:
            return None
        value = open_composites([self.value])[self.value]
        loss = gd.sum(value) if value.shape else value
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GradientWarning)
            found = gd.backward_graph(loss, self.variables).outputs
        outputs = {k: v for k, v in found.items() if not is_number(v, 0)}
        if len(outputs) == 1:
            return None
        ends = outputs["loss"] if value.shape else outputs.pop("loss")
        return gd.Graph({self.result: ends.inputs[0] if value.shape else ends, **outputs})

    def forward(self, *, opened: bool) -> Iterator[Formula]:
        """Yield what is computed, node by node; composites opened, or not."""
        graph = gd.Graph({self.result: self.value})
        shown = open_graph(expand(graph) if opened else graph)
        names = Names(shown, shown.order, {})
        return (names.equation(n) for n in shown.order if n.inputs and n not in shown.folded)


def samples() -> dict[str, Sample]:
    """Return a sample of every public op and loss, by name."""
    cases: dict[str, list[Case]] = {}
    for case in [*elementwise_cases(), *rows()]:
        cases.setdefault(case.function, []).append(case)
    functions = gd.ops.FUNCTIONS | {f"losses.{n}": getattr(gd.losses, n) for n in gd.losses.__all__}
    return {name: _best(functions[name], cases[name]) for name in sorted(functions)}


def _best(function: Any, cases: list[Case]) -> Sample:
    """Return the sample that shows most: a derivative, a symbolic dim, no axis of size 0 or 1."""
    return max([_sample(function, case) for case in cases[:MOST]], key=_shown)


def _shown(sample: Sample) -> tuple[Any, ...]:
    graph = gd.Graph(sample.value)
    sizes = [s for x in (*sample.inputs, sample.value) for s in x.shape]
    return (
        sample.backward() is not None,
        min(len(sample.inputs), 3),
        sample.value not in sample.inputs,
        0 not in sizes,
        len(graph.nodes) <= 15,  # easy to read
        all(x.shape for x in sample.inputs),
        1 not in sizes,
        bool(graph.dims),
    )


def _sample(function: Any, case: Case) -> Sample:
    names = [f"x{k + 1}" for k in range(len(case.inputs))]
    if isinstance(function, ElementwiseOp):
        names = list(function.input_names)[: len(names)]
    else:
        _, given = _called(function, case, names)
        bound = {x.name: p for p, x in given.items() if isinstance(x, Node)}
        names = [bound.get(n, n) for n in names] if len(names) > 1 else [bound.get("x1", "x")]
    value, _ = _called(function, case, names)
    leaves = gd.Graph(value).inputs
    order = [x for n in names for x in leaves if x.name == n]
    return Sample(function, order, value)


def _called(function: Any, case: Case, names: Sequence[str]) -> tuple[Node, dict[str, Any]]:
    """Return what the function returns in a case, and its arguments: cases do more than call it."""
    kinds = ["float32" if x.sort == "float" else x.sort for x in case.inputs]
    inputs = [gd.input(*x) for x in zip(names, [x.shape for x in case.inputs], kinds, strict=True)]
    returned: list[Any] = []
    arguments: dict[str, Any] = {}
    code = getattr(function, "__code__", None)

    def watch(frame: FrameType, event: str, value: Any) -> None:
        if frame.f_code is code and event == "call":
            arguments.setdefault("", dict(frame.f_locals))
        elif frame.f_code is code and event == "return":
            returned.append(value)

    before = sys.getprofile()
    sys.setprofile(watch)
    value = case.call(*inputs)
    sys.setprofile(before)
    found = returned[-1] if returned else value
    found = found[0] if isinstance(found, (tuple, list)) else found
    return found if isinstance(found, Node) else value, arguments.get("", {})
