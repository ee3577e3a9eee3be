"""Metrics against scikit-learn on random data, with ties, NaN and nothing."""

import numpy as np
import pytest
from sklearn import metrics as sk

import graphdl as gd
from graphdl import metrics
from graphdl.ir.errors import ArgumentError, DTypeError, IndexRangeError, ShapeError

RNG = np.random.default_rng(11)
X, Y = gd.input("x", ("N", 5)), gd.input("y", ("N",), "int32")
P, T = gd.input("p", ("N",)), gd.input("t", ("N",), "bool")
CLASSES = np.arange(5)
TARGETS = ["interp", "numpy", "c"]


def run(outputs, target="interp", **given):
    graph = gd.Graph(outputs, name="metric")
    data = {i.name: np.asarray(given[i.name], i.dtype.numpy) for i in graph.inputs}
    if target == "interp":
        return gd.interpret(graph, data)
    module = gd.compile(graph, target=target, name="metrics", dims={"N": 300})
    return module.metric(**data)


@pytest.mark.parametrize("target", TARGETS)
def test_classes_as_in_sklearn(target):
    scores, labels = RNG.normal(size=(300, 5)), RNG.integers(0, 4, 300)  # the last never occurs
    scores[:, 3] = -9  # this one is never said
    scores[::3] = np.round(scores[::3])  # ties
    counts = metrics.class_counts(X, Y)
    outputs = {
        "accuracy": metrics.accuracy(X, Y),
        "matrix": metrics.confusion_matrix(gd.argmax(X, axis=1), Y, 5),
        **{f"top{k}": metrics.top_k_accuracy(X, Y, k) for k in (1, 2, 5, 9)},
        **counts._asdict(),
    }
    names = ("precision", "recall", "f1")
    for name in names:
        for average in (None, "macro", "micro"):
            outputs[f"{name} {average}"] = getattr(metrics, name)(counts, average)
    found = run(outputs, target, x=scores, y=labels)
    said = scores.argmax(1)
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(labels, said))
    assert found["top1"] == found["accuracy"]
    assert found["top5"] == found["top9"] == 1
    np.testing.assert_array_equal(
        found["matrix"], sk.confusion_matrix(labels, said, labels=CLASSES)
    )
    each = sk.multilabel_confusion_matrix(labels, said, labels=CLASSES)
    for k, (i, j) in enumerate(((1, 1), (0, 1), (1, 0), (0, 0))):
        np.testing.assert_array_equal(found[counts._fields[k]], each[:, i, j])
        assert found[counts._fields[k]].dtype == np.int64
    for name, function in zip(
        names, (sk.precision_score, sk.recall_score, sk.f1_score), strict=True
    ):
        for average in (None, "macro", "micro"):
            expected = function(labels, said, average=average, labels=CLASSES, zero_division=0)
            np.testing.assert_allclose(found[f"{name} {average}"], expected, rtol=1e-6)


def test_top_k_as_in_sklearn():
    scores, labels = RNG.normal(size=(200, 5)).astype("float32"), RNG.integers(0, 5, 200)
    for k in (1, 2, 3, 4):
        expected = sk.top_k_accuracy_score(labels, scores, k=k, labels=CLASSES)
        assert run(metrics.top_k_accuracy(X, Y, k), x=scores, y=labels)["out"] == pytest.approx(
            expected
        )


@pytest.mark.parametrize("target", TARGETS)
def test_the_best_one_is_argmax_with_ties_and_nan(target):
    values = np.array([0.0, 1.0, -np.inf, np.inf, np.nan])
    scores, labels = RNG.choice(values, (300, 5)), RNG.integers(0, 5, 300)
    outputs = {"top": metrics.top_k_accuracy(X, Y, 1), "best": metrics.accuracy(X, Y)}
    found = run(outputs, target, x=scores, y=labels)
    assert found["top"] == found["best"] == np.float32((scores.argmax(1) == labels).mean())


@pytest.mark.parametrize("target", TARGETS)
def test_yes_or_no_as_in_sklearn(target):
    scores, labels = RNG.random(300).astype("float32"), RNG.random(300) < 0.4
    counts = metrics.binary_counts(P, T, threshold=0.6)
    outputs = {
        **counts._asdict(), "accuracy": metrics.binary_accuracy(P, T, threshold=0.6),
        **{n: getattr(metrics, n)(counts) for n in ("precision", "recall", "f1")},
    }  # fmt: skip
    found = run(outputs, target, p=scores, t=labels)
    said = scores > np.float32(0.6)
    matrix = sk.confusion_matrix(labels, said)
    assert [found[k] for k in counts._fields] == [
        matrix[1, 1], matrix[0, 1], matrix[1, 0], matrix[0, 0]
    ]  # fmt: skip
    for name in ("accuracy", "precision", "recall", "f1"):
        expected = getattr(sk, f"{name}_score")(labels, said)
        assert found[name] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("sort", ["float32", "int32", "bool"])
def test_labels_of_yes_or_no_in_any_dtype(sort):
    t = gd.input("t", (4,), sort)
    made = metrics.binary_accuracy(gd.input("p", (4,)), t)
    given = [1, 0, 0, 1] if sort == "bool" else [1, -1, 0, 1]
    assert run(made, p=[0.9, 0.1, 0.7, 0.3], t=given)["out"] == 0.5


def test_any_axis_of_classes():
    scores, labels = RNG.normal(size=(3, 5, 4)), RNG.integers(0, 5, (3, 4))
    x, y = gd.input("x", (3, 5, 4)), gd.input("y", (3, 4), "int32")
    said = scores.argmax(1)
    assert run(metrics.accuracy(x, y, axis=1), x=scores, y=labels)["out"] == pytest.approx(
        (said == labels).mean()
    )
    counts = run(metrics.class_counts(x, y, axis=1).true_positives, x=scores, y=labels)["out"]
    each = sk.multilabel_confusion_matrix(labels.ravel(), said.ravel(), labels=CLASSES)
    np.testing.assert_array_equal(counts, each[:, 1, 1])
    top = run(metrics.top_k_accuracy(x, y, 2, axis=-2), x=scores, y=labels)["out"]
    rows = np.moveaxis(scores, 1, 2).reshape(-1, 5)
    expected = sk.top_k_accuracy_score(labels.ravel(), rows, k=2, labels=CLASSES)
    assert top == pytest.approx(expected)


@pytest.mark.parametrize("target", TARGETS)
def test_r2_as_in_sklearn(target):
    p, t = gd.input("p", ("N", 4)), gd.input("t", ("N", 4))
    given, wanted = RNG.normal(size=(2, 30, 4)).astype("float32")
    given[:, 1] = wanted[:, 1]
    wanted[:, 2] = given[:, 2] = 0.25  # constant and right
    wanted[:, 3] = 0.5  # constant and wrong
    for columns in ([0], [1], [2], [3], [0, 1, 2, 3]):
        q, u = (gd.input(n, ("N", len(columns))) for n in "pt")
        found = run(metrics.r2(q, u), target, p=given[:, columns], t=wanted[:, columns])["out"]
        assert found == pytest.approx(sk.r2_score(wanted[:, columns], given[:, columns]), abs=1e-5)
    assert metrics.r2(p, t).shape == ()


def test_nothing_and_numbers_out_of_range():
    empty = {"x": np.zeros((0, 5)), "y": []}
    assert np.isnan(run(metrics.accuracy(X, Y), **empty)["out"])
    counts = metrics.class_counts(X, Y)
    assert run(metrics.f1(counts, "macro"), **empty)["out"] == 0
    matrix = metrics.confusion_matrix(Y, Y + 0, 3)
    np.testing.assert_array_equal(run(matrix, y=[-1, 0, 3, 99])["out"], np.diag([1, 0, 0]))
    assert run(metrics.accuracy(X, Y), x=np.zeros((2, 5)), y=[0, 7])["out"] == 0.5
    with pytest.raises(IndexRangeError):
        run(metrics.top_k_accuracy(X, Y), x=np.zeros((2, 5)), y=[0, -1])


def test_errors():
    with pytest.raises(ArgumentError, match="k=0"):
        metrics.top_k_accuracy(X, Y, 0)
    with pytest.raises(ArgumentError, match="average"):
        metrics.f1(metrics.class_counts(X, Y), "weighted")
    with pytest.raises(ArgumentError, match="classes=0"):
        metrics.confusion_matrix(Y, Y, 0)
    with pytest.raises(DTypeError, match="class numbers"):
        metrics.confusion_matrix(P, Y, 2)
    with pytest.raises(ShapeError, match="binary_counts"):
        metrics.binary_counts(P, gd.input("t", ("N", 1), "bool"))
    with pytest.raises(DTypeError, match="accuracy"):
        metrics.accuracy(X, P)
    with pytest.raises(ShapeError, match="r2"):
        metrics.r2(P, X)
