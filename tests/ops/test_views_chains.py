"""Chains of views and assemblies are NumPy's: on the interpreter, in NumPy source and in C."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphdl as gd

N, CHAINS, LINKS, LARGEST = 4, 24, 5, 400
SHAPES = [(), (1,), (6,), (0, 3), (1, 1), (4, 4), (2, 3, 4), (3, 1, 2)]
MODES = ["edge", "reflect", "symmetric", "wrap"]


def _link(x: np.ndarray, integer):
    """Return a function of (library, array), where the library is NumPy or graphdl."""
    rank, size = x.ndim, x.size

    def pick(*options):
        return options[integer(0, len(options) - 1)]

    if not rank:
        count = integer(1, 3)
        return pick(lambda m, a: m.tile(a, count), lambda m, a: m.ravel(a),
                    lambda m, a: m.broadcast_to(a, (2, count)))  # fmt: skip
    axis, other = integer(-rank, rank - 1), integer(0, rank - 1)
    extent, shift, k = x.shape[axis], integer(-7, 7), integer(-2, 2)
    widths = [(0, 0)] * rank
    widths[axis] = (integer(0, 5), integer(0, 5))
    counts = np.array([integer(0, 2) for _ in range(extent)], int)
    cuts = sorted(integer(-1, extent + 1) for _ in range(2))
    mode, value = pick(*MODES), pick(0.0, 2.5)
    order = sorted(range(rank), key=lambda _: integer(0, 99))
    step, start, stop = pick(-3, -2, -1, 1, 2), pick(None, -2, 0, 1), pick(None, -1, 2, 9)
    index = tuple(
        slice(start, stop, step) if a == axis % rank else slice(None) for a in range(rank)
    )
    options = [
        lambda m, a: m.transpose(a, order), lambda m, a: m.moveaxis(a, axis, other),
        lambda m, a: m.swapaxes(a, axis, other), lambda m, a: m.ravel(a),
        lambda m, a: m.flip(a, axis), lambda m, a: m.flipud(a), lambda m, a: a[index],
        lambda m, a: m.roll(a, shift, axis), lambda m, a: m.roll(a, shift),
        lambda m, a: m.roll(a, (shift, 1), (axis, other)), lambda m, a: m.squeeze(a),
        lambda m, a: m.expand_dims(a, axis), lambda m, a: a[index] * 2.0,
        lambda m, a: m.array_split(a, 2, axis)[1], lambda m, a: m.split(a, cuts, axis)[1],
    ]  # fmt: skip
    if size <= LARGEST // 4:
        options += [
            lambda m, a: m.tile(a, 2), lambda m, a: m.repeat(a, 2, axis),
            lambda m, a: m.repeat(a, counts, axis), lambda m, a: m.stack([a, a + 1.0], axis),
            lambda m, a: (gd.concat if m is gd else np.concatenate)([a, m.flip(a)], axis),
            lambda m, a: m.vstack([a, a]), lambda m, a: m.hstack([a, a]),
            lambda m, a: m.pad(a, widths, constant_values=value),
        ]  # fmt: skip
        if extent:
            options.append(lambda m, a: m.pad(a, widths, mode))
    if size == 0:
        return pick(*options)
    if rank > 1 and axis % rank != other:
        turns = integer(-1, 3)
        options += [
            lambda m, a: m.diagonal(a, k, axis, other), lambda m, a: m.tril(a, k),
            lambda m, a: m.trace(a, k, axis, other), lambda m, a: m.triu(a, k),
            lambda m, a: m.rot90(a, turns, (axis, other)), lambda m, a: m.fliplr(a),
        ]  # fmt: skip
    if rank < 3 and size <= 12:
        options.append(lambda m, a: m.diag(a, k))
    return pick(*options)


def _chain(name: str, integer):
    """Return the graph of a chain on one input, and what NumPy gives."""
    shape = SHAPES[integer(0, len(SHAPES) - 1)]
    given = gd.input("x", shape, "float64")
    array = 1.0 + np.arange(np.prod(shape)).reshape(shape)
    node, expected, links = given, array, []
    for _ in range(integer(1, LINKS)):
        link = _link(expected, integer)
        node, expected = link(gd, node), np.asarray(link(np, expected))
        links.append(link)
    weights = np.cos(1.0 + np.arange(expected.size)).reshape(expected.shape)
    (gradient,) = gd.grad(gd.sum(node * weights), [given])
    graph = gd.Graph({"value": node, "gradient": gradient}, name=name, inputs=[given])
    return graph, links, array, expected, weights


def _agrees(call, links, array, expected, weights):
    found = call(x=array)
    np.testing.assert_array_equal(found["value"], expected, strict=True)
    direction = np.sin(1.0 + np.arange(array.size)).reshape(array.shape)
    moved = array + direction  # the chain is affine, so that one difference is its derivative
    for link in links:
        moved = link(np, moved)
    change = np.sum(weights * (moved - expected))
    np.testing.assert_allclose(np.sum(found["gradient"] * direction), change, atol=1e-9)


def _check(cases, target):
    module = gd.compile([graph for graph, *_ in cases], target=target, name="chains")
    for graph, *rest in cases:
        _agrees(module.entries[graph.name], *rest)


pytestmark = pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
@pytest.mark.parametrize("batch", range(4))
def test_seeded_chains(target, batch):
    rng = random.Random(batch)
    _check([_chain(f"chain{i}", rng.randint) for i in range(CHAINS)], target)


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_drawn_chains(data):
    case = _chain("drawn", lambda low, high: data.draw(st.integers(low, high)))
    _check([case], "numpy")


def test_one_module_for_every_size():
    """Symbolic axes take every size that suits, and none that does not."""
    x = gd.input("x", ("N", 2))
    calls = {
        "roll": (lambda m, a: m.roll(a, 3, 0), 0), "back": (lambda m, a: m.roll(a, -5, 0), 0),
        "edge": (lambda m, a: m.pad(a, ((2, 3), (0, 0)), "edge"), 1),
        "reflect": (lambda m, a: m.pad(a, ((5, 3), (0, 0)), "reflect"), 1),
        "symmetric": (lambda m, a: m.pad(a, ((4, 7), (0, 0)), "symmetric"), 1),
        "wrap": (lambda m, a: m.pad(a, ((2, 9), (0, 0)), "wrap"), 1),
        "constant": (lambda m, a: m.pad(a, ((2, 1), (0, 0))), 0),
        "split": (lambda m, a: m.array_split(a, 3)[1], 0),
        "tile": (lambda m, a: m.tile(a, (2, 1)), 0), "repeat": (lambda m, a: m.repeat(a, 3, 0), 0),
        "rows": (lambda m, a: m.tril(a), 0), "turned": (lambda m, a: m.rot90(a), 0),
        "outer": (lambda m, a: m.diagonal(a[:, :1] * a[:, 0], 2), 2),
        "first": (lambda m, a: a[0], 1), "last": (lambda m, a: a[-1:], 1),
        "rest": (lambda m, a: a[2:], 2),
    }  # fmt: skip
    graphs = [
        gd.Graph({"y": call(gd, x)}, name=name, inputs=[x]) for name, (call, _) in calls.items()
    ]
    modules = [gd.compile(graphs, target=t, dims={"N": 7}) for t in ("interp", "numpy", "c")]
    for module in modules:
        for n in range(8):
            array = np.arange(2.0 * n, dtype=np.float32).reshape(n, 2)
            for name, (call, least) in calls.items():
                if n >= least:
                    found = module.entries[name](x=array)["y"]
                    np.testing.assert_array_equal(found, call(np, array), str((name, n)))
                else:
                    with pytest.raises(gd.ir.errors.IndexRangeError, match=f"N = {n}"):
                        module.entries[name](x=array)


S = gd.state("s", (6, 6), init=np.arange(36.0).reshape(6, 6))
UPDATES = {
    "roll": (lambda m, s: m.roll(s, 1, 0)), "roll_all": (lambda m, s: m.roll(s, 7)),
    "flip": (lambda m, s: m.flip(s)), "turn": (lambda m, s: m.rot90(s)),
    "swap": (lambda m, s: m.swapaxes(s, 0, 1)), "plus_diagonal": (lambda m, s: s + m.diagonal(s)),
    "plus_column": (lambda m, s: s + m.diagonal(s)[:, None]), "lower": (lambda m, s: m.tril(s)),
    "only_diagonal": (lambda m, s: m.diag(m.diag(s))), "mirror": (lambda m, s: s + m.fliplr(s)),
    "reflect": (lambda m, s: m.pad(s[1:-1], ((1, 1), (0, 0)), "reflect")),
    "twice": (lambda m, s: m.tile(s[:3], (2, 1))), "spread": (lambda m, s: m.repeat(s[::2], 2, 0)),
    "halves": (lambda m, s: m.vstack(m.split(s, 2)[::-1])),
}  # fmt: skip


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_state_becomes_a_view_of_itself(target):
    graphs = [gd.Graph({"before": S * 1.0}, updates={S: f(gd, S)}, name=name)
              for name, f in UPDATES.items()]  # fmt: skip
    module = gd.compile(graphs, target=target, name=f"updates_{target}")
    for name, f in UPDATES.items():
        start = np.arange(36.0, dtype=np.float32).reshape(6, 6) % 7
        module.state["s"][...] = start
        before = module.entries[name]()["before"]
        np.testing.assert_array_equal(before, start, name)
        np.testing.assert_array_equal(module.state["s"], f(np, start), name)


def test_gradients_of_parts_are_joined():
    """Neither zeros nor sums, where the parts cover the array; sums where they overlap."""
    x = gd.input("x", ("N", 6), "float64")
    a, b, c = gd.split(x, 3, 1)
    (whole,) = gd.grad(gd.sum(a * b * c), [x])
    (overlapping,) = gd.grad(gd.sum(a * x[:, 1:3]) + gd.sum(x[:, 2:] ** 2), [x])
    assembled = [n.op.name for n in gd.Graph(whole).nodes if n.op.kind == "assembly"]
    assert assembled == ["concat"]
    v = np.arange(12.0).reshape(2, 6) + 1
    expected = np.concatenate([v[:, 2:4] * v[:, 4:], v[:, :2] * v[:, 4:], v[:, :2] * v[:, 2:4]], 1)
    for target in ("interp", "numpy", "c"):
        graph = gd.Graph({"whole": whole, "over": overlapping}, name="g")
        found = gd.compile([graph], target=target, dims={"N": 3}).g(x=v)
        np.testing.assert_array_equal(found["whole"], expected)
        over = np.zeros((2, 6))
        over[:, :2] += v[:, 1:3]
        over[:, 1:3] += v[:, :2]
        over[:, 2:] += 2 * v[:, 2:]
        np.testing.assert_array_equal(found["over"], over)
