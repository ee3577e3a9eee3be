"""A few units of the trials of math, gradients, boundary and sanitizers, and that they notice."""

import dataclasses
import shutil

import numpy as np
import pytest

import graphdl as gd
from graphdl.codegen.c.module import CSource, emit
from graphdl.codegen.lower.lower import Module
from tests.codegen import ulp_float32, ulp_float64
from tests.codegen.agreement import BUILDS, lowered
from tests.codegen.reference import Reference
from tests.codegen.truths import PAIRS, TRUTHS
from torture import arguments, examples
from torture.trials import boundary, duplicates, gradients, math_float32, math_float64, sanitizers

pytestmark = pytest.mark.usefixtures("needs_cc")

# --- math ---------------------------------------------------------------------------------------

SAMPLE = ulp_float32.Floats(step=99_991)


@pytest.mark.parametrize("name", TRUTHS)
def test_float32(name):
    for way, verdict in ulp_float32.judged(name, list(ulp_float32.WAYS), SAMPLE).items():
        assert ulp_float32.problems(name, way, verdict) == []


@pytest.mark.parametrize(("name", "x"), [("log10", 0.982252777), ("acosh", 1.00701284)])
def test_hard_floats(name, x):
    """What the exhaustive trial found."""
    place = int(np.float32(x).view(np.uint32))
    found = ulp_float32.judged(name, list(ulp_float32.WAYS), ulp_float32.Floats(place, place + 1))
    for way, verdict in found.items():
        assert ulp_float32.problems(name, way, verdict) == []


@pytest.mark.parametrize("name", [*TRUTHS, *PAIRS])
def test_float64(name):
    assert ulp_float64.problems(name, "portable", ulp_float64.judged(name, "portable", 0)) == []
    assert name in PAIRS or ulp_float64.special_results(name, "portable") == []


def test_chunks_are_all_floats():
    assert len(TRUTHS) * math_float32.CHUNKS == math_float32.TRIAL.count
    last = ulp_float32.Floats(ulp_float32.FLOATS - 100, ulp_float32.FLOATS)
    assert [len(b) for b in last.blocks()] == [100]
    assert math_float64.run(range(2)) == []


@pytest.mark.parametrize("name", ["exp", "gelu"])
def test_a_wrong_float_is_noticed(monkeypatch, name):
    right = ulp_float32._functions("contracted")

    def wrong(x):
        y = right[name](x=x)["y"]
        y[np.isfinite(y)] *= np.float32(1 + 16 * 2**-24)
        y[~np.isfinite(y)] = 1.0
        return {"y": y}

    monkeypatch.setattr(ulp_float32, "_functions", lambda way: {name: wrong})
    verdict = ulp_float32.judged(name, ["contracted"], SAMPLE)["contracted"]
    assert len(ulp_float32.problems(name, "contracted", verdict)) == 2


def test_a_wrong_double_is_noticed(monkeypatch):
    right = ulp_float64._functions("contracted")["log"]
    monkeypatch.setattr(
        ulp_float64,
        "_functions",
        lambda way: {"log": lambda x: {"y": right(x)["y"] * (1 + 8 * 2.0**-53)}},
    )
    verdict = ulp_float64.judged("log", "contracted", 0)
    assert 3 < verdict.worst < 10
    assert ulp_float64.problems("log", "contracted", verdict)


# --- gradients ----------------------------------------------------------------------------------


def test_gradients():
    assert gradients.run(range(0, 3 * 1469, 97)) == []


@pytest.mark.parametrize("key", ["value", "first0", "second0", "pushed"])
def test_a_wrong_derivative_is_noticed(monkeypatch, key):
    real = gd.interpret

    def bent(graph, given, **more):
        found = real(graph, given, **more)
        return {k: v * (1 + 1e-6) if k == key else v for k, v in found.items()}

    monkeypatch.setattr(gradients.gd, "interpret", bent)
    number = next(k for k, c in enumerate(gradients._cases()) if str(c) == "tanh-plain")
    assert gradients.run(range(number, number + 1))


def test_duplicates():
    assert duplicates.run(range(30)) == []


def test_a_last_winner_is_noticed(monkeypatch):
    def last(x, axis):
        return len(x) - 1 - np.argmax(x[::-1], axis)

    rule = duplicates.RULES["max"]
    bent = dataclasses.replace(
        rule, gradients=lambda a, g: {"x": duplicates._winner(a["x"], g, last)}
    )
    monkeypatch.setitem(duplicates.RULES, "max", bent)
    assert duplicates.run(range(30))


# --- boundary -----------------------------------------------------------------------------------


def test_boundary():
    assert boundary.run(range(400)) == []


def test_every_change_keeps_its_promise():
    rng = np.random.default_rng(0)
    x = np.arange(12, dtype=np.int32).reshape(3, 4)
    for change in arguments.CHANGES:
        made = change.make(rng, x)
        if change.verdict == arguments.SAME:
            as_array = np.asarray(made)
            assert as_array.shape == x.shape
            assert change.name == "broadcast" or np.array_equal(as_array, x)


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (lambda own: own.state["table"].fill(9.0), "differs"),
        (lambda own: {}["x"], "untyped error KeyError"),
    ],
)
def test_a_bad_module_is_noticed(monkeypatch, broken, what):
    opened, twin = boundary._opened("numpy", 0), boundary._opened("numpy", 1)

    def bent(name, call):
        def entry(**given):
            broken(opened)
            return call(**given)

        return entry

    entries = {k: bent(k, v) for k, v in opened.entries.items()}
    bad = dataclasses.replace(opened, entries=entries)
    monkeypatch.setattr(boundary, "_opened", lambda target, number: twin if number else bad)
    found = boundary.run(range(2, 60, 5))
    assert any(what in line for line in found)


# --- sanitizers ---------------------------------------------------------------------------------


def sums() -> tuple[Module, list[list[Reference]]]:
    x = gd.input("x", ("N",))
    graph = gd.Graph({"y": gd.tanh(x) * 2.0}, name="f")
    module = lowered([graph], {"N": 9}, BUILDS["plain"])
    given = {"x": np.arange(9, dtype=np.float32)}
    return module, [[Reference(graph, {"N": 9}, given, {})]]


def ways() -> list[sanitizers.Way]:
    found = [w for name in sanitizers.WAYS for w in sanitizers.WAYS[name] if shutil.which(name)]
    return [
        w for w in found if "portable" in w.name and not sanitizers.missing(compiler=w.compiler)
    ]


def test_sanitizers_find_nothing():
    module, found = sums()
    assert [sanitizers.findings(module, found, way) for way in ways()] == [[]] * len(ways())


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("f32v_load(x + ", "f32v_load(x + 1 + ", "heap-buffer-overflow"),
        ("int64_t dim_N", "int64_t dim_N, int unused", "fuzz.c"),
        ("dim_N < 0 ||", "(INT64_MAX + dim_N) / 3 < 0 ||", "overflow"),
    ],
)
def test_what_sanitizers_find_is_reported(monkeypatch, old, new, what):
    module, found = sums()
    right = emit(module)
    assert old in right.source
    wrong = dataclasses.replace(right, source=right.source.replace(old, new))

    def planted(module: Module) -> CSource:
        return wrong

    monkeypatch.setattr(sanitizers, "emit", planted)
    gcc = [w for w in ways() if w.compiler == "gcc"]
    for way in gcc:
        assert what in "".join(sanitizers.findings(module, found, way))


def test_examples_have_graphs():
    found = examples.example_graphs()
    assert {"digits", "mlp_model"} <= set(found)
    assert all(isinstance(g, gd.Graph) for graphs in found.values() for g in graphs)
