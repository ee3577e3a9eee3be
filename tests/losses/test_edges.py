"""Losses where formulas break: perfect and hopeless predictions, zeros, huge values, no examples.

Everything here runs in float32 on all targets, with a symbolic number of examples.
"""

import math

import mpmath
import numpy as np
import pytest

import graphdl as gd
from graphdl import losses
from graphdl.ir.errors import ArgumentError, IndexRangeError, ShapeError

pytestmark = pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")
TARGETS = ["interp", "numpy", "c"]
each_target = pytest.mark.parametrize("target", TARGETS)
ELEMENTWISE = {
    "squared_error": {}, "absolute_error": {}, "huber": {}, "log_cosh": {}, "hinge": {},
    "binary_cross_entropy_with_logits": {}, "focal": {}, "squared_hinge": {},
}  # fmt: skip
LOGIT_LOSSES = [
    ("binary_cross_entropy_with_logits", {}),
    ("binary_cross_entropy_with_logits", {"pos_weight": 3.0}),
    *(("focal", {"gamma": g, "alpha": a}) for g in (0, 0.5, 1, 1.5, 2, 5) for a in (None, 0.25)),
    ("hinge", {}),
]
TAILS = np.array([-1e4, -300, -90, -50, -20, -1, 0, 1, 20, 50, 90, 300, 1e4])


def run(target, outputs, dims=None, **given):
    graph = gd.Graph(outputs, name="edges")
    given = {i.name: np.asarray(given[i.name], i.dtype.numpy) for i in graph.inputs}
    if target == "interp":
        return gd.interpret(graph, given)
    module = gd.compile(graph, target=target, name="edges", dims=dict.fromkeys(graph.dims, 16))
    return module.entries["edges"](**given)


def with_slopes(loss, *variables):
    """Return values and the gradient of their sum."""
    slopes = gd.grad(gd.sum(loss), list(variables))
    return {"value": loss, **{f"d{v.name}": s for v, s in zip(variables, slopes, strict=True)}}


def vector(name, *shape, dtype="float32"):
    return gd.input(name, ("N", *shape), dtype)


@each_target
def test_perfect_predictions_cost_nothing(target):
    p, same = vector("p", 3), vector("same", dtype="bool")
    x = np.array([[1e4, -1e-3, 0], [3, 1e-30, -1e4]])
    outputs = {}
    for name in ("squared_error", "absolute_error", "huber", "log_cosh"):
        loss = getattr(losses, name)(p, p * 1.0, reduction="none")
        outputs |= {f"{name} {k}": v for k, v in with_slopes(loss, p).items()}
    outputs["contrastive"] = losses.contrastive(p, p * 1.0, same)
    outputs["cosine_embedding"] = losses.cosine_embedding(p, p * 4.0, same)
    outputs["cosine_similarity"] = losses.cosine_similarity(p, p * 4.0) + 1.0
    outputs["triplet_margin"] = losses.triplet_margin(p, p * 1.0, p + 5.0)
    q = gd.softmax(p, axis=1)
    outputs["kl"] = losses.kl_divergence(q, q * 1.0)
    labels = vector("y", dtype="int32")
    outputs["softmax"] = losses.softmax_cross_entropy(p * 1e3, labels)
    outputs["margins"] = losses.multiclass_hinge(p * 1e4, labels)
    for key, value in run(target, outputs, p=x, y=[0, 0], same=[True, True]).items():
        np.testing.assert_array_equal(value, np.zeros(np.shape(value)), err_msg=key)


@each_target
@pytest.mark.parametrize(("name", "attrs"), LOGIT_LOSSES, ids=str)
def test_logits_of_any_size(target, name, attrs):
    """Values and slopes are finite; a right answer's are 0, a wrong one's large."""
    x, t = vector("x"), vector("t", dtype="bool")
    outputs = with_slopes(getattr(losses, name)(x, t, reduction="none", **attrs), x)
    for label in (True, False):
        found = run(target, outputs, x=TAILS, t=[label] * 13)
        assert all(np.isfinite(v).all() for v in found.values())
        right, wrong = (-1, 0) if label else (0, -1)
        assert found["value"][right] == 0
        assert found["dx"][right] == 0
        assert found["value"][wrong] >= 2500
        assert abs(found["dx"][wrong]) >= 0.25


def focal(x, positive, gamma):
    """Return the loss and its derivative to 50 digits."""
    mpmath.mp.dps = 80
    z = mpmath.mpf(x if positive else -x)

    def loss(z):
        p = 1 / (1 + mpmath.exp(-z))
        return -((1 - p) ** gamma) * mpmath.log(p)

    return loss(z), mpmath.diff(loss, z) * (1 if positive else -1)


@pytest.mark.parametrize("gamma", [0, 0.5, 1, 1.5, 2, 3])
def test_tails_keep_their_digits(gamma):
    """At gamma = 0 this is binary cross-entropy, whose slope σ(x) - t would cancel."""
    x, t = vector("x", dtype="float64"), vector("t", dtype="float64")
    points = np.array([-60.5, -30.25, -3.0, 0.125, 2.5, 33.0, 60.0])
    named = [losses.focal(x, t, alpha=None, gamma=gamma, reduction="none")]
    if gamma == 0:
        named.append(losses.binary_cross_entropy_with_logits(x, t, reduction="none"))
    for loss in named:
        outputs = with_slopes(loss, x)
        for label in (0, 1):
            found = run("interp", outputs, x=points, t=[label] * len(points))
            expected = [focal(v, label, gamma) for v in points]
            np.testing.assert_allclose(found["dx"], [float(e[1]) for e in expected], rtol=1e-10)
            if loss is named[0]:
                value = [float(e[0]) for e in expected]
                np.testing.assert_allclose(found["value"], value, rtol=1e-10)


@each_target
def test_small_and_large_errors_keep_their_digits(target):
    p, t = vector("p"), vector("t")
    outputs = with_slopes(losses.log_cosh(p, t, reduction="none"), p)
    d = np.array([1e-12, 1e-4, 1e-2, 0.5, 0.999, 1.001, 3, 50, 1e4, 1e30], np.float32)
    found = run(target, outputs, p=d, t=np.zeros(10))
    wide = d.astype(np.longdouble)
    exact = np.where(wide < 50, np.log1p(2 * np.sinh(np.minimum(wide, 99) / 2) ** 2),
                     wide - np.log(np.longdouble(2)))  # fmt: skip
    np.testing.assert_allclose(found["value"], exact.astype(float), rtol=1e-6)
    np.testing.assert_allclose(found["dp"], np.tanh(wide).astype(float), rtol=1e-6)


@each_target
def test_probabilities_of_zero_and_one(target):
    """0·log 0 is 0; what was ruled out and happens costs infinitely much."""
    p, t = vector("p"), vector("t")
    outputs = with_slopes(losses.binary_cross_entropy(p, t, reduction="none"), p)
    found = run(target, outputs, p=[0, 1, 0, 1, 0.5], t=[0, 1, 1, 0, 1])
    np.testing.assert_allclose(found["value"], [0, 0, math.inf, math.inf, math.log(2)], rtol=1e-6)
    np.testing.assert_allclose(found["dp"], [1, -1, -math.inf, math.inf, -2], rtol=1e-6)
    clipped = with_slopes(losses.binary_cross_entropy(p, t, eps=0.01, reduction="none"), p)
    found = run(target, clipped, p=[0, 1, 0, 1, 0.5], t=[0, 1, 1, 0, 1])
    ends = [-math.log(0.99), -math.log(0.99), -math.log(0.01), -math.log(0.01), math.log(2)]
    np.testing.assert_allclose(found["value"], ends, rtol=1e-5)
    np.testing.assert_allclose(found["dp"], [0, 0, 0, 0, -2], rtol=1e-6)


@each_target
def test_divergence_of_zeros(target):
    q, p = vector("q"), vector("p")
    outputs = with_slopes(losses.kl_divergence(q, p, axis=None, reduction="none"), q)
    found = run(target, outputs, q=[0, 0.5, 0, 0.5], p=[0, 0, 0.5, 0.5])
    np.testing.assert_array_equal(found["value"], [0, 0, math.inf, 0])
    np.testing.assert_array_equal(found["dq"], [0, 0, -math.inf, -1])
    logs = losses.kl_divergence(
        q, p, axis=None, reduction="none", log_prediction=True, log_target=True
    )
    found = run(
        target, with_slopes(logs, q, p), q=[-math.inf, -1, -math.inf], p=[-math.inf] * 2 + [0]
    )
    np.testing.assert_array_equal(found["value"], [0, 0, math.inf])
    np.testing.assert_array_equal(found["dq"], [0, 0, -1])
    np.testing.assert_array_equal(found["dp"][:2], [0, 0])


@each_target
def test_counts_of_zero(target):
    x, t = vector("x"), vector("t")
    loss = losses.poisson_nll(x, t, log_input=False, eps=0, reduction="none")
    found = run(target, with_slopes(loss, x), x=[0, 0, 2], t=[0, 1, 0])
    np.testing.assert_array_equal(found["value"], [0, math.inf, 2])
    np.testing.assert_array_equal(found["dx"], [1, -math.inf, 1])


@each_target
def test_a_variance_of_zero_is_limited_and_can_grow(target):
    m, t, v = vector("m"), vector("t"), vector("v")
    loss = losses.gaussian_nll(m, t, v, reduction="none")
    given = {"m": [0, 0, 0], "t": [1, 1e20, 0], "v": [0, 1e30, 1]}
    found = run(target, with_slopes(loss, m, v), **given)
    np.testing.assert_allclose(found["value"], [0.5 * (1e6 - math.log(1e6)), 5e9, 0], rtol=1e-5)
    np.testing.assert_allclose(found["dv"], [0.5 * (1e6 - 1e12), -5e-21, 0.5], rtol=1e-5)


@each_target
@pytest.mark.parametrize("p", [1, 2, 2.5, math.inf])
def test_points_that_meet_and_points_far_away(target, p):
    """The gradient is 0 where points meet; no square overflows or vanishes."""
    x, y, far = vector("x", 2), vector("y", 2), vector("far", 2)
    loss = losses.triplet_margin(x, y, far, p=p, margin=0.0, reduction="none")
    norm = np.linalg.norm([3, 4], p) if p != 2.5 else (3**2.5 + 4**2.5) ** 0.4
    scale = np.array([[0], [1e-30], [1], [1e30]], np.float32)
    given = {"x": [[3, 4]] * scale, "y": np.zeros((4, 2)), "far": [[3, 4]] * scale}
    found = run(target, with_slopes(loss, x, y, far), **given)
    np.testing.assert_allclose(found["value"], scale[:, 0] * norm, rtol=1e-5)
    np.testing.assert_array_equal(found["dfar"], np.zeros((4, 2)))
    np.testing.assert_array_equal(found["dx"][0], [0, 0])
    assert np.isfinite(found["dx"]).all()
    np.testing.assert_allclose(found["dx"][1], found["dx"][2], rtol=1e-5)
    np.testing.assert_allclose(found["dx"][3], found["dx"][2], rtol=1e-5)


@each_target
def test_vectors_without_a_direction(target):
    x, y, same = vector("x", 2), vector("y", 2), vector("s", dtype="bool")
    given = {"x": [[0, 0], [0, 0], [1e30, 0], [3e-30, 4e-30]], "s": [True, False, True, True],
             "y": [[0, 0], [1, 2], [1e-30, 0], [3e30, 4e30]]}  # fmt: skip
    found = run(
        target, with_slopes(losses.cosine_similarity(x, y, reduction="none"), x, y), **given
    )
    np.testing.assert_allclose(found["value"], [0, 0, -1, -1], rtol=1e-6)
    np.testing.assert_array_equal(found["dx"][:2], np.zeros((2, 2)))
    assert np.isfinite(found["dy"]).all()
    found = run(target, {"e": losses.cosine_embedding(x, y, same, reduction="none")}, **given)
    np.testing.assert_allclose(found["e"], [1, 0, 0, 0], atol=1e-12)


def test_directions_that_nearly_agree():
    x, y = vector("x", 2), vector("y", 2)
    loss = losses.cosine_embedding(x, y, vector("s", dtype="bool"))
    found = run("interp", {"e": loss}, x=[[1, 0]], y=[[1, 1e-3]], s=[True])
    assert float(found["e"]) == pytest.approx(5e-7, rel=1e-3)  # 1 - cos in float32 says 4.8e-7


@each_target
def test_one_example_and_none(target):
    x, t, y = vector("x", 3), vector("t", 3), vector("y", dtype="int32")
    plain = {
        **{n: getattr(losses, n)(x, t) for n in ELEMENTWISE},
        "triplet_margin": losses.triplet_margin(x, t, x + 1.0),
        "cosine": losses.cosine_similarity(x, t),
        "softmax": losses.softmax_cross_entropy(x, y),
        "smooth": losses.softmax_cross_entropy(x, y, label_smoothing=0.1, ignore_index=-1),
        "dense": losses.softmax_cross_entropy(x, t), "nll": losses.nll(x, y),
        "margins": losses.multiclass_hinge(x, y), "kl": losses.kl_divergence(x, t),
    }  # fmt: skip
    sums = {f"{n} sum": getattr(losses, n)(x, t, reduction="sum") for n in ELEMENTWISE}
    one = run(target, plain, x=[[0.1, 0.5, 0.4]], t=[[0.3, 0.3, 0.4]], y=[2])
    assert all(np.isfinite(v) for v in one.values())
    none = run(target, {**plain, **sums}, x=np.zeros((0, 3)), t=np.zeros((0, 3)), y=[])
    for key, value in none.items():
        assert value == 0 if key.endswith("sum") else np.isnan(value), key


@each_target
def test_ignored_examples_leave_no_trace(target):
    """Neither their labels nor their logits matter, NaN included."""
    x, y = vector("x", 3), vector("y", dtype="int32")
    rows = np.array([[1, 2, 3], [math.nan] * 3, [3, 1, 2], [math.inf, 0, 0]])
    labels, kept = [2, -100, 0, -100], [0, 2]
    for attrs in ({}, {"label_smoothing": 0.1}, {"class_weights": [1.0, 2.0, 3.0]}):
        function = losses.softmax_cross_entropy
        loss = function(x, y, ignore_index=-100, **attrs)
        found = run(target, with_slopes(loss, x), x=rows, y=labels)
        alone = run(target, with_slopes(function(x, y, **attrs), x), x=rows[kept], y=[2, 0])
        np.testing.assert_allclose(found["value"], alone["value"], rtol=1e-6)
        np.testing.assert_allclose(found["dx"][kept], alone["dx"], rtol=1e-5)
        np.testing.assert_array_equal(found["dx"][[1, 3]], np.zeros((2, 3)))
        assert np.isnan(run(target, {"l": loss}, x=rows, y=[-100] * 4)["l"])
        total = function(x, y, ignore_index=-100, reduction="sum", **attrs)
        assert run(target, {"l": total}, x=rows, y=[-100] * 4)["l"] == 0
    found = run(target, with_slopes(losses.nll(x, y, ignore_index=-100), x), x=rows, y=labels)
    assert found["value"] == -3
    np.testing.assert_array_equal(found["dx"], [[0, 0, -0.5], [0] * 3, [-0.5, 0, 0], [0] * 3])


@each_target
def test_labels_are_checked_where_the_ignored_number_is_a_class(target):
    x, y = vector("x", 3), vector("y", dtype="int32")
    loss = losses.softmax_cross_entropy(x, y, ignore_index=0)
    with pytest.raises(IndexRangeError):
        run(target, {"l": loss}, x=np.zeros((2, 3)), y=[0, 3])


@each_target
def test_masked_logits_with_targets_of_zero(target):
    x, t = vector("x", 3), vector("t", 3)
    loss = losses.softmax_cross_entropy(x, t, reduction="none")
    given = {"x": [[0, -math.inf, 0], [1e4, -1e4, 0]], "t": [[0.5, 0, 0.5], [0.5, 0.5, 0]]}
    found = run(target, with_slopes(loss, x), **given)
    np.testing.assert_allclose(found["value"], [math.log(2), 1e4], rtol=1e-6)
    np.testing.assert_allclose(found["dx"], [[0, 0, 0], [0.5, -0.5, 0]], atol=1e-7)


def test_cross_entropy_of_a_sigmoid_is_that_of_logits():
    x, t = vector("x"), vector("t")
    loss = losses.binary_cross_entropy(gd.sigmoid(x), t, reduction="sum")
    (slope,) = gd.grad(loss, x)
    found = run("interp", {"s": slope}, x=[-1e4, 1e4, 200], t=[1, 0, 1])
    np.testing.assert_array_equal(found["s"], [-1, 1, 0])
    found = run("numpy", {"l": loss}, x=[-1e4, 1e4, 200], t=[1, 0, 1])
    assert found["l"] == 2e4


def test_weights_belong_to_examples():
    p, t, w = vector("p", 3), vector("t", 3), vector("w")
    a, b, c = np.random.default_rng(3).normal(size=(3, 4, 3)).astype("float32")
    rows = (a - b) ** 2 * c[:, :1]
    for given in (w, w[:, None]):
        for reduction, final in (("none", lambda v: v), ("sum", np.sum), ("mean", np.mean)):
            loss = losses.squared_error(p, t, weights=given, reduction=reduction)
            found = run("interp", {"l": loss}, p=a, t=b, w=c[:, 0])["l"]
            np.testing.assert_allclose(found, final(rows), rtol=1e-5)
    labels = vector("y", dtype="int32")
    loss = losses.softmax_cross_entropy(p, labels, weights=w, class_weights=[1.0, 2.0, 3.0])
    found = run("interp", {"l": loss}, p=a, w=[1, 2, 0, 1], y=[0, 1, 2, 2])["l"]
    logs = a - np.log(np.exp(a).sum(1, keepdims=True))
    picked = -logs[[0, 1, 2, 3], [0, 1, 2, 2]] * [1, 2, 3, 3]
    np.testing.assert_allclose(found, (picked * [1, 2, 0, 1]).sum() / 9, rtol=1e-5)


@pytest.mark.parametrize("shape", [("M",), ("N", 2), ("N", 3, 1), (3,)])
def test_weights_that_do_not_fit(shape):
    with pytest.raises(ShapeError, match="weights"):
        losses.squared_error(vector("p", 3), vector("t", 3), weights=gd.input("w", shape))


X, Y = gd.input("x", (2, 3)), gd.input("y", (2,), "int32")
WRONG = {
    "delta": lambda: losses.huber(X, X, delta=0.0),
    "delta='1'": lambda: losses.huber(X, X, delta="1"),
    "nan": lambda: losses.huber(X, X, delta=math.nan),
    "alpha": lambda: losses.focal(X, X, alpha=1.5),
    "gamma": lambda: losses.focal(X, X, gamma=-1),
    "eps": lambda: losses.binary_cross_entropy(X, X, eps=0.5),
    "p=0.5": lambda: losses.triplet_margin(X, X, X, p=0.5),
    "margin": lambda: losses.cosine_embedding(X, X, Y, margin=2),
    "3": lambda: losses.multiclass_hinge(X, Y, power=3),
    "worst": lambda: losses.multiclass_hinge(X, Y, over="worst"),
    "label_smoothing": lambda: losses.softmax_cross_entropy(X, Y, label_smoothing=1.1),
    "ignore_index": lambda: losses.softmax_cross_entropy(X, X, ignore_index=0),
}
MISFITS = {
    "class_weights": lambda: losses.softmax_cross_entropy(X, Y, class_weights=[1.0, 2.0]),
    "labels": lambda: losses.nll(X, gd.input("y", (3,), "int32")),
    "contrastive": lambda: losses.contrastive(X, X, gd.input("y", (2, 1))),
    "triplet_margin": lambda: losses.triplet_margin(X, X, gd.input("n", (1, 3))),
    "cosine_similarity": lambda: losses.cosine_similarity(X, gd.input("n", (1, 3))),
    "variance": lambda: losses.gaussian_nll(X, X, gd.input("v", (3,))),
    "pos_weight": lambda: losses.binary_cross_entropy_with_logits(
        X, X, pos_weight=gd.input("v", (5, 1, 1))
    ),
    "kl_divergence": lambda: losses.kl_divergence(X, gd.input("v", (2, 1))),
}


@pytest.mark.parametrize("match", WRONG)
def test_wrong_arguments(match):
    with pytest.raises(ArgumentError, match=match) as caught:
        WRONG[match]()
    assert "test_edges.py" in caught.value.site
    assert caught.value.remedy


@pytest.mark.parametrize("match", MISFITS)
def test_shapes_that_do_not_fit(match):
    with pytest.raises(ShapeError, match=match) as caught:
        MISFITS[match]()
    assert "test_edges.py" in caught.value.site


def test_points_at_infinity_are_infinitely_far_apart():
    here, there = gd.input("here", (2, 2)), gd.input("there", (2, 2))
    loss = losses.contrastive(here, there, np.array([False, True]), reduction="none")
    given = {"here": [[0.0, 1.0], [0.0, 1.0]], "there": [[np.inf, 1.0], [np.inf, -np.inf]]}
    np.testing.assert_array_equal(gd.interpret(gd.Graph(loss), given)["out"], [0, np.inf])
