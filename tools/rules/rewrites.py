"""Rewrite rules with their verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import graphdl as gd
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import PRIMITIVES
from graphdl.ir.leaves import input
from graphdl.ir.rewrites import EXAMPLE_INPUTS, REWRITES, Rewrite
from graphdl.passes import expand, fold, pipeline, views
from graphdl.passes.canonical import COMMUTATIVE, MIRRORED
from graphdl.passes.dce import dce
from graphdl.passes.rewriting import rewritten
from tools.rules.floats import behaviour
from tools.rules.math import call
from tools.rules.verdicts import Verdict, same_meaning, weakest

STAGES = {
    "stabilise": "naive formulas in a form that neither overflows nor cancels",
    "expand": "composites become what they stand for",
    "fold": "what depends on constants only is computed",
    "simplify": "identities; every bit stays",
    "canonical": "what differs only in the order of operands is computed once",
    "views": "views that cancel or move elsewhere",
    "layout": "contractions write their result in the order in which it is read",
    "clean": "what does nothing is dropped",
}
"""Stages in the order of the pipeline."""

DEFINITIONS = {
    "folded": "the value is the interpreter's own",
    "opened": "a composite means its expansion",
    "idle_update": "state that is not updated keeps its value",
}
"""Rules that need no proof, and why."""


@dataclass(frozen=True)
class Entry:
    """A rule of the page.

    Attributes
    ----------
    stage, name, math : str
        As declared.
    examples : tuple of (str, str)
        Executed: before and after.
    verdict : Verdict
        Over the real numbers.
    floats : str
        What floats do.
    """

    stage: str
    name: str
    math: str
    examples: tuple[tuple[str, str], ...]
    verdict: Verdict
    floats: str


class UnestablishedError(Exception):
    """A rule lacks an example, does not fire on it, or is wrong."""


def rules() -> list[Rewrite]:
    """Return all rules that passes drive, in the order of the stages."""
    assert pipeline.PIPELINE  # its passes register their rules
    assert gd.losses.__all__
    listed = [*REWRITES["stabilise"], *expand.RULES, *fold.RULES]
    return [*listed, *REWRITES["simplify"], *REWRITES["views"]]


def entries() -> Iterator[Entry]:
    """Yield all rewrites with their verdicts.

    Raises
    ------
    UnestablishedError
        If one has none, or is wrong.
    """
    for rule in rules():
        yield established(rule)
    yield from _commuting()
    yield _reordered()
    yield _idle()


def established(rule: Rewrite) -> Entry:
    """Return a rule with its verdict: the weakest of its examples."""
    nodes = rule.cases()
    if not nodes:
        raise UnestablishedError(f"{rule!r} declares no examples: rewrite(..., examples=...)")
    pairs = []
    for node in nodes:
        before, fired = Graph({"r": node}), Counter[str]()
        after = rewritten(before, [rule], fired)
        if not fired:
            raise UnestablishedError(f"{rule!r} does not fire on its example:\n{before}")
        pairs.append((before, after))
    return _entry(rule.stage, rule.name, rule.math, pairs, rule.exact)


def _entry(
    stage: str, name: str, math: str, pairs: list[tuple[Graph, Graph]], exact: bool
) -> Entry:
    shown = tuple((call(a), call(b)) for a, b in pairs)
    verdict = weakest([same_meaning(a, b) for a, b in pairs])
    if verdict.verdict == "refuted":
        raise UnestablishedError(f"{stage} {name}: {math} is wrong: {verdict.how}")
    if name in DEFINITIONS:
        verdict = Verdict("definition", DEFINITIONS[name])
    found = [behaviour(a, b) for a, b in pairs]
    kept = all(same for same, _ in found)
    if exact and not kept:
        places = [text for _, texts in found for text in texts]
        raise UnestablishedError(f"{stage} {name}: {math} does not keep every bit: {places}")
    places = list(dict.fromkeys(text for _, texts in found for text in texts))
    floats = "every bit stays" if kept else "; ".join(places) or "rounding differs"
    return Entry(stage, name, math, shown, verdict, floats)


def _commuting() -> Iterator[Entry]:
    """Yield what the canonical form takes for equal."""
    signs = {
        "add": "x + y = y + x", "mul": "x·y = y·x", "eq": "(x = y) = (y = x)",
        "ne": "(x ≠ y) = (y ≠ x)", "and": "b ∧ c = c ∧ b", "or": "b ∨ c = c ∨ b",
        "xor": "b ⊻ c = c ⊻ b", "gt": "x > y = y < x", "ge": "x ≥ y = y ≤ x",
    }  # fmt: skip
    for name in [*sorted(COMMUTATIVE), *MIRRORED]:
        letters = "bc" if name in ("and", "or", "xor") else "xy"
        one, other = (input(n, *EXAMPLE_INPUTS[n]) for n in letters)
        swapped: Callable[..., gd.ir.node.Node] = PRIMITIVES[MIRRORED.get(name, name)]
        inputs = [one, other]
        pair = (
            Graph({"r": PRIMITIVES[name](one, other)}, inputs=inputs),
            Graph({"r": swapped(other, one)}, inputs=inputs),
        )
        yield _entry("canonical", name, signs[name], [pair], exact=True)


def _reordered() -> Entry:
    w, u = (input(n, *EXAMPLE_INPUTS[n]) for n in "wu")
    before, fired = Graph({"r": gd.einsum("ij,ik->jk", w, u).T}), Counter[str]()
    after = views.absorb_orders(before, fired)
    if not fired:
        raise UnestablishedError("absorb_orders does not fire on its example")
    return _entry("layout", "absorb_orders", views.ABSORBED, [(before, after)], exact=True)


def _idle() -> Entry:
    s = gd.state("s", (3,), "float64")
    before, fired = Graph({"r": s * 2.0}, updates={s: s}), Counter[str]()
    after = dce(before, fired)
    if not fired:
        raise UnestablishedError("dce does not fire on its example")
    verdict = Verdict("definition", DEFINITIONS["idle_update"])
    math = "s := s → nothing"
    shown = ((f"{call(before)}; update s", call(after)),)
    return Entry("clean", "idle_update", math, shown, verdict, "every bit stays")
