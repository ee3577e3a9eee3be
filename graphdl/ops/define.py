"""gd.define_op: an op from outside, with all that ops of the catalogue have."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from graphdl.ir import scalar
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import OPS, CompositeOp, Contribution, ElementwiseOp, Op
from graphdl.ir.node import Node, site_text
from graphdl.ir.scalar import Scalar

_ACCEPTS = ("float", "number", "value", "integer", "bool", "any")


def define_op(
    name: str,
    expr: Any = None,
    inputs: Sequence[Any] | None = None,
    *,
    grads: Any = None,
    expand: Callable[..., Any] | None = None,
    outputs: Sequence[Any] | None = None,
    accepts: str = "float",
    doc: str | None = None,
    replace: bool = False,
) -> ElementwiseOp | CompositeOp:
    """Add an op: elementwise from an expression, or composite from other ops.

    It gets shape, dtype, derivative, text form, LaTeX, diagram and all targets.

    Parameters
    ----------
    name : str
        An identifier that no op has yet.
    expr : sympy.Expr, callable, or sequence of sympy.Expr
        The value of one element: a SymPy expression over ``inputs``, or a function of
        :class:`graphdl.ir.scalar.Scalar` values (keyword-only parameters become attributes). A
        sequence, or a function that returns a tuple, makes an op with several outputs.
    inputs : sequence of sympy.Symbol or str
        The inputs' symbols in order; by default those of the expression, sorted by name.
    grads : sequence or callable, optional
        Partial derivatives where SymPy's form is not wanted. With SymPy: one expression an input
        (a sequence, one an output, for several outputs), None for none; they may use the symbols
        in ``outputs``. As a function: ``(*inputs, y) -> tuple`` over scalars, ``y`` the output or
        a tuple of them. For a composite: ``(*inputs, y, cotangent, **attrs) -> sequence`` of nodes
        or None; with several outputs ``attrs`` has ``output``, the number of ``y``.
    expand : callable
        Instead of ``expr``: from input nodes (positional) and attributes (keyword) to a node, or
        to a tuple of nodes. It may use every op and operator.
    outputs : sequence of sympy.Symbol or str, optional
        How ``grads`` names the outputs; by default ``y``, or ``y0``, ``y1`` ...
    accepts : str
        What inputs an elementwise op takes: ``float`` (integers become float32), ``number``,
        ``value`` (number or bool), ``integer``, ``bool`` or ``any``.
    doc : str, optional
        What the op does.
    replace : bool
        Allow that an op of this name is replaced; graphs that have the old one keep it.

    Returns
    -------
    ElementwiseOp or CompositeOp
        Call it with nodes, arrays and numbers.

    Raises
    ------
    ArgumentError
        If the name is taken or no identifier, or the expression cannot be computed by kernels.

    Examples
    --------
    >>> import graphdl as gd
    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> bump = gd.define_op("doc_bump", x * sp.exp(-(x**2)), [x], replace=True)
    >>> a = gd.input("a", ("N",))
    >>> bump(a)
    <doc_bump float32(N,)>
    >>> def rms(x, *, axis):
    ...     return x / gd.sqrt(gd.mean(x * x, axis, keepdims=True))
    >>> gd.define_op("doc_rms", expand=rms, replace=True)(a, axis=0)
    <doc_rms float32(N,)>
    """
    old = _check(name, expr, expand, accepts, replace)
    try:
        if expand is not None:
            return CompositeOp(name, expand, adjoint=_adjoint(name, grads), doc=doc)
        if callable(expr):
            return ElementwiseOp(name, expr, grads=grads, accepts=accepts, doc=doc)
        function, partials = _from_sympy(expr, inputs, outputs, grads)
        return ElementwiseOp(name, function, grads=partials, accepts=accepts, doc=doc)
    except BaseException:
        OPS.pop(name, None)
        if old is not None:
            OPS[name] = old
        raise


def _check(
    name: Any, expr: Any, expand: Callable[..., Any] | None, accepts: str, replace: bool
) -> Op | None:
    """Refuse what cannot be defined; make way for a new op of the name, and return the old one."""
    if not isinstance(name, str) or not name.isidentifier():
        raise ArgumentError(
            f"an op cannot be named {name!r}", site=site_text(), remedy="use an identifier"
        )
    if (expr is None) == (expand is None):
        raise ArgumentError(
            f"{name}: give either expr or expand",
            site=site_text(),
            remedy="expr for one element's value, expand for a graph of other ops",
        )
    if accepts not in _ACCEPTS:
        raise ArgumentError(
            f"{name}: accepts={accepts!r}",
            site=site_text(),
            remedy=f"use one of {', '.join(_ACCEPTS)}",
        )
    if name in OPS and not replace:
        raise ArgumentError(
            f"an op {name!r} exists already",
            site=site_text(),
            remedy="choose another name, or pass replace=True",
        )
    return OPS.pop(name, None)


Function = Callable[..., Any]


def _from_sympy(
    expr: Any, inputs: Sequence[Any] | None, outputs: Sequence[Any] | None, grads: Any
) -> tuple[Function, Function | None]:
    """Return the function of scalars that SymPy expressions stand for, and its partials."""
    import sympy as sp

    several = isinstance(expr, (tuple, list))
    expressions = [sp.sympify(e) for e in (expr if several else [expr])]
    names = _input_names(expressions, inputs)
    results = [str(o) for o in outputs or _default_outputs(len(expressions), several)]
    bodies = tuple(_convert(e, names) for e in expressions)
    function = _function(names, lambda *args: _unpacked(_at(bodies, args), several))
    if grads is None or callable(grads):
        return function, grads
    if len(grads) != len(names):
        raise ArgumentError(
            f"{len(grads)} grads for {len(names)} inputs",
            site=site_text(),
            remedy="give one an input, None for no derivative",
        )
    rows = [_partial_row(g, len(expressions), [*names, *results]) for g in grads]

    def partials(*args: Any) -> tuple[Any, ...]:
        given = [*args[:-1], *args[-1]] if several else list(args)
        return tuple(None if row is None else _unpacked(_at(row, given), several) for row in rows)

    return function, partials


def _unpacked(values: tuple[Scalar, ...], several: bool) -> Any:
    return values if several else values[0]


def _default_outputs(count: int, several: bool) -> list[str]:
    return [f"y{k}" for k in range(count)] if several else ["y"]


def _partial_row(grad: Any, count: int, names: Sequence[str]) -> tuple[Scalar, ...] | None:
    """Return one input's partial derivatives, one an output."""
    if grad is None:
        return None
    row = grad if isinstance(grad, (tuple, list)) else [grad]
    if len(row) != count:
        raise ArgumentError(f"{len(row)} partial derivatives for {count} outputs", site=site_text())
    return tuple(_convert(g, names) for g in row)


def _input_names(expressions: Sequence[Any], inputs: Sequence[Any] | None) -> list[str]:
    found = {str(s) for e in expressions for s in e.free_symbols}
    names = sorted(found) if inputs is None else [str(i) for i in inputs]
    bad = [n for n in names if not n.isidentifier()]
    if bad or len(set(names)) != len(names) or not names:
        raise ArgumentError(
            f"inputs {names} are no distinct identifiers", site=site_text(), remedy="rename them"
        )
    if not found <= set(names):
        raise ArgumentError(
            f"the expression has {sorted(found - set(names))}, which is no input",
            site=site_text(),
            remedy=f"pass inputs={sorted(found)}",
        )
    return names


def _convert(expr: Any, names: Sequence[str]) -> Scalar:
    """Return the scalar form; symbols are matched by name, whatever was assumed about them."""
    import sympy as sp

    from graphdl.ir.from_sympy import from_sympy

    expression = sp.sympify(expr)
    symbols = {n: sp.Symbol(n, real=True) for n in names}
    known = {s: symbols[str(s)] for s in expression.free_symbols if str(s) in symbols}
    return from_sympy(expression.xreplace(known), list(symbols.values()))


def _function(names: Sequence[str], function: Function) -> Function:
    """Give a function the signature from which an op takes the names of its inputs."""
    parameters = [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return function


def _at(bodies: Sequence[Scalar], args: Sequence[Any]) -> tuple[Scalar, ...]:
    """Return the expressions with values in the place of their arguments."""
    given = [scalar.lift(a) for a in args]

    def of_instruction(instruction: Any, operands: list[Scalar], payload: object) -> Scalar:
        return scalar.apply(instruction.name, *operands, payload=payload)

    return tuple(scalar.evaluate(b, given, scalar.constant, of_instruction) for b in bodies)


def _adjoint(name: str, grads: Function | None) -> Any:
    """Return a composite's derivative from a function of inputs, output and cotangent."""
    if grads is None:
        return None

    def adjoint(node: Node, cotangent: Node) -> list[Contribution | None]:
        found = grads(*node.inputs, node, cotangent, **dict(node.attrs))
        if len(found) != len(node.inputs):
            raise ArgumentError(f"{name}: {len(found)} grads for {len(node.inputs)} inputs")
        return [
            None if f is None else (f, f"~{{{i}}} += {name}′({{{i}}})·~{{z}}")
            for i, f in enumerate(found)
        ]

    return adjoint


__all__: list[str] = []  # names of ops; define_op makes them
