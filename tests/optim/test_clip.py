"""Clipping: by value, by norm, by global norm; recorded trajectories are in test_recorded.py."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import optim
from graphdl.ir.errors import ArgumentError

CLIPS = {
    "value": optim.clip_by_value,
    "norm": optim.clip_by_norm,
    "global norm": optim.clip_by_global_norm,
}


def clipped(clip, a, b, dtypes=("float32", "float32"), target="interp", **inputs):
    """Return what a step of length 1 subtracts of two parameters."""
    params = [gd.param("p", a.shape, dtypes[0]), gd.param("q", b.shape, dtypes[1])]
    grads = [gd.input(f"gradient_of_{p.name}", p.shape, p.dtype) for p in params]
    updates = optim.SGD(1.0, clip=clip).updates(params, grads)
    step = gd.Graph([-updates[p] for p in params], inputs=grads, name="step")
    given = [v.astype(g.dtype.numpy) for g, v in zip(grads, (a, b), strict=True)]
    return list(gd.compile(step, target).step(*given, **inputs).values())


def shortened(limit, *gradients):
    norm = np.sqrt(sum(np.sum(np.square(g)) for g in gradients))
    return [np.multiply(g, min(1.0, limit / (norm + 1e-6))) for g in gradients]


A, B = np.array([[3.0, -4.0], [0.0, 12.0]]), np.array([0.1, -0.2, 0.3])


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_values(target, needs_cc):
    by_value = clipped(optim.clip_by_value(0.2), A, B, target=target)
    np.testing.assert_allclose(by_value[0], np.clip(A, -0.2, 0.2), rtol=1e-6)
    np.testing.assert_allclose(by_value[1], np.clip(B, -0.2, 0.2), rtol=1e-6)
    by_norm = clipped(optim.clip_by_norm(0.5), A, B, target=target)
    np.testing.assert_allclose(by_norm[0], shortened(0.5, A)[0], rtol=1e-6)
    np.testing.assert_allclose(by_norm[1], B, rtol=1e-6)
    together = clipped(optim.clip_by_global_norm(0.5), A, B, target=target)
    for got, expected in zip(together, shortened(0.5, A, B), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_zeros_stay_zeros_and_short_gradients_as_they_are(clip, target, needs_cc):
    a, b = clipped(CLIPS[clip](1.0), np.zeros((2, 2)), B, target=target)
    assert not a.any()
    assert b.tobytes() == B.astype("f4").tobytes()
    for got in clipped(CLIPS[clip](1.0), np.zeros((2, 2)), np.zeros(3), target=target):
        assert not got.any()


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_what_is_not_finite_is_not_hidden(target, needs_cc):
    nan, inf = np.array([1.0, np.nan, 9.0]), np.array([1.0, -np.inf, 9.0])
    np.testing.assert_array_equal(
        clipped(optim.clip_by_value(2.0), nan, inf, target=target),
        [[1.0, np.nan, 2.0], [1.0, -2.0, 2.0]],
    )
    a, b = clipped(optim.clip_by_norm(1.0), nan, B, target=target)
    assert np.isnan(a).all()
    np.testing.assert_allclose(b, B, rtol=1e-6)
    for got in clipped(optim.clip_by_global_norm(1.0), nan, B, target=target):
        assert np.isnan(got).all()
    a, b = clipped(optim.clip_by_global_norm(1.0), inf, B, target=target)
    np.testing.assert_array_equal(a, [0.0, np.nan, 0.0])
    assert not b.any()


def test_a_global_norm_of_mixed_dtypes_is_of_the_widest():
    a, b = clipped(optim.clip_by_global_norm(0.5), A, B, dtypes=("float32", "float64"))
    assert (a.dtype, b.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(b, shortened(0.5, A, B)[1], rtol=1e-12)


@pytest.mark.parametrize("clip", CLIPS)
def test_limits_by_input_and_schedule(clip):
    expected = clipped(CLIPS[clip](0.25), A, B)
    given = clipped(CLIPS[clip](gd.input("limit", ())), A, B, limit=np.float32(0.25))
    scheduled = clipped(CLIPS[clip](lambda step: 0.25 + step), A, B)
    for way in (given, scheduled):
        for got, value in zip(way, expected, strict=True):
            np.testing.assert_allclose(got, value, rtol=1e-6)


def test_a_clip_of_ones_own():
    a, b = clipped(lambda grads, value: [g - gd.mean(g) for g in grads], A, B)
    np.testing.assert_allclose(a, A - A.mean(), rtol=1e-6)
    np.testing.assert_allclose(b, B - B.mean(), atol=1e-7)
    with pytest.raises(ArgumentError, match="2 parameters but 1 gradients"):
        clipped(lambda grads, value: grads[:1], A, B)


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("limit", [-1.0, np.nan, np.inf, "one", None])
def test_errors(clip, limit):
    with pytest.raises(ArgumentError, match="limit"):
        CLIPS[clip](limit)


def test_clipping_comes_before_decay():
    w, g = gd.param("w", (), init=10.0), gd.input("g", ())
    optimizer = optim.SGD(1.0, weight_decay=0.5, clip=optim.clip_by_value(1.0))
    new = gd.interpret(gd.Graph(optimizer.updates([w], [g])[w]), {"g": 100.0})["out"]
    assert float(new) == 10.0 - (1.0 + 0.5 * 10.0)
