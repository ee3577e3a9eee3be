"""Debug mode (``GRAPHDL_VALIDATE=1``): each step of a compilation is checked as it runs.

After every pass the graph is compared with the one before it, by the interpreter: at random
numbers, at sizes 1 and 0, and for passes that keep every bit also at ties, zeros of both signs, NaN
and infinities. A difference is traced to the first rule and the first node that changed the
meaning. Code generation counts as three more steps: the lowering (evaluated plainly, with planned
memory) and the emitted code (called) must give what the interpreter gives.

What this finds, it finds at a few points: it proves nothing. Rules are proved in docs/rules.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.codegen.lower.lower import Module
from graphdl.codegen.program import Program
from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import PassError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.ir.text import to_text
from graphdl.passes.pipeline import Pass
from graphdl.passes.rewriting import Firing
from graphdl.validation import compare
from graphdl.validation.code import check_entry, check_program
from graphdl.validation.compare import Problem, Tolerance, problem
from graphdl.validation.locate import Again, cut, first_changed, first_wrong_firing, malformed
from graphdl.validation.points import Point, Results, evaluated, points, results

_SHOWN = 8
"""Elements up to which an array stands in a message."""


@dataclass(frozen=True, eq=False)
class Blame:
    """What changed the meaning of a graph: ``error.blame``.

    Attributes
    ----------
    step : str
        The pass.
    rule : str
        Its rule, as math; empty where no rule is to blame.
    node : Node
        The first node whose meaning changed.
    before, after : Graph
        The node, and what replaced it, on inputs of their own.
    inputs : dict of str to ndarray
        Values of these inputs at which they differ.
    dims : mapping of str to int
        The sizes there.
    """

    step: str
    rule: str
    node: Node
    before: Graph
    after: Graph
    inputs: Mapping[str, np.ndarray]
    dims: Mapping[str, int]


class Validator:
    """Checks the steps from one graph to code.

    Parameters
    ----------
    graph : Graph
        As it was built.
    maxima : mapping of str to int, optional
        The largest value of each dim.

    Examples
    --------
    >>> import graphdl as gd
    >>> from graphdl.passes.pipeline import run
    >>> x = gd.input("x", ("N",))
    >>> g = gd.Graph(gd.log(gd.softmax(x)) * 1.0)
    >>> len(run(g, check=Validator(g).passed).nodes) > 1
    True
    """

    def __init__(self, graph: Graph, maxima: Mapping[str, int] | None = None) -> None:
        self.points: list[Point] = []
        self._known: list[dict[bool, Results]] = []
        self._graph = self._built = graph
        for point in points(graph, maxima):
            found = {double: results(graph, point, double=double) for double in (True, False)}
            values = {k: v for k, v in found.items() if not isinstance(v, str)}
            if len(values) == 2:  # else the graph has no value at this size
                self.points.append(point)
                self._known.append(values)

    def passed(self, step: Pass, before: Graph, after: Graph) -> None:
        """Check what a pass has made of a graph; a hook for ``pipeline.run``."""
        self.replaced(step.name, before, after, lambda f: step.function(before, f), step.exact)

    def replaced(self, name: str, before: Graph, after: Graph, again: Again, exact: bool) -> None:
        """Check what a step has made of a graph.

        Parameters
        ----------
        name : str
            The step.
        before, after : Graph
            What it found, and what it made.
        again : callable
            Does it once more, with a limit on the rules that may fire.
        exact : bool
            Whether every bit stays.

        Raises
        ------
        PassError
            If they differ.
        """
        if after is before:
            return
        wrong = malformed(after)
        if wrong is not None:
            self._refuse_malformed(name, wrong, again)
        found = self._compared(before, after, exact)
        if found is not None:
            self._refuse(name, before, found, again, exact)

    def lowered(self, graph: Graph, program: Program, module: Module) -> None:
        """Check the program that a graph has become."""
        check_program(graph, program, module, self.points)

    def emitted(
        self, call: Callable[..., Mapping[str, Any]], state: Mapping[str, np.ndarray], target: str
    ) -> None:
        """Check an entry point; it overwrites state."""
        check_entry(self._built, call, state, target, self.points)

    def _compared(self, before: Graph, after: Graph, exact: bool) -> Problem | None:
        known = self._results_of(before)
        for place, point in enumerate(self.points):
            if exact or not point.edge:
                found = self._problem(point, known[place], before, after, exact)
                if found is not None:
                    return found
        return None

    def _results_of(self, graph: Graph) -> list[dict[bool, Results]]:
        """Return the results of a graph, kept until another one is asked for."""
        if graph is not self._graph:
            found = []
            for point in self.points:
                both = {double: results(graph, point, double=double) for double in (True, False)}
                found.append({k: v for k, v in both.items() if not isinstance(v, str)})
            self._graph, self._known = graph, found
        return self._known

    def _problem(
        self, point: Point, known: dict[bool, Results], before: Graph, after: Graph, exact: bool
    ) -> Problem | None:
        tolerance = _tolerance(point, exact, before, after)
        now = results(after, point, double=point.double)
        return problem(point, known[point.double], now, known[not point.double], tolerance)

    def _refuse_malformed(self, name: str, wrong: tuple[Node, str], again: Again) -> None:
        firing, count, total, graph = first_wrong_firing(again, lambda g: malformed(g) is not None)
        node, text = malformed(graph) or wrong
        lines = [f"{name} made a graph that is no graph: {text}", *_rule(firing, count, total)]
        raise PassError("\n".join(lines), site=node.site, remedy=_remedy(firing))

    def _refuse(self, name: str, before: Graph, found: Problem, again: Again, exact: bool) -> None:
        place = self.points.index(found.point)
        known = self._results_of(before)[place]

        def problem_of(graph: Graph) -> Problem | None:
            return self._problem(found.point, known, before, graph, exact)

        firing, count, total, after = first_wrong_firing(again, lambda g: problem_of(g) is not None)
        shown = problem_of(after) or found
        if firing is not None:
            pair = firing.before, firing.after
        elif shown.name:
            pair = first_changed(before, after, found.point, shown.name)
        else:
            pair = before.roots[0], after.roots[0]
        one, other, leaves = cut(*pair)
        inputs = _values_of(leaves, found.point)
        lines = [
            f"{name} changed what {before.name!r} means: {shown.text} ({found.point})",
            *_rule(firing, count, total),
            f"  node: {pair[0]!r}",
            *_listing(one),
            *_listing(other),
            *_inputs(inputs),
        ]
        blame = Blame(
            name, firing.rule if firing else "", pair[0], one, other, inputs, found.point.dims
        )
        site = pair[0].site
        raise PassError("\n".join(lines), site=site, remedy=_remedy(firing), blame=blame)


def _tolerance(point: Point, exact: bool, before: Graph, after: Graph) -> Tolerance:
    if not exact:
        return compare.FORMULAS
    if point.double:
        return compare.EXACT
    kinds = {n.op.kind for g in (before, after) for n in g.nodes}
    signs = kinds.isdisjoint(("contract", "reduce", "scatter", "prefix", "composite"))
    return compare.EXACT_SIGNED if signs else compare.EXACT_NARROW


def _rule(firing: Firing | None, count: int, total: int) -> list[str]:
    if firing is None:
        return ["  rule: none fired before: the pass itself, or what it takes for equal"]
    return [f"  rule: {firing.rule} ({firing.source}), firing {count} of {total}"]


def _remedy(firing: Firing | None) -> str:
    if firing is None:
        return "this is a mistake in the pass: please report it with the graph"
    return "mend the rule, or take it out of graphdl.ir.rewrites.REWRITES; error.blame has a case"


def _listing(graph: Graph) -> list[str]:
    return [f"  {line}" for line in to_text(graph).splitlines()]


def _inputs(inputs: Mapping[str, np.ndarray]) -> list[str]:
    lines = []
    for name, value in inputs.items():
        text = np.array2string(value, separator=", ").replace("\n", " ")
        few = value.size <= _SHOWN
        lines.append(f"  {name} = {text}" if few else f"  {name}: {shape_text(value.shape)}")
    return lines


def _values_of(leaves: Mapping[str, Node], point: Point) -> dict[str, np.ndarray]:
    """Return the values of the nodes that a case starts from."""
    if not leaves:
        return {}
    whole = Graph(list(leaves.values()))
    found = {n.name: n for n in (*whole.inputs, *whole.state)}
    given = {k: v for k, v in point.arrays.items() if k in found}
    values = evaluated(whole, Point(point.label, given, point.dims), double=point.double)
    return {name: values[node] for name, node in zip(leaves, whole.outputs.values(), strict=True)}
