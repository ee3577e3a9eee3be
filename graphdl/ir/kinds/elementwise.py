"""Elementwise: a scalar rule at every element of broadcast inputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphdl.ir import instructions, scalar
from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import DType, bool_, float32, promote
from graphdl.ir.errors import ArgumentError, DTypeError
from graphdl.ir.kinds.op import Op, as_node, broadcast, common_dtype
from graphdl.ir.node import Attrs, Node, make, site_text
from graphdl.ir.scalar import Scalar


class ElementwiseOp(Op):
    """A scalar rule applied at every element of broadcast inputs.

    Parameters
    ----------
    name : str
        Unique name.
    function : callable
        From :class:`~graphdl.ir.scalar.Scalar` arguments (positional) and attributes (keyword) to a
        scalar, or to a tuple of scalars for an op with several outputs.
    grads : callable, optional
        From ``(*inputs, y, **attrs)`` to the partial derivatives, None for "no derivative". For
        several outputs ``y`` is a tuple and so is each partial: one an output. Without it SymPy
        differentiates.
    accepts : str
        ``float`` (integers become float32), ``number``, ``bool``, ``any``, ``select`` (a bool, then
        any).
    template : str
        The op in plain math for rules and diagrams; default: the scalar expression or the name.
    """

    kind = "elementwise"

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        *,
        grads: Callable[..., Any] | None = None,
        accepts: str = "float",
        doc: str | None = None,
    ) -> None:
        parameters = inspect.signature(function).parameters.values()
        self.function = function
        self.grads = grads
        self.accepts = accepts
        self.input_names = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
        self.defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        self._bodies: dict[Attrs, tuple[Scalar, ...]] = {}
        self._dtypes: dict[tuple[Attrs, tuple[DType, ...]], DType] = {}
        super().__init__(name, doc)
        needs_attrs = any(d is inspect.Parameter.empty for d in self.defaults.values())
        self.outputs = 1 if needs_attrs else len(self.bodies(tuple(self.defaults.items())))
        if not self.defaults:
            self._register_primitive()

    def _register_primitive(self) -> None:
        """Note which op is one bare instruction, so that derivatives can be built from it."""
        (body, *others) = self.bodies(())
        if (
            not others
            and body.instruction is not None
            and all(a.is_argument and a.payload == i for i, a in enumerate(body.args))
        ):
            PRIMITIVES.setdefault(body.instruction.name, self)  # not an op from outside

    def bodies(self, attrs: Attrs) -> tuple[Scalar, ...]:
        """Return the scalar expressions of all outputs under these attributes."""
        if attrs not in self._bodies:
            given = {k: v for k, v in attrs if k != "output"}
            args = [scalar.argument(i) for i in range(len(self.input_names))]
            result = self.function(*args, **given)
            results = result if isinstance(result, tuple) else (result,)
            self._bodies[attrs] = tuple(scalar.lift(r) for r in results)
        return self._bodies[attrs]

    def body(self, attrs: Attrs) -> Scalar:
        """Return the scalar expression of the node's own output."""
        output = next((v for k, v in attrs if k == "output"), 0)
        return self.bodies(attrs)[output]

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Broadcast the shapes; type the scalar expression."""
        shape = broadcast(self.name, [i.shape for i in inputs]) if inputs else ()
        key = (tuple(attrs.items()), tuple(i.dtype for i in inputs))
        if key not in self._dtypes:
            self._dtypes[key] = body_dtype(self.body(key[0]), key[1])
        return shape, self._dtypes[key]

    def __call__(self, *args: Any, **attrs: Any) -> Any:
        """Apply the op to nodes, arrays and Python scalars."""
        if len(args) != len(self.input_names) or attrs.keys() - self.defaults.keys():
            raise ArgumentError(
                f"{self.name} takes {', '.join(self.input_names + list(self.defaults))}",
                site=site_text(),
            )
        inputs = self._operands(args)
        given = {k: attrs.get(k, d) for k, d in self.defaults.items()}
        missing = [k for k, v in given.items() if v is inspect.Parameter.empty]
        if missing:
            raise ArgumentError(f"{self.name} needs {', '.join(missing)}", site=site_text())
        if self.outputs == 1:
            return make(self, inputs, **given)
        return tuple(make(self, inputs, **given, output=k) for k in range(self.outputs))

    def _operands(self, args: Sequence[Any]) -> list[Node]:
        skip = 1 if self.accepts == "select" else 0
        dtype = common_dtype(args[skip:])
        if self.accepts == "any":
            return [as_node(a) for a in args]
        if self.accepts == "float" and not dtype.is_float:
            dtype = float32
        if self.accepts == "bool" and dtype is not bool_:
            raise DTypeError(
                f"{self.name} takes bool, not {dtype}", site=site_text(), remedy="compare first"
            )
        inputs = [as_node(a, dtype) for a in args[skip:]]
        return [as_node(a, bool_) for a in args[:skip]] + inputs


PRIMITIVES: dict[str, ElementwiseOp] = {}
"""Instruction name -> the op that is just this instruction."""


def body_dtype(body: Scalar, dtypes: Sequence[DType]) -> DType:
    """Return the dtype of a scalar expression on arguments of these dtypes."""
    weak = promote(*dtypes) if dtypes else float32

    def of_instruction(
        instruction: instructions.Instruction, operands: list[DType], payload: object
    ) -> DType:
        return instructions.result_dtype(instruction, operands, payload)

    def of_constant(value: object) -> DType:
        if isinstance(value, bool):
            return bool_
        return weak if weak.is_float or isinstance(value, int) else float32

    return scalar.evaluate(body, dtypes, of_constant, of_instruction)
