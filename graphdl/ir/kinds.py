"""The closed set of kinds. Ops are instances of these; passes and printers see only kinds."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir import instructions, scalar
from graphdl.ir.dims import Shape, Size, shape_text
from graphdl.ir.dtypes import DType, as_dtype, bool_, float32, int64, promote
from graphdl.ir.errors import ArgumentError, DTypeError, ShapeError
from graphdl.ir.node import (
    Attrs,
    Node,
    body_scope,
    current_origin,
    make,
    operators,
    site_text,
    topological,
)
from graphdl.ir.scalar import Scalar

Contribution = tuple[Node, str]
"""What a rule adds to an input's adjoint, and the rule as a template (see ``node.Rule``)."""

Adjoint = Callable[[Node, Node], Sequence[Contribution | None]]
"""From a node and its cotangent to a contribution for each input; None where there is none."""


class Op(ABC):
    """An operation. Equal only to itself; every op has a name of its own."""

    kind = "op"

    def __init__(self, name: str, doc: str | None = None) -> None:
        self.name = name
        if doc:
            self.__doc__ = doc
        register(self)

    @abstractmethod
    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return shape and dtype of the result, or raise a typed error."""

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"


OPS: dict[str, Op] = {}


def register(op: Op) -> None:
    """Put an op into the registry.

    Raises
    ------
    ArgumentError
        If the name is taken.
    """
    if op.name in OPS:
        raise ArgumentError(f"an op {op.name!r} exists already", remedy="choose another name")
    OPS[op.name] = op


def broadcast(op: str, shapes: Sequence[Shape]) -> Shape:
    """Return the shape to which these broadcast, as in NumPy.

    A symbolic dim equals only itself: it is never taken for 1, whatever its value at run time.

    Raises
    ------
    ShapeError
        If two sizes of one axis differ and neither is 1.
    """
    result = shapes[0]
    for shape in shapes[1:]:
        if shape == result:
            continue
        rank = max(len(shape), len(result))
        a = (1,) * (rank - len(result)) + result
        b = (1,) * (rank - len(shape)) + shape
        for x, y in zip(a, b, strict=True):
            if x != y and x != 1 and y != 1:
                raise ShapeError(
                    f"{op}: shapes {' and '.join(shape_text(s) for s in shapes)} do not broadcast: "
                    f"{x} against {y}",
                    site=site_text(),
                    remedy=_broadcast_remedy(x, y),
                )
        result = tuple(y if x == 1 else x for x, y in zip(a, b, strict=True))
    return result


def _broadcast_remedy(x: Size, y: Size) -> str:
    if isinstance(x, int) and isinstance(y, int):
        return "make the sizes equal, or insert an axis of size 1 with x[:, None]"
    return "give both axes one dim's name if they are the same size; a dim never broadcasts as 1"


class LeafOp(Op):
    """Inputs, parameters, state, constants, iota: nodes without inputs, built by ``ir.leaves``."""

    kind = "leaf"

    def __init__(self, name: str, doc: str | None = None, *, is_input: bool = False) -> None:
        self.is_input = is_input
        super().__init__(name, doc)

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return what the leaf was declared with."""
        return attrs["shape"], attrs["dtype"]


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


def common_dtype(values: Sequence[Any]) -> DType:
    """Return the dtype at which nodes, arrays and weak Python scalars meet."""
    strong = [as_strong_dtype(v) for v in values]
    known = [d for d in strong if d is not None]
    result = promote(*known) if known else bool_
    for value, dtype in zip(values, strong, strict=True):
        if dtype is None and isinstance(value, float) and not result.is_float:
            result = float32
        elif dtype is None and not isinstance(value, bool) and result is bool_:
            result = int64
    return result


def as_strong_dtype(value: Any) -> DType | None:
    """Return the dtype of a node or array; None for weak Python scalars."""
    if isinstance(value, Node):
        return value.dtype
    if isinstance(value, (bool, int, float)) and not isinstance(value, np.generic):
        return None
    return as_dtype(np.asarray(value).dtype)


def as_node(value: Any, dtype: DType | None = None) -> Node:
    """Turn a node, an array or a number into a node of that dtype."""
    if isinstance(value, Node):
        if dtype is None or value.dtype is dtype:
            return value
        return operators["cast"](value, dtype=dtype)
    return operators["constant"](value, dtype=dtype)


class ReduceOp(Op):
    """A combination of all elements along axes, which it drops.

    Parameters
    ----------
    combine : str
        ``add``, ``mul``, ``min``, ``max``, ``and``, ``or``, ``argmin`` or ``argmax``.
    adjoint : Adjoint, optional
        Its derivative; None for results that have none.
    """

    kind = "reduce"

    def __init__(
        self, name: str, combine: str, *, adjoint: Adjoint | None, doc: str | None = None
    ) -> None:
        self.combine = combine
        self.adjoint = adjoint
        super().__init__(name, doc)

    @property
    def gives_index(self) -> bool:
        """Whether the result is a position rather than a value."""
        return self.combine.startswith("arg")

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Drop the axes; sums of integers are int64, positions are int64."""
        (x,) = inputs
        axes = attrs["axes"]
        if self.combine in ("min", "max", "argmin", "argmax"):
            empty = [a for a in axes if x.shape[a] == 0]
            if empty:
                raise ShapeError(
                    f"{self.name} of an empty axis: {shape_text(x.shape)}", site=site_text()
                )
        shape = tuple(s for i, s in enumerate(x.shape) if i not in axes)
        if self.gives_index or (self.combine in ("add", "mul") and not x.dtype.is_float):
            return shape, int64
        return shape, x.dtype


class ContractOp(Op):
    """A two-operand einsum; ``spec`` gives each operand distinct labels: ``"ij,jk->ik"``.

    Every label of an operand stands in the other operand or in the result, so that summation is
    always over labels that both have.
    """

    kind = "contract"

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Match the sizes of equal labels."""
        left, right, out = split_spec(attrs["spec"])
        sizes: dict[str, Size] = {}
        for node, labels in zip(inputs, (left, right), strict=True):
            for label, size in zip(labels, node.shape, strict=True):
                if sizes.setdefault(label, size) != size:
                    raise ShapeError(
                        f"{self.name} {attrs['spec']}: {shape_text(inputs[0].shape)} and "
                        f"{shape_text(inputs[1].shape)} do not fit: {sizes[label]} against {size}",
                        site=site_text(),
                        remedy="the summed axes must have one size; transpose an operand?",
                    )
        return tuple(sizes[label] for label in out), promote(*(i.dtype for i in inputs))


def split_spec(spec: str) -> tuple[str, str, str]:
    """Split ``"ij,jk->ik"`` into its three label strings."""
    operands, out = spec.split("->")
    left, right = operands.split(",")
    return left, right, out


class ViewOp(Op):
    """Each element of the result is one element of the input, at a place known beforehand.

    Subclasses (one op file each) say where: :meth:`pull` maps an index of the result to an index
    of the input; :meth:`transpose` is the derivative; :meth:`evaluate` the NumPy meaning.
    """

    kind = "view"

    @abstractmethod
    def evaluate(self, x: np.ndarray, attrs: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
        """Return the view of an array."""

    @abstractmethod
    def transpose(self, node: Node, cotangent: Node) -> Contribution:
        """Return the input's contribution: the transposed map applied to the cotangent."""

    @abstractmethod
    def pull(self, node: Node, index: Sequence[Affine]) -> tuple[Affine, ...] | None:
        """Return the input's index at an index of the result; None if it is not affine an axis."""


@dataclass(frozen=True)
class Affine:
    """An integer-affine function of loop indices: ``offset + sum(coefficient * index)``.

    Attributes
    ----------
    terms : tuple of (str, Size)
        Loop index name and its coefficient, sorted by name.
    offset : Size
        The constant part.
    """

    terms: tuple[tuple[str, Size], ...] = ()
    offset: Size = 0

    @staticmethod
    def index(name: str) -> Affine:
        """Return the function that is one loop index."""
        return Affine(((name, 1),))

    def scaled(self, factor: Size, offset: Size = 0) -> Affine:
        """Return ``factor * self + offset``."""
        terms = tuple((n, c * factor) for n, c in self.terms if c * factor != 0)
        return Affine(terms, self.offset * factor + offset)

    def plus(self, other: Affine) -> Affine:
        """Return the sum."""
        terms = dict(self.terms)
        for name, coefficient in other.terms:
            terms[name] = terms.get(name, 0) + coefficient
        kept = tuple((n, c) for n, c in sorted(terms.items()) if c != 0)
        return Affine(kept, self.offset + other.offset)


@dataclass(frozen=True)
class Piece:
    """A region of an assembled result: input ``operand`` lands at ``starts`` with ``steps``."""

    operand: int
    starts: tuple[Size, ...]
    steps: tuple[int, ...]


class AssemblyOp(Op):
    """A result put together from whole inputs in disjoint regions, and a fill elsewhere."""

    kind = "assembly"

    @abstractmethod
    def pieces(self, node: Node) -> tuple[Piece, ...]:
        """Return where each input lands."""

    @abstractmethod
    def fill(self, attrs: Mapping[str, Any]) -> float | None:
        """Return the value between the pieces; None if they cover everything."""

    @abstractmethod
    def transpose(self, node: Node, cotangent: Node) -> Sequence[Contribution]:
        """Return the contribution to each input: its region of the cotangent."""


class GatherOp(Op):
    """Elements at data-dependent places along one axis; inputs are ``(x, indices)``.

    ``along`` False: whole slices, as ``numpy.take``; True: one an element, as
    ``numpy.take_along_axis``. Indices must lie in ``[0, size)``: those that come straight from an
    input (attribute ``checked``) are checked before anything is stored, computed ones are clipped.
    """

    kind = "gather"

    def __init__(self, name: str, *, along: bool, adjoint: Adjoint, doc: str | None = None) -> None:
        self.along = along
        self.adjoint = adjoint
        super().__init__(name, doc)

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Replace the axis by the axes of the indices."""
        x, indices = inputs
        axis = attrs["axis"]
        _check_indices(self.name, indices)
        if not self.along:
            return x.shape[:axis] + indices.shape + x.shape[axis + 1 :], x.dtype
        return _along_shape(self.name, x.shape, indices.shape, axis), x.dtype


class ScatterOp(Op):
    """Sum of updates at data-dependent places of zeros; inputs are ``(updates, indices)``.

    The transpose of gather: indices that occur twice accumulate.
    """

    kind = "scatter"

    def __init__(self, name: str, *, along: bool, adjoint: Adjoint, doc: str | None = None) -> None:
        self.along = along
        self.adjoint = adjoint
        super().__init__(name, doc)

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Put an axis of the given size in the place of the axes of the indices."""
        updates, indices = inputs
        axis = attrs["axis"]
        _check_indices(self.name, indices)
        taken = 1 if self.along else indices.ndim
        if updates.shape[axis : axis + taken] != (
            indices.shape[axis : axis + 1] if self.along else indices.shape
        ):
            raise ShapeError(
                f"{self.name}: updates {shape_text(updates.shape)} do not fit indices "
                f"{shape_text(indices.shape)} at axis {axis}",
                site=site_text(),
            )
        tail = updates.shape[axis + taken :]
        return (*updates.shape[:axis], attrs["size"], *tail), updates.dtype


def _check_indices(op: str, indices: Node) -> None:
    if not indices.dtype.is_integer:
        raise DTypeError(
            f"{op}: indices must be integers, not {indices.dtype}",
            site=site_text(),
            remedy="cast them: indices.astype('int32')",
        )


def _along_shape(op: str, x: Shape, indices: Shape, axis: int) -> Shape:
    rest_x, rest_i = x[:axis] + x[axis + 1 :], indices[:axis] + indices[axis + 1 :]
    if len(x) != len(indices) or rest_x != rest_i:
        raise ShapeError(
            f"{op}: {shape_text(x)} and indices {shape_text(indices)} differ off axis {axis}",
            site=site_text(),
            remedy="expand the indices first: indices[:, None]",
        )
    return indices


@dataclass(frozen=True, eq=False)
class Body:
    """A closed sub-graph: positional arguments and results."""

    arguments: tuple[Node, ...]
    results: tuple[Node, ...]


class CompositeOp(Op):
    """A named sub-graph: softmax, a layer, a loss.

    Parameters
    ----------
    expand : callable
        From input nodes (positional) and attributes (keyword) to a node or a tuple of nodes.
    adjoint : Adjoint, optional
        A derivative that is better than the expansion's; tests check it against that.
    """

    kind = "composite"

    def __init__(
        self,
        name: str,
        expand: Callable[..., Any],
        *,
        adjoint: Adjoint | None = None,
        doc: str | None = None,
    ) -> None:
        self.expand = expand
        self.adjoint = adjoint
        self._bodies: dict[object, Body] = {}
        super().__init__(name, doc)

    def body(self, inputs: Sequence[Node], attrs: Attrs) -> Body:
        """Return the sub-graph for inputs of these shapes and dtypes (made once for each)."""
        given = tuple((k, v) for k, v in attrs if k != "output")
        key = (tuple((i.shape, i.dtype) for i in inputs), given)
        if key not in self._bodies:
            arguments = tuple(
                operators["argument"](k, i.shape, i.dtype) for k, i in enumerate(inputs)
            )
            with body_scope(self.name):
                result = self.expand(*arguments, **dict(given))
            results = result if isinstance(result, tuple) else (result,)
            self._bodies[key] = Body(arguments, results)
        return self._bodies[key]

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return what the expansion gives."""
        results = self.body(inputs, tuple(attrs.items())).results
        result = results[attrs.get("output", 0)]
        return result.shape, result.dtype

    def expanded(self, node: Node) -> Node:
        """Return the expansion of a node of this op, on the node's own inputs."""
        body = self.body(node.inputs, node.attrs)
        values = dict(zip(body.arguments, node.inputs, strict=True))
        result = body.results[dict(node.attrs).get("output", 0)]
        outer = node.origins[0]
        for inner in topological([result]):
            if inner not in values:
                path = inner.origins[0].scope
                inside = outer._replace(scope=f"{outer.scope}/{path}" if outer.scope else path)
                inputs = tuple(values[i] for i in inner.inputs)
                attrs = inner.attrs
                if isinstance(inner.op, (GatherOp, ScatterOp)):  # an argument may be an input now
                    attrs = _with_attr(attrs, "checked", straight_from_input(inputs[1]))
                values[inner] = Node(inner.op, inputs, attrs, inner.shape, inner.dtype, (inside,))
        return values[result]

    def __call__(self, *args: Any, **attrs: Any) -> Any:
        """Apply the op; several outputs come as a tuple."""
        inputs = [as_node(a) for a in args]
        count = len(self.body(inputs, tuple(attrs.items())).results)
        if count == 1:
            return make(self, inputs, **attrs)
        return tuple(make(self, inputs, **attrs, output=k) for k in range(count))


def leaf(op: LeafOp, shape: Shape, dtype: DType, **attrs: Any) -> Node:
    """Build a leaf: shape and dtype are the node's own, not attributes."""
    return Node(op, (), tuple(attrs.items()), shape, dtype, (current_origin(),))


def normalise_axis(op: str, axis: int, rank: int) -> int:
    """Return a non-negative axis.

    Raises
    ------
    ShapeError
        If there is no such axis.
    """
    if not -rank <= axis < rank:
        raise ShapeError(f"{op}: axis {axis} of {rank} axes", site=site_text())
    return axis % rank


def normalise_axes(op: str, axis: Any, rank: int) -> tuple[int, ...]:
    """Return sorted non-negative axes; None means all of them."""
    if axis is None:
        return tuple(range(rank))
    given = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple(sorted(normalise_axis(op, a, rank) for a in given))
    if len(set(axes)) != len(axes):
        raise ShapeError(f"{op}: axis {axis} occurs twice", site=site_text())
    return axes


def _with_attr(attrs: Attrs, name: str, value: object) -> Attrs:
    return tuple((k, value if k == name else v) for k, v in attrs)


def straight_from_input(node: Node) -> bool:
    """Whether a node is an input seen through views and casts only: then it can be checked.

    It is decided where the graph is built, so that no pass turns clipped indices into checked ones.
    """
    while node.op.kind == "view" or (
        isinstance(node.op, ElementwiseOp)
        and len(node.inputs) == 1
        and node.op.body(node.attrs).instruction is not None
        and isinstance(node.op.body(node.attrs).payload, DType)
    ):
        node = node.inputs[0]
    return isinstance(node.op, LeafOp) and node.op.is_input
