"""Gradients of NumPy, PyTorch and JAX functions beside the graph's; small stand-ins for the two."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import graphdl as gd
from graphdl import testing

X, W = gd.input("x", ("N", 3)), gd.input("w", (3, 2))
NODE = gd.tanh(X @ W)
LOSS = gd.mean(NODE**2)


def function(x, w):
    return np.tanh(x @ w)


def pullback(x, w, c, factor=1.0):
    d = c * (1 - np.tanh(x @ w) ** 2)
    return d @ w.T, factor * x.T @ d


def loss(x, w):
    return np.mean(function(x, w) ** 2)


def gradient(x, w):
    h = function(x, w)
    return pullback(x, w, 2 * h / h.size)


def test_right_numpy_gradients_in_every_form():
    result = testing.check_numpy_gradient(loss, gradient, LOSS)
    assert result.verdict == "agrees with the proved gradient"
    assert (result.values, result.digits > 10) == (3, True)
    testing.check_numpy_gradient(function, pullback, NODE)
    testing.check_numpy_gradient(None, lambda w, x: gradient(x, w)[1], LOSS, W)
    testing.check_numpy_gradient(loss, lambda x, w: dict(zip("xw", gradient(x, w))), LOSS)  # noqa: B905
    testing.check_numpy_gradient(
        lambda *a: loss(*a), lambda *a: gradient(*a)[::-1], LOSS, [W, X], arguments=[X, W]
    )
    testing.check_numpy_gradient(loss, gradient, LOSS, dtype="float32", dims={"N": [4, 1]})


def test_parameters_are_the_variables_where_there_are_any():
    x, p = gd.input("x", ("N", 3)), gd.param("p", (3,), init=[1.0, 2.0, 3.0])
    node = gd.sum(gd.exp(x @ p))
    testing.check_numpy_gradient(
        lambda x, p: np.exp(x @ p).sum(), lambda x, p: x.T @ np.exp(x @ p), node
    )


@pytest.mark.parametrize("factor", [-1.0, 1.00001, 0.5])
def test_wrong_numpy_gradients(factor, tmp_path):
    def wrong(x, w):
        h = function(x, w)
        return pullback(x, w, 2 * h / h.size, factor)

    with pytest.raises(testing.Disagreement) as caught:
        testing.check_numpy_gradient(loss, wrong, LOSS, report=tmp_path)
    (finding,) = caught.value.findings
    assert finding.name.startswith("gradient by w")
    assert finding.got == pytest.approx(factor * finding.expected)
    text = str(caught.value)
    assert "wrong differs from the proved gradient in 1 of 3 values" in text
    assert "test_peers.py:" in text
    assert "gradient by w" in caught.value.page.read_text("utf-8")


def test_a_wrong_value_and_a_wrong_shape():
    with pytest.raises(testing.Disagreement, match="value"):
        testing.check_numpy_gradient(lambda x, w: loss(x, w) + 1, gradient, LOSS)
    with pytest.raises(testing.Disagreement, match="shape"):
        testing.check_numpy_gradient(loss, lambda x, w: (x, w.T), LOSS)


def test_our_own_gradient_is_verified_first():
    op = gd.define_op("peers_wrong", lambda x: x * x, grads=lambda x, y: (x,), replace=True)
    x = gd.input("x", (3,))
    with pytest.raises(testing.Disagreement, match="the gradient of the loss is wrong"):
        testing.check_numpy_gradient(
            lambda x: np.sum(x * x), lambda x: 2 * x, gd.sum(op(x)), seed=1
        )


def test_unclear_arguments_are_refused():
    for call, text in (
        (lambda: testing.check_numpy_gradient(None, lambda a, b: 0, LOSS), "are not named after"),
        (lambda: testing.check_numpy_gradient(None, gradient, LOSS, NODE), "are no arguments"),
        (lambda: testing.check_numpy_gradient(None, lambda x, w: (x,), LOSS), "2 variables"),
    ):
        with pytest.raises(gd.GraphdlError, match=text):
            call()


class Tensor:
    """What a check asks of a tensor; it knows how it was made."""

    def __init__(self, value, made=None):
        self.value, self.made = np.asarray(value), made

    def requires_grad_(self):
        return self

    def detach(self):
        return self

    def numpy(self):
        return self.value


def stand_in_torch():
    """Return modules that call an autograd function's two methods, as PyTorch does."""
    torch = ModuleType("torch")
    torch.as_tensor = Tensor

    class Function:
        @classmethod
        def apply(cls, *tensors):
            context = SimpleNamespace()
            value = cls.forward(context, *(t.value for t in tensors))
            return Tensor(value, (cls, context, tensors))

    def grad(value, variables, along, allow_unused):
        cls, context, tensors = value.made
        found = cls.backward(context, np.ones(()) if along is None else along.value)
        found = [found] if isinstance(found, np.ndarray) else list(found)
        by_tensor = {id(t): g for t, g in zip(tensors, found, strict=True)}
        pairs = [by_tensor.get(id(v)) for v in variables]
        return [None if g is None else Tensor(g) for g in pairs]

    torch.autograd = SimpleNamespace(grad=grad, Function=Function)
    return torch


@pytest.mark.parametrize("factor", [1.0, 1.001, None])
def test_an_autograd_function(factor, monkeypatch):
    torch = stand_in_torch()
    monkeypatch.setitem(sys.modules, "torch", torch)

    class Layer(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, w):
            ctx.saved = x, w
            return function(x, w)

        @staticmethod
        def backward(ctx, c):
            by_x, by_w = pullback(*ctx.saved, c, factor or 0.0)
            return by_x, None if factor is None else by_w

    if factor == 1.0:
        assert testing.check_torch_gradient(Layer, NODE).digits > 10
        testing.check_torch_gradient(Layer, NODE, W, arguments=[X, W])
        testing.check_torch_gradient(lambda x, w: Layer.apply(x, w), NODE)
    else:
        with pytest.raises(testing.Disagreement, match="gradient by w"):
            testing.check_torch_gradient(Layer, NODE)


def stand_in_jax():
    """Return a module whose functions bring their own vjp, and which counts switches to float64."""
    jax = ModuleType("jax")
    jax.switched = []

    def update(name, value):
        setattr(jax.config, name, value)
        jax.switched.append((name, value))

    def vjp(of, *variables):
        assert jax.config.jax_enable_x64
        pulled = of(*variables)
        return pulled.value, lambda c: pulled.pull(c)[: len(variables)]

    jax.config = SimpleNamespace(jax_enable_x64=False, update=update)
    jax.vjp = vjp
    return jax


@pytest.mark.parametrize("factor", [1.0, 0.999])
def test_a_custom_vjp(factor, monkeypatch):
    jax = stand_in_jax()
    monkeypatch.setitem(sys.modules, "jax", jax)

    def layer(x, w):
        return SimpleNamespace(value=function(x, w), pull=lambda c: pullback(x, w, c, factor))

    if factor == 1.0:
        assert testing.check_jax_gradient(layer, NODE).digits > 10
    else:
        with pytest.raises(testing.Disagreement, match="gradient by w"):
            testing.check_jax_gradient(layer, NODE)
    assert jax.switched[:2] == [("jax_enable_x64", True), ("jax_enable_x64", False)]


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_they_are_needed_only_when_used(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    check = getattr(testing, f"check_{name}_gradient")
    with pytest.raises(ImportError):
        check(function, NODE)
