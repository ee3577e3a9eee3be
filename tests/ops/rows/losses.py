"""Losses, away from their kinks; extremes are in tests/losses."""

import math

import numpy as np

from graphdl import losses
from tests.ops.rows.shared import A34, Array, row

PAIR = (Array((3, 2), low=-2.1, high=2.1), Array((3, 2), low=-2.1, high=2.1))
SCORES = Array((2, 3), low=-1.9, high=2.2)
HARD, SOFT = Array((2, 3), "bool"), Array((2, 3), low=0.05, high=0.95)
CHANCE = Array((3, 4), low=0.05, high=0.95)
LABELS = Array((3,), "int32", 0, 4)
SIX = Array((6, 4))
SOME = {ignored: Array((6,), "int32", min(ignored or 0, 0), 4) for ignored in (None, -1, 1)}
VECTORS = (Array((3, 4)), Array((3, 4)))
SAME = Array((3,), "bool")
FACTORS, EVEN = np.array([0.5, 2.0, 1.5, 0.25]), np.ones(4)


def weigh(value, weights):
    return value * np.asarray(weights).reshape(np.shape(weights) + (1,) * (value.ndim - 1))


def loss(name, label, inputs, reference, reduction="none", **attrs):
    """Return a loss's row; the reference gives one value an example."""
    final = {"none": lambda v: v, "sum": np.sum, "mean": np.mean}[reduction]
    return row(
        f"losses.{name}", label,
        lambda *x: getattr(losses, name)(*x, reduction=reduction, **attrs), inputs,
        lambda *x: final(reference(*x)),
    )  # fmt: skip


def softplus(x):
    return np.logaddexp(x, 0)


def side(t):
    return np.where(t > 0, 1, -1)


def huber(p, t, delta=1.0):
    d = np.abs(p - t)
    return np.where(d <= delta, d * d / 2, delta * (d - delta / 2))


def focal(x, t, alpha=0.25, gamma=2.0):
    t = t * 1.0
    p = 1 / (1 + np.exp(-x))
    miss = t * (1 - p) + (1 - t) * p
    entropy = -t * np.log(p) - (1 - t) * np.log(1 - p)
    balance = 1.0 if alpha is None else alpha * t + (1 - alpha) * (1 - t)
    return balance * miss**gamma * entropy


def log_softmax(x, axis=-1):
    return x - np.log(np.exp(x).sum(axis, keepdims=True))


def dense(x, t, axis=-1, smoothing=0.0, weights=1.0):
    t = (1 - smoothing) * t + smoothing / x.shape[axis]
    return -np.sum(weights * t * log_softmax(x, axis), axis)


def picked(x, y):
    return x[np.arange(len(y)), y]


def by_label(x, y, smoothing=0.0, weights=EVEN, ignore=None, normalise=log_softmax):
    """Return values and what each counts; x already is what ``normalise`` makes of the input."""
    counted = np.ones(len(y)) if ignore is None else (y != ignore) * 1.0
    y = np.where(counted > 0, y, 0)
    terms = -normalise(x) * weights
    values = (1 - smoothing) * picked(terms, y) + smoothing * terms.mean(1)
    return values * counted, weights[y] * counted


def margins(x, y, margin, power, over):
    short = np.maximum(x - picked(x, y)[:, None] + margin, 0) ** power
    short[np.arange(len(y)), y] = 0
    return short.mean(1) if over == "mean" else short.max(1)


def kl(q, p, axis=-1):
    terms = p * (np.log(p) - np.log(q))
    return terms if axis is None else terms.sum(axis)


def norm(d, p=2):
    return np.abs(d).max(-1) if math.isinf(p) else np.sum(np.abs(d) ** p, -1) ** (1 / p)


def cosine(x, y):
    return np.sum(x * y, -1) / norm(x) / norm(y)


def triplet(a, p, n, margin=1.0, order=2, swap=False):
    far = norm(a - n, order)
    far = np.minimum(far, norm(p - n, order)) if swap else far
    return np.maximum(norm(a - p, order) - far + margin, 0)


def gaussian(m, t, v):
    return 0.5 * (np.log(v) + (m - t) ** 2 / v)


def stirling(t):
    return np.where(t > 1, t * np.log(t) - t + 0.5 * np.log(2 * np.pi * t), 0)


def _errors():
    for name, reference in (
        ("squared_error", lambda p, t: (p - t) ** 2), ("absolute_error", lambda p, t: abs(p - t)),
        ("log_cosh", lambda p, t: np.log(np.cosh(p - t))), ("huber", huber),
    ):  # fmt: skip
        for reduction in ("none", "sum", "mean"):
            yield loss(name, reduction, PAIR, reference, reduction)
        symbolic = (Array(("N", 2)), Array(("N", 2)))
        yield loss(name, "symbolic", symbolic, reference, "mean")
        yield loss(name, "empty", (Array((0, 2)), Array((0, 2))), reference)
    yield loss("huber", "delta", PAIR, lambda p, t: huber(p, t, 0.55), delta=0.55)
    for label, w, shape in (("rows", (3,), (3, 1)), ("elements", (3, 2), (3, 2)), ("one", (), ())):
        yield row("losses.squared_error", f"weights of {label}",
                  lambda p, t, w: losses.squared_error(p, t, weights=w), (*PAIR, Array(w)),
                  lambda p, t, w, s=shape: np.mean((p - t) ** 2 * w.reshape(s)))  # fmt: skip


def _yes_or_no():
    for label, target in (("hard", HARD), ("soft", SOFT)):
        name = "binary_cross_entropy_with_logits"
        yield loss(name, label, (SCORES, target), lambda x, t: softplus(x) - x * t)
        yield loss("binary_cross_entropy", label, (SOFT, target),
                   lambda p, t: -1.0 * t * np.log(p) - (1.0 - t) * np.log(1 - p))  # fmt: skip
        yield loss("binary_cross_entropy", f"{label} clipped", (SOFT, target),
                   lambda p, t: -1.0 * t * np.log(np.clip(p, 0.2, 0.8))
                   - (1.0 - t) * np.log(1 - np.clip(p, 0.2, 0.8)), eps=0.2)  # fmt: skip
        yield row(f"losses.{name}", f"{label} weighted",
                  lambda x, t, w: losses.binary_cross_entropy_with_logits(x, t, pos_weight=w),
                  (SCORES, target, Array((3,), low=0.5, high=3.0)),
                  lambda x, t, w: np.mean(w * t * softplus(-x) + (1.0 - t) * softplus(x)),
                  )  # fmt: skip
        for gamma in (0, 1, 2, 0.5, 2.5):
            for alpha in (None, 0.3):
                attrs = {"alpha": alpha, "gamma": gamma}
                yield loss("focal", f"{label} {gamma} {alpha}", (SCORES, target),
                           lambda x, t, a=attrs: focal(x, t, **a), **attrs)  # fmt: skip
    for label, signs in (("bool", HARD), ("int32", Array((2, 3), "int32", -1, 2))):
        yield loss("hinge", label, (SCORES, signs), lambda x, t: np.maximum(1 - side(t) * x, 0))
        yield loss("squared_hinge", label, (SCORES, signs),
                   lambda x, t: np.maximum(1 - side(t) * x, 0) ** 2)  # fmt: skip


def _classes():
    given = (A34, LABELS)
    yield loss("softmax_cross_entropy", "labels", given, lambda x, y: by_label(x, y)[0])
    yield loss("softmax_cross_entropy", "mean", given, lambda x, y: by_label(x, y)[0], "mean")
    yield loss("softmax_cross_entropy", "columns", (Array((4, 3)), LABELS),
               lambda x, y: by_label(x.T, y)[0], axis=0)  # fmt: skip
    yield loss("softmax_cross_entropy", "probabilities", (A34, CHANCE), dense)
    yield loss("softmax_cross_entropy", "probabilities of columns", (A34, CHANCE),
               lambda x, t: dense(x, t, 0), axis=0)  # fmt: skip
    yield loss("softmax_cross_entropy", "smoothed probabilities", (A34, CHANCE),
               lambda x, t: dense(x, t, smoothing=0.2, weights=FACTORS), "mean",
               label_smoothing=0.2, class_weights=FACTORS)  # fmt: skip
    for reduction in ("none", "mean"):
        for smoothing in (0.0, 0.1):
            for weights in (None, FACTORS):
                for ignore in (None, -1, 1):
                    yield _by_label(reduction, smoothing, weights, ignore)
    for ignore in (None, -1):
        attrs = {"class_weights": FACTORS, "ignore_index": ignore}
        yield row("losses.nll", f"weighted {ignore}",
                  lambda x, y, a=attrs: losses.nll(x, y, **a),
                  (SIX, SOME[ignore]),
                  lambda x, y, i=ignore: _mean(by_label(x, y, 0, FACTORS, i, lambda v: v)),
                  )  # fmt: skip
    yield loss("nll", "plain", given, lambda x, y: -picked(x, y))
    for power in (1, 2):
        for over in ("mean", "max"):
            attrs = {"margin": 0.85, "power": power, "over": over}
            yield loss("multiclass_hinge", f"{power} {over}", given,
                       lambda x, y, a=attrs: margins(x, y, **a), **attrs)  # fmt: skip


def _mean(pair):
    return pair[0].sum() / pair[1].sum()


def _by_label(reduction, smoothing, weights, ignore):
    attrs = {"label_smoothing": smoothing, "class_weights": weights, "ignore_index": ignore}

    def reference(x, y):
        factors = EVEN if weights is None else weights
        values, counts = by_label(x, y, smoothing, factors, ignore)
        return values if reduction == "none" else values.sum() / counts.sum()

    label = f"{reduction} {smoothing} {'even' if weights is None else 'weighted'} {ignore}"
    return row("losses.softmax_cross_entropy", label,
               lambda x, y: losses.softmax_cross_entropy(x, y, reduction=reduction, **attrs),
               (SIX, SOME[ignore]), reference)  # fmt: skip


def _distributions():
    chance = Array((3, 4), low=0.2, high=0.95)
    pair = (chance, chance)
    for axis in (-1, 0, None):
        yield loss("kl_divergence", f"{axis}", pair, lambda q, p, a=axis: kl(q, p, a), axis=axis)
    logs = Array((3, 4), low=-3.0, high=-0.1)
    yield loss("kl_divergence", "of log", (logs, chance), lambda q, p: kl(np.exp(q), p), "mean",
               log_prediction=True)  # fmt: skip
    yield loss("kl_divergence", "to log", (chance, logs), lambda q, p: kl(q, np.exp(p)),
               log_target=True)  # fmt: skip
    yield loss("kl_divergence", "both log", (logs, logs), lambda q, p: kl(np.exp(q), np.exp(p)),
               log_prediction=True, log_target=True)  # fmt: skip
    for label, shape in (("full", (3, 2)), ("column", (3, 1)), ("scalar", ())):
        given = (*PAIR, Array(shape, low=0.4, high=2.0))
        yield loss("gaussian_nll", label, given, gaussian)
        yield loss("gaussian_nll", f"{label} constant", given,
                   lambda m, t, v: gaussian(m, t, v) + 0.5 * np.log(2 * np.pi), "mean",
                   full=True)  # fmt: skip
    rates, counts = Array((3, 2), low=0.3, high=2.0), Array((3, 2), low=0.1, high=3.9)
    for full in (False, True):
        extra = (lambda t: stirling(t)) if full else (lambda t: 0)
        yield loss("poisson_nll", f"log {full}", (PAIR[0], counts),
                   lambda x, t, e=extra: np.exp(x) - t * x + e(t), full=full)  # fmt: skip
        yield loss("poisson_nll", f"rate {full}", (rates, counts),
                   lambda x, t, e=extra: x - t * np.log(x + 1e-8) + e(t), "mean", full=full,
                   log_input=False)  # fmt: skip
    yield loss("poisson_nll", "exact", (rates, counts), lambda x, t: x - t * np.log(x),
               log_input=False, eps=0)  # fmt: skip


def _points():
    yield loss("cosine_similarity", "plain", VECTORS, lambda x, y: -cosine(x, y))
    yield loss("cosine_similarity", "first axis", VECTORS, lambda x, y: -cosine(x.T, y.T), "mean",
               axis=0)  # fmt: skip
    yield loss("cosine_embedding", "plain", (*VECTORS, SAME),
               lambda x, y, s: np.where(s, 1 - cosine(x, y), np.maximum(cosine(x, y), 0)),
               )  # fmt: skip
    yield loss("cosine_embedding", "margin", (*VECTORS, Array((3,), "int32", -1, 2)),
               lambda x, y, s: np.where(s > 0, 1 - cosine(x, y), np.maximum(cosine(x, y) + 0.7, 0)),
               margin=-0.7)  # fmt: skip
    yield loss("contrastive", "plain", (*VECTORS, SAME),
               lambda x, y, s: np.where(s, norm(x - y), np.maximum(2.9 - norm(x - y), 0)) ** 2 / 2,
               margin=2.9)  # fmt: skip
    for order in (1, 2, 2.5, 3, math.inf):
        for swap in (False, True):
            attrs = {"margin": 0.7, "swap": swap}
            yield loss("triplet_margin", f"{order} {swap}", (*VECTORS, A34),
                       lambda a, p, n, k=attrs, o=order: triplet(a, p, n, order=o, **k), p=order,
                       **attrs)  # fmt: skip


def rows():
    yield from _errors()
    yield from _yes_or_no()
    yield from _classes()
    yield from _distributions()
    yield from _points()
