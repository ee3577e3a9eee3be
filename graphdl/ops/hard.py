"""Piecewise linear activations with bounds: relu6, hard_tanh, hard_sigmoid; hard_swish."""

from __future__ import annotations

from graphdl.ir import scalar as s


def clipped(x: s.Scalar, low: float, high: float) -> s.Scalar:
    return s.minimum(s.maximum(x, low), high)


def between(x: s.Scalar, low: float, high: float) -> s.Scalar:
    return s.logical_and(x > low, x < high)


__all__: list[str] = []
