"""The emitted NumPy module: right, safe, standing alone, and written with care."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.numpy import arithmetic, loops
from graphdl.codegen.numpy.executable import NumpyExecutable, loaded
from graphdl.codegen.numpy.module import emit
from graphdl.ir.errors import DimensionError, GraphdlError, IndexRangeError
from graphdl.verification.random_graphs import random_case
from tests.codegen.agreement import Build, disagreements, lowered, maxima_of
from tests.codegen.hand_programs import EXAMPLES
from tests.codegen.reference import references

SMALL_BLOCKS = {"BLOCK": 8, "LARGE": 16, "LARGE_PRODUCT": 16}
SMALL_CHOICES = {"FEW": 0, "FILLED": 4, "ROW": 2, "KEPT": 0}


@pytest.fixture(params=["usual", "tiny"])
def thresholds(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run a test with usual thresholds, and with ones that small arrays reach."""
    if request.param == "usual":
        yield
        return
    choices = mock.patch.multiple(arithmetic, **SMALL_CHOICES)
    with mock.patch.multiple(loops, **SMALL_BLOCKS), choices:
        yield


@pytest.mark.usefixtures("thresholds")
@pytest.mark.parametrize("name", EXAMPLES)
def test_hand_written_programs(name: str) -> None:
    example = EXAMPLES[name]
    module = loaded(name, emit(name, [example.program], {"N": 9})).Module()
    for size in (5, 0, 1, 9, 5):
        inputs = example.inputs(size)
        module._memory[:] = 255
        found = module.run(*inputs)
        for label, wanted in example.expected(*inputs).items():
            assert found[label].dtype == wanted.dtype
            assert found[label].shape == wanted.shape
            np.testing.assert_allclose(found[label], wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.usefixtures("thresholds")
@pytest.mark.parametrize("build", [Build("plain"), Build("unfused", fuse=False)], ids=str)
@pytest.mark.parametrize("first", range(0, 40, 10))
def test_random_graphs_agree_with_the_interpreter(first: int, build: Build) -> None:
    for seed in range(first, first + 10):
        case = random_case(seed)
        module = NumpyExecutable(lowered([case.graph], maxima_of([case]), build))
        assert disagreements(module, case, references(case, seed)) == []


def digits() -> list[gd.Graph]:
    """Return prediction and training step of a small classifier."""
    x, y = gd.input("x", ("N", 64)), gd.input("y", ("N",), dtype="int32")
    net = nn.Sequential(nn.Dense(64, 128, activation="relu"), nn.Dense(128, 10))
    logits = net(x)
    loss = losses.softmax_cross_entropy(logits, y)
    forward = gd.Graph({"loss": loss, "probs": gd.softmax(logits)}, name="forward")
    return [forward, gd.train_step(loss, optim.Adam(1e-3), name="train")]


@pytest.fixture(scope="module")
def compiled() -> Any:
    return gd.compile(digits(), target="numpy", name="digits", dims={"N": 64})


@pytest.fixture
def alone(compiled: Any) -> Any:
    """The module as it stands alone, with the compiled one's first state."""
    module = loaded("digits", compiled.source).Module()
    compiled.reset()
    for name, value in compiled.state.items():
        module.state[name] = value
    return module


def batch(size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(size, 64)).astype(np.float32), rng.integers(0, 10, size, np.int32)


def test_training_agrees_with_the_interpreter(compiled: Any) -> None:
    slow = gd.compile(digits(), target="interp", name="digits", dims={"N": 64})
    compiled.reset()
    for seed, size in enumerate((32, 7, 64, 1)):
        x, y = batch(size, seed)
        fast, wanted = compiled.train(x=x, y=y), slow.train(x=x, y=y)
        np.testing.assert_allclose(fast["loss"], wanted["loss"], rtol=1e-5)
    for name, value in slow.state.items():
        np.testing.assert_allclose(compiled.state[name], value, rtol=1e-3, atol=1e-5)


def test_the_emitted_class_is_the_same_step(compiled: Any, alone: Any) -> None:
    compiled.reset()
    x, y = batch(32)
    for _ in range(3):
        np.testing.assert_array_equal(alone.train(x, y=y)["loss"], compiled.train(x, y)["loss"])
    for name, value in compiled.state.items():
        np.testing.assert_array_equal(alone.state[name], value)


BAD_CALLS: dict[str, Any] = {
    "label": lambda m, x, y: m.train(x, y + 10),
    "negative label": lambda m, x, y: m.train(x, y - 10),
    "width": lambda m, x, y: m.train(x[:, 1:], y),
    "rank": lambda m, x, y: m.train(x[0], y),
    "dtype": lambda m, x, y: m.train(x.astype(np.float64), y),
    "two sizes": lambda m, x, y: m.train(x, y[1:]),
    "too many": lambda m, x, y: m.train(*batch(65)),
    "missing": lambda m, x, y: m.train(x),
    "unknown": lambda m, x, y: m.train(x, z=y),
}


@pytest.mark.parametrize("bad", BAD_CALLS)
def test_a_failed_call_changes_nothing(bad: str, compiled: Any, alone: Any) -> None:
    x, y = batch(8)
    for module, kind in ((compiled, GraphdlError), (alone, (ValueError, TypeError, IndexError))):
        before = {k: v.copy() for k, v in module.state.items()}
        with pytest.raises(kind) as caught:
            BAD_CALLS[bad](module, x, y)
        assert "train" in str(caught.value)
        for name, value in before.items():
            np.testing.assert_array_equal(module.state[name], value)
    if "label" in bad:
        with pytest.raises(IndexRangeError, match="in \\[0, 10\\)"):
            BAD_CALLS[bad](compiled, x, y)


def test_outputs_are_the_callers(compiled: Any) -> None:
    x, y = batch(4)
    first = compiled.forward(x, y)["probs"]
    kept = first.copy()
    compiled.forward(x + 1, y)
    np.testing.assert_array_equal(first, kept)


def test_lists_and_other_layouts_are_taken(alone: Any) -> None:
    x, y = batch(3)
    plain = alone.forward(x, y)["probs"]
    np.testing.assert_array_equal(alone.forward(x.tolist(), y.tolist())["probs"], plain)
    np.testing.assert_array_equal(alone.forward(np.asfortranarray(x), y)["probs"], plain)


def test_state_files_are_shared_with_the_package(compiled: Any, alone: Any, tmp_path: Path) -> None:
    x, y = batch(16)
    alone.train(x, y)
    alone.save_state(tmp_path / "alone.safetensors")
    compiled.load_state(tmp_path / "alone.safetensors")
    compiled.save_state(tmp_path / "package.safetensors")
    other = loaded("digits", compiled.source).Module(tmp_path / "package.safetensors")
    np.testing.assert_array_equal(other.train(x, y)["loss"], alone.train(x, y)["loss"])
    for name in alone.state:
        np.testing.assert_array_equal(other.state[name], alone.state[name])


@pytest.mark.parametrize("cut", [0, 4, 40, -1])
def test_a_damaged_state_file_changes_nothing(cut: int, alone: Any, tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    alone.save_state(path)
    path.write_bytes(path.read_bytes()[:cut])
    before = {k: v.copy() for k, v in alone.state.items()}
    with pytest.raises(ValueError, match=r"state\.safetensors"):
        alone.load_state(path)
    for name, value in before.items():
        np.testing.assert_array_equal(alone.state[name], value)


def test_state_is_checked_when_assigned(alone: Any) -> None:
    name = next(iter(alone.state))
    with pytest.raises(ValueError, match="shape"):
        alone.state[name] = np.zeros(3, np.float32)
    with pytest.raises(KeyError, match="no state"):
        alone.state["nonsense"] = 1.0


def test_it_runs_in_a_bare_interpreter(compiled: Any, tmp_path: Path) -> None:
    (tmp_path / "digits.py").write_text(compiled.source, encoding="utf-8")
    code = (
        "import sys, numpy as np, digits\n"
        "m = digits.Module()\n"
        "out = m.forward(np.ones((2, 64), np.float32), np.zeros(2, np.int32))\n"
        "assert out['probs'].shape == (2, 10)\n"
        "assert not any(n.startswith('graphdl') for n in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def imported(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    return found


def test_it_imports_numpy_and_two_modules_of_python(compiled: Any) -> None:
    assert imported(compiled.source) <= {"numpy", "json", "os"}


def test_the_same_graphs_give_the_same_bytes(compiled: Any) -> None:
    again = gd.compile(digits(), target="numpy", name="digits", dims={"N": 64})
    assert again.source == compiled.source
    assert __file__ not in compiled.source


def test_steps_allocate_outputs_only(compiled: Any) -> None:
    """Every ufunc, product and reduction in a step writes where there is memory already."""
    tree = ast.parse(compiled.source)
    plans = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name[:5] == "_plan"]
    assert len(plans) == 2
    for plan in plans:
        (step,) = [n for n in plan.body if isinstance(n, ast.FunctionDef)]
        for node in step.body:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                text = ast.unparse(node.value)
                in_place = text.startswith("np.copyto(") or ".fill(" in text
                assert in_place or "out" in {k.arg for k in node.value.keywords}, text


def test_intermediate_results_go_straight_to_their_targets(compiled: Any) -> None:
    train = compiled.source.partition("def _plan_train")[2].partition("return step")[0]
    assert "np.dot(x, " in train
    # the softmax's choice, and the step counter as a float for each parameter
    assert train.count("np.copyto(") <= 5


def test_names_of_users_never_become_code() -> None:
    hostile = "x'); raise SystemExit  # {1/0} \" \\ \n %s"
    x = gd.input(hostile, ("N",))
    i = gd.input('i"""', ("N",), "int32")
    w = gd.param(hostile + "w", (3,))
    with gd.scope(hostile):
        y = gd.gather(w, i) * x
    graph = gd.Graph({hostile + "y": y}, updates={w: w * 2.0}, name="class")
    m = gd.compile(graph, target="numpy", name="import", dims={"N": 4})
    call = m.entries["class"]
    x_values, good, bad = np.ones(2, np.float32), np.zeros(2, np.int32), np.full(2, 3, np.int32)
    found = call(**{hostile: x_values, 'i"""': good})
    assert list(found) == [hostile + "y"]
    with pytest.raises(IndexRangeError):
        call(**{hostile: x_values, 'i"""': bad})
    emitted = loaded("hostile", m.source).Module()
    assert list(emitted.state) == [hostile + "w"]


def test_a_dim_without_maximum_is_refused() -> None:
    with pytest.raises(DimensionError, match="'N' has no maximum"):
        emit("m", [EXAMPLES["softmax"].program], {})


def one(graph: gd.Graph, *inputs: np.ndarray, **dims: int) -> dict[str, np.ndarray]:
    m = gd.compile(graph, target="numpy", dims=dims)
    return m.entries[graph.name](*inputs)  # type: ignore[no-any-return]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_support_functions_are_accurate(dtype: str) -> None:
    from math import erf, exp

    x = gd.input("x", (4001,), dtype)
    points = np.linspace(-8, 8, 4001).astype(dtype)
    found = one(gd.Graph({"erf": gd.erf(x), "sigmoid": gd.sigmoid(x)}), points)
    exact = {
        "erf": np.array([erf(p) for p in points.tolist()]),
        "sigmoid": np.array([1 / (1 + exp(-p)) for p in points.tolist()]),
    }
    for name, wanted in exact.items():
        error = np.abs(found[name].astype(np.float64) - wanted) / np.abs(wanted + (wanted == 0))
        assert found[name].dtype == dtype
        assert error.max() <= 4 * np.finfo(dtype).eps


def test_edge_values_are_numpys() -> None:
    x = gd.input("x", ("N",))
    edge = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, 3e38, -3e38], np.float32)
    graph = gd.Graph({
        "erf": gd.erf(x), "sigmoid": gd.sigmoid(x), "relu": gd.relu(x), "exp": gd.exp(x),
        "chosen": gd.where(x > 0.0, x, 0.0), "mixed": gd.where(x > 0.0, x, -x),
        "clipped": gd.clip(x, -1.0, 1.0),
    })  # fmt: skip
    with np.errstate(all="raise"):
        found = one(graph, edge, N=8)
    wanted = gd.interpret(graph, {"x": edge})
    for name, value in wanted.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-6, atol=1e-44, err_msg=name)


def test_large_groups_run_in_blocks() -> None:
    x = gd.input("x", (300_000,))
    y = gd.tanh(x * 2.0 + 1.0)
    m = gd.compile(gd.Graph({"sum": gd.sum(y * y), "y": y}, name="f"), target="numpy")
    assert "for start in range(0, 300000, 16384):" in m.source
    points = np.linspace(-2, 2, 300_000, dtype=np.float32)
    found = m.f(points)
    wanted = np.tanh(points * 2 + 1)
    np.testing.assert_allclose(found["y"], wanted, rtol=1e-6)
    np.testing.assert_allclose(found["sum"], np.sum(wanted * wanted), rtol=1e-5)
    # the registers are as long as a block
    assert int(m.source.partition("self._memory = np.empty(")[2].partition(",")[0]) < 1_000_000


def test_a_module_without_state_or_inputs() -> None:
    m = gd.compile(gd.Graph(gd.iota(4) * 2, name="even"), target="numpy")
    assert m.even()["out"].tolist() == [0, 2, 4, 6]
    emitted: ModuleType = loaded("even", m.source)
    assert emitted.Module().even()["out"].tolist() == [0, 2, 4, 6]


def test_large_constants_are_kept_exactly() -> None:
    table = np.random.default_rng(0).normal(size=(20, 30))
    table[0, 0] = np.nan
    x = gd.input("x", (20, 30), "float64")
    found = one(gd.Graph(x + gd.constant(table)), np.zeros((20, 30)))
    np.testing.assert_array_equal(found["out"], table)


def test_module_takes_programs_that_share_state() -> None:
    module = Module("pair", {})
    counter = gd.state("counter", (), dtype="int64")
    for name, step in (("up", 1), ("down", -1)):
        graph = gd.Graph({}, updates={counter: counter + step}, name=name)
        gd.codegen.lower.lower.lower(graph, module)
    pair = NumpyExecutable(module)
    for name in ("up", "up", "down"):
        pair.entries[name]()
    assert pair.state["counter"] == 1


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64", "uint8"])
def test_signs_change_in_columns_of_any_distance(dtype: str) -> None:
    """NumPy 2.4's own negative gives wrong elements between columns of 4 or 8 elements."""
    for columns in (2, 3, 4, 8, 16):
        values = np.arange(1, 3 * columns + 1).reshape(3, columns).astype(dtype)
        x = gd.input("x", values.shape, dtype)
        turned = gd.stack([-x[:, k] for k in range(columns)], axis=1)
        module = gd.compile(gd.Graph(turned, name="turned"), target="numpy")
        np.testing.assert_array_equal(module.turned(x=values)["out"], 0 - values)


def test_the_place_of_a_winner_over_several_axes_is_not_sought_in_a_copy():
    """A gradient of max over axes that do not lie side by side was 0 through a flip."""
    x, w = gd.input("x", (3, 3, 2)), gd.input("w", (3,))
    (slope,) = gd.grad(gd.sum(gd.max(x[::-1], axis=(0, 2)) * w), [x])
    graph = gd.Graph({"out": slope}, name="g")
    given = {"x": np.random.default_rng(0).random((3, 3, 2), "float32"), "w": np.float32([1, 2, 3])}
    found = gd.compile(graph, "numpy").g(**given)["out"]
    assert np.array_equal(found, gd.interpret(graph, given)["out"])
