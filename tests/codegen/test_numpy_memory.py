"""Where the NumPy target keeps the arrays of a kernel."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import product
from types import FrameType
from typing import Any

import numpy as np

import graphdl as gd
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.numpy.memory import Sharing
from graphdl.codegen.numpy.module import emit
from graphdl.codegen.numpy.operations import Array, Operation, Region, Use, call
from graphdl.codegen.numpy.slots import Slot, Slots
from graphdl.codegen.numpy.text import Names
from graphdl.codegen.numpy.timeline import Timeline
from graphdl.codegen.program import Buffer
from graphdl.ir.dtypes import float32
from graphdl.ir.node import Node
from tests.codegen.agreement import Build, lowered


def _buffer(name: str) -> Buffer:
    return Buffer(name, float32, (4,), "temporary")


def test_buffers_share_memory_where_their_bytes_meet() -> None:
    spans = list(product((0, 16, 32, 48), (0, 16, 32)))
    places = {_buffer(f"t{k}"): (a, a + size) for k, (a, size) in enumerate(spans)}
    sharing = Sharing([*places, alone := _buffer("x")], places)
    assert list(sharing.of(alone)) == [alone]
    for one, two in product(places, places):
        (a, a_end), (b, b_end) = places[one], places[two]
        meet = max(a, b) < min(a_end, b_end)
        assert (two in sharing.of(one)) is (one is two or meet)


def test_views_of_what_stays_are_made_once_a_plan() -> None:
    x, w = gd.input("x", ("N", 6)), gd.param("w", (4, 6))
    graph = gd.Graph(gd.softmax(x.T[1:5].T @ w[:, 2:].T, axis=1))
    source = gd.compile(graph, dims={"N": 8}, target="numpy").source
    plan, _, step = source.partition("def _plan_graph")[2].partition("def step(x):")
    code = [line for line in step.partition("return")[0].splitlines() if "#" not in line]
    assert "w_t = w[:, 2:6].T" in plan
    assert "view = t\n" not in plan
    assert [line for line in code if "[" in line] == [
        "        np.dot(x[:, 1:5], w_t, out=contract)"
    ]


def test_what_depends_on_sizes_only_is_computed_once_a_plan() -> None:
    x = gd.input("x", ("N",))
    places = gd.cast(gd.arange("N"), "float32") * 0.5
    graph = gd.Graph(x * gd.sin(places) + gd.sigmoid(places))
    module = gd.compile(graph, dims={"N": 8}, target="numpy")
    plan, _, step = module.source.partition("def _plan_graph")[2].partition("def step(x):")
    assert plan.count("np.sin(") == 1
    assert "np.sin(" not in step.partition("return")[0]
    at = np.arange(5) / 2
    wanted = np.sin(at) + 1 / (1 + np.exp(-at))
    np.testing.assert_allclose(module.entries["graph"](np.ones(5, np.float32))["out"], wanted, 1e-6)


def _register() -> Array:
    return Array(float32, ("x0",))


def _operation(out: Array, *args: Array, inplace: frozenset[int] = frozenset([0, 1])) -> Operation:
    return Operation(call("np.add"), [Use(a, a.form) for a in args], Use(out, out.form), inplace)


def _slots(operations: list[Operation], lives: dict[Array, tuple[int, int]]) -> dict[Array, Slot]:
    timeline = Timeline([Region(operations)], Sharing([], {}))
    return Slots(timeline, lives, [], lambda operation, view: True).assign()


def test_a_result_takes_the_memory_of_an_operand_that_dies() -> None:
    a, b, c = (_register() for _ in range(3))
    operations = [_operation(a), _operation(b, a), _operation(c, b, inplace=frozenset())]
    found = _slots(operations, {a: (0, 1), b: (1, 2), c: (2, 2)})
    assert found[a] is found[b]
    assert found[c] is not found[b]


def test_what_the_next_turn_of_a_loop_reads_is_not_overwritten() -> None:
    kept, first, last = (_register() for _ in range(3))
    operations = [_operation(kept), _operation(first, kept), _operation(last, first)]
    found = _slots(operations, {kept: (0, 2), first: (1, 2), last: (2, 2)})
    assert found[last] is found[first]
    assert found[kept] is not found[last]


def _lines(work: Callable[[], object]) -> int:
    """Return how many lines of Python run."""
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def _means(count: int) -> Node:
    value = gd.input("x", (3,))
    for _ in range(count):
        value = value - gd.mean(value)
    return value


def test_numpy_source_of_many_stores_takes_linear_work() -> None:
    def module(count: int) -> Module:
        return lowered([gd.Graph(_means(count), name="deep")], {}, Build("plain"))

    few, many = (_lines(lambda m=m: emit("deep", m.programs, {})) for m in map(module, (80, 320)))
    assert many < 4.6 * few


def test_many_names_of_one_wish_take_linear_work() -> None:
    def take(count: int) -> None:
        names = Names(["x_7"])
        taken = [names.take("x") for _ in range(count)]
        assert (taken[0], taken[-1], len(set(taken))) == ("x", f"x_{count}", count)

    few, many = (_lines(lambda n=n: take(n)) for n in (100, 400))
    assert many < 4.6 * few
