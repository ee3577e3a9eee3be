"""How a scalar rule behaves on ranges of its operands, found by evaluating it there.

Nothing is declared for a new elementwise op: where it and its derivatives are finite, whether it
has kinks or jumps, how large it gets, and whether its results are exact is seen at points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from graphdl.ir import scalar
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import GradientError
from graphdl.ir.instructions import Instruction
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Attrs
from graphdl.ir.scalar import Scalar
from graphdl.passes.partials import partials

_FEW_POINTS = 100
_POINTS = 400
_MANY_POINTS = 3000
_STEP = 1e-3
"""Between neighbours whose slopes are compared."""
_KINK = 0.02
"""Change of slope, relative to the value, that no smooth function makes in a step."""
_STEEP = 50.0
"""Slopes beyond this are taken for a pole."""
_SMOOTH = frozenset(("add", "sub", "mul", "neg"))
_EXACT = frozenset(
    (
        *_SMOOTH,
        *("abs", "min", "max", "sign", "select"),
        *("floor", "ceil", "trunc", "round", "floordiv", "mod", "fmod"),
    )
)
"""Instructions that make exact numbers of exact ones, all bits of them."""
_FINEST = 24


@dataclass(frozen=True)
class Span:
    """A range of an operand: all real numbers in it, or multiples of ``2**-grain``.

    ``kind`` is NumPy's: ``f``, ``i`` or ``b``.
    """

    low: float
    high: float
    grain: int | None = None
    kind: str = "f"


WIDE = Span(-1e4, 1e4)
REAL = Span(-3.0, 3.0)
POSITIVE = Span(0.5, 5.0)
UNIT = Span(-0.5, 0.5)
ABOVE_ONE = Span(1.5, 6.0)
SPANS = (WIDE, REAL, POSITIVE, UNIT, ABOVE_ONE)
"""What operands can be brought into, the widest first; each is tried."""

_INSIDE = {WIDE: SPANS, REAL: SPANS[1:], POSITIVE: (POSITIVE, ABOVE_ONE)}
"""What need not be tried where a span is fine."""
CONDITION = Span(0.0, 1.0, 0, "b")
"""Of bools."""


@dataclass(frozen=True)
class Domain:
    """Spans of all operands on which an op and its derivatives are finite.

    Attributes
    ----------
    spans : tuple of Span
        One an operand.
    smooth : bool
        Whether it has neither kinks nor jumps there.
    """

    spans: tuple[Span, ...]
    smooth: bool


@cache
def domains(op: ElementwiseOp, attrs: Attrs) -> tuple[Domain, ...]:
    """Return the widest domains of an op among products of `SPANS`."""
    count = len(op.input_names)
    if op.accepts in ("bool", "integer"):
        return (Domain((WIDE,) * count, True),)
    first = (CONDITION,) if op.accepts == "select" else ()
    choices = SPANS if is_exact(op.body(attrs)) else SPANS[1:]
    found: list[Domain] = []
    for free in product(choices, repeat=count - len(first)):
        spans = (*first, *free)
        if not any(_covers(d.spans, spans) for d in found) and _is_defined(op, attrs, spans):
            found.append(Domain(spans, _is_smooth(op, attrs, spans)))
    return tuple(found)


def _covers(wide: tuple[Span, ...], spans: tuple[Span, ...]) -> bool:
    return all(s in _INSIDE.get(w, (w,)) for w, s in zip(wide, spans, strict=True))


def image(op: ElementwiseOp, attrs: Attrs, spans: tuple[Span, ...]) -> Span:
    """Return the range of an op's results on operands of these ranges; a small margin beyond."""
    points = _points(spans, _FEW_POINTS)
    values = np.asarray(_evaluated(op.body(attrs), points), np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return Span(0.0, 0.0)
    low, high = float(values.min()), float(values.max())
    margin = 0.0 if len(spans) == 1 else 0.05 * (high - low)
    exact = all(s.grain is not None for s in spans) and is_exact(op.body(attrs))
    grain = _grain(values) if exact else None
    return Span(low - margin, high + margin, grain)


def is_exact(body: Scalar) -> bool:
    """Whether exact operands give exact results, but for their size."""
    used = (v.instruction for v in scalar.walk(body) if v.instruction is not None)
    return all(i.name in _EXACT or i.result == "bool" for i in used)


def _grain(values: np.ndarray) -> int | None:
    for grain in range(_FINEST):
        scaled = values * 2.0**grain
        if np.array_equal(scaled, np.rint(scaled)):
            return grain
    return None


def _is_defined(op: ElementwiseOp, attrs: Attrs, spans: tuple[Span, ...]) -> bool:
    """Whether value and partial derivatives are finite, and not too large."""
    return all(_are_finite(op, attrs, _points(s, _POINTS)) for s in (spans, _gridded(spans)))


def _are_finite(op: ElementwiseOp, attrs: Attrs, points: list[np.ndarray]) -> bool:
    body = op.body(attrs)
    value = _evaluated(body, points)
    if not np.isfinite(value).all():
        return False
    if value.dtype.kind != "f":
        return True
    mirrored = [p if p.dtype.kind == "b" else np.where(p == 0.0, -p, p) for p in points]
    if not np.array_equal(value, _evaluated(body, mirrored)):
        return False  # which zero it is depends on the order of evaluation
    try:
        found = partials(op, attrs)
    except GradientError:
        return True
    outputs = [_evaluated(b, points) for b in op.bodies(attrs)]
    size = sum((np.abs(p) for p in points), 1.0 + np.abs(value))
    slopes = (_evaluated(p, [*points, *outputs]) for p in found if p is not None)
    return all(bool((np.abs(s) < _STEEP * size).all()) for s in slopes)  # not so for NaN, either


def _is_smooth(op: ElementwiseOp, attrs: Attrs, spans: tuple[Span, ...]) -> bool:
    """Whether slopes agree on both sides of points: many where the rule has a choice in it."""
    body = op.body(attrs)
    if _bends(body, _points(_gridded(spans), _POINTS)):
        return False
    if not any(_is_choice(v) for v in scalar.walk(body)):
        return True
    if len(spans) == 1:
        low, high = max(spans[0].low, -8.0), min(spans[0].high, 8.0)
        return not _bends(body, [np.arange(low, high, _STEP)])
    return not _bends(body, _points(spans, _MANY_POINTS))


def _is_choice(value: Scalar) -> bool:
    """Whether an instruction may have a kink or jump."""
    i = value.instruction
    return i is not None and (i.result == "bool" or (i.name in _EXACT and i.name not in _SMOOTH))


def _bends(body: Scalar, points: list[np.ndarray]) -> bool:
    rng = np.random.default_rng(1)
    moves = [
        np.zeros(len(p)) if p.dtype.kind == "b"
        else _STEP * rng.choice((-1.0, 1.0), len(p)) * rng.uniform(0.5, 1.0, len(p))
        for p in points
    ]  # fmt: skip
    before, here, after = (
        _evaluated(body, [_moved(p, k * m) for p, m in zip(points, moves, strict=True)])
        for k in (-1.0, 0.0, 1.0)
    )
    if here.dtype.kind != "f":
        return True
    bend = np.abs(after - 2.0 * here + before) / _STEP
    return not (bend < _KINK * (1.0 + np.abs(here))).all()


def _gridded(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return spans of quarters, where kinks and ties are met exactly."""
    return tuple(s if s == CONDITION else Span(s.low, s.high, 2) for s in spans)


def _moved(points: np.ndarray, by: np.ndarray) -> np.ndarray:
    return points if points.dtype.kind == "b" else points + by


def _points(spans: tuple[Span, ...], count: int) -> list[np.ndarray]:
    """Return points of a box: its corners, ties, and a sample that is always the same."""
    rng = np.random.default_rng(0)
    found: list[np.ndarray] = []
    for place, span in enumerate(spans):
        if span.grain is not None:
            unit = 2.0**-span.grain
            values = np.rint(rng.uniform(span.low, span.high, count) / unit) * unit
        elif len(spans) == 1:
            values = np.linspace(span.low, span.high, count)
        else:
            values = rng.uniform(span.low, span.high, count)
        values = np.clip(values, span.low, span.high)
        ends = (span.low, span.high)
        values[:8] = [ends[(corner >> min(place, 2)) & 1] for corner in range(8)]
        if found and span.low <= 0.0 <= span.high:
            values[8::16] = 0.0
        if found and found[-1].dtype.kind == "f":
            values[9::16] = np.clip(found[-1][9::16], span.low, span.high)
            values[10::16] = np.clip(-found[-1][10::16], span.low, span.high)
        if not found and span.low <= 0.0 <= span.high:
            values[11::32] = 0.0
        found.append(values)
    return [_typed(v, s) for v, s in zip(found, spans, strict=True)]


def _typed(values: np.ndarray, span: Span) -> np.ndarray:
    if span.kind == "b":
        return values > 0.5
    return values.astype(np.int64) if span.kind == "i" else values


def _evaluated(body: Scalar, points: list[np.ndarray]) -> Any:
    """Evaluate a rule in double precision."""
    evaluate: Callable[..., Any] = scalar.evaluate

    def of_constant(value: Any) -> np.ndarray:
        weak = isinstance(value, (bool, int)) and all(p.dtype.kind in "bi" for p in points)
        return np.asarray(value if weak else np.float64(value))

    def of_instruction(instruction: Instruction, operands: list[Any], payload: object) -> Any:
        if isinstance(payload, DType):
            return operands[0].astype(np.float64 if payload.is_float else payload.numpy)
        return np.asarray(instruction.evaluate(*operands))

    with np.errstate(all="ignore"):
        value = evaluate(body, points, of_constant, of_instruction)
    return np.broadcast_to(value, points[0].shape if points else ())
