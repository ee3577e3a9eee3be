"""Rules of views and assemblies, followed element by element: nothing is computed, all is moved.

The op is applied to numbered elements, which says where each element of the result comes from. The
rule is applied to a numbered cotangent, whose elements may only be moved and added. Both must be
the same relation, transposed. That is exact, at the sizes of the node itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphdl.ir.dtypes import DType
from graphdl.ir.graph import static_shape
from graphdl.ir.instructions import Instruction
from graphdl.ir.node import Node
from graphdl.verification import evaluator
from graphdl.verification.evaluator import UnsupportedError, array_of
from graphdl.verification.instances import MOST_MOVED, Instance, elements, opened
from graphdl.verification.outcome import Fault, Outcome


class _Moves:
    """The algebra of sums of numbered elements; a sum of nothing is 0."""

    def number(self, value: Any) -> tuple[Any, ...]:
        return ()

    def total(self, elements: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
        return tuple(part for e in elements for part in e)

    def apply(self, instruction: Instruction, operands: list[Any], payload: object) -> Any:
        if isinstance(payload, DType) and payload.is_float:
            return operands[0]
        if instruction.infix == "+":  # one operand in several pieces
            return self.total(operands)
        raise UnsupportedError(instruction.name)

    def product(self, elements: Sequence[Any]) -> Any:
        raise UnsupportedError("product")

    def sign(self, element: Any) -> int:
        raise UnsupportedError("sign")

    def held(self, element: Any) -> Any:
        raise UnsupportedError("held")


def moves_agree(instance: Instance) -> Outcome:
    """Return "proved" or "refuted".

    Raises
    ------
    UnsupportedError
        If the rule does more than move and add.
    """
    if elements(instance) > MOST_MOVED:
        raise UnsupportedError("size")
    graph = opened(instance)
    values = {node: _numbered(node) for node in graph.inputs}
    if any(not node.dtype.is_float for node in graph.inputs):
        raise UnsupportedError("dtype")
    evaluator.run(list(graph.outputs.values()), values, {}, _Moves())
    y = values[graph.outputs["y"]]
    arrived: dict[tuple[str, int], list[int]] = {}
    for place, element in enumerate(y.ravel()):
        for source in element:
            arrived.setdefault(source, []).append(place)
    for k, variable in enumerate(instance.wrt):
        adjoint = values[graph.outputs[f"d{k}"]]
        for place, element in enumerate(adjoint.ravel()):
            expected = Counter(arrived.get((variable.name, place), ()))
            got = Counter(i for _, i in element)
            if got != expected:
                return Outcome(
                    "refuted", "moved elements", fault=_fault(variable, place, y, got, expected)
                )
    return Outcome("proved", "moved elements")


def _numbered(node: Node) -> np.ndarray:
    shape = static_shape(node.shape, {})
    count = int(np.prod(shape, dtype=int))
    return array_of([((node.name, i),) for i in range(count)], shape)


def _fault(
    variable: Node, place: int, y: np.ndarray, got: Counter[int], expected: Counter[int]
) -> Fault:
    wrong = min((got - expected) + (expected - got))
    shape = static_shape(variable.shape, {})
    at = tuple(int(i) for i in np.unravel_index(place, shape))
    out = tuple(int(i) for i in np.unravel_index(wrong, y.shape))
    return Fault(variable.name, at, out, {}, float(expected[wrong]), float(got[wrong]))
