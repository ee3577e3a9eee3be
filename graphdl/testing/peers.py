"""Somebody else's gradient beside the graph's: hand-written NumPy, PyTorch, JAX."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.differentiation import grad
from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph
from graphdl.ir.leaves import INPUT, PARAM, input
from graphdl.ir.node import Node
from graphdl.ops.sum import sum
from graphdl.testing.gradients import assert_grad
from graphdl.testing.reporting import Reporter
from graphdl.verification.finding import Finding
from graphdl.verification.sampler import Arrays, Sampler, evaluate_at
from graphdl.verification.tally import Agreement, Tally
from graphdl.verification.wording import among

Array = np.ndarray
Answer = tuple[Any, Any]
Peer = Callable[[list[Array], list[int], Array | None], Answer]
"""From arguments, the places of the variables among them, and a cotangent to value and gradients.

The value is None where it is not known, the cotangent is None for a scalar.
"""

SINGLE_DIGITS = 4.0
"""Asked of functions that compute in float32."""


def check_numpy_gradient(
    function: Callable[..., Any] | None,
    gradient: Callable[..., Any],
    node: Node,
    wrt: Node | Sequence[Node] | None = None,
    **options: Any,
) -> Agreement:
    """Compare a hand-written NumPy gradient with the gradient of a graph, which is verified first.

    Parameters
    ----------
    function : callable or None
        What is differentiated, in NumPy; its value is compared, too.
    gradient : callable
        Takes what ``function`` takes and returns the gradients: an array, a sequence in the order
        of ``wrt``, or a mapping by name. If ``node`` is no scalar, a last argument is the cotangent
        of the result, and the gradients are weighted by it (a vector-Jacobian product).
    node : Node
        The same in graphdl: a loss, or any floating node.
    wrt : node or sequence of Node, optional
        Variables; by default the parameters among the arguments, or else its floating inputs.
    **options
        ``arguments``: inputs and parameters in the order in which the functions take them, by
        default those that their arguments are named after. ``inputs``, ``dims``, ``seed``,
        ``points`` and ``report`` as in :func:`assert_same`; ``dtype``: that of the floats which
        the functions get, ``"float64"`` by default; ``digits``: that must agree, by default 6.5 for
        float32 graphs, 10 for float64 ones, and 4 where ``dtype="float32"``.

    Returns
    -------
    Agreement
        How well they agree; its verdict says how the graph's gradient was established.

    Raises
    ------
    Disagreement
        If a value or a gradient differs, or the graph's own gradient is wrong.
    ArgumentError
        If it is not clear what the arguments are.

    Examples
    --------
    >>> import graphdl as gd, numpy as np
    >>> x = gd.input("x", ("N",))
    >>> def loss(x):
    ...     return np.sum(np.log1p(x**2))
    >>> def gradient(x):
    ...     return 2 * x / (1 + x**2)
    >>> node = gd.sum(gd.log1p(x**2))
    >>> gd.testing.check_numpy_gradient(loss, gradient, node).digits > 6
    True
    """
    __tracebackhide__ = True

    def ask(arguments: list[Array], places: list[int], cotangent: Array | None) -> Answer:
        value = None if function is None else function(*arguments)
        given = [] if cotangent is None else [cotangent]
        return value, gradient(*arguments, *given)

    return _check(ask, gradient, node, wrt, **options)


def check_torch_gradient(
    function: Any, node: Node, wrt: Node | Sequence[Node] | None = None, **options: Any
) -> Agreement:
    """Compare the gradient of a PyTorch function with that of a graph, which is verified first.

    Parameters
    ----------
    function : callable or torch.autograd.Function
        Takes tensors and returns one.
    node, wrt, **options
        See :func:`check_numpy_gradient`.

    Examples
    --------
    .. code-block:: python

        class Square(torch.autograd.Function): ...

        gd.testing.check_torch_gradient(Square, gd.square(gd.input("x", ("N",))))
    """
    __tracebackhide__ = True
    import torch

    is_class = isinstance(function, type)
    call = function.apply if is_class else function

    def ask(arguments: list[Array], places: list[int], cotangent: Array | None) -> Answer:
        tensors = [torch.as_tensor(np.array(a)) for a in arguments]
        variables = [tensors[k].requires_grad_() for k in places]
        value = call(*tensors)
        along = None if cotangent is None else torch.as_tensor(np.array(cotangent))
        found = torch.autograd.grad(value, variables, along, allow_unused=True)
        zeros = [np.zeros(arguments[k].shape) for k in places]
        return value.detach().numpy(), [
            z if g is None else g.detach().numpy() for g, z in zip(found, zeros, strict=True)
        ]

    return _check(ask, function.forward if is_class else function, node, wrt, **options)


def check_jax_gradient(
    function: Callable[..., Any],
    node: Node,
    wrt: Node | Sequence[Node] | None = None,
    **options: Any,
) -> Agreement:
    """Compare the gradient of a JAX function with that of a graph, which is verified first.

    Parameters
    ----------
    function : callable
        Takes arrays and returns one; with a rule of its own by ``jax.custom_vjp``, for example.
    node, wrt, **options
        See :func:`check_numpy_gradient`. Float64 is switched on in JAX meanwhile.

    Examples
    --------
    .. code-block:: python

        @jax.custom_vjp
        def square(x): ...

        gd.testing.check_jax_gradient(square, gd.square(gd.input("x", ("N",))))
    """
    __tracebackhide__ = True
    import jax

    def ask(arguments: list[Array], places: list[int], cotangent: Array | None) -> Answer:
        def of(*variables: Any) -> Any:
            given = list(arguments)
            for place, variable in zip(places, variables, strict=True):
                given[place] = variable
            return function(*given)

        before = jax.config.jax_enable_x64
        jax.config.update("jax_enable_x64", True)
        try:
            value, pull = jax.vjp(of, *(arguments[k] for k in places))
            along = np.ones(()) if cotangent is None else cotangent
            found = pull(np.asarray(along, value.dtype))
        finally:
            jax.config.update("jax_enable_x64", before)
        return value, found

    return _check(ask, function, node, wrt, **options)


def _check(
    ask: Peer,
    named: Callable[..., Any],
    node: Node,
    wrt: Node | Sequence[Node] | None,
    *,
    arguments: Sequence[Node] | None = None,
    inputs: Mapping[str, Any] | None = None,
    dims: Mapping[str, int | Sequence[int]] | None = None,
    seed: int = 0,
    points: int = 3,
    digits: float | None = None,
    dtype: str = "float64",
    report: str | os.PathLike[str] | Reporter | None = None,
) -> Agreement:
    """Verify the graph's gradient, then compare a peer's with it."""
    __tracebackhide__ = True
    taken = _arguments(named, node) if arguments is None else list(arguments)
    variables = _variables(taken, wrt)
    places = [[a.name for a in taken].index(v.name) for v in variables]
    along = None if node.shape == () else input("cotangent", node.shape, node.dtype)
    loss = node if along is None else sum(node * along)
    reporter = Reporter.of(report)
    first = {d: v if isinstance(v, int) else v[0] for d, v in (dims or {}).items()}
    known = assert_grad(
        loss, variables, inputs=inputs, dims=first, seed=seed, points=points, report=reporter
    )
    gradients = dict(zip(_names(variables), grad(loss, variables), strict=True))
    graph = Graph({"value": node, **gradients}, name="backward", inputs=_inputs(taken, along))
    if digits is None and dtype == "float32":
        digits = SINGLE_DIGITS
    tally = Tally(dict(graph.outputs), digits)
    wrong, point = [], None
    for point in Sampler([graph], seed, inputs, None).points(dims, (1,), points, edges=False):
        values = {**point.inputs, **point.state}
        given = [_cast(values[a.name], dtype) for a in taken]
        cotangent = None if along is None else _cast(values[along.name], dtype)
        wrong = _at(evaluate_at(graph, point), ask(given, places, cotangent), tally)
        if wrong:
            break
    if wrong:
        reporter.fail(
            f"{_called(named)} differs from the {known.verdict} gradient in "
            f"{among(len(wrong), len(tally.nodes), 'value')}",
            wrong,
            call=f"gradient of {_called(named)}, seed={seed}",
            facts={"function": _where(named), "verify": str(known)},
            point=point,
            graphs=[graph],
        )
    return reporter.passed(tally.passed(f"agrees with the {known.verdict} gradient"))


def _at(expected: Arrays | str, answer: Answer, tally: Tally) -> list[Finding]:
    """Compare value and gradients at a point."""
    if isinstance(expected, str):
        raise ArgumentError(f"the graph cannot be evaluated: {expected}")
    value, gradients = answer
    names = [name for name in tally.nodes if name != "value"]
    if isinstance(gradients, Mapping):
        gradients = [gradients[name.removeprefix("gradient by ")] for name in names]
    elif not isinstance(gradients, list | tuple):
        gradients = [gradients]
    if len(gradients) != len(names):
        raise ArgumentError(
            f"{len(gradients)} gradients were returned, but there are {len(names)} variables",
            remedy="return one a variable, in the order of wrt",
        )
    got = {"value": expected["value"] if value is None else np.asarray(value)}
    got |= {name: np.asarray(g) for name, g in zip(names, gradients, strict=True)}
    return tally.compare(expected, None, got)


def _arguments(function: Callable[..., Any], node: Node) -> list[Node]:
    """Return the leaves after which the arguments of a function are named."""
    graph = Graph(node)
    leaves = {n.name: n for n in (*graph.inputs, *graph.state)}
    known = inspect.signature(function).parameters.values()
    names = [p.name for p in known if p.default is p.empty and p.name != "ctx"]
    if node.shape != () and len(names) > len(leaves):
        names = names[:-1]  # the cotangent
    if not names or set(names) - leaves.keys():
        raise ArgumentError(
            f"the arguments {names} of {_called(function)} are not named after {sorted(leaves)}",
            remedy="pass arguments=[...], the nodes in the order of the arguments",
        )
    return [leaves[name] for name in names]


def _variables(taken: Sequence[Node], wrt: Node | Sequence[Node] | None) -> list[Node]:
    if wrt is not None:
        listed = [wrt] if isinstance(wrt, Node) else list(wrt)
        strangers = [v for v in listed if v.name not in [a.name for a in taken]]
        if strangers:
            raise ArgumentError(f"{strangers} are no arguments: {list(taken)}")
        return listed
    floats = [a for a in taken if a.dtype.is_float]
    return [a for a in floats if a.op is PARAM] or floats


def _names(variables: Sequence[Node]) -> list[str]:
    return [f"gradient by {v.name}" for v in variables]


def _inputs(taken: Sequence[Node], along: Node | None) -> list[Node]:
    return [n for n in (*taken, along) if n is not None and n.op is INPUT]


def _cast(value: Array, dtype: str) -> Array:
    return value.astype(dtype) if value.dtype.kind == "f" else value


def _called(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__qualname__", None) or repr(function))


def _where(function: Callable[..., Any]) -> str:
    """Return the ``file:line`` of a function."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else _called(function)
