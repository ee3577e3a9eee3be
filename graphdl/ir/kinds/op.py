"""What all kinds share: the op, the registry, shapes and dtypes of operands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import index
from typing import Any

import numpy as np

from graphdl.ir.dim_parsing import as_shape
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape, Size
from graphdl.ir.dtypes import DType, as_dtype, bool_, float32, int64, promote
from graphdl.ir.errors import ArgumentError, DTypeError, GraphError, ShapeError
from graphdl.ir.node import Node, current_origin, operators, site_text

Contribution = tuple[Node, str]
"""What a rule adds to an input's adjoint, and the rule as a template (see ``node.Rule``)."""

Adjoint = Callable[[Node, Node], Sequence[Contribution | None]]
"""From a node and its cotangent to a contribution for each input; None where there is none."""


class Op(ABC):
    """An operation. Equal only to itself; every op has a name of its own."""

    kind = "op"
    attributes: frozenset[str] | None = None
    """What nodes of every op of the kind have; None: each op has attributes of its own."""

    def __init__(self, name: str, doc: str | None = None) -> None:
        self.name = name
        if doc:
            self.__doc__ = doc
        register(self)

    @abstractmethod
    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return shape and dtype of the result, or raise a typed error."""

    def check(self, node: Node) -> None:
        """Refuse a node that the op's own function would not have made.

        Texts written by hand may hold such nodes. Kernels rely on what is checked here: axes that
        exist, indices and regions that stay inside.

        Raises
        ------
        GraphdlError
            If the node does not fit. Where inputs or attributes are of another sort altogether,
            what Python makes of it comes through.
        """
        attrs = dict(node.attrs)
        shape, dtype = self.infer(node.inputs, attrs)
        fits = (as_shape(shape), dtype) == (node.shape, node.dtype)
        require(fits, f"the type is {dtype}{shape}")
        hash(node.attrs)  # arrays are only in leaves
        require(self.attributes in (None, attrs.keys()), "other attributes are needed")
        output = attrs.get("output", 0)
        require(type(output) is int and output >= 0, "output must be an int >= 0")

    def math(self, node: Node) -> str | None:
        """Return how a node is written, ``{0}``, ``{1}`` ... for its inputs; None: as a call."""
        return None

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"


def require(fits: bool, message: str) -> None:
    """Refuse a node if it does not fit."""
    if not fits:
        raise GraphError(message)


def require_axes(node: Node, axes: Any, rank: int) -> None:
    """Refuse axes that are not those of an array of this rank, ascending."""
    normal = normalise_axes(node.op.name, axes, rank)
    require(axes == normal, f"axes must be {normal}, not {axes}")


def require_direction(node: Node) -> None:
    """Refuse other attributes than one axis and flags."""
    require_axes(node, (node.attr("axis"),), node.ndim)
    flags = [v for k, v in node.attrs if k != "axis"]
    require(all(isinstance(v, bool) for v in flags), "flags must be true or false")


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
    attributes: frozenset[str]

    def __init__(
        self,
        name: str,
        doc: str | None = None,
        *,
        attributes: Iterable[str] = (),
        fits: Callable[[Node], None] = lambda node: None,
        is_input: bool = False,
        is_constant: bool = False,
    ) -> None:
        self.attributes = frozenset(attributes)
        self.fits = fits
        self.is_input = is_input
        self.is_constant = is_constant
        super().__init__(name, doc)

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return what the leaf was declared with."""
        return attrs["shape"], attrs["dtype"]

    def check(self, node: Node) -> None:
        """Refuse a leaf that could not have been declared."""
        as_shape(node.shape)
        require(not node.inputs, "a leaf takes no inputs")
        given = {k for k, _ in node.attrs}
        strange = min(given - self.attributes, default=None)
        require(strange is None, f"no attribute is named {strange!r}")
        missing = min(self.attributes - given, default=None)
        require(missing is None, f"attribute {missing!r} is missing")
        self.fits(node)


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
    return as_dtype(as_array(value).dtype)


def as_array(value: Any) -> np.ndarray:
    """Return an array of what was given in place of a node.

    Raises
    ------
    DTypeError
        If it is no array of numbers: rows differ in length, or there are nodes among the elements.
    """
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.array(None)
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            f"cannot make a constant of {value!r}",
            site=site_text(),
            remedy="give numbers, in rows of one length; join nodes by gd.stack or gd.concat",
        )
    return array


def as_node(value: Any, dtype: DType | None = None) -> Node:
    """Turn a node, an array or a number into a node of that dtype."""
    if isinstance(value, Node):
        if dtype is None or value.dtype is dtype:
            return value
        return operators["cast"](value, dtype=dtype)
    return operators["constant"](value, dtype=dtype)


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
    try:
        place = index(axis)
    except TypeError:
        place = rank
    if not -rank <= place < rank:
        raise ShapeError(f"{op}: axis {axis!r} of {rank} axes", site=site_text())
    return place % rank


def normalise_axes(op: str, axis: Any, rank: int) -> tuple[int, ...]:
    """Return sorted non-negative axes; None means all of them."""
    if axis is None:
        return tuple(range(rank))
    given = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple(sorted(normalise_axis(op, a, rank) for a in given))
    if len(set(axes)) != len(axes):
        raise ShapeError(f"{op}: axis {axis} occurs twice", site=site_text())
    return axes
