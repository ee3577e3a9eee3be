"""Programs written by hand, one for each form that a kernel can take, and what they should give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from graphdl.codegen.program import (
    Access,
    Axis,
    Buffer,
    ContractKernel,
    Kernel,
    LoopKernel,
    Program,
    Reduction,
    Stage,
    Store,
    Value,
)
from graphdl.ir.dims import Size, symbol
from graphdl.ir.dtypes import DType, bool_, float32, int32, int64
from graphdl.ir.instructions import INSTRUCTIONS
from graphdl.ir.kinds import Affine

N = symbol("N")


@dataclass
class Example:
    """A program, inputs for N rows, and the outputs that NumPy gives for them."""

    program: Program
    inputs: Callable[[int], list[np.ndarray]]
    expected: Callable[..., dict[str, np.ndarray]]


def at(*names: str | int) -> tuple[Affine, ...]:
    """Return an index of loops and constants."""
    return tuple(Affine.index(n) if isinstance(n, str) else Affine((), n) for n in names)


def load(buffer: Buffer, *names: str | int) -> Value:
    return Value("load", buffer.dtype, Access(buffer, buffer.shape, at(*names)))


def store(buffer: Buffer, names: Sequence[str | int], value: Value) -> Store:
    return Store(Access(buffer, buffer.shape, at(*names)), value)


def op(name: str, *args: Value, dtype: DType | None = None) -> Value:
    return Value("instruction", dtype or args[0].dtype, None, INSTRUCTIONS[name], args)


def number(value: float, dtype: DType = float32) -> Value:
    return Value("constant", dtype, value)


def reduced(reduction: Reduction) -> Value:
    return Value("reduced", reduction.dtype, reduction)


def given(name: str, *shape: Size, dtype: DType = float32) -> Buffer:
    return Buffer(name, dtype, shape, "input", name)


def result(name: str, *shape: Size, dtype: DType = float32) -> Buffer:
    return Buffer(name, dtype, shape, "output", name)


def program(
    inputs: Sequence[Buffer],
    outputs: Sequence[Buffer],
    kernels: Sequence[Kernel],
    temporaries: Sequence[Buffer] = (),
) -> Program:
    """Return an entry point ``run`` over the dim N."""
    return Program(
        "run", "run", ("N",), tuple(inputs), tuple(outputs), (), (), tuple(temporaries),
        tuple(kernels), (),
    )  # fmt: skip


def normal(*shape: int) -> np.ndarray:
    """Return the same random numbers each time."""
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def softmax() -> Example:
    """Three sweeps over each row, with a value of the second used again in the third."""
    x, y = given("x", N, 10), result("y", N, 10)
    i, j = Axis("i", N), Axis("j", 10)
    largest = Reduction("r0", "max", load(x, "i", "j"), float32)
    shifted = op("exp", op("sub", load(x, "i", "j"), reduced(largest)))
    total = Reduction("r1", "add", shifted, float32)
    again = op("exp", op("sub", load(x, "i", "j"), reduced(largest)))
    stages = (
        Stage((j,), (), (largest,)),
        Stage((j,), (), (total,)),
        Stage((j,), (store(y, ["i", "j"], op("div", again, reduced(total))),)),
    )

    def expected(a: np.ndarray) -> dict[str, np.ndarray]:
        e = np.exp(a - a.max(axis=1, keepdims=True))
        return {"y": e / e.sum(axis=1, keepdims=True)}

    return Example(
        program([x], [y], [LoopKernel("k", "y = softmax(x)", (i,), stages)]),
        lambda n: [normal(n, 10)],
        expected,
    )


def column_sums() -> Example:
    """A reduction over the outer axis of the memory, and an epilogue on its result."""
    x, y = given("x", N, 5), result("y", 5)
    total = Reduction("r0", "add", load(x, "i", "j"), float32)
    stages = (
        Stage((Axis("i", N),), (), (total,)),
        Stage((), (store(y, ["j"], op("mul", reduced(total), number(0.5))),)),
    )
    return Example(
        program([x], [y], [LoopKernel("k", "y = sum(x)", (Axis("j", 5),), stages)]),
        lambda n: [normal(n, 5)],
        lambda a: {"y": a.sum(axis=0) * np.float32(0.5)},
    )


def elementwise() -> Example:
    """Operands that broadcast along either axis, a choice, and two results."""
    x, b, c = given("x", N, 7), given("b", 7), given("c", N)
    y, z = result("y", N, 7), result("z", N)
    total = op("add", op("mul", load(x, "i", "j"), load(c, "i")), load(b, "j"))
    positive = op("gt", total, number(0.0), dtype=bool_)
    chosen = op("select", positive, total, op("neg", load(c, "i")), dtype=float32)
    first = LoopKernel(
        "k", "y", (Axis("i", N), Axis("j", 7)), (Stage((), (store(y, ["i", "j"], chosen),)),)
    )
    second = LoopKernel(
        "l", "z", (Axis("i", N),), (Stage((), (store(z, ["i"], op("sigmoid", load(c, "i"))),)),)
    )

    def expected(a: np.ndarray, row: np.ndarray, column: np.ndarray) -> dict[str, np.ndarray]:
        t = a * column[:, None] + row
        sigmoid = 1 / (1 + np.exp(-column.astype(np.float64)))
        return {"y": np.where(t > 0, t, -column[:, None]), "z": sigmoid.astype(np.float32)}

    return Example(
        program([x, b, c], [y, z], [first, second]),
        lambda n: [normal(n, 7), normal(7), normal(n)],
        expected,
    )


def contraction() -> Example:
    """A product with a prologue on the left, a transposed right operand, and an epilogue."""
    x, w, b = given("x", N, 6), given("w", 4, 6), given("b", 4)
    y = result("y", N, 4)
    left = op("tanh", load(x, "i", "k"))
    product = Value("reduced", float32)
    kernel = ContractKernel(
        "k", "y = max(tanh(x)·wᵀ + b, 0)", (), (Axis("i", N),), (Axis("j", 4),), (Axis("k", 6),),
        left, load(w, "j", "k"), product,
        (store(y, ["i", "j"], op("max", op("add", product, load(b, "j")), number(0.0))),),
    )  # fmt: skip
    return Example(
        program([x, w, b], [y], [kernel]),
        lambda n: [normal(n, 6), normal(4, 6), normal(4)],
        lambda a, m, v: {"y": np.maximum(np.tanh(a) @ m.T + v, 0)},
    )


def merged_contraction() -> Example:
    """Two row axes and a summed axis that lie behind each other, stored transposed."""
    x, w, y = given("x", N, 3, 6), given("w", 6, 4), result("y", 4, N, 3)
    product = Value("reduced", float32)
    kernel = ContractKernel(
        "k", "y = x·w", (), (Axis("i", N), Axis("t", 3)), (Axis("j", 4),), (Axis("k", 6),),
        load(x, "i", "t", "k"), load(w, "k", "j"), product,
        (store(y, ["j", "i", "t"], product),),
    )  # fmt: skip
    return Example(
        program([x, w], [y], [kernel]),
        lambda n: [normal(n, 3, 6), normal(6, 4)],
        lambda a, m: {"y": np.moveaxis(a @ m, 2, 0)},
    )


def positions() -> Example:
    """The place of the largest element of each matrix, over both of its axes."""
    x, y = given("x", N, 3, 4), result("y", N, dtype=int64)
    winner = Reduction("r0", "argmax", load(x, "i", "a", "b"), int64)
    stages = (
        Stage((Axis("a", 3), Axis("b", 4)), (), (winner,)),
        Stage((), (store(y, ["i"], reduced(winner)),)),
    )
    return Example(
        program([x], [y], [LoopKernel("k", "y = argmax(x)", (Axis("i", N),), stages)]),
        lambda n: [normal(n, 3, 4)],
        lambda a: {"y": a.reshape(len(a), 12).argmax(axis=1)},
    )


def padding() -> Example:
    """A fill and a store with a step and an offset, read backwards."""
    x, y = given("x", N, 3), result("y", N, 9)
    i, j, k = Axis("i", N), Axis("j", 3), Axis("k", 9)
    fill = LoopKernel("k", "y = 1", (i, k), (Stage((), (store(y, ["i", "k"], number(1.0)),)),))
    backwards = Value("load", float32, Access(x, x.shape, (Affine.index("i"), _step("j", -1, 2))))
    place = Access(y, y.shape, (Affine.index("i"), _step("j", 3, 1)))
    put = LoopKernel("l", "y[1::3] = x[::-1]", (i, j), (Stage((), (Store(place, backwards),)),))

    def expected(a: np.ndarray) -> dict[str, np.ndarray]:
        wide = np.ones((len(a), 9), np.float32)
        wide[:, 1::3] = a[:, ::-1]
        return {"y": wide}

    return Example(program([x], [y], [fill, put]), lambda n: [normal(n, 3)], expected)


def _step(name: str, step: int, start: int) -> Affine:
    return Affine.index(name).scaled(step, start)


def gathering() -> Example:
    """Whole rows of a table, and one element of each row."""
    table, ids = given("table", 8, 5), given("ids", N, dtype=int32)
    rows, picked = result("rows", N, 5), result("picked", N)
    i, j = Axis("i", N), Axis("j", 5)
    row = Access(table, table.shape, at("g", "j"), {"g": load(ids, "i")})
    one = Access(rows, rows.shape, at("i", "g"), {"g": op("min", load(ids, "i"), number(4, int32))})
    first = LoopKernel(
        "k", "rows", (i, j), (Stage((), (store(rows, ["i", "j"], Value("load", float32, row)),)),)
    )
    second = LoopKernel(
        "l", "picked", (i,), (Stage((), (store(picked, ["i"], Value("load", float32, one)),)),)
    )

    def expected(t: np.ndarray, index: np.ndarray) -> dict[str, np.ndarray]:
        taken = t[index]
        return {"rows": taken, "picked": taken[np.arange(len(index)), np.minimum(index, 4)]}

    return Example(
        program([table, ids], [rows, picked], [first, second]),
        lambda n: [normal(8, 5), np.arange(n, dtype=np.int32) * 3 % 8],
        expected,
    )


def scattering() -> Example:
    """Rows added up at places that repeat."""
    x, ids, y = given("x", N, 5), given("ids", N, dtype=int32), result("y", 8, 5)
    i, j, k = Axis("i", N), Axis("j", 5), Axis("k", 8)
    clear = LoopKernel("k", "y = 0", (k, j), (Stage((), (store(y, ["k", "j"], number(0.0)),)),))
    place = Access(y, y.shape, at("g", "j"), {"g": load(ids, "i")})
    add = Stage((), (Store(place, load(x, "i", "j"), combine="add"),))

    def expected(a: np.ndarray, index: np.ndarray) -> dict[str, np.ndarray]:
        total = np.zeros((8, 5), np.float32)
        np.add.at(total, index, a)
        return {"y": total}

    return Example(
        program([x, ids], [y], [clear, LoopKernel("l", "y += x", (i, j), (add,))]),
        lambda n: [normal(n, 5), np.arange(n, dtype=np.int32) % 3],
        expected,
    )


def exchange() -> Example:
    """Two buffers that a stage overwrites with each other."""
    x, y = given("x", N), given("y", N)
    a, b = result("a", N), result("b", N)
    loop = (Axis("i", N),)
    copy = Stage((), (store(a, ["i"], load(x, "i")), store(b, ["i"], load(y, "i"))))
    swap = Stage((), (store(a, ["i"], load(b, "i")), store(b, ["i"], load(a, "i"))))
    kernels = [LoopKernel("k", "copy", loop, (copy,)), LoopKernel("l", "swap", loop, (swap,))]
    return Example(
        program([x, y], [a, b], kernels),
        lambda n: [normal(n), normal(n) + 1],
        lambda u, v: {"a": v, "b": u},
    )


EXAMPLES = {
    f.__name__: f()
    for f in (
        softmax, column_sums, elementwise, contraction, merged_contraction, positions, padding,
        gathering, scattering, exchange,
    )
}  # fmt: skip
