"""A whole loss and its gradient with 50 digits: by mpmath, element by element.

Both are evaluated with three times as many digits as are wanted. The derivative is a central
difference over a step so small that its error lies beyond them; nothing is differentiated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from graphdl.ir.complex_step import NotAnalyticError, stops_gradient
from graphdl.ir.dims import evaluate as size_of
from graphdl.ir.dtypes import DType
from graphdl.ir.graph import Graph
from graphdl.ir.instructions import Instruction
from graphdl.ir.node import Node, topological
from graphdl.verification import evaluator
from graphdl.verification.evaluator import UnsupportedError, Values
from graphdl.verification.points import DIGITS, rounding

_WORKING = 3 * DIGITS
_STEP = 30
"""The step is ten to the minus this: the error of the difference is its square."""
_MOST_OPERATIONS = 8_000
_NOTHING, _SATURATED = "1e-60", "1e-25"
"""Smaller derivatives cannot be measured, and may be 0: rules take limits for values, far out."""


class Precise:
    """The algebra of mpmath's numbers."""

    def number(self, value: Any) -> Any:
        """Return a float as it is."""
        import mpmath

        return mpmath.mpf(value.item() if isinstance(value, np.generic) else value)

    def total(self, elements: Sequence[Any]) -> Any:
        """Return the sum."""
        import mpmath

        return mpmath.fsum(elements)

    def product(self, elements: Sequence[Any]) -> Any:
        """Return the product."""
        import mpmath

        return mpmath.fprod(elements)

    def sign(self, element: Any) -> int:
        """Return -1, 0 or 1."""
        return int(element > 0) - int(element < 0)

    def held(self, element: Any) -> Any:
        """Return the element: nothing is differentiated."""
        return element

    def apply(self, instruction: Instruction, operands: list[Any], payload: object) -> Any:
        """Return the value of an instruction."""
        if isinstance(payload, DType):
            return self._cast(operands[0], payload)
        if instruction.result == "select":
            return operands[1] if operands[0] else operands[2]
        if instruction.result == "bool" and len(operands) == 2:
            return bool(instruction.evaluate(self.sign(self.number(operands[0]) - operands[1]), 0))
        if instruction.operands == "bool":
            return bool(instruction.evaluate(*operands))
        if instruction.result == "bool":
            return bool(instruction.evaluate(float(operands[0])))
        return _function(instruction)(*operands)

    def _cast(self, value: Any, dtype: DType) -> Any:
        if dtype.name == "bool":
            return bool(value != 0)
        return self.number(value) if dtype.is_float else int(value)


@cache
def _function(instruction: Instruction) -> Callable[..., Any]:
    import sympy as sp

    if instruction.sympy is None:
        raise UnsupportedError(instruction.name)
    symbols = sp.symbols(f"a:{instruction.arity}", real=True)
    body = instruction.sympy(sp, *symbols)
    found: Callable[..., Any] = sp.lambdify(symbols, body, [rounding(), "mpmath"])
    return found


def operations(roots: Sequence[Node], env: Mapping[str, int]) -> int:
    """Return about how many elements an evaluation computes."""
    total = 0
    for node in topological(roots):
        count = math.prod(size_of(s, env) for s in node.shape)
        if node.op.kind in ("contract", "reduce"):
            count = max(math.prod(size_of(s, env) for s in i.shape) for i in node.inputs)
            count *= max([1, *(size_of(s, env) for s in node.shape[-1:])])
        total += count
    return total


def is_affordable(roots: Sequence[Node], env: Mapping[str, int]) -> bool:
    """Whether the graph is small enough for 50 digits."""
    return operations(roots, env) <= _MOST_OPERATIONS


def directional(
    root: Node,
    values: Mapping[Node, np.ndarray],
    directions: Mapping[Node, np.ndarray],
    env: Mapping[str, int],
) -> Any:
    """Return the derivative of a scalar along a direction, an mpmath number.

    Raises
    ------
    NotAnalyticError
        If there is no real value.
    """
    import mpmath

    algebra = Precise()
    with mpmath.workdps(_WORKING):
        found = start(values)
        try:
            evaluator.run([root, *directions], found, env, algebra)
            held = {n: found[n] for n in topological([root]) if stops_gradient(n)}
            step = mpmath.mpf(10) ** -_STEP
            sides = []
            for sign in (1, -1):
                moved = {**start(values), **held}
                for node, along in directions.items():
                    by = evaluator.numbers(np.asarray(along, dtype=float), algebra)
                    moved[node] = np.asarray(found[node] + sign * step * by, dtype=object)
                evaluator.run([root], moved, env, algebra)
                sides.append(moved[root].item())
            slope = (sides[0] - sides[1]) / (2 * step)
        except (TypeError, ValueError, ArithmeticError, UnsupportedError) as error:
            raise NotAnalyticError(f"no value with {DIGITS} digits: {error}") from error
        if isinstance(slope, mpmath.mpc) or not mpmath.isfinite(slope):
            raise NotAnalyticError("no real value here")
        return slope


def start(values: Mapping[Node, np.ndarray]) -> Values:
    """Return given values as elements; integers and bools stay."""
    algebra = Precise()
    return {n: evaluator.numbers(v, algebra) if n.dtype.is_float else v for n, v in values.items()}


def outputs(
    graph: Graph, values: Mapping[Node, np.ndarray], env: Mapping[str, int]
) -> dict[str, np.ndarray]:
    """Return the outputs of a graph without composites, as arrays of mpmath numbers."""
    import mpmath

    with mpmath.workdps(_WORKING):
        found = start(values)
        try:
            evaluator.run(list(graph.outputs.values()), found, env, Precise())
        except (TypeError, ValueError, ArithmeticError, UnsupportedError) as error:
            raise NotAnalyticError(f"no value with {DIGITS} digits: {error}") from error
    return {k: np.asarray(found[v], dtype=object) for k, v in graph.outputs.items()}


def digits(gradient: np.ndarray, along: np.ndarray, measured: Any) -> float:
    """Return the decimal digits to which a derivative agrees, at most 50."""
    import mpmath

    with mpmath.workdps(_WORKING):
        products = [
            g * mpmath.mpf(float(a)) for g, a in zip(gradient.flat, along.flat, strict=True)
        ]
        difference = abs(mpmath.fsum(products) - measured)
        squares = [g * g for g in gradient.flat]
        typical = mpmath.sqrt(mpmath.fsum(squares) / max(len(squares), 1))
        scale = max(abs(measured), typical * float(np.linalg.norm(along)))
        scale = max(scale, mpmath.mpf(_NOTHING if any(squares) else _SATURATED))
        if not mpmath.isfinite(difference):
            return 0.0
        if difference == 0 or difference <= scale * mpmath.mpf(10) ** -DIGITS:
            return float(DIGITS)
        return max(0.0, float(-mpmath.log10(difference / scale)))
