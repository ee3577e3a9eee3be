"""gd.verify: a gradient, a training step or a compiled module proved, or compared at points.

Methods, in the order in which they are tried:

1. *Proof*. Every rule by SymPy, composed by the chain rule; a gradient of another form is proved
   equal to that one piece by piece, or as a whole on symbols if it is small. A training step also
   has its updates compared with what the optimizer builds from the gradient.
2. *50 digits* with mpmath, at random points and edges, where there is no proof and it is small.
3. *Complex step*, where all functions are analytic.
4. *Differences*, extrapolated, with an estimate of their error.

A proof is compared at points, too: it is about real numbers and rules, the points are about this
graph in floats. What is compared only is *checked*, never *proved*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

from graphdl.compiler import CompiledModule
from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.optim.optimizer import Optimizer
from graphdl.verification.equivalence import Equivalence
from graphdl.verification.equivalence import verify_pass as verify_pass
from graphdl.verification.given import given_graph, given_loss
from graphdl.verification.gradient import PROOF, Check
from graphdl.verification.methods import METHODS, PRECISE
from graphdl.verification.modules import verify_module
from graphdl.verification.result import Verification

_MOST_POINTS = 100_000


@overload
def verify(
    loss: CompiledModule,
    *,
    points: int = 3,
    seed: int = 0,
    inputs: Mapping[str, Any] | None = None,
    dims: Mapping[str, int] | None = None,
) -> Equivalence: ...


@overload
def verify(
    loss: Node | Graph,
    wrt: Node | Sequence[Node] | None = None,
    *,
    method: str | None = None,
    points: int = 3,
    seed: int = 0,
    inputs: Mapping[str, Any] | None = None,
    dims: Mapping[str, int] | None = None,
    optimizer: Optimizer | None = None,
) -> Verification: ...


def verify(
    loss: Node | Graph | CompiledModule,
    wrt: Node | Sequence[Node] | None = None,
    *,
    method: str | None = None,
    points: int = 3,
    seed: int = 0,
    inputs: Mapping[str, Any] | None = None,
    dims: Mapping[str, int] | None = None,
    optimizer: Optimizer | None = None,
) -> Verification | Equivalence:
    """Prove a gradient, or compare it with an independent method.

    Each op between the variables and the loss has a derivative rule; SymPy proves it, once, on a
    small case (the result is kept in the user's cache). If all are proved and the gradient is their
    composition, or proved equal to it, it is *proved*, over the real numbers and away from kinks;
    where SymPy needs sizes of symbolic dims, at 1 and 2. One that the chain rule has not built is
    compared in floats at larger sizes, too, and where numbers are equal. Every gradient is also
    evaluated in float64 and compared along random directions and for single elements: with the
    complex step where every function is analytic, else with extrapolated differences. What SymPy
    cannot decide is *checked*, small gradients with 50 digits, also at edges: zeros, ties, edges of
    domains, large values.

    Parameters
    ----------
    loss : Node, Graph or CompiledModule
        A floating scalar; or a graph that holds a gradient already: one with outputs ``loss`` and
        ``grad_<variable>``, as from ``gd.backward_graph`` or written by hand, or a training step;
        or what ``gd.compile`` returns, which is compared with the interpreter.
    wrt : node or sequence of Node, optional
        Variables; by default all parameters that the loss depends on, or all gradients of a graph.
    method : str, optional
        ``"proof"``, ``"50 digits"``, ``"complex step"`` or ``"differences"``; by default the first
        that applies.
    points : int
        Number of random points.
    seed : int
        Where chance starts.
    inputs : mapping of str to array_like, optional
        Inputs that shall not be drawn at random.
    dims : mapping of str to int, optional
        Sizes of symbolic dims, a few elements by default.
    optimizer : Optimizer, optional
        What the updates of a training step shall be; ``gd.train_step`` notes it itself. The updates
        of a step without one are not established, so that it is *checked* at most.

    Returns
    -------
    Verification or Equivalence
        Its ``verdict`` is ``"proved"``, ``"checked"`` or ``"refuted"``; ``steps`` are rules and
        updates and how each is established; a refutation has the smallest counterexample found and
        the first wrong step. ``draw()`` marks it, ``save(path)`` writes a page.

    Raises
    ------
    ArgumentError
        If an argument makes no sense.
    GradientError
        If there is nothing to differentiate, or no point with a finite loss is found.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.param("w", (3,), init=[1.0, 2.0, 3.0])
    >>> r = gd.verify(gd.sum(gd.tanh(w) * w))
    >>> r.verdict, r.method, r.digits > 12
    ('proved', 'proof by the chain rule', True)
    >>> [str(step) for step in r.steps]
    ['tanh: proved by SymPy', 'multiply: proved by SymPy', 'sum: proved by SymPy']

    A gradient written by hand:

    >>> loss = gd.sum(w * w)
    >>> gd.verify(gd.Graph({"loss": loss, "grad_w": w + w})).verdict
    'proved'
    >>> wrong = gd.verify(gd.Graph({"loss": loss, "grad_w": 3.0 * w}))
    >>> print(wrong.counterexample)
    d loss / d w at [2]: measured 2, but the gradient says 3, where w = [0.0, 0.0, 1.0]
    """
    if not 1 <= points <= _MOST_POINTS or seed < 0:
        raise ArgumentError(
            f"points={points}, seed={seed}",
            remedy=f"use 1 to {_MOST_POINTS} points, and a seed of at least 0",
        )
    known = (None, PROOF, PRECISE.key, *(m.key for m in METHODS))
    if method not in known:
        raise ArgumentError(f"method={method!r}", remedy=f"use one of {known[1:]}")
    if isinstance(loss, CompiledModule):
        if wrt is not None or method is not None or optimizer is not None:
            raise ArgumentError("a module has neither wrt nor method nor optimizer")
        return verify_module(loss, points=points, seed=seed, inputs=inputs, dims=dims)
    if isinstance(loss, Graph):
        given = given_graph(loss, wrt, optimizer)
    elif optimizer is not None:
        raise ArgumentError("a loss has no updates: optimizer=... is for training steps")
    else:
        given = given_loss(loss, wrt)
    return Check(given, points, seed, dict(inputs or {}), dict(dims or {})).run(method)
