"""A wrong derivative of one op."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "an op's gradient"


def _op(file: str, old: str, new: str, name: str) -> Bug:
    chosen = f"test_gradient and {name} and interp"
    return Bug(f"graphdl/{file}.py", old, new, ("tests/ops/test_registry.py", "-k", chosen))


BUGS = (
    _op("ops/tanh", "grads=lambda x, y: (1.0 - y * y,)", "grads=lambda x, y: (1.0 - y,)", "tanh"),
    _op("ops/sigmoid", "(y * (1.0 - y),)", "(y * (1.0 + y),)", "sigmoid"),
    _op("ops/sqrt", "(0.5 / y,)", "(0.5 / x,)", "sqrt"),
    # 0.09 % off: what a check by coarse finite differences lets through
    _op("ops/gelu", "+ near * density", "+ 1.0009 * near * density", "gelu"),
    _op(
        "ops/softplus",
        "s.sigmoid(x if beta == 1 else beta * x)",
        "s.sigmoid(x)",
        "softplus",
    ),
    _op(
        "ops/prod",
        "cumprod(line, axis, reverse=True, exclusive=True)",
        "cumprod(line, axis, reverse=True)",
        "prod",
    ),
    _op("ops/softmax", "node * (g - inner)", "node * (g + inner)", "softmax"),
    _op("ops/logsumexp", "exp(x - expand_dims(node, axes))", "exp(x)", "logsumexp"),
    _op(
        "losses/softmax_cross_entropy",
        "where(is_label(labels, logits, axis), share - 1.0, share)",
        "share - 1.0",
        "softmax_cross_entropy",
    ),
    _op(
        "ops/scatter_set",
        "where(stays, read(node, g), 0.0)",
        "read(node, g)",
        "scatter_set",
    ),
)
