"""What the functions of leaves and ops see to, and text written by hand may get wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

import numpy as np

from graphdl.ir import scalar
from graphdl.ir.dim_parsing import as_shape
from graphdl.ir.dims import Dim, Shape, symbols
from graphdl.ir.dtypes import DType, bool_
from graphdl.ir.errors import GraphError
from graphdl.ir.kinds import (
    Affine,
    AssemblyOp,
    ContractOp,
    ElementwiseOp,
    IndexedOp,
    LeafOp,
    Op,
    OrderOp,
    PrefixOp,
    ReduceOp,
    ViewOp,
    normalise_axes,
)
from graphdl.ir.kinds.contract import split_spec
from graphdl.ir.kinds.gather import MODES, known_part
from graphdl.ir.leaves import ARGUMENT, CONSTANT, DIMENSION, INPUT, IOTA, PARAM, STATE
from graphdl.ir.node import Node
from graphdl.ir.size_checks import size_checks, size_error

_LEAVES: dict[Op, set[str]] = {
    INPUT: {"name"},
    PARAM: {"name", "init"},
    STATE: {"name", "init"},
    CONSTANT: {"value"},
    IOTA: set(),
    DIMENSION: {"size"},
}
"""The attributes of leaves."""
_KINDS = {
    "reduce": {"axes"},
    "prefix": {"axis", "reverse", "exclusive"},
    "order": {"axis", "descending"},
    "contract": {"spec"},
    "gather": {"axes", "mode", "checked"},
    "scatter": {"axes", "mode", "checked"},
}
"""The attributes of kinds whose ops all have the same."""
_SORTS: dict[str, Callable[[DType], bool]] = {
    "float": lambda dtype: dtype.is_float,
    "integer": lambda dtype: dtype.is_integer,
    "number": lambda dtype: dtype is not bool_,
    "bool": lambda dtype: dtype is bool_,
}
"""What elementwise ops accept."""


def check(node: Node) -> None:
    """Refuse a node that its op's own function would not have made.

    Its type must be what the op infers. Kernels rely on the rest: axes that exist, indices and
    regions that stay inside.

    Raises
    ------
    GraphdlError
        If the node does not fit. Where inputs or attributes are of another sort altogether, what
        Python makes of it comes through.
    """
    as_shape(node.shape)
    if isinstance(node.op, LeafOp):
        _check_leaf(node, dict(node.attrs))
    else:
        _check_type(node)
        _check_attributes(node, dict(node.attrs))
        _check_regions(node)


def _require(fits: bool, message: str) -> None:
    if not fits:
        raise GraphError(message)


def _check_leaf(node: Node, attrs: Mapping[str, Any]) -> None:
    op, shape, dtype = node.op, node.shape, node.dtype
    strange = attrs.keys() - _LEAVES.get(op, attrs.keys())
    _require(not strange, f"no attribute is named {min(strange, default='')!r}")
    _require(not node.inputs, "a leaf takes no inputs")
    _require(op is not ARGUMENT, "it stands only in the bodies of composites")
    if op is CONSTANT:
        value = attrs.get("value")
        fits = isinstance(value, np.ndarray) and value.shape == shape
        _require(fits, "value must be an array of the constant's shape")
        _require(attrs["value"].dtype == dtype.numpy, f"value must be of dtype {dtype}")
    elif op in (INPUT, PARAM, STATE):
        _require(bool(node.name) and isinstance(attrs["name"], str), "a name is missing")
    elif op is IOTA:
        _require(len(shape) == 1, "positions have one axis")
    elif op is DIMENSION:
        _require(isinstance(attrs.get("size"), Dim), "the size of a symbolic dim is missing")
        _require(not shape, "a size has no axes")
    if op in (PARAM, STATE):
        _require("init" in attrs, "init is missing")
        _require(all(isinstance(s, int) for s in shape), "state must have static sizes")
        fits = callable(attrs["init"]) or _is_first_value(attrs["init"], shape, dtype)
        _require(fits, f"init must be an initialiser or a {dtype} array of shape {shape} or ()")


def _is_first_value(init: object, shape: Shape, dtype: DType) -> bool:
    return isinstance(init, np.ndarray) and init.shape in ((), shape) and init.dtype == dtype.numpy


def _check_type(node: Node) -> None:
    if isinstance(node.op, ElementwiseOp):
        count = len(node.op.input_names)
        _require(len(node.inputs) == count, f"takes {count} inputs")
    shape, dtype = node.op.infer(node.inputs, dict(node.attrs))
    fits = (as_shape(shape), dtype) == (node.shape, node.dtype)
    _require(fits, f"the type is {dtype}{shape}")


def _check_attributes(node: Node, attrs: Mapping[str, Any]) -> None:
    op = node.op
    hash(node.attrs)  # arrays are only in leaves
    _require(attrs.keys() == _KINDS.get(op.kind, attrs.keys()), "other attributes are needed")
    output = attrs.get("output", 0)
    _require(type(output) is int and output >= 0, "output must be an int >= 0")
    if isinstance(op, ElementwiseOp):
        _check_scalar(node, op, attrs)
    elif isinstance(op, ReduceOp):
        _check_axes(node, attrs["axes"], node.inputs[0].ndim)
    elif isinstance(op, (PrefixOp, OrderOp)):
        _check_axes(node, (attrs["axis"],), node.ndim)
        flags = [v for k, v in node.attrs if k != "axis"]
        _require(all(isinstance(v, bool) for v in flags), "flags must be true or false")
    elif isinstance(op, ContractOp):
        _check_labels(attrs["spec"])
    elif isinstance(op, IndexedOp):
        _check_indices(node, op, attrs)
    elif isinstance(op, ViewOp):
        _require(len(node.inputs) == 1, "takes 1 input")
    elif isinstance(op, AssemblyOp):
        _require(isinstance(op.fill(attrs), (int, float, NoneType)), "the fill must be a number")


def _check_scalar(node: Node, op: ElementwiseOp, attrs: Mapping[str, Any]) -> None:
    for name in op.defaults:
        op.attribute(name, attrs[name])
    accepts = _SORTS.get(op.accepts)
    fits = accepts is None or all(accepts(i.dtype) for i in node.inputs)
    _require(fits, f"inputs must be {op.accepts}s")
    parts = scalar.walk(op.body(node.attrs)) if op.defaults else []
    for number in (p.payload for p in parts if p.is_constant):
        fits = isinstance(number, (int, float)) and (node.dtype.is_float or abs(number) < 2**63)
        _require(fits, "attributes must be numbers that fit the dtype")


def _check_axes(node: Node, axes: Any, rank: int) -> None:
    normal = normalise_axes(node.op.name, axes, rank)
    _require(axes == normal, f"axes must be {normal}, not {axes}")


def _check_labels(spec: str) -> None:
    operands = left, right, out = split_spec(spec)
    fits = set(left) ^ set(right) <= set(out) and all(
        len(set(labels)) == len(labels) and (labels.isalpha() or not labels) for labels in operands
    )
    _require(fits, f"{spec!r} does not contract two operands")


def _check_indices(node: Node, op: IndexedOp, attrs: Mapping[str, Any]) -> None:
    axes, mode, flags = attrs["axes"], attrs["mode"], attrs["checked"]
    indices = node.inputs[op.operands :]
    _check_axes(node, axes, len(op.indexed_shape(node)))
    _require(len(axes) == len(indices) == len(flags), "each index array has one axis and flag")
    _require(len({i.shape for i in indices}) == 1, "the index arrays must be of one shape")
    _require(len(indices) == 1 or not op.along, "there is one index array")
    _require(mode in MODES, f"mode must be one of {', '.join(MODES)}")
    for index, checked in zip(indices, flags, strict=True):
        can_be = mode != "clip" and known_part(index) is not None
        fits = checked is False or (checked is True and can_be)
        _require(fits, "these indices are not checked before the call")


def _check_regions(node: Node) -> None:
    """Refuse what has another number of axes, or would be refused whatever the sizes."""
    op = node.op
    if isinstance(op, ViewOp):
        places = op.pull(node, [Affine.index(f"i{k}") for k in range(node.ndim)])
        _require(places is None or len(places) == node.inputs[0].ndim, "it has other axes")
    elif isinstance(op, AssemblyOp):
        for piece in op.pieces(node):
            ranks = {len(piece.starts), len(piece.steps), node.inputs[piece.operand].ndim}
            _require(ranks == {node.ndim}, "it has other axes")
    for found in size_checks([node]):
        error = None if symbols(found.size + found.count) else size_error(found, {}, node.op.name)
        if error:
            raise error
