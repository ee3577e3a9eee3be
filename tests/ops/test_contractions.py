"""einsum against NumPy's on drawn specifications; orders of contraction; errors; dtypes.

Numbers are small ints, so that sums are exact in any order and everything is compared bit for bit.
Derivatives of a multilinear form need no differences: the gradient in one element is the form with
that operand replaced by a unit array.
"""

import itertools
import string
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphdl as gd
from graphdl.ir import errors as e
from graphdl.ir.contraction_order import EXACT, contraction_order
from graphdl.ir.node import topological
from tests.ops.cases import Array, Case, graph_of

SIZES = {"N": 3, "M": 2}
X, S = gd.input("x", ("N", 3)), gd.input("s", (2, 3))


@st.composite
def specs(draw):
    """Return a specification and its operands' shapes: repeats, ellipses, sizes 0, 1 and names."""
    sizes = {c: draw(st.sampled_from([1, 2, 3, 3, 2, 0, "N", "M"])) for c in "abcd"}
    hidden = draw(st.lists(st.sampled_from([2, 3, 1, "N"]), max_size=2))
    groups, shapes = [], []
    for _ in range(draw(st.integers(1, 4))):
        labels = draw(st.text("abcd", max_size=3))
        own = {c: 1 if draw(st.integers(0, 7)) == 0 else sizes[c] for c in sorted(set(labels))}
        shape = [own[c] for c in labels]
        if draw(st.integers(0, 2)) == 0:
            place = draw(st.integers(0, len(labels)))
            dots = [1 if draw(st.integers(0, 7)) == 0 else s for s in hidden]
            dots = dots[draw(st.integers(0, len(dots))) :]
            labels = f"{labels[:place]}...{labels[place:]}"
            shape[place:place] = dots
        groups.append(labels)
        shapes.append(tuple(shape))
    spec = ",".join(groups)
    if draw(st.booleans()):
        seen = sorted(set(spec) - set(",."))
        out = "".join(draw(st.permutations(seen))[: draw(st.integers(0, len(seen)))])
        place = draw(st.integers(0, len(out)))
        spec += f"->{out[:place]}...{out[place:]}" if "." in spec else f"->{out}"
    return spec, shapes


def case_of(spec, shapes):
    return Case("einsum", f"{spec} {shapes}", lambda *x: gd.einsum(spec, *x),
                tuple(map(Array, shapes)), lambda *x: np.einsum(spec, *x), dims=SIZES)  # fmt: skip


def small_ints(shape, rng):
    return rng.integers(-2, 3, [SIZES.get(s, s) for s in shape]).astype(float)


def arguments(spec, shapes, graph):
    """Return ints for all inputs: operands, the weights of the loss, and the tangents."""
    rng = np.random.default_rng(len(spec))
    values = {f"x{k}": small_ints(shape, rng) for k, shape in enumerate(shapes)}
    values |= {f"t{k}": small_ints(shape, rng) for k, shape in enumerate(shapes)}
    values["weights"] = small_ints(np.einsum(spec, *operands(values, shapes)).shape, rng)
    return {i.name: values[i.name].astype(i.dtype.numpy) for i in graph.inputs}


def operands(values, shapes, name="x"):
    return [values[f"{name}{k}"] for k in range(len(shapes))]


def gradient(spec, xs, weights, k):
    """Return the derivative of ``sum(weights * einsum(spec, *xs))`` by one operand."""
    result = np.zeros(xs[k].shape)
    for index in np.ndindex(result.shape):
        unit = np.zeros(result.shape)
        unit[index] = 1
        result[index] = np.sum(weights * np.einsum(spec, *xs[:k], unit, *xs[k + 1 :]))
    return result


def expected(spec, shapes, given):
    """Return value, gradients, and the gradients' derivatives along the tangents."""
    xs = operands(given, shapes)
    found = {"value": np.einsum(spec, *xs)}
    weights = given.get("weights", 0.0)
    for k in range(len(xs)):
        found[f"first{k}"] = gradient(spec, xs, weights, k)
        found[f"second{k}"] = np.zeros(xs[k].shape)
        for other in range(len(xs)):
            if other != k:
                moved = [given[f"t{i}"] if i == other else x for i, x in enumerate(xs)]
                found[f"second{k}"] += gradient(spec, moved, weights, k)
    return found


def check(outputs, spec, shapes, given):
    for name, value in expected(spec, shapes, given).items():
        np.testing.assert_array_equal(outputs[name], value, err_msg=f"{name} of {spec} {shapes}")
        assert outputs[name].shape == value.shape


@pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")
@given(specs())
@settings(max_examples=150)
def test_drawn_specifications(drawn):
    graph = graph_of.__wrapped__(case_of(*drawn), "float64")
    given = arguments(*drawn, graph)
    check(gd.interpret(graph, given, dims=SIZES), *drawn, given)


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")
@given(st.lists(specs(), min_size=24, max_size=24))
@settings(max_examples=1, phases=["generate"])
def test_drawn_specifications_compiled(target, dtype, drawn):
    """Many specifications a module: compiling is what takes time."""
    graphs = [graph_of.__wrapped__(case_of(*one), dtype) for one in drawn]
    graphs = [gd.Graph(g.outputs, name=f"g{k}", inputs=g.inputs) for k, g in enumerate(graphs)]
    used = {d for g in graphs for d in g.dims}
    module = gd.compile(graphs, target=target, dims={d: SIZES[d] for d in sorted(used)})
    for one, graph in zip(drawn, graphs, strict=True):
        given = arguments(*one, graph)
        check(module.entries[graph.name](**given), *one, given)


# The order of contractions.


def cost(order, terms, kept, sizes):
    """Return the multiplications that an order takes, as simply as possible."""
    live, total = dict(enumerate(terms)), 0
    for step, (i, j) in enumerate(order, len(terms)):
        a, b = live.pop(i), live.pop(j)
        total += np.prod([sizes[c] for c in a | b])
        live[step] = {c for c in a | b if c in kept or any(c in t for t in live.values())}
    assert len(live) == 1
    return int(total)


def all_orders(count):
    """Return every order of contracting so many operands."""

    def extend(live, order):
        if len(live) == 1:
            yield order
        for i, j in itertools.combinations(live, 2):
            rest = [k for k in live if k not in (i, j)]
            yield from extend([*rest, count + len(order)], [*order, (i, j)])

    return extend(list(range(count)), [])


LABELS = st.sampled_from("abcdef")


@given(
    st.lists(st.sets(LABELS, max_size=4), min_size=1, max_size=5),
    st.sets(LABELS),
    st.lists(st.integers(1, 9), min_size=6, max_size=6),
)
def test_no_order_is_cheaper(terms, kept, numbers):
    count = {c: sum(c in t for t in terms) for c in "abcdef"}
    terms = [{c for c in t if count[c] > 1 or c in kept} for t in terms]
    sizes = dict(zip("abcdef", numbers, strict=True))
    bits = [sum(1 << "abcdef".index(c) for c in t) for t in (*terms, kept)]
    order = contraction_order(bits[:-1], bits[-1], numbers)
    best = min(cost(o, terms, kept, sizes) for o in all_orders(len(terms)))
    assert cost(order, terms, kept, sizes) == best


def chain(count):
    letters = string.ascii_letters
    return f"{','.join(letters[i : i + 2] for i in range(count))}->a{letters[count]}"


@pytest.mark.parametrize("count", [EXACT, EXACT + 1, 30])
def test_long_chains(count):
    """What starts with a row stays a row, beyond the exact search too."""
    rng = np.random.default_rng(0)
    values = {f"x{k}": rng.integers(-1, 2, (1 if k == 0 else 3, 3)) for k in range(count)}
    xs = [gd.input(name, v.shape, "int64") for name, v in values.items()]
    value = gd.einsum(chain(count), *xs)
    matrices = [n for n in topological([value]) if n.op.name == "contract" and n.ndim > 1]
    assert matrices == []
    with np.errstate(over="ignore"):
        wanted = np.linalg.multi_dot(list(values.values()))
    np.testing.assert_array_equal(gd.interpret(gd.Graph(value), values)["out"], wanted)


def test_a_dear_order_is_avoided():
    a, b, v = gd.input("a", (50, 60)), gd.input("b", (60, 70)), gd.input("v", (70,))
    shapes = [n.shape for n in topological([gd.einsum("ij,jk,k->i", a, b, v)]) if n.inputs]
    assert shapes == [(60,), (50,)]


def test_orders_depend_on_no_hash_seed():
    code = (
        "import graphdl as gd; from graphdl.ir.text import to_text;"
        "xs = [gd.input(f'x{i}', (4, 'N', 4)) for i in range(12)];"
        "print(to_text(gd.Graph(gd.einsum(','.join(['abc', 'cbd'] * 6), *xs))));"
        "print(to_text(gd.Graph(gd.einsum('abc,cbd,dba,abd->', *xs[:4]))))"
    )
    texts = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                       env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}).stdout
        for seed in "0123"
    }  # fmt: skip
    assert len(texts) == 1
    assert "contract" in texts.pop()


# What becomes of a contraction.


@pytest.mark.parametrize(("build", "ops"), [
    (lambda x, y: gd.outer(x[0], y[0]), {"multiply"}),
    (lambda x, y: gd.kron(x, y), {"multiply", "reshape"}),
    (lambda x, y: gd.einsum("ij,ij->ij", x, y), {"multiply"}),
    (lambda x, y: gd.einsum("ij,kl->ikjl", x, y), {"multiply"}),
    (lambda x, y: gd.matmul(x[:, :1], y[:1]), {"multiply"}),
    (lambda x, y: gd.tensordot(x, y, 0), {"multiply"}),
    (lambda x, y: gd.matmul(x, y.T), {"contract"}),
    (lambda x, y: gd.vdot(x, y), {"contract"}),
])  # fmt: skip
def test_products_without_sums_are_elementwise(build, ops):
    value = build(gd.input("a", (2, 3)), gd.input("b", (2, 3)))
    made = {n.op.name for n in topological([value]) if n.inputs}
    assert made & {"multiply", "contract", "sum"} == ops & {"multiply", "contract"}


@pytest.mark.parametrize(("first", "second", "result"), [
    ("float32", "float64", "float64"), ("int32", "float32", "float32"), ("bool", "uint8", "uint8"),
    ("uint8", "int32", "int32"), ("bool", "bool", "bool"), ("int32", "int64", "int64"),
])  # fmt: skip
def test_dtypes_meet(first, second, result):
    x, y = gd.input("x", (2, 2), first), gd.input("y", (2, 2), second)
    for value in (x @ y, gd.einsum("ij,ij->i", x, y), gd.kron(x, y), gd.einsum("ij,kl->", x, y)):
        assert value.dtype.name == result


def test_weak_numbers_keep_the_dtype():
    assert gd.einsum(",ij->ji", 2.0, S).dtype.name == "float32"
    assert gd.dot(S, 2.0).dtype.name == "float32"


def test_of_arrays():
    value = gd.einsum("ij,j->i", np.eye(2), np.ones(2))
    assert gd.interpret(gd.Graph(value), {})["out"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_integers_wrap_around(target):
    xs = {d: gd.input(f"x_{d}", (3, 3), d) for d in ("uint8", "int32", "int64", "bool")}
    graph = gd.Graph({d: gd.einsum("ij,kj->ik", x, x) for d, x in xs.items()}, name="products")
    rng = np.random.default_rng(0)
    values = {d: rng.integers(0, 2 if d == "bool" else 2**62, (3, 3)).astype(d) for d in xs}
    found = gd.compile([graph], target=target).products(**{f"x_{d}": v for d, v in values.items()})
    for dtype, value in values.items():
        with np.errstate(over="ignore"):
            np.testing.assert_array_equal(found[dtype], value @ value.T, strict=True)


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("size", [0, 1, 2, 37])
def test_sums_over_two_axes_in_other_orders(target, size):
    """Two summed axes that one operand holds the other way round, some of run-time size."""
    specs = [("ijk,kjl->il", ("M", 3, "N"), ("N", 3, 5)), ("ijk,ljk->il", (4, "N", 3), (9, "N", 3)),
             ("ikj,ljk->li", (4, "N", 3), (9, 3, "N")), ("ijk,kj->i", ("M", "N", 6), (6, "N")),
             ("bijk,bkjl->bil", (2, 17, "N", 3), (2, 3, "N", 18)),
             ("ij,ji->", ("M", "N"), ("N", "M")),
             ("aijk,kjil->al", (5, "N", 2, 3), (3, 2, "N", 20))]  # fmt: skip
    sizes = {"N": size, "M": 7}
    rng = np.random.default_rng(1)
    graphs = [
        gd.Graph(gd.einsum(spec, gd.input("x", left), gd.tanh(gd.input("y", right))), name=f"s{k}")
        for k, (spec, left, right) in enumerate(specs)
    ]
    module = gd.compile(graphs, target=target, dims={"N": 40, "M": 9})
    for k, (spec, *shapes) in enumerate(specs):
        x, y = (rng.normal(size=[sizes.get(s, s) for s in shape]) for shape in shapes)
        x, y = x.astype(np.float32), y.astype(np.float32)
        np.testing.assert_allclose(
            module.entries[f"s{k}"](x=x, y=y)["out"],
            np.einsum(spec, x.astype(float), np.tanh(y.astype(float))), rtol=2e-5, atol=2e-5,
        )  # fmt: skip


# What is refused.

ERRORS = [
    (lambda: gd.einsum("ij,j"), e.ArgumentError, ["'ij,j'", "2 groups for 0"]),
    (lambda: gd.einsum("ij", X, S), e.ArgumentError, ["'ij'", "(N, 3), (2, 3)", "1 groups for 2"]),
    (lambda: gd.einsum("i1->i", X), e.ArgumentError, ["'1' is no label", "letters"]),
    (lambda: gd.einsum("i..j", X), e.ArgumentError, ["'.' is no label", "..."]),
    (lambda: gd.einsum("ijk->i", X), e.ArgumentError, ["'ijk' names 3 axes of (N, 3)"]),
    (lambda: gd.einsum("i->i", X), e.ArgumentError, ["'i' names 1 axes", "..."]),
    (lambda: gd.einsum("...i...", X), e.ArgumentError, ["'...i...'"]),
    (lambda: gd.einsum("ij->ik", X), e.ArgumentError, ["label 'k' of the result is in no operand"]),
    (lambda: gd.einsum("ij->ii", X), e.ArgumentError, ["label 'i' is twice in the result"]),
    (lambda: gd.einsum("...i->i", X), e.ArgumentError, ["the result needs '...'"]),
    (lambda: gd.einsum("ij,kj->ik", X, S.T), e.ShapeError, ["'j'", "3 against 2", "one size"]),
    (lambda: gd.einsum("ii", X), e.ShapeError, ["'ii'", "label 'i' is N against 3"]),
    (lambda: gd.einsum("ii", S[:1]), e.ShapeError, ["label 'i' is 1 against 3"]),
    (lambda: gd.einsum("i...,i...->...", X, X[:, :2]), e.ShapeError, ["3 against 2"]),
    (lambda: gd.tensordot(X, S, 1), e.ShapeError, ["tensordot", "(N, 3)", "3 against 2", "size"]),
    (lambda: gd.tensordot(X, S, 3), e.ShapeError, ["3 axes", "at most 2"]),
    (lambda: gd.tensordot(X, S, ([0, 1], [1])), e.ArgumentError, ["different numbers of axes"]),
    (lambda: gd.tensordot(X, S, ([1, 1], [1, 1])), e.ShapeError, ["an axis twice"]),
    (lambda: gd.tensordot(X, S, ([2], [1])), e.ShapeError, ["axis 2 of 2 axes"]),
    (lambda: gd.dot(X, S), e.ShapeError, ["(N, 3)", "(2, 3)", "3 against 2"]),
    (lambda: gd.inner(X, S.T), e.ShapeError, ["3 against 2"]),
    (lambda: gd.vdot(X, S), e.ShapeError, ["3*N against 6"]),
    (lambda: gd.bilinear(X, S, S), e.ShapeError, ["bilinear", "(2, 3)", "(outputs, last of x1"]),
    (lambda: gd.bilinear(X, np.ones((4, 3, 3)), X, np.ones(3)), e.ShapeError, ["bias (3,)"]),
    (lambda: gd.matrix_power(S, 2), e.ShapeError, ["(2, 3) holds no square matrices"]),
    (lambda: gd.matrix_power(S[:, :2], -1), e.ArgumentError, ["-1 is not an int >= 0", "invert"]),
]  # fmt: skip


@pytest.mark.parametrize("case", ERRORS, ids=lambda c: c[2][0])
def test_refused(case):
    action, kind, parts = case
    with pytest.raises(kind) as caught:
        action()
    for part in parts:
        assert part in str(caught.value)
    assert "test_contractions.py" in str(caught.value)
    assert "remedy" in str(caught.value) or kind is e.ShapeError
