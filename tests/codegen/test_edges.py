"""Edge values and shapes in C: overflow, NaN, infinities, −0, tails, updates of their own state."""

import numpy as np
import pytest

import graphdl as gd
from graphdl.codegen.c import module as c_module
from graphdl.codegen.numpy import module as numpy_module
from graphdl.ir.interpreter import interpret_step
from tests.codegen.agreement import BUILDS, check_builds, lowered

pytestmark = pytest.mark.usefixtures("needs_cc")
RNG = np.random.default_rng(0)
WIDTHS = ("plain", "bytes32", "bytes16", "portable")

INT32, INT64 = np.iinfo(np.int32), np.iinfo(np.int64)
INTS = {
    "int32": np.array([INT32.min, -1, 0, 1, INT32.max, 7, -9, 123_456_789] * 3, np.int32),
    "int64": np.array([INT64.min, -1, 0, 1, INT64.max, 7, -9, 1 << 40] * 3, np.int64),
    "uint8": np.array([0, 1, 2, 127, 128, 200, 254, 255] * 3, np.uint8),
}


@pytest.mark.parametrize("dtype", INTS)
def test_integers_wrap(dtype):
    a = INTS[dtype]
    x, y = gd.input("x", (24,), dtype), gd.input("y", (24,), dtype)
    column, row = gd.reshape(x, (24, 1)), gd.reshape(y, (1, 24))
    graph = gd.Graph({
        "add": x + y, "sub": x - y, "mul": x * y, "neg": -x, "abs": abs(x), "sign": gd.sign(x),
        "min": gd.minimum(x, y), "max": gd.maximum(x, y), "less": x < y, "equal": gd.equal(x, y),
        "sum": gd.sum(x), "top": gd.max(x), "low": gd.min(x), "argmax": gd.argmax(x),
        "argmin": gd.argmin(x), "where": gd.where(x < y, x, y), "dot": x @ y, "outer": column @ row,
        "constant": x + gd.constant(np.roll(a, 5)),
        # arithmetic in lanes that are wider than the dtype
        "wide": gd.cast(x * y + x, "int64"), "double": gd.cast(abs(x * y), "float64") * 2.0,
        "compared": gd.cast((x + y) < x, "float64"),
        "narrow": gd.cast(gd.cast(x * y, "uint8"), "float64"),
    })  # fmt: skip
    check_builds(graph, WIDTHS, inputs={"x": a, "y": np.roll(a, 1)})


@pytest.mark.parametrize("source", INTS)
def test_casts_of_integers(source):
    x = gd.input("x", (24,), source)
    targets = ("bool", "uint8", "int32", "int64", "float32", "float64")
    graph = gd.Graph({t: gd.cast(x, t) for t in targets if t != source})
    check_builds(graph, WIDTHS, inputs={"x": INTS[source]})


def test_bools():
    x, y = gd.input("x", (21,), "bool"), gd.input("y", (21,), "bool")
    graph = gd.Graph({
        "and": gd.logical_and(x, y), "xor": gd.logical_xor(x, y), "not": gd.logical_not(x),
        "max": gd.max(x), "min": gd.min(y), "sum": gd.sum(x), "mean": gd.mean(x), "abs": abs(x),
        "argmax": gd.argmax(x), "argmin": gd.argmin(x), "eq": gd.equal(x, y), "lt": gd.less(x, y),
        "add": x + y, "mul": x * y, "larger": gd.maximum(x, y), "double": gd.cast(x, "float64"),
        "where": gd.where(x, y, gd.logical_not(y)), "dot": x @ y, "both": gd.concat([x, y]),
        "taken": gd.gather(x, gd.constant([1, 3, 20])),
        "pad": gd.pad(x, [(1, 2)], constant_values=1.0),
    })  # fmt: skip
    inputs = {n: RNG.random(21) < 0.5 for n in "xy"}
    check_builds(graph, WIDTHS, inputs=inputs)


SPECIAL = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, 3e38, -3e38, 0.5)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_values(dtype):
    grid = np.meshgrid(SPECIAL, SPECIAL)
    a, b = (g.ravel().astype(dtype) for g in grid)
    x, y = gd.input("x", (144,), dtype), gd.input("y", (144,), dtype)
    m = gd.reshape(x, (12, 12))
    outputs = {
        "min": gd.minimum(x, y), "max": gd.maximum(x, y), "add": x + y, "mul": x * y, "div": x / y,
        "lt": x < y, "le": x <= y, "eq": gd.equal(x, y), "ne": gd.not_equal(x, y),
        "where": gd.where(x < y, x, y), "clip": gd.clip(x, -1, 0.5), "sign": gd.sign(x),
        "abs": abs(x), "relu": gd.relu(x), "neg": -x, "sqrt": gd.sqrt(x), "isnan": gd.isnan(x),
        "bool": gd.cast(x, "bool"), "square": x**2, "row max": gd.max(m, 1), "low": gd.min(m, 0),
        "argmax": gd.argmax(m, 1), "argmin": gd.argmin(m, 0), "sum": gd.sum(m, 1), "all": gd.max(x),
        "pad": gd.pad(x, [(1, 2)], constant_values=np.inf), "infinite": gd.maximum(x, -np.inf),
    }  # fmt: skip
    graph = gd.Graph({k.replace(" ", "_"): v for k, v in outputs.items()})
    check_builds(graph, WIDTHS, inputs={"x": a, "y": b})


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_signed_zeros(dtype):
    from tests.codegen.agreement import BUILDS, compiled

    a = np.array([0.0, -0.0, 1.0, -1.0], dtype)
    x = gd.input("x", (4,), dtype)
    graph = gd.Graph({"neg": -x, "sign": gd.sign(x), "abs": abs(x), "sqrt": gd.sqrt(abs(x)),
                      "mul": x * -0.0, "same": gd.where(x < 2, x, 1.0)})  # fmt: skip
    wanted = gd.interpret(graph, {"x": a})
    for name in WIDTHS:
        got = compiled([graph], {}, BUILDS[name]).entries["graph"](x=a)
        for key, value in wanted.items():
            zero = value == 0
            assert np.array_equal(np.signbit(got[key][zero]), np.signbit(value[zero])), (name, key)


def test_constants_of_every_sort():
    x = gd.input("x", (5,))
    a = np.array([-1.5, 0, 1, 2, 3], np.float32)
    c, i = gd.constant, gd.cast(x, "int32")
    graph = gd.Graph({
        "inf": x + c(np.inf), "nan": x * c(np.nan), "big": x * c(3.4e38), "tiny": x * c(1e-45),
        "least": i + c(-(2**31)), "least64": gd.cast(x, "int64") + c(-(2**63), "int64"),
        "floats": x + c(np.array([np.nan, np.inf, -np.inf, -0.0, 1e-45], np.float32)),
        "ints": i * c(np.array([-(2**31), 1, 2, 3, 2**31 - 1], np.int32)),
        "longs": gd.cast(x, "int64") * c(np.array([-(2**63), 1, 2, 3, 2**63 - 1])),
        "bools": gd.where(c(np.array([True, False, True, False, True])), x, 0.0),
        "cast": gd.cast(c(-1), "uint8") + gd.cast(abs(x), "uint8"),
        "cast32": gd.cast(c(2**40), "int32") + i, "cast3": gd.cast(c(3.7), "int32") + i,
    })  # fmt: skip
    check_builds(graph, inputs={"x": a})


def test_tails_of_every_length():
    outputs, inputs = {}, {}
    for n in range(1, 41):
        x, d = gd.input(f"x{n}", (3, n)), gd.input(f"d{n}", (n,), "float64")
        outputs |= {
            f"tanh{n}": gd.abs(x) * 2.0, f"rows{n}": gd.sum(x, 1), f"columns{n}": gd.sum(x, 0),
            f"top{n}": gd.max(x, 1), f"at{n}": gd.argmax(x, 1), f"dot{n}": gd.sum(d * d),
            f"flip{n}": gd.flip(d) + d,
        }  # fmt: skip
        inputs[f"x{n}"] = (RNG.integers(-8, 9, (3, n)) / 4).astype(np.float32)
        inputs[f"d{n}"] = RNG.integers(-8, 9, n) / 4
    check_builds(gd.Graph(outputs), ("plain", "bytes16"), inputs=inputs)


def test_products_of_every_small_size():
    outputs, inputs = {}, {}
    for m in (1, 2, 3, 5, 8, 9):
        for n in (1, 2, 4, 7, 16, 17):
            for k in (1, 3, 8):
                name = f"{m}_{n}_{k}"
                a, b = gd.input(f"a{name}", (m, k)), gd.input(f"b{name}", (k, n))
                outputs[f"c{name}"] = a @ b + 1.0
                inputs[f"a{name}"] = (RNG.integers(-8, 9, (m, k)) / 4).astype(np.float32)
                inputs[f"b{name}"] = (RNG.integers(-8, 9, (k, n)) / 4).astype(np.float32)
    check_builds(gd.Graph(outputs), ("plain", "portable"), inputs=inputs)


def test_large_reductions():
    n = 1_000_003
    x, u = gd.input("x", ("N",)), gd.input("u", ("N",), "uint8")
    graph = gd.Graph({"sum": gd.sum(x), "max": gd.max(x), "argmax": gd.argmax(x),
                      "argmin": gd.argmin(x), "bytes": gd.sum(u), "at": gd.argmax(u)})  # fmt: skip
    inputs = {"x": (RNG.integers(-8, 9, n) / 8).astype(np.float32)}
    inputs["u"] = RNG.integers(0, 255, n).astype(np.uint8)
    check_builds(graph, ("plain", "team"), dims={"N": n}, inputs=inputs)
    mean = gd.Graph({"mean": gd.mean(x * x), "at": gd.argmax(x), "u": gd.sum(u)})
    check_builds(mean, dims={"N": n}, inputs=inputs, exact=False)


def test_sums_over_reversed_axes_of_known_length():
    """GCC 12 at -O3 adds up wrong elements where it can unroll such a loop."""
    outputs, inputs = {}, {}
    for n in (2, 3, 4, 5, 8, 16):
        x, k = gd.input(f"x{n}", (33, n)), gd.input(f"k{n}", (n,), "int64")
        back = gd.flip(x, 1)
        outputs |= {
            f"sum{n}": gd.sum(back * x), f"mixed{n}": gd.sum(back * gd.cast(k, "float32")),
            f"alone{n}": gd.sum(gd.where(back > 0, back, 0.0) + x),
        }  # fmt: skip
        inputs[f"x{n}"] = (np.arange(33 * n) * 7 % 5).reshape(33, n).astype(np.float32)
        inputs[f"k{n}"] = np.arange(n)
    check_builds(gd.Graph(outputs), WIDTHS, inputs=inputs)


def test_two_chunked_sweeps_in_one_kernel():
    x, first = gd.input("last", (200,)), gd.input("first", (200,))
    graph = gd.Graph({"softmax": gd.softmax(x + first, 0), "at": gd.argmax(x, 0)})
    inputs = {n: RNG.integers(-8, 9, 200).astype(np.float32) for n in ("first", "last")}
    check_builds(graph, ("plain", "team"), inputs=inputs, exact=False)


# --- state ------------------------------------------------------------------------------------

S, T = gd.state("s", (37,)), gd.state("t", (37,))
Q = gd.state("q", (37, 37))
AT = gd.constant([1, 1])
UPDATES = {
    "pad of itself": {S: gd.pad(S[1:3], [(1, 34)])},
    "pad in place": {S: gd.pad(S[1:3], [(1, 34)], constant_values=1.0)},
    "part in place": {S: gd.concat([T[:2], S[2:]])},
    "roll": {S: gd.concat([S[1:], S[:1]])},
    "swap": {S: T, T: S},
    "crossed": {S: T * 2.0, T: S + 1.0},
    "flip": {S: gd.flip(S)},
    "transpose": {Q: Q.T},
    "plus transpose": {Q: Q + Q.T},
    "product": {Q: Q @ Q},
    "scatter": {S: gd.scatter_add(S[:2], AT, 37)},
    "scatter onto itself": {S: S + gd.scatter_add(T[:2], AT, 37)},
    "gather": {S: gd.gather(S, gd.cast(gd.abs(T), "int32"))},
    "one value twice": {S: S + 1.0, T: S + 1.0},
    "after its sum": {S: S - gd.sum(S), T: T - S},
    "row": {Q: Q + Q[0]},
    "sums": {Q: Q - gd.sum(Q, 1, keepdims=True), S: gd.sum(Q, 0)},
    "reshaped": {Q: Q.reshape((-1,)).reshape((37, 37)) * 2.0},
}


@pytest.mark.parametrize("name", UPDATES)
def test_updates(name):
    outputs = {"sum": gd.sum(S), "s": S, "new": next(iter(UPDATES[name].values())), "tail": T[30:]}
    graph = gd.Graph(outputs, updates=UPDATES[name])
    state = {
        n.name: (RNG.integers(-8, 9, n.shape) / 4).astype(np.float32) for n in graph.state
    }  # fmt: skip
    check_builds(graph, ("plain", "unfused", "unoptimised"), inputs={}, state=state)


def test_outputs_of_every_sort():
    x, unused = gd.input("x", ("N", 3)), gd.input("unused", ("N",))
    y = gd.exp(x)
    graph = gd.Graph(
        {"x": x, "twice": y, "again": y, "view": y.T, "row": x[0], "constant": gd.constant([1, 2]),
         "scalar": gd.constant(3.0), "iota": gd.iota("N"), "zeros": gd.zeros(("N", 2)),
         "sum of rows reshaped": gd.sum(y, 1).reshape((-1, 1))},
        inputs=[unused, x],
    )  # fmt: skip
    inputs = {"x": RNG.normal(size=(5, 3)).astype(np.float32), "unused": np.zeros(5, np.float32)}
    check_builds(graph, ("plain", "unfused"), dims={"N": 8}, inputs=inputs, exact=False)


def test_gathers_from_what_is_not_an_array():
    """Data-dependent places of positions, of one element, and inside a product."""
    index, table = gd.input("index", (1,), "int32"), gd.input("table", (5,))
    picked = gd.reshape(gd.gather(table, index), (1, 1))
    graph = gd.Graph({
        "position": gd.gather(gd.iota(5), index) * 2, "product": picked @ gd.reshape(table, (1, 5)),
        "flipped": gd.gather(gd.flip(gd.iota(5)), index), "one": table[index],
    })  # fmt: skip
    inputs = {"index": np.array([3], np.int32), "table": np.arange(5, dtype=np.float32)}
    check_builds(graph, ("plain", "unfused", "unoptimised"), inputs=inputs)


def test_constants_that_nothing_reads_are_not_printed():
    """Compilers warn of them: what is gathered is the same everywhere along the axis."""
    table = gd.broadcast_to(gd.input("x", (3, 1)), (3, 5))
    graph = gd.Graph(gd.gather(table, np.array([4, 0]), axis=1))
    for name in ("plain", "unoptimised"):
        module = lowered([graph], {}, BUILDS[name])
        assert "constant" not in c_module.emit(module).source
        assert "constant" not in numpy_module.emit("m", module.programs, {})
    check_builds(graph, inputs={"x": np.arange(3, dtype=np.float32).reshape(3, 1)})


@pytest.mark.parametrize("n", [0, 1, 6])
def test_positions_in_another_shape(n):
    """No array holds them: each is the row-major place of its element."""
    static = gd.reshape(gd.iota(33), (3, 11))
    dynamic = gd.reshape(gd.iota("4*N"), (-1, 4))
    graph = gd.Graph({
        "static": static, "transposed": static.T * 2, "back": gd.reshape(static.T, (33,)),
        "dynamic": dynamic, "deep": gd.reshape(dynamic, (-1, 2, 2)), "sum": gd.sum(dynamic, 0),
    }, inputs=[gd.input("x", ("N",))])  # fmt: skip
    builds = ("plain", "unfused", "unoptimised", "portable")
    check_builds(graph, builds, dims={"N": 6}, inputs={"x": np.zeros(n, np.float32)})


def test_a_reshape_of_a_cheap_value():
    x = gd.input("x", ("N", 4))
    graph = gd.Graph({"min": gd.min((x + x[0]).reshape((-1,)))})
    check_builds(graph, dims={"N": 8}, inputs={"x": np.ones((3, 4), np.float32)})


def test_an_update_keeps_the_interpreters_order():
    """Every update reads the state of before the call, over many calls."""
    graph = gd.Graph({"o": gd.sum(S)}, updates={S: T * 0.5, T: S + T})
    state = {"s": np.ones(37, np.float32), "t": np.arange(37, dtype=np.float32)}
    module = gd.compile(graph)
    for name, value in state.items():
        module.state[name] = value
    for _ in range(5):
        out, state = interpret_step(graph, {}, state)
        assert module.graph()["o"] == out["o"]
    assert all(np.array_equal(module.state[k], v) for k, v in state.items())
