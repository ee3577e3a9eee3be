"""Metrics on all targets; tests/metrics compares them with scikit-learn."""

import numpy as np

from graphdl import metrics
from tests.ops.rows.shared import Array, row

SCORES, LABELS = Array(("N", 4)), Array(("N",), "int32", 0, 4)
SIDES = (Array((3, 2)), Array((3, 2), "bool"))


def _hits(x, y, k):
    return np.mean(np.argsort(np.argsort(-x, 1), 1)[np.arange(len(y)), y] < k)


def _counts(said, true, axis=None):
    pairs = (said, true), (said, ~true), (~said, true), (~said, ~true)
    return [np.sum(a & b, axis) for a, b in pairs]


def _class_counts(x, y):
    classes = np.arange(4)
    return _counts(classes == x.argmax(1)[:, None], classes == y[:, None], 0)


def _ratio(top, below):
    return np.where(below > 0, top / np.maximum(below, 1), 0.0)


def rows():
    yield row("metrics.accuracy", "plain", metrics.accuracy, (SCORES, LABELS),
              lambda x, y: _hits(x, y, 1))  # fmt: skip
    for k in (1, 2, 4):
        yield row("metrics.top_k_accuracy", f"{k}",
                  lambda x, y, k=k: metrics.top_k_accuracy(x, y, k), (SCORES, LABELS),
                  lambda x, y, k=k: _hits(x, y, k))  # fmt: skip
    yield row("metrics.binary_accuracy", "plain",
              lambda x, y: metrics.binary_accuracy(x, y, threshold=0.3), SIDES,
              lambda x, y: np.mean((x > 0.3) == y))  # fmt: skip
    for place, name in enumerate(metrics.Counts._fields):
        yield row("metrics.binary_counts", name, lambda *a, k=place: metrics.binary_counts(*a)[k],
                  SIDES, lambda x, y, k=place: _counts(x > 0.5, y)[k])  # fmt: skip
        yield row("metrics.class_counts", name, lambda *a, k=place: metrics.class_counts(*a)[k],
                  (SCORES, LABELS), lambda *a, k=place: _class_counts(*a)[k])  # fmt: skip
    for name, below in (
        ("precision", lambda tp, fp, fn, _: (tp, tp + fp)),
        ("recall", lambda tp, fp, fn, _: (tp, tp + fn)),
        ("f1", lambda tp, fp, fn, _: (2 * tp, 2 * tp + fp + fn)),
    ):
        rate = getattr(metrics, name)
        for average, final in ((None, lambda r: r), ("macro", np.mean)):
            yield row(f"metrics.{name}", f"{average}",
                      lambda x, y, f=rate, a=average: f(metrics.class_counts(x, y), a),
                      (SCORES, LABELS),
                      lambda x, y, b=below, f=final: f(_ratio(*b(*_class_counts(x, y)))),
                      )  # fmt: skip
    numbers = Array((7, 3), "int32", -1, 5)
    yield row("metrics.confusion_matrix", "plain",
              lambda x, y: metrics.confusion_matrix(x, y, 4), (numbers, numbers),
              lambda x, y: np.array([[np.sum((y == i) & (x == j)) for j in range(4)]
                                     for i in range(4)]))  # fmt: skip
    yield row("metrics.r2", "plain", metrics.r2, (Array((5, 2)), Array((5, 2))),
              lambda p, t: np.mean(1 - ((t - p) ** 2).sum(0) / ((t - t.mean(0)) ** 2).sum(0)),
              )  # fmt: skip
