"""Derivatives without subtraction: the imaginary part of a graph evaluated beside the real axis.

For an analytic f and a tiny h, ``Im f(x + i·h·v) / h`` is the derivative along v, exact to the last
digits: nothing is subtracted, so h may be 1e-30 (Squire and Trapp, SIAM Review 40, 1998). Branches
(max, select, comparisons) are decided by the real part. The evaluator knows no derivative rule,
which makes it an independent witness of those that do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from graphdl.ir import interpreter, scalar
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import GradientError
from graphdl.ir.instructions import Instruction
from graphdl.ir.kinds import ElementwiseOp, ReduceOp
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
    if kind == "contract":
        return np.asarray(np.einsum(node.attr("spec"), *inputs))
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
    indices = 1 if node.op.kind in ("gather", "scatter") else len(inputs)

    def image(part: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        parts = [part(i) if k < indices else i for k, i in enumerate(inputs)]
        return _plain(node, parts, env)

    imaginary = image(lambda i: np.asarray(np.imag(i), dtype=np.float64))
    if node.op.kind == "assembly":
        pieces = (image(_zeros) == 0) & (image(_ones) == 1)
        imaginary = np.where(pieces, imaginary, 0.0)
    return real + 1j * imaginary


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
    lines = np.transpose(x, kept + list(axes)).reshape(*[x.shape[a] for a in kept], -1)
    first = (np.argmax if node.op.combine == "max" else np.argmin)(lines.real, axis=-1)
    return np.asarray(np.take_along_axis(lines, first[..., None], axis=-1)[..., 0])


def _elementwise(node: Node, inputs: list[np.ndarray]) -> np.ndarray:
    assert isinstance(node.op, ElementwiseOp)
    if stops_gradient(node):
        inputs = [i.real for i in inputs]

    def of_instruction(
        instruction: Instruction, operands: list[np.ndarray], payload: object
    ) -> np.ndarray:
        if isinstance(payload, DType):
            return operands[0] if payload.is_float else operands[0].real.astype(payload.numpy)
        if instruction.name not in _CONTINUED:
            raise NotAnalyticError(
                f"{node.op.name}: {instruction.name} is not continued", site=node.site
            )
        return np.asarray(_CONTINUED[instruction.name](*operands))

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


def _real(name: str) -> Callable[..., Any]:
    """Return an instruction that looks at real parts only."""
    function = getattr(np, name)
    return lambda *operands: function(*(np.real(o) for o in operands))


def _sigmoid(z: np.ndarray) -> np.ndarray:
    small = np.exp(-np.where(z.real >= 0, z, -z))
    return np.asarray(np.where(z.real >= 0, 1 / (1 + small), small / (1 + small)))


def _expm1(z: np.ndarray) -> np.ndarray:
    """Return e^(a+ib) − 1 for a tiny b: its cosine is 1."""
    return np.asarray(np.expm1(z.real) + 1j * np.exp(z.real) * z.imag)


def _log1p(z: np.ndarray) -> np.ndarray:
    """Return log(1+a+ib) for a tiny b, where the argument's angle is b/(1+a)."""
    return np.asarray(np.log1p(z.real) + 1j * z.imag / (1 + z.real))


def _quotient(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Divide by the conjugate, first order in h: NumPy's division loses the tiny part at 1/0."""
    real = np.divide(a.real, b.real)
    return np.asarray(real + 1j * (a.imag - real * b.imag) / b.real)


def _power(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a^b to first order in h; a negative base is allowed where b is real."""
    value = np.power(np.real(a), np.real(b))
    slope = np.real(b) * np.power(np.real(a), np.real(b) - 1) * np.imag(a)
    moving = np.where(np.imag(b) == 0, 0.0, value * np.log(np.real(a)) * np.imag(b))
    return np.asarray(value + 1j * (slope + moving))


_CONTINUED: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": _quotient, "neg": np.negative,
    "pow": _power, "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "tanh": np.tanh,
    "expm1": _expm1, "log1p": _log1p, "sigmoid": _sigmoid, "select": np.where,
    "abs": lambda z: np.where(np.real(z) < 0, -z, z),
    "min": lambda a, b: np.where(np.real(a) <= np.real(b), a, b),
    "max": lambda a, b: np.where(np.real(a) >= np.real(b), a, b),
    "sign": _real("sign"), "isnan": _real("isnan"),
    "lt": _real("less"), "le": _real("less_equal"), "gt": _real("greater"),
    "ge": _real("greater_equal"), "eq": _real("equal"), "ne": _real("not_equal"),
    "and": _real("logical_and"), "or": _real("logical_or"), "xor": _real("logical_xor"),
    "not": _real("logical_not"),
}  # fmt: skip
