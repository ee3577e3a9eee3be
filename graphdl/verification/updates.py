"""The updates of a training step: what the optimizer's formula builds from the gradient.

A formula is a definition, there is nothing to derive. So an update is right if it is what the
optimizer builds from the gradient that was proved: node for node, or else proved equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphdl.ir.graph import Graph, intern
from graphdl.ir.node import Node
from graphdl.training import step_updates
from graphdl.verification.equivalence import verify_pass
from graphdl.verification.evidence import Counterexample, WrongAdjoint
from graphdl.verification.given import Given
from graphdl.verification.locate import first_altered
from graphdl.verification.outcome import Outcome
from graphdl.verification.proof import Step

_SHOWN = 3

Difference = tuple[Counterexample, WrongAdjoint | None]


def verify_updates(
    given: Given, inputs: Mapping[str, Any], dims: Mapping[str, int], points: int, seed: int
) -> tuple[list[Step], Difference | None]:
    """Return how far the updates of a step are established, and where one differs."""
    if given.step is None:
        return [], None
    got = {state.name: value for state, value in given.step.updates.items()}
    if given.recipe is None:
        how = "no formula is known to compare it with: pass optimizer=..."
        return [_step(list(got), Outcome("open", how), given)], None
    expected = {s.name: v for s, v in step_updates(given.recipe, given.built).items()}
    interned = intern([*got.values(), *expected.values()])
    same = [k for k in got if k in expected and interned[got[k]] is interned[expected[k]]]
    others = {k: (expected[k], got[k]) for k in got if k in expected and k not in same}
    name = type(given.recipe.optimizer).__name__
    found = []
    if same:
        found.append(
            _step(same, Outcome("proved", f"as {name} builds it from the gradient"), given)
        )
    missing = [k for k in expected if k not in got]
    if missing:
        found.append(
            _step(missing, Outcome("refuted", f"{name} updates it, the step does not"), given)
        )
    unknown = [k for k in got if k not in expected]
    if unknown:
        found.append(_step(unknown, Outcome("open", f"{name} does not update it"), given))
    wrong = None
    for state, pair in others.items():
        outcome, wrong = _compared(state, pair, name, inputs, dims, points, seed)
        found.append(_step([state], outcome, given))
        if wrong is not None:
            break
    return found, wrong


def _compared(
    state: str,
    pair: tuple[Node, Node],
    optimizer: str,
    inputs: Mapping[str, Any],
    dims: Mapping[str, int],
    points: int,
    seed: int,
) -> tuple[Outcome, Difference | None]:
    label = f"update of {state}"
    if pair[0].shape != pair[1].shape or pair[0].dtype is not pair[1].dtype:
        return Outcome("refuted", f"{optimizer} gives {pair[0]!r}, the step {pair[1]!r}"), None
    before, after = (Graph({label: node}) for node in pair)
    known = {k: v for k, v in inputs.items() if k in {i.name for i in before.inputs}}
    result = verify_pass(before, after, points=points, seed=seed, inputs=known, dims=dims)
    how = f"equal to what {optimizer} builds from the gradient ({result.method})"
    if result.verdict == "refuted":
        how = f"{optimizer} builds another: {result.counterexample}"
        wrong = first_altered([pair[1]], [pair[0]], result.inputs or {}, result.dims)
        (row,) = result.findings
        example = Counterexample(
            label, None, row.expected, row.got, dict(result.inputs or {}), {}, dict(result.dims),
            result.counterexample,
        )  # fmt: skip
        return Outcome("refuted", how), (example, wrong)
    digits = int(min(result.digits, 50))
    return Outcome(result.verdict, how, points=result.points, digits=digits), None


def _step(names: list[str], outcome: Outcome, given: Given) -> Step:
    assert given.step is not None
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    text = f"{shown} and {more} more" if more > 0 else shown
    site = next((v.site for s, v in given.step.updates.items() if s.name == names[0]), "")
    return Step(text, 1, outcome, site, "update of")
