"""Graph to program: what fuses, what is stored, in which order, and where."""

import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.codegen.c import module as c_module
from graphdl.codegen.lower.lower import Module, lower
from graphdl.codegen.lower.memory import buffer_bytes, in_place
from graphdl.codegen.lower.schedule import dependences, schedule
from graphdl.codegen.numpy import module as numpy_module
from graphdl.codegen.program import (
    Buffer,
    ContractKernel,
    Kernel,
    LoopKernel,
    Program,
    kernel_stores,
    reads,
    used_buffers,
)
from graphdl.passes.pipeline import run
from graphdl.testing.strategies import cases
from graphdl.verification.random_graphs import Case, random_case
from tests.codegen.agreement import BUILDS, lowered


def program_of(graph: gd.Graph, *, fuse: bool = True, **dims: int) -> tuple[Module, Program]:
    module = Module("m", dims)
    return module, lower(run(graph), module, fuse=fuse)


def digits_step(optimizer: optim.optimizer.Optimizer) -> gd.Graph:
    x, y = gd.input("x", ("N", 64)), gd.input("y", ("N",), "int32")
    net = nn.Sequential(nn.Dense(64, 128, activation="relu"), nn.Dense(128, 10))
    return gd.train_step(losses.softmax_cross_entropy(net(x), y), optimizer)


def writers(program: Program, label: str) -> list[Kernel]:
    return [
        k for k in program.kernels
        if any(s.access.buffer.label == label for s in kernel_stores(k))
    ]  # fmt: skip


# --- the training step of the digits ---------------------------------------------------------


@pytest.mark.parametrize(
    ("optimizer", "kernels", "arena"),
    # Adam: two scalar kernels more, the bias corrections that all updates share and the step count
    [(optim.SGD(0.1), 9, 272_384), (optim.SGD(0.1, 0.9), 9, 272_384), (optim.Adam(), 11, 272_512)],
    ids=["sgd", "momentum", "adam"],
)
def test_kernels_and_arena_of_the_digits_step(optimizer, kernels, arena):
    """Fewer is better: then lower the numbers. More means that fusion was lost."""
    module, program = program_of(digits_step(optimizer), N=256)
    assert (len(program.kernels), module.arena) == (kernels, arena)
    assert sum(isinstance(k, ContractKernel) for k in program.kernels) == 5


@pytest.mark.parametrize("optimizer", [optim.SGD(0.1), optim.Adam()], ids=["sgd", "adam"])
def test_the_optimizer_is_in_the_epilogue_of_the_weights_gradient(optimizer):
    _, program = program_of(digits_step(optimizer), N=256)
    for weights in ("dense1/w", "dense2/w"):
        (kernel,) = writers(program, weights)
        assert isinstance(kernel, ContractKernel)
        assert not any(b.role == "temporary" for b in (s.access.buffer for s in kernel.stores))


def test_biases_and_relu_are_in_the_epilogue_of_the_products():
    _, program = program_of(digits_step(optim.SGD(0.1)), N=256)
    first = program.kernels[0]
    assert isinstance(first, ContractKernel)
    assert "max((result + dense1_b), 0)" in first.comment


def test_the_mask_of_relu_is_not_stored():
    _, program = program_of(digits_step(optim.SGD(0.1)), N=256)
    assert all(b.dtype.name == "float32" for b in program.temporaries)


# --- what makes one kernel --------------------------------------------------------------------


def normed(x):
    d = x - gd.mean(x, 1, keepdims=True)
    return d / gd.sqrt(gd.mean(d * d, 1, keepdims=True) + 1e-5) * gd.param("g", (33,))


X = gd.input("x", ("N", 33))
ONE_KERNEL = {
    "softmax": lambda: gd.softmax(X, 1),
    "softmax of columns": lambda: gd.softmax(X, 0),
    "log_softmax": lambda: gd.log_softmax(X, 1),
    "normalised": lambda: normed(X),
    "elementwise chain": lambda: gd.tanh(gd.sigmoid(gd.relu(X) * 2.0) + X.sum(1, True) * 0.0 + X),
    "siblings": lambda: {"a": X.sum(1), "b": gd.max(X, 1), "c": gd.exp(X), "d": gd.sum(X * X, 1)},
    "views": lambda: gd.exp(gd.flip(X, 1) + X[0]),
    "product and bias": lambda: gd.relu(X @ gd.param("w", (33, 7)) + gd.param("b", (7,))),
    "product of a transpose": lambda: gd.tanh(gd.param("w", (7, 33)) @ X.T),
}


@pytest.mark.parametrize("name", ONE_KERNEL)
def test_one_kernel(name):
    _, program = program_of(gd.Graph(ONE_KERNEL[name]()), N=64)
    assert [k.name for k in program.kernels] == [program.kernels[0].name]


def test_an_operand_of_one_product_is_computed_while_it_is_packed(needs_cc):
    x, w = gd.input("x", ("N", 40)), gd.input("w", (40, 24))
    graph = gd.Graph(gd.relu(x) @ gd.tanh(w) + 1.0, name="prologue")
    (kernel,) = program_of(graph, N=33)[1].kernels
    assert isinstance(kernel, ContractKernel)
    assert {kernel.left.kind, kernel.right.kind} == {"instruction"}
    rng = np.random.default_rng(0)
    module = gd.compile(graph, dims={"N": 33})
    for count in (0, 1, 33):
        a, b = (rng.normal(size=s).astype(np.float32) for s in ((count, 40), (40, 24)))
        expected = np.maximum(a, 0) @ np.tanh(b) + 1
        np.testing.assert_allclose(module.prologue(x=a, w=b)["out"], expected, rtol=1e-5, atol=1e-5)


def test_fusion_can_be_switched_off():
    graph = gd.Graph(ONE_KERNEL["softmax"]())
    assert len(program_of(graph, fuse=False, N=64)[1].kernels) > 3


def test_cheap_values_are_computed_again_rather_than_stored():
    w, v = gd.param("w", (33, 7)), gd.param("v", (33, 5))
    module, _ = program_of(gd.Graph([gd.relu(X) @ w, gd.relu(X) @ v]), N=64)
    assert module.arena in (0, 64 * 33 * 4)
    scaled = X * 2.0
    module, program = program_of(gd.Graph([gd.sum(scaled, 0), gd.sum(scaled, 1)]), N=64)
    assert module.arena == 0
    assert len(program.kernels) == 2


def test_a_comment_says_what_a_kernel_computes():
    _, program = program_of(gd.Graph({"y": gd.exp(X) * 2.0, "s": gd.sum(X, 1)}), N=64)
    text = "\n".join(k.comment for k in program.kernels)
    assert "y = exp(x)·2" in text
    assert "Σ x" in text


# --- state ------------------------------------------------------------------------------------

S, T, Q = gd.state("s", (8,)), gd.state("t", (8,)), gd.state("q", (8, 8))


def late(graph: gd.Graph) -> list[str]:
    """Return the states that are written at the end, from a temporary."""
    _, program = program_of(graph)
    return [k.name for k in program.kernels if k.name.startswith("set_")]


@pytest.mark.parametrize(
    "updates",
    [
        {S: S * 0.5},
        {S: S - gd.sum(S)},
        {S: gd.where(S > 0, S, T), T: T + 1.0},
        {Q: Q - 0.1 * (T * Q)},
    ],
    ids=["scaled", "minus its sum", "where", "broadcast"],
)
def test_updates_in_place(updates):
    assert late(gd.Graph({"o": gd.sum(S)}, updates=updates)) == []


@pytest.mark.parametrize(
    "updates",
    [
        {S: gd.flip(S)}, {S: gd.concat([S[1:], S[:1]])}, {Q: Q.T}, {Q: Q.T + Q}, {Q: Q @ Q},
        {Q: Q - Q[0]}, {S: gd.gather(S, gd.cast(T, "int32"))}, {S: gd.pad(S[1:3], [(1, 5)])},
    ],
    ids=["flip", "roll", "transpose", "plus transpose", "product", "row", "gather", "pad"],
)  # fmt: skip
def test_updates_that_read_what_they_overwrite_come_late(updates):
    assert late(gd.Graph({"o": gd.sum(S)}, updates=updates)) == [f"set_{next(iter(updates)).name}"]


def test_swapped_states_come_late():
    assert sorted(late(gd.Graph({"o": gd.sum(S)}, updates={S: T, T: S}))) == ["set_s", "set_t"]


# --- order and memory, of random programs -----------------------------------------------------


def check_order(program: Program) -> None:
    """Everything is written before it is read; state is read before it is overwritten."""
    ready: set[Buffer] = {*program.inputs, *program.state, *program.constants}
    written: set[Buffer] = set()
    for kernel in program.kernels:
        own = {s.access.buffer for s in kernel_stores(kernel)}
        for access in reads(kernel):
            assert access.buffer in ready or access.buffer in own, (kernel.name, access)
            assert access.buffer not in written or access.buffer.role != "state", kernel.name
        ready |= own
        written |= {b for b in own if b.role == "state"}


def check_memory(module: Module, program: Program) -> None:
    """No two buffers share bytes while both are needed, but for results over dying operands."""
    lives: dict[Buffer, list[int]] = {}
    for number, kernel in enumerate(program.kernels):
        for buffer in used_buffers(kernel):
            lives.setdefault(buffer, []).append(number)
    sizes = {b: buffer_bytes(b, module.maxima) for b in program.temporaries}
    assert all(b.offset % 64 == 0 and b.offset + sizes[b] <= module.arena for b in sizes)
    for a, b in combinations(program.temporaries, 2):
        if min(lives[a][-1], lives[b][-1]) < max(lives[a][0], lives[b][0]):
            continue
        if min(a.offset + sizes[a], b.offset + sizes[b]) <= max(a.offset, b.offset):
            continue
        old, new = (a, b) if lives[a][0] < lives[b][0] else (b, a)
        assert old.offset == new.offset
        assert lives[old][-1] == lives[new][0], "only a dying operand gives its place away"
        assert in_place(program.kernels[lives[new][0]], old, new)


def check_case(case: Case) -> None:
    for build in (BUILDS["plain"], BUILDS["unfused"], BUILDS["unoptimised"]):
        maxima = {d: v for d, v in case.maxima.items() if d in case.graph.dims}
        module = lowered([case.graph], maxima, build)
        (program,) = module.programs
        check_order(program)
        check_memory(module, program)


def test_order_and_memory_of_random_programs():
    for seed in range(5_000, 5_080):
        check_case(random_case(seed))


@given(cases())
@settings(max_examples=25)
def test_order_and_memory_of_drawn_programs(case):
    check_case(case)


def test_a_schedule_keeps_few_buffers_alive():
    """Products of many matrices with one sum each: no more than two of them live at once."""
    x = gd.input("x", (32, 32))
    sums = [gd.sum(gd.tanh(x @ gd.param(f"w{i}", (32, 32))) @ x, 0) for i in range(8)]
    module, program = program_of(gd.Graph(sums))
    assert module.arena <= 3 * 32 * 32 * 4
    check_order(program)


def test_a_cycle_has_no_schedule():
    """Each of two swapped states would have to be written before the other."""
    _, program = program_of(gd.Graph({"o": S + T}, updates={S: S + 1.0, T: T + 2.0}))
    loops = [k for k in program.kernels if isinstance(k, LoopKernel)]
    assert schedule(loops, lambda b: 0) is not None
    assert len(dependences(loops)) == len(loops)


def test_a_long_chain_is_lowered_in_linear_time():
    x = gd.input("x", (4,))
    for k in range(3_000):
        x = x * 0.5 + float(k % 3)
    _, program = program_of(gd.Graph(x))
    assert len(program.kernels) == 1
    assert np.prod(program.outputs[0].shape) == 4


def test_long_kernels_are_printed_in_linear_time():
    """Steps are counted: each value is looked at a few times, not once for every other value."""

    def steps(terms: int) -> int:
        x = gd.input("x", (3,))
        value = x
        for k in range(terms):
            value = value + x * (1.0 / (k + 2))
        module, _ = program_of(gd.Graph(value))
        calls = 0

        def count(frame, event, argument):
            nonlocal calls
            calls += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            c_module.emit(module)
            numpy_module.emit("long", module.programs, {})
        finally:
            sys.setprofile(before)
        return calls

    assert steps(800) < 2.6 * steps(400)


def test_siblings_do_not_merge_around_what_lies_between():
    """``c·w`` waits for ``s``, which shares a kernel with ``r·s``, and that waits for ``Σ v·w``."""
    x, v, w = gd.input("x", (5, 4)), gd.input("v", (3,)), gd.input("w", (3,))
    s = gd.sum(x, axis=1)
    outputs = {"first": gd.vdot(s, s) * w, "second": gd.sum(v * w) * s}
    graph = gd.Graph(outputs, name="around")
    values = {n.name: np.full(n.shape, 1.5, np.float32) for n in graph.inputs}
    found = gd.compile([graph], target="numpy").around(**values)
    for name, value in gd.interpret(graph, values).items():
        np.testing.assert_allclose(found[name], value, rtol=1e-6)


def test_a_reshaped_result_is_written_in_place():
    x, y = gd.input("x", ("N", 4)), gd.input("y", (2, 3))
    _, program = program_of(gd.Graph({"blocks": gd.kron(x, y)}), N=8)
    assert [k.name for k in program.kernels] == ["multiply"]
