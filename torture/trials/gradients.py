"""Gradients of every function at fresh random points, against what knows no derivative rule.

The witness is the complex step, or 50-digit arithmetic where a function has no continuation into
the complex plane.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

import graphdl as gd
from graphdl.ir import complex_step
from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.interpreter import initial_value
from graphdl.ir.node import Node
from graphdl.passes.expand import expand
from graphdl.verification import precise
from tests.ops.cases import Case, arguments, elementwise_cases
from tests.ops.rows import rows
from torture.trial import Trial

POINTS = 45_000
"""Of all cases together: some 30 of each."""
VALUE, FIRST, SECOND, DOT = 1e-10, 1e-10, 1e-8, 1e-10
"""How far results may be off, relative to the largest number in their sum, or to 1."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Derivatives:
    """A case's value with its derivatives, and the scalars that witnesses differentiate.

    Attributes
    ----------
    graph : Graph
        Outputs ``value``; ``first0`` ..., the gradients of the value's sum with weights;
        ``second0`` ..., their derivatives along tangents; and ``pushed``, that of the value.
    opened : Graph
        Without composites: ``loss``, the weighted sum, and ``slope``, that of the gradients.
    floats : tuple of int
        Places of the inputs that are variables.
    """

    graph: gd.Graph
    opened: gd.Graph
    floats: tuple[int, ...]


@cache
def _cases() -> list[Case]:
    """Return the cases that have a gradient to speak of."""
    found = []
    for case in (*elementwise_cases(), *rows()):
        if case.cut or not any(i.sort == "float" for i in case.inputs):
            continue
        if case.call(*case.nodes("float64")).dtype.name == "float64":
            found.append(case)
    return found


@lru_cache(maxsize=64)
def _derivatives(number: int) -> Derivatives:
    case = _cases()[number]
    xs = case.nodes("float64")
    value = case.call(*xs)
    floats = tuple(k for k, i in enumerate(case.inputs) if i.sort == "float")
    variables = [xs[k] for k in floats]
    weights = gd.input("weights", value.shape, value.dtype)
    tangents = [gd.input(f"t{k}", x.shape, x.dtype) for k, x in zip(floats, variables, strict=True)]
    along = [gd.input(f"u{k}", x.shape, x.dtype) for k, x in zip(floats, variables, strict=True)]
    loss = gd.sum(value * weights)
    first = gd.grad(loss, variables)
    second = gd.hvp(loss, variables, tangents)
    (pushed,) = gd.jvp(value, variables, tangents)
    slope = gd.sum(gd.constant(np.zeros(()), "float64"))
    for gradient, u in zip(first, along, strict=True):
        slope = slope + gd.sum(gradient * u)
    outputs = {"value": value, "pushed": pushed}
    outputs |= {f"first{k}": g for k, g in zip(floats, first, strict=True)}
    outputs |= {f"second{k}": g for k, g in zip(floats, second, strict=True)}
    inputs = [*xs, weights, *tangents, *along]
    graph = gd.Graph(outputs, inputs=inputs)
    opened = expand(gd.Graph({"loss": loss, "slope": slope}, inputs=inputs))
    return Derivatives(graph, opened, floats)


def attempt(unit: int) -> list[str]:
    """Try a case at a point: unit ``p * cases + k`` is point p + 1 of case k."""
    point, number = divmod(unit, len(_cases()))
    case = _cases()[number]
    found = _derivatives(number)
    given = arguments(case, found.graph, point + 1)
    got = gd.interpret(found.graph, given, dims=case.dims)
    with np.errstate(all="ignore"):
        wrong = _value(case, given, got)
        wrong += _derivative(found, case, given, got)
        wrong += _dot_product(found, given, got)
    return [f"unit {unit}, {case}: {line}" for line in wrong]


def _value(case: Case, given: Arrays, got: Arrays) -> list[str]:
    expected = np.asarray(case.reference(*(given[f"x{k}"] for k in range(len(case.inputs)))))
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    error = float(np.max(np.abs(got["value"] - expected), initial=0.0)) / scale
    return [] if error <= VALUE else [f"value off by {error:.3g}"]


def _derivative(found: Derivatives, case: Case, given: Arrays, got: Arrays) -> list[str]:
    """Compare first and second derivatives along the tangents."""
    known: dict[Node, np.ndarray] = {x: given[x.name] for x in found.opened.inputs}
    known |= {s: initial_value(s) for s in found.opened.state}
    directions = {
        x: given[f"t{x.name[1:]}"]
        for x in found.opened.inputs
        if x.name[0] == "x" and x.dtype.is_float
    }
    wrong = []
    for key, root, weights, tolerance in (
        ("first", "loss", "t", FIRST),
        ("second", "slope", "u", SECOND),
    ):
        terms = [got[f"{key}{k}"] * given[f"{weights}{k}"] for k in found.floats]
        total = sum(float(np.sum(t)) for t in terms)
        scale = max(1.0, sum(float(np.sum(np.abs(t))) for t in terms))
        expected = _witnessed(found.opened.outputs[root], known, directions, case.dims)
        if not abs(total - expected) <= tolerance * scale:
            wrong.append(f"{key} derivative {total:.17g}, not {expected:.17g}")
    return wrong


def _witnessed(
    root: Node,
    known: dict[Node, np.ndarray],
    directions: dict[Node, np.ndarray],
    env: dict[str, int],
) -> float:
    try:
        return complex_step.directional(root, known, directions, env)
    except NotAnalyticError:
        return float(precise.directional(root, known, directions, env))


def _dot_product(found: Derivatives, given: Arrays, got: Arrays) -> list[str]:
    """Compare ⟨v, J u⟩ with ⟨Jᵀ v, u⟩."""
    pushed = given["weights"] * got["pushed"]
    pulled = [got[f"first{k}"] * given[f"t{k}"] for k in found.floats]
    scale = max(1.0, float(np.sum(np.abs(pushed))), *(float(np.sum(np.abs(p))) for p in pulled))
    difference = float(np.sum(pushed)) - sum(float(np.sum(p)) for p in pulled)
    return [] if abs(difference) <= DOT * scale else [f"⟨v, Ju⟩ - ⟨Jᵀv, u⟩ = {difference:.3g}"]


def run(units: range) -> list[str]:
    """Try cases at points."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [line for unit in units for line in _guarded(unit)]


def _guarded(unit: int) -> list[str]:
    try:
        return attempt(unit)
    except Exception as error:
        return [f"unit {unit}, {_cases()[unit % len(_cases())]}: {type(error).__name__}: {error}"]


TRIAL = Trial(
    name="gradients",
    promise=(
        "Gradients of every function are right to 1e-10 and second derivatives to 1e-8, against "
        "the complex step or 50 digits, and ⟨v, Ju⟩ = ⟨Jᵀv, u⟩"
    ),
    unit="points",
    count=POINTS,
    batch=200,
    run=run,
)
