"""assert_grad: the gradient of a loss is right."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.testing.reporting import Reporter
from graphdl.verification import verify
from graphdl.verification.finding import Finding, describe
from graphdl.verification.result import Verification
from graphdl.verification.sampler import Point


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
        _fail(result, digits or 0.0, seed, reporter)
    return reporter.passed(result)


def _fail(result: Verification, digits: float, seed: int, reporter: Reporter) -> NoReturn:
    __tracebackhide__ = True
    assert result.graph is not None
    example = result.counterexample
    reporter.fail(
        "the gradient of the loss is wrong"
        if result.verdict == "refuted"
        else f"the gradient agrees to {result.digits:.1f} digits only, not to {digits:g}",
        result.findings() or _too_few(result, result.graph, digits),
        call=f"assert_grad(loss, seed={seed})",
        facts={"verify": str(result), "seed": str(seed), **result.elsewhere()},
        point=None if example is None else Point("", {}, example.inputs, example.state),
        graphs=[result.graph],
    )


def _too_few(result: Verification, graph: Graph, needed: float) -> list[Finding]:
    """Return the variables whose gradient agrees to too few digits."""
    found = []
    for variable in result.variables:
        if variable.digits < needed:
            node = graph.outputs.get(f"grad_{variable.name}")
            rule, site = ("", "") if node is None else (describe(node), node.site)
            found.append(
                Finding(
                    f"d/d{variable.name}", math.nan, math.nan, variable.digits, rule, site, node
                )
            )
    return found
