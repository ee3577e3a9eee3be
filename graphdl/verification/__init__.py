"""gd.verify: a gradient proved, or compared with an independent method at random points.

Methods, in the order in which they are tried: *proof* (every rule by SymPy, composed by the chain
rule), *50 digits* (mpmath, where a rule is not proved and the graph is small), *complex step*,
*differences*. A proof is compared at points, too: it is about real numbers and rules, the points
are about this graph in floats. What is compared only is *checked*, never *proved*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.differentiation import grad, reached_params
from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.errors import ArgumentError, GradientError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.verification.comparison import METHODS, PRECISE, Comparison, Method
from graphdl.verification.equivalence import verify_pass as verify_pass
from graphdl.verification.given import Given, given_gradient
from graphdl.verification.locate import first_altered, first_wrong
from graphdl.verification.precise import is_affordable
from graphdl.verification.proof import Step, is_composed, steps
from graphdl.verification.result import Verification

PROOF = "proof"


def verify(
    loss: Node | Graph,
    wrt: Node | Sequence[Node] | None = None,
    *,
    method: str | None = None,
    points: int = 3,
    seed: int = 0,
    inputs: Mapping[str, Any] | None = None,
    dims: Mapping[str, int] | None = None,
) -> Verification:
    """Prove the gradient of a loss, or compare it with an independent method.

    Each op between the variables and the loss has a derivative rule; SymPy proves it, once, on a
    small case (the result is kept in the user's cache). If all are proved and the gradient is their
    composition, it is *proved*, over the real numbers and away from kinks. It is also evaluated in
    float64 and compared along random directions and for single elements: with the complex step
    where every function is analytic, else with extrapolated differences. A gradient with a rule
    that SymPy cannot decide is *checked*, small ones with 50 digits.

    Parameters
    ----------
    loss : Node or Graph
        A floating scalar; or a graph that holds a gradient already: one with outputs ``loss`` and
        ``grad_<variable>``, as from ``gd.backward_graph``, or a training step.
    wrt : node or sequence of Node, optional
        Variables; by default all parameters that the loss depends on.
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

    Returns
    -------
    Verification
        Its ``verdict`` is ``"proved"``, ``"checked"`` or ``"refuted"``; ``steps`` are the rules and
        how each is established; a refutation has a counterexample and the first wrong step.

    Raises
    ------
    GradientError
        If there is nothing to differentiate, or no point with a finite loss is found.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.param("w", (3,), init=[1.0, 2.0, 3.0])
    >>> r = gd.verify(gd.sum(gd.tanh(w) * w))
    >>> r.verdict, r.method, r.digits > 12
    ('proved', 'complex step in complex128', True)
    >>> [str(step) for step in r.steps]
    ['tanh: proved by SymPy', 'multiply: proved by SymPy', 'sum: proved by SymPy']
    """
    if points < 1:
        raise ArgumentError(f"points={points}", remedy="use at least 1")
    known = (None, PROOF, PRECISE.key, *(m.key for m in METHODS))
    if method not in known:
        raise ArgumentError(f"method={method!r}", remedy=f"use one of {known[1:]}")
    given = given_gradient(loss) if isinstance(loss, Graph) else Given(loss, _variables(loss, wrt))
    return _Check(given, points, seed, dict(inputs or {}), dict(dims or {})).run(method)


class _Check:
    """One call of verify."""

    def __init__(
        self, given: Given, points: int, seed: int, inputs: dict[str, Any], dims: dict[str, int]
    ) -> None:
        self.given = given
        self.points = points
        self.seed = seed
        self.inputs = inputs
        self.comparison = Comparison(given.loss, given.wrt, inputs, dims, given.gradients)

    def run(self, method: str | None) -> Verification:
        """Try the methods in their order."""
        if method is None or method == PROOF:
            measured = self._measured(METHODS)
            if not measured:
                return self._located(measured)
            rules = steps(self.given.loss, self.given.wrt)
            proved = all(s.verdict == "proved" for s in rules) and self._is_composed()
            if any(s.verdict == "refuted" for s in rules):
                return self._with(measured, "refuted", rules)
            if not proved and method is None and self._is_small():
                measured = self._measured((PRECISE, *METHODS))
            return self._with(measured, "proved" if proved else measured.verdict, rules)
        chosen = [m for m in (PRECISE, *METHODS) if m.key == method]
        return self._located(self._measured(chosen))

    def _measured(self, methods: Sequence[Method]) -> Verification:
        """Compare by the first method that applies."""
        failure: NotAnalyticError | None = None
        for method in methods:
            try:
                rng = np.random.default_rng(self.seed)
                return self.comparison.run(method, self.points, rng)
            except NotAnalyticError as error:
                failure = error
        raise GradientError(
            f"no derivative of {self.given.loss!r} can be measured: "
            "its loss is not smooth around the points",
            site=self.given.loss.site,
            remedy="pass inputs=... at which it is",
        ) from failure

    def _is_small(self) -> bool:
        return is_affordable(self.comparison.forward.roots, self.comparison.env)

    def _is_composed(self) -> bool:
        """Whether the gradient is what the chain rule builds; what we built ourselves is."""
        given = self.given
        if given.gradients is None:
            return True
        return is_composed(given.gradients, grad(given.loss, given.wrt))

    def _located(self, found: Verification) -> Verification:
        """Say where it goes wrong, if it does."""
        if found:
            return found
        given, example, env = self.given, found.counterexample, self.comparison.env
        wrong = None
        if given.gradients is not None and example is not None:
            built = grad(given.loss, given.wrt)
            wrong = first_altered(given.gradients, built, example.inputs | example.state, env)
        if wrong is None:
            method = next(m for m in (PRECISE, *METHODS) if m.name == found.method)
            wrong = first_wrong(given.loss, given.wrt, method, self.inputs, env, self.seed)
        return self._with(found, "refuted", (), wrong)

    def _with(
        self, found: Verification, verdict: str, rules: tuple[Step, ...], wrong: Any = None
    ) -> Verification:
        return Verification(
            verdict, found.method, found.digits, found.points, found.variables,
            found.counterexample, rules, wrong,
        )  # fmt: skip


def _variables(loss: Node, wrt: Node | Sequence[Node] | None) -> list[Node]:
    if not isinstance(loss, Node):
        raise ArgumentError(
            f"verify needs a loss, not {type(loss).__name__}",
            remedy="pass the node: gd.verify(graph.outputs['loss'])",
        )
    if wrt is None:
        return reached_params(loss)
    return [wrt] if isinstance(wrt, Node) else list(wrt)
