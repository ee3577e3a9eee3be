"""Every op of the registry: value, gradient and second order on every target.

Cases come from ``cases.py`` (derived) and ``rows.py`` (written); an op or function without one
fails here. Derivatives are checked against differences of tenth order of the NumPy reference.
"""

import importlib
import pkgutil
import warnings
from functools import cache

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses, metrics, nn, ops, optim
from graphdl.ir import complex_step, interpreter, leaves
from graphdl.ir.kinds import CompositeOp, Op
from graphdl.ir.node import topological
from graphdl.ops import FUNCTIONS
from graphdl.passes.derivative import GradientWarning
from graphdl.passes.expand import expand
from tests.ops.cases import Case, arguments, elementwise_cases, graph_of
from tests.ops.rows import rows

TARGETS = ["interp", "numpy", "c"]
CASES = [*elementwise_cases(), *rows()]
PART = 40
STEP = 0.004
TENTH_ORDER = {1: 5 / 6, 2: -5 / 21, 3: 5 / 84, 4: -5 / 504, 5: 1 / 1260}
"""Weights of central differences (Fornberg, Math. Comp. 51, 1988)."""

pytestmark = pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")


@cache
def part_of(case: Case) -> tuple[Case, ...]:
    """Return the cases that share a module with this one; those with state stand alone."""
    if graph_of(case, "float32").state:
        return (case,)
    plain = [c for c in CASES if not graph_of(c, "float32").state]
    start = plain.index(case) // PART * PART
    return tuple(plain[start : start + PART])


@cache
def module(target: str, dtype: str, cases: tuple[Case, ...]):
    """Compile the graphs of some cases at once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GradientWarning)
        graphs = [graph_of(c, dtype) for c in cases]
    dims = {"N": 9} if any(g.dims for g in graphs) else {}
    return gd.compile(graphs, target=target, name=f"registry_{dtype}", dims=dims)


def run(target: str, case: Case, dtype: str) -> dict[str, np.ndarray]:
    graph = graph_of(case, dtype)
    given = arguments(case, graph)
    if target == "interp":
        return gd.interpret(graph, given, dims=case.dims)
    return module(target, dtype, part_of(case)).entries[graph.name](**given)


@cache
def oracle(case: Case) -> dict[str, np.ndarray]:
    return run("interp", case, "float64")


def derivative(function, x: np.ndarray, direction: np.ndarray):
    """Return the derivative of a function along a direction."""
    return sum(
        weight * (function(x + k * STEP * direction) - function(x - k * STEP * direction)) / STEP
        for k, weight in TENTH_ORDER.items()
    )


def close(actual, expected, tolerance):
    """Compare relative to the largest expected element."""
    assert actual.shape == np.shape(expected)
    scale = max(np.max(np.abs(expected), initial=0.0), 1.0)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale)


each_target = pytest.mark.parametrize("target", TARGETS)
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def is_real(case: Case) -> bool:
    return "first0" in graph_of(case, "float64").outputs


SMOOTH = [c for c in CASES if c.call(*c.nodes("float64")).dtype.is_float and
          any(i.sort == "float" for i in c.inputs)]  # fmt: skip
each_smooth_case = pytest.mark.parametrize("case", SMOOTH, ids=str)


@each_target
@each_case
def test_value(target, case):
    values = case.values()
    expected = np.asarray(case.reference(*values))
    double, single = (run(target, case, d)["value"] for d in ("float64", "float32"))
    assert double.shape == single.shape == expected.shape
    if double.dtype.kind != "f":
        np.testing.assert_array_equal(double, expected)
        np.testing.assert_array_equal(single, expected)
    else:
        tolerance = 1e-6 if double.dtype == np.float32 else 1e-13
        np.testing.assert_allclose(double, expected, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(single, expected, rtol=2e-5, atol=2e-6)


@each_target
@each_smooth_case
def test_gradient(target, case):
    found, single = run(target, case, "float64"), run(target, case, "float32")
    place = -1
    for operand, given in enumerate(case.inputs):
        if given.sort != "float":
            continue
        place += 1
        if case.cut:
            close(found[f"first{place}"], np.zeros(given.sizes), 0.0)
        elif found["value"].dtype == np.float64:
            close(found[f"first{place}"], by_differences(case, operand), 1e-10)
        close(single[f"first{place}"], oracle(case)[f"first{place}"], 2e-5)


@cache
def by_differences(case: Case, operand: int) -> np.ndarray:
    """Return the derivative of the weighted sum by one input."""
    values = case.values()
    weights = arguments(case, graph_of(case, "float64")).get("weights", 1.0)
    found = np.zeros(case.inputs[operand].sizes)
    for index in np.ndindex(found.shape):
        found[index] = numeric(case, values, operand, index, weights)
    return found


def numeric(case, values, operand, index, weights):
    """Return the derivative of the weighted sum by one element of one input."""

    def total(x):
        given = [x if k == operand else v for k, v in enumerate(values)]
        return np.sum(case.reference(*given) * weights)

    unit = np.zeros(values[operand].shape)
    unit[index] = 1
    return derivative(total, values[operand], unit)


@each_target
@each_smooth_case
def test_second_order(target, case):
    graph = graph_of(case, "float64")
    given = arguments(case, graph)
    places = [k for k, i in enumerate(case.inputs) if i.sort == "float"]
    found, single = run(target, case, "float64"), run(target, case, "float32")

    def gradients(shift):
        moved = {
            f"x{k}": given[f"x{k}"] + shift * given[f"t{n}"]
            for n, k in enumerate(places)
            if f"t{n}" in given
        }
        return gd.interpret(graph, {**given, **moved}, dims=case.dims)

    samples = {k: gradients(k * STEP) for j in TENTH_ORDER for k in (j, -j)}
    for n in range(len(places)):
        if found["value"].dtype == np.float64:
            key = f"first{n}"
            pairs = ((w, samples[k][key] - samples[-k][key]) for k, w in TENTH_ORDER.items())
            expected = sum(w * difference / STEP for w, difference in pairs)
            close(found[f"second{n}"], expected, 1e-8)
        close(single[f"second{n}"], oracle(case)[f"second{n}"], 5e-5)


# The complex step knows no rule of differentiation, and loses no digit.


def opened_value(case: Case) -> tuple[gd.ir.node.Node, gd.Graph]:
    """Return the weighted sum of a case's value without composites, and its graph."""
    xs = case.nodes("float64")
    value = case.call(*xs)
    loss = gd.sum(value * gd.input("weights", value.shape, value.dtype))
    graph = expand(gd.Graph({"loss": loss}))
    return graph.outputs["loss"], graph


@each_smooth_case
def test_gradient_by_the_complex_step(case):
    if case.cut or oracle(case)["value"].dtype != np.float64:
        return
    loss, graph = opened_value(case)
    given = arguments(case, graph) | arguments(case, graph_of(case, "float64"))
    known = {x: given[x.name] for x in graph.inputs}
    known |= {x: interpreter.initial_value(x) for x in graph.state}
    rng = np.random.default_rng(11)
    moved = [k for k, i in enumerate(case.inputs) if i.sort == "float"]
    along = {f"x{k}": rng.uniform(0.5, 1.5, case.inputs[k].sizes) for k in moved}
    directions = {x: along[x.name] for x in graph.inputs if x.name in along}
    expected = complex_step.directional(loss, known, directions, case.dims)
    found = [np.sum(oracle(case)[f"first{n}"] * along[f"x{k}"]) for n, k in enumerate(moved)]
    scale = sum(np.sum(np.abs(oracle(case)[f"first{n}"])) for n in range(len(moved)))
    assert abs(sum(found) - expected) <= 1e-10 * max(scale, 1.0)


# What has to have a case.


PACKAGES = (ops, nn, losses, metrics, optim)


def ops_of_the_package() -> dict[str, Op]:
    modules = [importlib.import_module(f"{package.__name__}.{m.name}")
               for package in PACKAGES
               for m in pkgutil.iter_modules(package.__path__)]  # fmt: skip
    found = [v for m in [leaves, *modules] for v in vars(m).values() if isinstance(v, Op)]
    return {op.name: op for op in found}


def opened(roots):
    """Return all nodes, those inside composites too."""
    for node in topological(roots):
        yield node
        if isinstance(node.op, CompositeOp):
            yield from opened(node.op.body(node.inputs, node.attrs).results)


def test_every_function_has_a_case():
    public = {*FUNCTIONS, *(f"losses.{name}" for name in losses.__all__)}
    public |= {f"metrics.{name}" for name in metrics.__all__} - {"metrics.Counts"}
    assert public - {c.function for c in CASES} == set()


def test_every_op_has_a_case():
    used = {n.op.name for c in CASES for n in opened([c.call(*c.nodes("float32"))])}
    in_gradients = (graph_of(c, "float64") for c in SMOOTH if "initial" in str(c))
    used |= {n.op.name for graph in in_gradients for n in graph.nodes}
    assert set(ops_of_the_package()) - used == set()


# Declared derivatives of composites.

COMPOSITE = [
    c for c in SMOOTH
    if any(isinstance(n.op, CompositeOp) and n.op.adjoint
           for n in topological([c.call(*c.nodes("float64"))]))
]  # fmt: skip


@pytest.mark.parametrize("case", COMPOSITE, ids=str)
def test_declared_adjoint_equals_that_of_the_expansion(case, monkeypatch):
    declared = oracle(case)
    for op in ops_of_the_package().values():
        if isinstance(op, CompositeOp):
            monkeypatch.setattr(op, "adjoint", None)
    graph = graph_of.__wrapped__(case, "float64")
    known = arguments(case, graph) | arguments(case, graph_of(case, "float64"))
    given = {i.name: known[i.name] for i in graph.inputs}  # whatever the order of the inputs
    expanded = gd.interpret(graph, given, dims=case.dims)
    for key, value in declared.items():
        close(expanded[key], value, 1e-12)


def test_composites_with_declared_adjoints_are_covered():
    declared = {n for n, op in ops_of_the_package().items()
                if isinstance(op, CompositeOp) and op.adjoint}  # fmt: skip
    used = {n.op.name for c in COMPOSITE for n in topological([c.call(*c.nodes("float64"))])}
    assert declared - used == set()
