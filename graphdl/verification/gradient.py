"""One gradient through all methods, in their order, until one decides."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import GradientError, GraphdlError
from graphdl.ir.node import Node
from graphdl.verification.beside import METHOD, as_method, difference, difference_at_ties
from graphdl.verification.comparison import Comparison
from graphdl.verification.evidence import Counterexample, WrongAdjoint
from graphdl.verification.given import Given
from graphdl.verification.locate import (
    SAME,
    first_altered,
    first_wrong,
    refuted_rule,
    with_adjoint,
)
from graphdl.verification.methods import METHODS, PRECISE, Method
from graphdl.verification.precise import is_affordable
from graphdl.verification.proof import Step, is_composed, steps
from graphdl.verification.result import Verification
from graphdl.verification.shrink import smallest
from graphdl.verification.sizes import REFUSED
from graphdl.verification.sweep import proved_equal
from graphdl.verification.updates import verify_updates
from graphdl.verification.whole import LITTLE, WORK, proved_whole

PROOF = "proof"
CHAIN_RULE = "proof by the chain rule"


class Check:
    """One call of verify.

    Parameters
    ----------
    given : Given
        Loss, variables, gradients.
    points, seed : int
        Number of random points, and where chance starts.
    inputs, dims : dict
        What is not drawn.
    """

    def __init__(
        self, given: Given, points: int, seed: int, inputs: dict[str, Any], dims: dict[str, int]
    ) -> None:
        self.given, self.points, self.seed = given, points, seed
        self.inputs, self.dims = inputs, dims
        gradients = given.built if given.gradients is None else list(given.gradients)
        self.gradients: Sequence[Node] = gradients
        self.rules: tuple[Step, ...] = ()

    def run(self, method: str | None) -> Verification:
        """Try the methods in their order."""
        shapes = self._ill_shaped()
        if shapes is not None:
            return shapes
        given = self.given
        self.comparison = Comparison(given.loss, given.wrt, self.inputs, self.dims, self.gradients)
        if method not in (None, PROOF):
            chosen = [m for m in (PRECISE, *METHODS) if m.key == method]
            return self._finished(self._measured(chosen))
        measured = self._measured(self._affordable((*METHODS, PRECISE)))
        if not measured:
            return self._finished(measured)
        found = self._proved(measured)
        if found is None and method is None and measured.method != PRECISE.name:
            found = self._with_50_digits()
        return self._finished(measured if found is None else found)

    def _ill_shaped(self) -> Verification | None:
        """Refute a gradient of another shape: a sum over broadcast axes is missing, say."""
        for variable, gradient in zip(self.given.wrt, self.gradients, strict=True):
            if gradient.shape != variable.shape or not gradient.dtype.is_float:
                texts = [f"{n.dtype}{shape_text(n.shape)}" for n in (gradient, variable)]
                note = f"the gradient by {variable.name} is {texts[0]}, the variable {texts[1]}"
                example = Counterexample(
                    variable.name, None, float("nan"), float("nan"), {}, {}, {}, note
                )
                return Verification(
                    "refuted", "shapes", 0.0, 0, (), example, graph=self.given.graph
                )
        return None

    def _affordable(self, methods: Sequence[Method]) -> list[Method]:
        small = is_affordable(self.comparison.all.roots, self.comparison.env)
        return [m for m in methods if m is not PRECISE or small]

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

    def _with_50_digits(self) -> Verification | None:
        try:
            return self.comparison.run(PRECISE, self.points, np.random.default_rng(self.seed))
        except NotAnalyticError:
            return None

    def _proved(self, measured: Verification) -> Verification | None:
        """Return a proof or a refutation of rules; None if there is neither."""
        given = self.given
        rules = self.rules = steps(given.loss, given.wrt)
        if any(s.verdict == "refuted" for s in rules):
            return replace(measured, verdict="refuted")
        by_rules = all(s.verdict == "proved" for s in rules)
        remarks: tuple[str, ...] = ()
        if given.gradients is not None and not is_composed(self.gradients, given.built):
            example = self._beside() if all(s.verdict != "open" for s in rules) else None
            if example is not None:
                found = replace(measured, method=METHOD, measured=METHOD, verdict="refuted")
                return replace(found, counterexample=example)
            by_rules = by_rules and proved_equal(self.gradients, given.built, [given.loss])
            if by_rules:
                remarks = ("equal to what the chain rule builds: proved by SymPy, piece by piece",)
        whole = proved_whole(given.loss, given.wrt, self.gradients, LITTLE if by_rules else WORK)
        if whole.verdict == "refuted":
            step = Step("the whole", 1, whole, given.loss.site, "gradient:")
            self.rules = (*rules, step)
            return replace(measured, verdict="refuted")
        if whole.verdict == "proved":
            remarks = (*remarks, f"the whole: proved {whole.how}", *whole.remarks)
        if not by_rules and whole.verdict != "proved":
            return None
        method = CHAIN_RULE if by_rules else f"proof {whole.how}"
        return replace(measured, verdict="proved", method=method, remarks=remarks)

    def _beside(self) -> Counterexample | None:
        """Return where a gradient is not what the chain rule builds: here, larger, or at ties."""
        built = self.given.built
        found = difference(self.comparison, built, self.points, self.seed)
        for other in self.comparison.larger():
            with contextlib.suppress(*REFUSED):
                found = found or difference(other, built, 1, self.seed)
        return found or difference_at_ties(self.comparison, built, self.seed)

    def _finished(self, found: Verification) -> Verification:
        """Add updates, and where it goes wrong if it does."""
        given = self.given
        found = replace(found, graph=given.graph, steps=self.rules)
        if found.verdict == "refuted":
            return self._located(found)
        updates, wrong = verify_updates(given, self.inputs, self.dims, self.points, self.seed)
        verdicts = [found.verdict, *(u.verdict for u in updates)]
        verdict = next((v for v in ("refuted", "open", "checked") if v in verdicts), found.verdict)
        remarks, method = found.remarks, found.method
        if found.verdict == "proved" and verdict != "proved":
            remarks, method = (*remarks, f"the gradient alone: {found.method}"), found.measured
        example, place = wrong or (None, None)
        if place is not None:
            place = with_adjoint(place, given.graph)
        return replace(
            found,
            verdict="checked" if verdict == "open" else verdict,
            method=method,
            steps=(*found.steps, *updates),
            remarks=remarks,
            counterexample=example,
            wrong=place,
        )

    def _located(self, found: Verification) -> Verification:
        """Make the counterexample small, and name the first wrong step."""
        given, example = self.given, found.counterexample
        wrong = None
        if example is None:
            step = next(s for s in found.steps if s.verdict == "refuted")
            wrong = refuted_rule(given.loss, given.wrt, step)
        else:
            methods = (PRECISE, *METHODS, as_method(self.comparison, given.built))
            method = next(m for m in methods if m.name == found.measured)
            first, example = example, smallest(self.comparison, example, method, self.seed)
            wrong = self._first_wrong(example, method, sure=True)
            if wrong is None:
                wrong = self._first_wrong(first, method, sure=False)
                if wrong is not None and first is not example:
                    wrong = replace(wrong, elsewhere=first.inputs | first.state)
        if wrong is not None:
            with contextlib.suppress(GraphdlError):  # what is no part of this graph is not marked
                wrong = with_adjoint(wrong, given.graph)
        return replace(found, counterexample=example, wrong=wrong)

    def _first_wrong(
        self, example: Counterexample, method: Method, *, sure: bool
    ) -> WrongAdjoint | None:
        """Name the first wrong step at a counterexample; that of its own variable, if it can be."""
        given, names = self.given, self.comparison.names
        wrong = None
        if given.gradients is not None:
            pairs = sorted(
                zip(names, self.gradients, given.built, strict=True),
                key=lambda row: row[0] != example.variable,
            )
            _, got, built = zip(*pairs, strict=True)
            point = example.inputs | example.state
            index = example.index if names.count(example.variable) else None
            digits = max(SAME, method.needed + 1.0)
            wrong = first_altered(got, built, point, example.dims, index, digits)
        if wrong is None and method.name != METHOD:  # its own rules measure nothing
            wrong = first_wrong(given.loss, given.wrt, method, example, self.seed, sure=sure)
        return wrong
