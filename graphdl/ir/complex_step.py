"""Derivatives without subtraction: the imaginary part of a graph evaluated beside the real axis.

For an analytic f and a tiny h, ``Im f(x + i·h·v) / h`` is the derivative along v, exact to the last
digits: nothing is subtracted, so h may be 1e-30 (Squire and Trapp, SIAM Review 40, 1998). Branches
(max, select, comparisons) are decided by the real part. The evaluator knows no derivative rule,
which makes it an independent witness of those that do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from graphdl.ir import interpreter, scalar
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import GradientError
from graphdl.ir.instructions import Instruction
from graphdl.ir.kinds import ElementwiseOp, PrefixOp, ReduceOp, ScatterOp
from graphdl.ir.leaves import argument
from graphdl.ir.node import Node, topological

STEP = 1e-30


class NotAnalyticError(GradientError):
    """A node has no continuation into the complex plane here."""


def directional(
    root: Node,
    values: Mapping[Node, np.ndarray],
    directions: Mapping[Node, np.ndarray],
    env: Mapping[str, int],
) -> float:
    """Return the derivative of a scalar along a direction.

    Parameters
    ----------
    root : Node
        A floating scalar, without composites below it.
    values : mapping of Node to ndarray
        A value for every input and state, in float64 where floating.
    directions : mapping of Node to ndarray
        Where each variable moves.
    env : mapping of str to int
        Values of symbolic dims.

    Raises
    ------
    NotAnalyticError
        If something below the root cannot be evaluated at complex points.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> at, along = np.array([3.0, 4.0]), np.array([1.0, 0.5])
    >>> directional(gd.sum(x * x), {x: at}, {x: along}, {})
    10.0
    """
    found: dict[Node, np.ndarray] = dict(values)
    with np.errstate(all="ignore"):
        for node in topological([root]):
            if node not in found:
                found[node] = _value(node, [found[i] for i in node.inputs], env)
            if node in directions:
                found[node] = found[node].real + 1j * STEP * directions[node]
    return float(np.imag(found[root]) / STEP)


def _value(node: Node, inputs: list[np.ndarray], env: Mapping[str, int]) -> np.ndarray:
    moved = [np.iscomplexobj(i) for i in inputs]
    if not any(moved) or not node.dtype.is_float:
        return _plain(node, [i.real for i in inputs], env)
    kind = node.op.kind
    if kind == "elementwise":
        return _elementwise(node, inputs)
    if kind == "reduce":
        return _reduce(node, inputs[0])
    if kind == "prefix":
        return _prefix(node, inputs)
    if kind == "contract":
        return np.asarray(np.einsum(node.attr("spec"), *inputs))
    if isinstance(node.op, ScatterOp) and node.op.combine in ("min", "max"):
        return _winning(node, inputs, env)
    if kind in ("view", "assembly", "gather", "scatter"):
        return _linear(node, inputs, env)
    raise NotAnalyticError(f"no complex value of {node!r}", site=node.site)


def _plain(node: Node, inputs: list[np.ndarray], env: Mapping[str, int]) -> np.ndarray:
    """Let the interpreter evaluate one node at real inputs."""
    arguments = [argument(k, i.shape, i.dtype) for k, i in enumerate(node.inputs)]
    alone = Node(node.op, tuple(arguments), node.attrs, node.shape, node.dtype, node.origins)
    found: dict[Node, np.ndarray] = dict(zip(arguments, inputs, strict=True))
    interpreter.run([alone], found, env, double=True)
    return found[alone]


def _linear(node: Node, inputs: list[np.ndarray], env: Mapping[str, int]) -> np.ndarray:
    """Move real and imaginary parts alike; what an assembly fills in does not move."""
    real = _plain(node, [i.real for i in inputs], env)

    def image(part: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        moving = zip(node.inputs, inputs, strict=True)
        return _plain(node, [part(i) if n.dtype.is_float else i for n, i in moving], env)

    imaginary = image(lambda i: np.asarray(np.imag(i), dtype=np.float64))
    if node.op.kind == "assembly":
        pieces = (image(_zeros) == 0) & (image(_ones) == 1)
        imaginary = np.where(pieces, imaginary, 0.0)
    return real + 1j * imaginary


def _winning(node: Node, inputs: list[np.ndarray], env: Mapping[str, int]) -> np.ndarray:
    """Move with what won: the base, else the first of the updates."""
    base, updates, *indices = inputs
    real = _plain(node, [i.real for i in inputs], env).ravel()
    places = np.arange(real.size).reshape(base.shape)
    at = interpreter.at_places(node, places, indices, env).ravel()
    stays = base.real.ravel() == real
    moved = np.where(stays, np.imag(base).ravel(), 0.0)
    won = (updates.real.ravel() == real[at]) & ~stays[at]
    moved[at[won][::-1]] = np.imag(updates).ravel()[won][::-1]
    return np.asarray((real + 1j * moved).reshape(base.shape))


def _zeros(x: np.ndarray) -> np.ndarray:
    return np.zeros(x.shape)


def _ones(x: np.ndarray) -> np.ndarray:
    return np.ones(x.shape)


def _reduce(node: Node, x: np.ndarray) -> np.ndarray:
    assert isinstance(node.op, ReduceOp)
    axes: tuple[int, ...] = node.attr("axes")
    if node.op.combine in ("add", "mul"):
        return np.asarray((np.sum if node.op.combine == "add" else np.prod)(x, axis=axes))
    kept = [a for a in range(x.ndim) if a not in axes]
    count = math.prod(x.shape[a] for a in axes)  # not -1: NumPy can't tell it of empty arrays
    lines = np.transpose(x, kept + list(axes)).reshape(*[x.shape[a] for a in kept], count)
    if count == 0:
        nothing = interpreter.farthest(x.real.dtype, node.op.combine == "min")
        return np.full(lines.shape[:-1], nothing)
    first = (np.argmax if node.op.combine == "max" else np.argmin)(lines.real, axis=-1)
    return np.asarray(np.take_along_axis(lines, first[..., None], axis=-1)[..., 0])


def _prefix(node: Node, inputs: list[np.ndarray]) -> np.ndarray:
    assert isinstance(node.op, PrefixOp)
    attrs, combine = dict(node.attrs), node.op.combine
    whole = np.broadcast_arrays(*(i.astype(complex) for i in inputs))
    how = attrs["axis"], attrs["reverse"], attrs["exclusive"]
    if combine in ("add", "mul", "linear"):
        return interpreter.running(combine, whole, *how)
    winners = interpreter.running(f"arg{combine}", [whole[0].real], *how)
    return np.asarray(np.take_along_axis(whole[0], winners, attrs["axis"]))


def _elementwise(node: Node, inputs: list[np.ndarray]) -> np.ndarray:
    assert isinstance(node.op, ElementwiseOp)
    if stops_gradient(node):
        inputs = [i.real for i in inputs]

    def of_instruction(
        instruction: Instruction, operands: list[np.ndarray], payload: object
    ) -> np.ndarray:
        if isinstance(payload, DType):
            return operands[0] if payload.is_float else operands[0].real.astype(payload.numpy)
        if instruction.continued is None:
            raise NotAnalyticError(
                f"{node.op.name}: {instruction.name} is not continued", site=node.site
            )
        return np.asarray(instruction.continued(*operands))

    result = scalar.evaluate(node.op.body(node.attrs), inputs, np.asarray, of_instruction)
    return np.asarray(np.broadcast_to(result, np.broadcast_shapes(*(i.shape for i in inputs))))


def stops_gradient(node: Node) -> bool:
    """Whether a node passes its input on as a constant: it declares that it has no derivative."""
    op = node.op
    if not isinstance(op, ElementwiseOp) or len(node.inputs) != 1 or op.body(node.attrs).args:
        return False
    if op.grads is None:
        return False
    declared = op.grads(scalar.argument(0), scalar.argument(1), **dict(node.attrs))
    return bool(declared == (None,))
