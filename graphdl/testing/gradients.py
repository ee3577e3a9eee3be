"""assert_grad: the gradient of a loss is right."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from graphdl.differentiation import backward_graph, grad
from graphdl.ir.graph import Graph, intern
from graphdl.ir.node import Node, topological
from graphdl.testing.points import Point
from graphdl.testing.reporting import Finding, Reporter, describe
from graphdl.testing.values import agreement
from graphdl.verification import verify
from graphdl.verification.result import Verification


def assert_grad(
    loss: Node | Graph,
    wrt: Node | Sequence[Node] | None = None,
    *,
    inputs: Mapping[str, Any] | None = None,
    dims: Mapping[str, int] | None = None,
    method: str | None = None,
    seed: int = 0,
    points: int = 3,
    digits: float | None = None,
    report: str | os.PathLike[str] | Reporter | None = None,
) -> Verification:
    """Assert that ``gd.grad(loss, wrt)`` is right, by ``gd.verify``.

    Parameters
    ----------
    loss : Node or Graph
        A floating scalar; or a graph that holds a gradient already, as from ``gd.backward_graph``
        or ``gd.train_step``.
    wrt : node or sequence of Node, optional
        Variables; by default all parameters that the loss depends on.
    inputs : mapping of str to array_like, optional
        Inputs that shall not be drawn at random.
    dims : mapping of str to int, optional
        Sizes of symbolic dims.
    method : str, optional
        ``"proof"``, ``"50 digits"``, ``"complex step"`` or ``"differences"``, instead of the first
        that applies; see ``gd.verify``.
    seed : int
        Where chance starts.
    points : int
        Number of random points where it is compared; a proved one is, too.
    digits : float, optional
        Decimal digits that must agree, if that is more than the method asks for.
    report : path-like, optional
        Folder that receives a page if the gradient is wrong.

    Returns
    -------
    Verification
        How it was established: ``verdict``, ``method``, ``digits``.

    Raises
    ------
    Disagreement
        If the gradient is refuted, or agrees to too few digits; an AssertionError.
    GradientError
        If there is nothing to differentiate, or no point with a finite loss is found.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.param("w", (3,))
    >>> gd.testing.assert_grad(gd.sum(gd.tanh(w))).verdict
    'proved'
    """
    __tracebackhide__ = True
    reporter = Reporter.of(report)
    result = verify(loss, wrt, method=method, points=points, seed=seed, inputs=inputs, dims=dims)
    if result.verdict == "refuted" or (digits is not None and result.digits < digits):
        graph = loss if isinstance(loss, Graph) else backward_graph(loss, wrt)
        _fail(result, graph, digits or 0.0, seed, reporter)
    return reporter.passed(result)


def _fail(
    result: Verification, graph: Graph, digits: float, seed: int, reporter: Reporter
) -> NoReturn:
    __tracebackhide__ = True
    example = result.counterexample
    reporter.fail(
        "the gradient of the loss is wrong"
        if result.verdict == "refuted"
        else f"the gradient agrees to {result.digits:.1f} digits only, not to {digits:g}",
        [*_first_wrong(result, graph), *_variables(result, graph, digits)],
        call=f"assert_grad(loss, seed={seed})",
        facts={"verify": str(result), "seed": str(seed)},
        point=None if example is None else Point("", {}, example.inputs, example.state),
        graphs=[graph],
    )


def _first_wrong(result: Verification, graph: Graph) -> list[Finding]:
    """Return the first step of the backward pass that is wrong, and the rule that is refuted."""
    found = []
    wrong = result.wrong
    if wrong is not None:
        found.append(
            Finding(
                f"first wrong: adjoint of {wrong.node.name or wrong.node.op.name}"
                f" {_index(wrong.index)}".rstrip(),
                wrong.expected,
                wrong.got,
                agreement(wrong.expected, wrong.got),
                f"{wrong.op}: {_RULE.sub(_operand, wrong.rule)}",
                wrong.node.site,
                _adjoint(wrong.node, graph),
            )
        )
    for step in result.steps:
        fault = step.outcome.fault
        if fault is not None:
            at = ", ".join(f"{name}={value}" for name, value in fault.values.items())
            name = f"rule of {step.op}: ∂y/∂{fault.input} at {at}"
            digits = agreement(fault.expected, fault.got)
            found.append(Finding(name, fault.expected, fault.got, digits, step.op, step.site))
    return found


def _variables(result: Verification, graph: Graph, needed: float) -> list[Finding]:
    """Return the counterexample, or the variables whose gradient agrees to too few digits."""
    rows = {v.name: v for v in result.variables}
    example = result.counterexample
    if example is not None:
        where = "along a direction" if example.index is None else _index(example.index)
        found = [(example.variable, where, example.measured, example.claimed)]
    else:
        found = [(v.name, "", math.nan, math.nan) for v in rows.values() if v.digits < needed]
    findings = []
    for name, where, expected, got in found:
        node = graph.outputs.get(f"grad_{name}")
        findings.append(
            Finding(
                f"d/d{name} {where}".rstrip(),
                expected,
                got,
                rows[name].digits,
                "" if node is None else describe(node),
                "" if node is None else node.site,
                node,
            )
        )
    return findings


_RULE = re.compile(r"\{(\d+|z)\}")


def _operand(found: re.Match[str]) -> str:
    """Write an op's inputs as x0, x1 …, its value as y."""
    return "y" if found[1] == "z" else f"x{found[1]}"


def _index(index: tuple[int, ...] | None) -> str:
    return str(list(index)) if index else ""


def _adjoint(node: Node, graph: Graph) -> Node | None:
    """Return the node of a backward graph that is a forward node's adjoint, if it can be told."""
    served = _same(node, graph)
    loss = graph.outputs.get("loss")
    if served is None or loss is None or served not in topological([loss]):
        return served
    return _same(grad(loss, served)[0], graph)


def _same(node: Node, graph: Graph) -> Node | None:
    """Return the node of a graph that has the structure of this one."""
    kept = intern([*graph.roots, node])
    return next((n for n in graph.nodes if kept[n] is kept[node]), None)
