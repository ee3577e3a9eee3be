"""Inputs that are part of the state: a step writes to it, but reads what was passed."""

from pathlib import Path

import numpy as np
import pytest

import graphdl as gd
from graphdl.codegen.toolchain.extension import extension
from graphdl.compiler import CompiledModule

TARGETS = ["extension", "ctypes", "numpy", "interp"]


def stepping(target: str) -> CompiledModule:
    """Return a module whose step moves a table by rows of the input, and counts."""
    x, ids = gd.input("x", (4, 2)), gd.input("ids", ("M",), "int64")
    table, order = gd.param("table", (4, 2)), gd.state("order", (3,), "int64")
    moved = gd.scatter_add(x, gd.arange(4), base=table * 2.0)
    graph = gd.Graph(
        {"rows": gd.gather(moved, ids), "x": x + 1.0},
        updates={table: moved, order: order + 1},
        name="step",
    )
    return gd.compile(graph, target=target, name="alias", dims={"M": 3})


@pytest.fixture(params=TARGETS)
def module(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> CompiledModule:
    if request.param in ("numpy", "interp"):
        return stepping(request.param)
    request.getfixturevalue("needs_cc")
    if request.param == "extension" and extension()[0] is None:
        pytest.skip(extension()[1])
    monkeypatch.setenv("GRAPHDL_BINDING", request.param)
    return stepping("c")


def prepared(module: CompiledModule) -> tuple[np.ndarray, np.ndarray]:
    module.state["table"] = np.arange(8, dtype=np.float32).reshape(4, 2)
    module.state["order"] = np.array([1, 3, 2])
    return module.state["table"], module.state["order"]


@pytest.mark.parametrize("reverse", [False, True])
def test_state_as_an_input(module: CompiledModule, reverse: bool) -> None:
    table, order = (a[::-1] if reverse else a for a in prepared(module))
    plain = table.copy(), order.copy()
    got = module.step(table, order)
    after = {k: v.copy() for k, v in module.state.items()}
    prepared(module)
    wanted = module.step(*plain)
    for name, value in wanted.items():
        np.testing.assert_array_equal(got[name], value)
    for name, value in module.state.items():
        np.testing.assert_array_equal(after[name], value)


def test_in_the_standalone_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stepping("numpy").save(tmp_path / "alias")
    monkeypatch.syspath_prepend(str(path))
    import alias

    own, other = alias.Module(), alias.Module()
    for m in (own, other):
        m.state["table"] = np.arange(8, dtype=np.float32).reshape(4, 2)
        m.state["order"] = np.array([1, 3, 2])
    got = own.step(own.state["table"], own.state["order"])
    wanted = other.step(other.state["table"].copy(), other.state["order"].copy())
    for name, value in wanted.items():
        np.testing.assert_array_equal(got[name], value)
    np.testing.assert_array_equal(own.state["table"], other.state["table"])
    with pytest.raises(TypeError, match="masked"):
        own.step(np.ma.masked_array(np.ones((4, 2), np.float32), True), np.zeros(1, np.int64))
    swapped = np.ones((4, 2), ">f4")
    assert own.step(swapped, np.zeros(1, ">i8"))["x"].dtype == np.float32
