"""Verdicts on rewrites: by SymPy, case by case for truth values, else at many points."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import graphdl as gd
from graphdl.ir.graph import Graph, static_shape
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node, operators, substitute
from graphdl.ir.rewrites import uniform
from graphdl.passes.expand import expand
from graphdl.verification import evaluator
from graphdl.verification.evaluator import UnsupportedError, Values
from graphdl.verification.regions import OutsideDomainError, explore
from graphdl.verification.symbolic import Symbolic, symbols_of
from graphdl.verification.wording import counted

POINTS = 100
WHOLE = np.array([0, 1, -1, 2**31 - 1, -(2**31), 2**24 + 1], np.int32)
"""Integers at which rounding and wrapping show."""
_REGIONS = 64
_RANK = ("refuted", "checked", "definition", "proved")


@dataclass(frozen=True)
class Verdict:
    """How far something is established.

    Attributes
    ----------
    verdict : str
        ``proved``, ``checked``, ``definition``, ``convention`` or ``refuted``.
    how : str
        By what.
    where : tuple of str
        Conditions.
    """

    verdict: str
    how: str = ""
    where: tuple[str, ...] = ()

    def __str__(self) -> str:
        apart = ": " if self.verdict in ("definition", "convention") else " "
        return f"{self.verdict}{apart}{self.how}"


def weakest(found: Sequence[Verdict]) -> Verdict:
    """Return what holds for all parts of one rule."""
    worst = min(found, key=lambda v: _RANK.index(v.verdict))
    return Verdict(
        worst.verdict, worst.how, tuple(dict.fromkeys(w for v in found for w in v.where))
    )


def same_meaning(before: Graph, after: Graph) -> Verdict:
    """Return whether two graphs of the same inputs mean the same."""
    before, after = _as_numbers(before), _as_numbers(after)
    discrete = [n for n in before.inputs if not n.dtype.is_float]
    if discrete and all(n.dtype.name == "bool" for n in discrete) and _is_pointwise(before, after):
        return weakest([_compared(*pair) for pair in _cases(before, after, discrete)])
    if discrete:
        rng = np.random.default_rng(0)
        drawn = rng.integers(-(2**31), 2**31, POINTS, dtype=np.int64).astype(np.int32)
        inputs = {n.name: np.concatenate([WHOLE, drawn]) for n in discrete}
        found = gd.verify_pass(before, after, points=1, inputs=inputs)
        if found.verdict == "proved":
            return Verdict("proved", "by structure")
        return Verdict(found.verdict, f"at {len(WHOLE) + POINTS} integers")
    if any(n.dtype.name == "bool" for n in before.nodes) and len(before.inputs) > 1:
        first, *rest = before.inputs
        tied = [_put(g, dict.fromkeys([n.name for n in rest], first)) for g in (before, after)]
        return weakest([_compared(before, after), _compared(*tied)])
    return _compared(before, after)


def _as_numbers(graph: Graph) -> Graph:
    """Return a graph whose results are numbers: truth values become 1 and 0."""
    outputs = {
        name: operators["where"](node, 1.0, 0.0) if node.dtype.name == "bool" else node
        for name, node in graph.outputs.items()
    }
    return Graph(outputs, inputs=graph.inputs)


def _put(graph: Graph, values: Mapping[str, Node]) -> Graph:
    """Return a graph with some inputs replaced."""
    mapping = {n: values[n.name] for n in graph.inputs if n.name in values}
    roots = substitute(graph.roots, dict(mapping))
    rest = [n for n in graph.inputs if n not in mapping]
    return Graph(dict(zip(graph.outputs, roots, strict=True)), inputs=rest)


def _compared(before: Graph, after: Graph) -> Verdict:
    found = gd.verify_pass(before, after, points=POINTS)
    if found.verdict == "proved":
        return Verdict("proved", "by SymPy", conditions(before))
    how = f"to {found.digits:.0f} digits at {counted(found.points, 'point')}"
    return Verdict(found.verdict, how if found else str(found), conditions(before))


def _is_pointwise(*graphs: Graph) -> bool:
    moved = (n for g in graphs for n in expand(g).nodes if n.op.kind not in ("leaf", "elementwise"))
    return all(uniform(n) is not None for n in moved)


def _cases(before: Graph, after: Graph, discrete: Sequence[Node]) -> list[tuple[Graph, Graph]]:
    """Return the graphs with truth values put in, in every combination."""
    found = []
    for values in itertools.product((True, False), repeat=len(discrete)):
        put = {
            n.name: operators["broadcast_to"](constant(v), n.shape)
            for n, v in zip(discrete, values, strict=True)
        }
        found.append((_put(before, put), _put(after, put)))
    return found


def conditions(graph: Graph) -> tuple[str, ...]:
    """Return where a graph has a real value, as it is found on symbols; of one element of each."""
    graph = expand(graph)
    env = dict.fromkeys(graph.dims, 1)
    shapes = {n: static_shape(n.shape, env) for n in graph.inputs}
    if any(max(s, default=1) > 1 for s in shapes.values()):
        return ()
    found: set[str] = set()
    try:
        for region in explore(_REGIONS):
            values: Values = {n: symbols_of(n.name, s) for n, s in shapes.items()}
            try:
                evaluator.run(list(graph.roots), values, env, Symbolic(region))
            except OutsideDomainError:
                continue
            found.update(f"{str(d).replace('[0]', '')} > 0" for d in region.domain)
    except (UnsupportedError, TimeoutError):
        return ()
    return tuple(sorted(found))
