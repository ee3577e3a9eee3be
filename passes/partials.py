"""Partial derivatives of elementwise ops as scalar expressions: declared, or found by SymPy.

SymPy's results are kept on disk, keyed by the expression, so that a process that needs no new one
never imports SymPy.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from graphdl.disk_cache import load_json, store_json
from graphdl.ir import scalar
from graphdl.ir.dtypes import DTYPES, DType
from graphdl.ir.errors import GradientError
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Attrs
from graphdl.ir.scalar import Scalar

Partials = tuple[Scalar | None, ...]

_FOLDER = "derivatives"
_known: dict[tuple[ElementwiseOp, Attrs], Partials] = {}


def partials(op: ElementwiseOp, attrs: Attrs) -> Partials:
    """Return the derivative of a node's output by each of its inputs; None where there is none.

    Arguments of the expressions are the op's inputs, then all its outputs.

    Raises
    ------
    GradientError
        If none is declared and SymPy cannot differentiate the expression.
    """
    key = (op, attrs)
    if key not in _known:
        _known[key] = _declared(op, attrs) if op.grads else _derived(op, attrs)
    return _known[key]


def _declared(op: ElementwiseOp, attrs: Attrs) -> Partials:
    assert op.grads is not None
    count, given = len(op.input_names), {k: v for k, v in attrs if k != "output"}
    inputs = [scalar.argument(i) for i in range(count)]
    outputs = tuple(scalar.argument(count + k) for k in range(op.outputs))
    found = op.grads(*inputs, outputs if op.outputs > 1 else outputs[0], **given)
    if op.outputs > 1:
        output = dict(attrs)["output"]
        found = [None if p is None else p[output] for p in found]
    return tuple(None if p is None else scalar.lift(p) for p in found)


def _derived(op: ElementwiseOp, attrs: Attrs) -> Partials:
    body = op.body(attrs)
    key = hashlib.sha256(f"1 {scalar_key(body)}".encode()).hexdigest()
    count = len(op.input_names)
    stored = load_json(_FOLDER, key)
    if stored is None:
        stored = [_encode(p) for p in _differentiate(op, body, count)]
        store_json(_FOLDER, key, stored)
    return tuple(_decode(p) for p in stored)


def scalar_key(body: Scalar) -> str:
    """Return a text that is equal for equal expressions only."""
    return json.dumps(_encode(body))


def _differentiate(op: ElementwiseOp, body: Scalar, count: int) -> list[Scalar]:
    import sympy as sp

    from graphdl.ir.from_sympy import from_sympy

    symbols = [sp.Symbol(f"x{i}", real=True) for i in range(count)]
    try:
        expression = scalar.to_sympy(body, symbols)
        return [from_sympy(sp.diff(expression, s), symbols) for s in symbols]
    except GradientError:
        raise
    except Exception as error:
        raise GradientError(
            f"{op.name} has no derivative that SymPy can find: {error}",
            remedy="declare it: grads=lambda x, y: (...)",
        ) from error


def _encode(body: Scalar) -> list[Any]:
    """Return an expression as JSON data: a list of instructions that refer to earlier ones."""
    place: dict[int, int] = {}
    rows: list[Any] = []
    for value in scalar.walk(body):
        if value.is_argument:
            row: list[Any] = ["argument", value.payload]
        elif value.instruction is None:
            row = ["constant", value.payload]
        else:
            payload = value.payload.name if isinstance(value.payload, DType) else None
            row = [value.instruction.name, [place[id(a)] for a in value.args], payload]
        place[id(value)] = len(rows)
        rows.append(row)
    return rows


def _decode(rows: list[Any]) -> Scalar:
    values: list[Scalar] = []
    for name, *rest in rows:
        if name == "argument":
            values.append(scalar.argument(rest[0]))
        elif name == "constant":
            values.append(scalar.constant(rest[0]))
        else:
            payload = DTYPES[rest[1]] if rest[1] else None
            values.append(scalar.apply(name, *(values[i] for i in rest[0]), payload=payload))
    return values[-1]
