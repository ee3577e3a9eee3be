"""Square brackets and index_update as NumPy has them, and what is refused."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import graphdl as gd
from graphdl.ir import errors

TARGETS = ["interp", "numpy", "c"]
SHAPE = (3, 4, 2, 5)
MASK = np.arange(12).reshape(3, 4) % 3 == 1
EXPRESSIONS = {
    "list": [0, 2, 0],
    "negative": [-1, -3],
    "matrix": np.array([[0, 1], [2, -1]]),
    "nothing": [],
    "pair": ([0, 1, 2], [3, -4, 1]),
    "outer": ([[0], [1]], [3, 1, 2]),
    "three": ([0, 1], [1], [[0], [1]]),
    "apart": ([0, 1], slice(None), [1, 0]),
    "apart at the end": (slice(None), [0, 1], slice(None), [1, 4]),
    "ellipsis between": ([0, 1], ..., [1, 4]),
    "ellipsis of nothing": ([0, 1], slice(None), ..., slice(None), [1, 4]),
    "adjacent in the middle": (slice(1, None), [0, 3], [1, 0]),
    "integer and list": (0, [1, 2]),
    "integer apart": (0, slice(None), [1, 0]),
    "list and integer": (slice(None), [1, 2], 0),
    "new axes": (None, [1, 2], None, [0, 1]),
    "new axis inside": ([1, 2], None, [0, 1]),
    "steps": (slice(None, None, -1), [1, 2], slice(None), slice(4, None, -2)),
    "mask": MASK,
    "mask behind": (slice(None), np.array([True, False, True, True])),
    "mask and list": (np.array([True, False, True]), [1, 2]),
    "mask of nothing": np.zeros((3, 4), bool),
    "list of bools": [True, False, True],
    "scalar array": (np.array(1), [0, 1]),
    "numpy integer": (np.int64(-1), slice(None), [0, 1]),
}
each_target = pytest.mark.parametrize("target", TARGETS)


def call(target, graph, *arrays):
    if target == "interp":
        names = [i.name for i in graph.inputs]
        return gd.interpret(graph, dict(zip(names, arrays, strict=True)))
    return gd.compile([graph], target=target).entries[graph.name](*arrays)


def graph_of(x, index, name):
    """Return the element, its gradient for a known cotangent, and changes at the index."""
    y = x[index]
    w = gd.constant(weights(y.shape))
    return gd.Graph(
        {
            f"{name}_value": y,
            f"{name}_grad": gd.grad(gd.sum(y * w), [x])[0],
            f"{name}_add": gd.index_add(x, index, w),
            f"{name}_set": gd.index_update(x, index, w),
        },
        name=name,
    ).outputs


def expected(x, index, name):
    w = weights(x[index].shape)
    grad, added, changed = np.zeros_like(x), x.copy(), x.copy()
    np.add.at(grad, index, w)
    np.add.at(added, index, w)
    changed[index] = w
    return {f"{name}_value": x[index], f"{name}_grad": grad, f"{name}_add": added,
            f"{name}_set": changed}  # fmt: skip


def weights(shape):
    return np.arange(1.0, np.prod(shape, dtype=int) + 1).reshape(shape)


def array(shape):
    return np.random.default_rng(0).permutation(np.prod(shape, dtype=int)).reshape(shape) + 0.5


def numpys(index):
    """Lists of nothing are integers for both."""
    return np.array(index, int) if isinstance(index, list) and not index else index


@each_target
def test_expressions(target):
    x = gd.input("x", SHAPE, "float64")
    outputs, wanted = {}, {}
    for number, index in enumerate(EXPRESSIONS.values()):
        outputs |= graph_of(x, index, f"e{number}")
        wanted |= expected(array(SHAPE), numpys(index), f"e{number}")
    found = call(target, gd.Graph(outputs, name="expressions", inputs=[x]), array(SHAPE))
    for key, value in wanted.items():
        label = f"{key}: {list(EXPRESSIONS.values())[int(key[1:].split('_')[0])]}"
        np.testing.assert_array_equal(found[key], value, err_msg=label, strict=True)


@st.composite
def indexed(draw):
    """Return a shape, and an index that NumPy takes for it."""
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    joint = draw(st.lists(st.integers(1, 3), max_size=2))
    items = []
    for size in shape:
        sort = draw(st.sampled_from(["slice", "array", "array", "integer", "new", "stop"]))
        if sort == "stop":
            items.append(...)
            break
        if sort == "new":
            items.append(None)
        if sort in ("slice", "new"):
            ends = st.none() | st.integers(-size - 1, size + 1)
            step = draw(st.none() | st.sampled_from([1, 2, -1, -2]))
            items.append(slice(draw(ends), draw(ends), step))
        elif sort == "integer":
            items.append(draw(st.integers(-size, size - 1)))
        else:
            own = [1 if draw(st.booleans()) and draw(st.booleans()) else s for s in joint]
            own = own[draw(st.integers(0, len(own))) :]
            count = int(np.prod(own, dtype=int))
            flat = draw(st.lists(st.integers(-size, size - 1), min_size=count, max_size=count))
            items.append(np.array(flat, draw(st.sampled_from(["int32", "int64"]))).reshape(own))
    return tuple(shape), tuple(items)


@settings(max_examples=150, deadline=None)
@given(indexed())
def test_drawn_expressions(case):
    shape, index = case
    x = gd.input("x", shape, "float64")
    found = gd.interpret(gd.Graph(graph_of(x, index, "e")), {"x": array(shape)})
    for key, value in expected(array(shape), index, "e").items():
        np.testing.assert_array_equal(found[key], value, strict=True)


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_drawn_expressions_compiled(target):
    outputs, wanted = {}, {}
    inputs: dict[str, np.ndarray] = {}

    @settings(max_examples=30, deadline=None, derandomize=True, database=None)
    @given(indexed())
    def draw(case):
        shape, index = case
        assume(any(isinstance(i, np.ndarray) for i in index))
        name = f"e{len(inputs)}"
        arrays = [i for i in index if isinstance(i, np.ndarray) and i.ndim]
        nodes = {id(a): gd.input(f"{name}_{k}", a.shape, a.dtype) for k, a in enumerate(arrays)}
        inputs.update({nodes[id(a)].name: a for a in arrays})
        x = gd.input(name, shape, "float64")
        inputs[name] = array(shape)
        outputs.update(graph_of(x, tuple(nodes.get(id(i), i) for i in index), name))
        wanted.update(expected(array(shape), index, name))

    draw()
    graph = gd.Graph(outputs, name="drawn")
    found = gd.compile([graph], target=target).drawn(
        **{n.name: inputs[n.name] for n in graph.inputs}
    )
    for key, value in wanted.items():
        np.testing.assert_array_equal(found[key], value, err_msg=key, strict=True)


@each_target
@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8"])
def test_indices_of_inputs(target, dtype):
    table, ids = gd.input("table", ("V", 3), "float64"), gd.input("ids", ("N", 2), dtype)
    rows = table[ids[:, 0], 1] + table[ids[:, 1], -1]
    outputs = {"rows": rows, "grad": gd.grad(gd.sum(rows * rows), [table])[0]}
    graph = gd.Graph(outputs, name="rows", inputs=[table, ids])
    x, k = array((5, 3)), np.array([[4, 0], [1, 1], [4, 4]], dtype)
    if dtype != "uint8":
        k[0, 1] = -5
    if target == "interp":
        found = gd.interpret(graph, {"table": x, "ids": k})
    else:
        found = gd.compile([graph], target=target, dims={"V": 9, "N": 4}).rows(x, k)
    value = x[k[:, 0], 1] + x[k[:, 1], -1]
    grad = np.zeros_like(x)
    np.add.at(grad, (k[:, 0], 1), 2 * value)
    np.add.at(grad, (k[:, 1], -1), 2 * value)
    np.testing.assert_array_equal(found["rows"], value)
    np.testing.assert_allclose(found["grad"], grad, rtol=1e-15)


@each_target
def test_only_what_is_read_of_an_input_is_checked(target):
    users, items = gd.input("users", (9, 2)), gd.input("items", (3, 2))
    ids = gd.input("ids", ("N", 2), "int32")
    score = gd.sum(gd.embedding(users, ids[:, 0]) * gd.embedding(items, ids[::-1, 1]), 1)
    graph = gd.Graph(score, name="score", inputs=[users, items, ids])

    def run(k):
        if target == "interp":
            arrays = {"users": np.ones((9, 2)), "items": np.ones((3, 2)), "ids": k}
            return gd.interpret(graph, arrays)["out"]
        module = gd.compile([graph], target=target, dims={"N": 4})
        return module.score(np.ones((9, 2), "float32"), np.ones((3, 2), "float32"), k)["out"]

    np.testing.assert_array_equal(run(np.array([[8, 2], [0, 0]], np.int32)), [2, 2])
    for bad in ([[8, 3]], [[9, 2]], [[-1, 0]], [[0, -1]]):
        with pytest.raises(errors.IndexRangeError, match="not in"):
            run(np.array(bad, np.int32))


BAD = {
    "take": (lambda x, k: gd.take(x, k, 0), [-4, 3]),
    "take_along_axis": (lambda x, k: gd.take_along_axis(x, k[:, None], 1), [-3, 2]),
    "brackets": (lambda x, k: x[:, k], [-3, 2]),
    "pair": (lambda x, k: x[k, k], [-3, 2]),
    "gather": (lambda x, k: gd.gather(x, k), [-1, 3]),
    "embedding": (lambda x, k: gd.embedding(x, k), [-1, 3]),
    "scatter_set": (lambda x, k: gd.scatter_set(x, k, base=x), [-1, 3]),
    "scatter_max": (lambda x, k: gd.scatter_max(x, k, base=x), [-1, 3]),
    "scatter_add": (lambda x, k: gd.scatter_add(x, k, 3), [-1, 3]),
    "index_update": (lambda x, k: gd.index_update(x, (slice(None), k), 1.0), [-3, 2]),
    "index_add": (lambda x, k: gd.index_add(x, k, 1.0), [-4, 3]),
}


@each_target
@pytest.mark.parametrize("name", BAD)
def test_what_is_out_of_range_changes_nothing(target, name):
    build, bad = BAD[name]
    x, k = gd.state("x", (3, 2), init=np.ones((3, 2))), gd.input("k", (3,), "int32")
    graph = gd.Graph(gd.sum(build(x, k)), updates={x: x + 1.0}, name="step")
    module = gd.compile([graph], target=target)
    for index in bad:
        with pytest.raises(errors.IndexRangeError, match="not in"):
            module.step(np.array([0, index, 0], np.int32))
        np.testing.assert_array_equal(module.state["x"], np.ones((3, 2)))
    module.step(np.array([0, bad[1] - 1, 0], np.int32))
    np.testing.assert_array_equal(module.state["x"], np.full((3, 2), 2))


@each_target
def test_computed_indices_count_from_the_end_then_are_clipped(target):
    x, k = gd.input("x", (3,)), gd.input("k", (5,), "int32")
    graph = gd.Graph({"x": x[k + 0], "clip": gd.take(x, k, 0, mode="clip")}, name="f")
    found = call(target, graph, np.float32([1, 2, 4]), np.int32([-9, -1, 1, 2, 7]))
    np.testing.assert_array_equal(found["x"], [1, 4, 2, 4, 4])
    np.testing.assert_array_equal(found["clip"], [1, 1, 2, 4, 4])


@each_target
def test_constant_indices_need_an_axis_that_is_long_enough(target):
    x = gd.input("x", ("N",))
    graph = gd.Graph(x[[3, -2]], name="f")
    module = gd.compile([graph], target=target, dims={"N": 8})
    np.testing.assert_array_equal(module.f(np.arange(5, dtype="float32"))["out"], [3, 3])
    with pytest.raises(errors.IndexRangeError):
        module.f(np.arange(3, dtype="float32"))


@each_target
@pytest.mark.parametrize("combine", ["add", "set", "max", "min"])
def test_state_is_changed_in_place(target, combine):
    """What is read of the old state is read before it is written, also where places meet."""
    s, k = gd.state("s", (5, 2), init=weights((5, 2))), gd.input("k", (3,), "int32")
    new = getattr(gd, f"scatter_{combine}")(s[1:4] * 2.0, k, base=s)
    module = gd.compile([gd.Graph({}, updates={s: new}, name="step")], target=target)
    start, index = weights((5, 2)), np.array([4, 1, 4], np.int32)
    module.step(index)
    want = start.copy()
    if combine == "set":
        want[index] = start[1:4] * 2
    else:
        {"add": np.add, "max": np.maximum, "min": np.minimum}[combine].at(
            want, index, start[1:4] * 2
        )
    np.testing.assert_array_equal(module.state["s"], want)


@each_target
def test_extremes_of_nan_and_ties(target):
    nan = np.nan
    base, updates = np.array([1.0, 2.0, nan, 0.0]), np.array([3.0, 2.0, 3.0, nan, 5.0, nan])
    k = np.array([0, 1, 0, 3, 2, 3], np.int32)
    b, u, i = gd.input("b", (4,)), gd.input("u", (6,)), gd.input("i", (6,), "int32")
    y = gd.scatter_max(u, i, base=b)
    grads = gd.grad(gd.sum(gd.where(gd.isnan(y), 0.0, y) + y * 0.0), [b, u])
    graph = gd.Graph({"y": y, "db": grads[0], "du": grads[1]}, name="f", inputs=[b, u, i])
    found = call(target, graph, np.float32(base), np.float32(updates), k)
    np.testing.assert_array_equal(found["y"], [3, 2, nan, nan])
    np.testing.assert_array_equal(found["db"], [0, 1, 0, 0])
    np.testing.assert_array_equal(found["du"], [1, 0, 0, 0, 0, 0])


@pytest.mark.parametrize("combine", ["add", "set", "max", "min"])
def test_threads_change_no_bit(combine):
    u, k = gd.input("u", (4000, 16)), gd.input("k", (4000,), "int32")
    y = getattr(gd, f"scatter_{combine}")(gd.tanh(u), k, base=gd.zeros((50, 16)))
    graph = gd.Graph({"y": y, "d": gd.grad(gd.sum(y * y), [u])[0]}, name="f", inputs=[u, k])
    rng = np.random.default_rng(1)
    given = rng.normal(size=(4000, 16)).astype("float32"), rng.integers(0, 50, 4000, "int32")
    found = [gd.compile([graph], target="c", threads=t).f(*given) for t in (1, 2, 3, 8)]
    for other in found[1:]:
        for key in ("y", "d"):
            np.testing.assert_array_equal(found[0][key], other[key])


X = gd.input("x", (3, 4))
M = gd.input("mask", (3,), "bool")


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: X[M], errors.DTypeError, "gd.where"),
        (lambda: X[X[:, 0]], errors.DTypeError, "astype"),
        (lambda: X[[0.0, 1.0]], errors.DTypeError, "cannot index"),
        (lambda: X[0, 1, 2], errors.ShapeError, "3 indices"),
        (lambda: X[..., ...], errors.ShapeError, "more than one"),
        (lambda: X[[0, 3]], errors.IndexRangeError, r"index 3 is not in \[-3, 3\)"),
        (lambda: X[:, [-5]], errors.IndexRangeError, r"index -5 is not in \[-4, 4\)"),
        (lambda: X[4], errors.IndexRangeError, "index 4 is out of range"),
        (lambda: X[np.array([True, False])], errors.ShapeError, "mask of 2"),
        (lambda: X[[0, 1], [0, 1, 2]], errors.ShapeError, "index arrays"),
        (lambda: X[[M, M]], errors.DTypeError, "stack"),
        (lambda: X["a"], errors.DTypeError, "a"),
        (lambda: gd.take(X, [12]), errors.IndexRangeError, r"\[-12, 12\)"),
        (lambda: gd.take(X, 0, 0, mode="no"), errors.ArgumentError, "wrap"),
        (lambda: gd.gather(X, [-1]), errors.IndexRangeError, r"\[0, 3\)"),
        (lambda: gd.embedding(gd.zeros((0, 3)), [0]), errors.ShapeError, "empty"),
        (lambda: gd.embedding(X[0], [0]), errors.ShapeError, "two axes"),
        (lambda: gd.one_hot(X, 3), errors.DTypeError, "integers"),
        (lambda: gd.scatter_add(X, [0, 1, 2]), errors.ArgumentError, "size or base"),
        (lambda: gd.scatter_add(X, [0, 1, 5], 4), errors.IndexRangeError, r"index 5"),
        (lambda: gd.scatter_add(X, [0, 1], 4), errors.ShapeError, "do not fit"),
        (lambda: gd.scatter_add(X > 0, [0, 1, 2], 4), errors.DTypeError, "bool"),
        (lambda: gd.index_update(X, 0, [1.0, 2.0]), errors.ShapeError, "broadcast"),
        (lambda: gd.index_update(gd.iota(3), 0, 0.5), errors.DTypeError, "cast"),
        (lambda: gd.index_add(X, 0, np.ones(4)), errors.DTypeError, "float64"),
    ],
)  # fmt: skip
def test_what_is_refused(build, error, words):
    with pytest.raises(error, match=words):
        build()


@each_target
def test_labels_beyond_a_bytes_range(target):
    k = gd.input("k", (2,), "uint8")
    table = gd.input("table", (300, 1))
    outputs = {"hot": gd.sum(gd.one_hot(k, 300), 1), "row": table[k], "last": table[k + 255]}
    graph = gd.Graph(outputs, name="f", inputs=[k, table])
    found = call(target, graph, np.uint8([3, 255]), np.arange(300, dtype="float32")[:, None])
    np.testing.assert_array_equal(found["hot"], [1, 1])
    np.testing.assert_array_equal(found["row"], [[3], [255]])
