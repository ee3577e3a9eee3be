"""Elementwise: a scalar rule at every element of broadcast inputs."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from graphdl.ir import instructions, scalar
from graphdl.ir.arguments import Parameter, parameters_of
from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import DType, bool_, float32, promote
from graphdl.ir.errors import ArgumentError, DTypeError
from graphdl.ir.kinds.op import Op, as_node, broadcast, common_dtype, require
from graphdl.ir.node import Attrs, Node, make, site_text
from graphdl.ir.scalar import Scalar

_ACCEPTED: dict[str, Callable[[DType], bool]] = {
    "float": lambda dtype: dtype.is_float,
    "integer": lambda dtype: dtype.is_integer,
    "number": lambda dtype: dtype is not bool_,
    "bool": lambda dtype: dtype is bool_,
}
"""Which dtypes the operands of nodes have, by what the op accepts; otherwise all."""


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
        ``float`` (integers and bools become float32), ``number`` (no bools), ``value`` (numbers or
        bools), ``integer`` (nothing else), ``bool`` (numbers are compared with 0), ``select`` (a
        bool, then values), ``any`` (operands keep their own dtypes).
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
        self.__signature__ = _signature(parameters)
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

    def check(self, node: Node) -> None:
        """Refuse operands of another number or dtype, and attributes that do not fit, too."""
        count = len(self.input_names)
        require(len(node.inputs) == count, f"takes {count} inputs")
        super().check(node)
        for name in self.defaults:
            self.attribute(name, node.attr(name))
        fits = _ACCEPTED.get(self.accepts)
        usual = fits is None or all(fits(i.dtype) for i in node.inputs)
        require(usual, f"inputs must be {self.accepts}s")
        parts = scalar.walk(self.body(node.attrs)) if self.defaults else []
        for number in (p.payload for p in parts if p.is_constant):
            fitting = isinstance(number, (int, float)) and (
                node.dtype.is_float or abs(number) < 2**63
            )
            require(fitting, "attributes must be numbers that fit the dtype")

    def __call__(self, *args: Any, **attrs: Any) -> Any:
        """Apply the op to nodes, arrays and Python scalars; attributes may be positional too."""
        try:
            bound = self.__signature__.bind(*args, **attrs)
        except TypeError as error:
            raise ArgumentError(
                f"{self.name} takes {', '.join(self.input_names + list(self.defaults))}: {error}",
                site=site_text(),
            ) from error
        bound.apply_defaults()
        inputs = self._operands([bound.arguments[k] for k in self.input_names])
        given = {k: self.attribute(k, bound.arguments[k]) for k in self.defaults}
        if self.outputs == 1:
            return make(self, inputs, **given)
        return tuple(make(self, inputs, **given, output=k) for k in range(self.outputs))

    @cached_property
    def _checks(self) -> dict[str, Parameter]:
        return {p.name: found for p, found in parameters_of(self.function)}

    def attribute(self, name: str, value: Any) -> Any:
        """Return an attribute that was given; those whose default is a number are numbers.

        Raises
        ------
        ArgumentError
            If it is something else.
        """
        if isinstance(value, (np.integer, np.floating)):
            value = value.item()
        if isinstance(self.defaults[name], (int, float)) and not isinstance(value, (int, float)):
            raise ArgumentError(
                f"{self.name}: {name} is a number, not {value!r}",
                site=site_text(),
                remedy="arrays are inputs, which attributes are not",
            )
        if isinstance(value, int) and abs(value) > sys.float_info.max:
            raise ArgumentError(f"{self.name}: {name} is too large", site=site_text())
        self._checks[name].check(self.name, value)
        return value

    def _operands(self, args: Sequence[Any]) -> list[Node]:
        skip = 1 if self.accepts == "select" else 0
        dtype = common_dtype(args[skip:])
        if self.accepts == "any":
            return [as_node(a) for a in args]
        if self.accepts == "float" and not dtype.is_float:
            dtype = float32
        if self.accepts == "bool":
            dtype = bool_
        if (self.accepts == "number" and dtype is bool_) or (
            self.accepts == "integer" and not dtype.is_integer
        ):
            raise DTypeError(
                f"{self.name} does not take {dtype}",
                site=site_text(),
                remedy="cast first, x.astype('int32'); for logic compare first, then use & | ^ ~",
            )
        inputs = [as_node(a, dtype) for a in args[skip:]]
        return [as_node(a, bool_) for a in args[:skip]] + inputs


def _signature(parameters: Iterable[inspect.Parameter]) -> inspect.Signature:
    """Return inputs, then attributes, those without a default first, as they are called."""
    kept = sorted(parameters, key=lambda p: (p.kind, p.default is not p.empty))
    return inspect.Signature(
        [inspect.Parameter(p.name, p.POSITIONAL_OR_KEYWORD, default=p.default) for p in kept]
    )


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
