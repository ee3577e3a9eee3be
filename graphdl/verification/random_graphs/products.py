"""Families that multiply and sum: matrix products, einsums and their relatives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphdl.ir.dims import Size
from graphdl.ir.dtypes import int32
from graphdl.ir.node import Node
from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.family import Family
from graphdl.verification.random_graphs.known import Known, is_number


def _matmul(b: Builder, name: str) -> Known:
    batch, m, n, k = (b.axis() for _ in range(4))
    first, second = b.pick((
        ((m, k), (k, n)), ((k,), (k, n)), ((m, k), (k,)), ((batch, m, k), (k, n)),
        ((batch, m, k), (batch, k, n)), ((1, m, k), (batch, k, n)), ((k,), (k,)),
    ))  # fmt: skip
    if not (b.fits([batch, m, n]) and b.fits([batch, m, k]) and b.fits([batch, k, n])):
        first, second = (m, k), (k,)
    x, y = _shaped(b, first), _shaped(b, second)
    return _multiplied(b, b.call(name, x.node, y.node), [x, y], [k])


def _einsum(b: Builder, name: str) -> Known:
    batch, m, n, k = (b.axis() for _ in range(4))
    if b.chance(20):
        n, j = 1, 2
        shapes = [(m, k), (k, j), (j, n)]
        if all(b.fits(s) for s in shapes):
            factors = [_shaped(b, s) for s in shapes]
            node = b.call(name, "ij,jk,kl->li", *(f.node for f in factors))
            return _multiplied(b, node, factors, [k, j])
    forms: Sequence[tuple[str, tuple[Size, ...], tuple[Size, ...]]] = (
        ("ij,kj->ik", (m, k), (n, k)),
        ("ji,jk->ki", (k, m), (k, n)),
        ("bij,bj->ib", (batch, m, k), (batch, k)),
    )
    spec, first, second = b.pick(forms)
    if not b.fits([*first, n]):
        spec, first, second = "ij,ij->i", (m, k), (m, k)
    x, y = _shaped(b, first), _shaped(b, second)
    return _multiplied(b, b.call(name, spec, x.node, y.node), [x, y], [k])


def _contraction(b: Builder, name: str) -> Known:
    """Another function that sums products, or none but products."""
    m, n, k, j = (b.axis() for _ in range(4))
    if not b.fits([m, n, k, j]):
        n, j = 1, 2
    if not b.fits([m, k, j]):
        m, k = 3, 2
    forms: dict[str, list[tuple[Any, ...]]] = {
        "dot": [((m, k), (k, n), [k]), ((k,), (k,), [k])],
        "inner": [((m, k), (n, k), [k])],
        "vdot": [((m, k), (m, k), [m, k])],
        "vecdot": [((m, n, k), (1, k), [k])],
        "outer": [((m,), (n,), [])],
        "kron": [((m, 1), (k, n), [])],
        "tensordot": [
            ((m, k, j), (j, k, n), [k, j], ([1, 2], [1, 0])),
            ((m, k, j), (k, j, n), [k, j], 2),
        ],
    }
    first, second, summed, *extra = b.pick(forms[name])
    x, y = _shaped(b, first), _shaped(b, second)
    return _multiplied(b, b.call(name, x.node, y.node, *extra), [x, y], summed)


def _matrix_power(b: Builder, name: str) -> Known:
    k = b.axis()
    x = _shaped(b, (k, k))
    return _multiplied(b, b.call(name, x.node, 2), [x, x], [k])


def _form(b: Builder, name: str) -> Known:
    m, n, k = (b.axis() for _ in range(3))
    if not b.fits([m, n, k]):
        m, n = 3, 2
    x, y, w = _shaped(b, (m, k)), _shaped(b, (m, n)), b.leaf((3, k, n), b.flavour)
    node = b.call(name, x.node, w.node, y.node)
    return _multiplied(b, node, [x, w, y], [k, n])


def _multiplied(b: Builder, node: Node, factors: Sequence[Known], summed: Sequence[Size]) -> Known:
    """Put a sum of products into the pool."""
    bound, grain = float(b.extent(*summed)), 0
    for factor in factors:
        bound *= factor.bound
        grain += factor.grain or 0
    return b.add(node, bound, grain if all(f.exact for f in factors) else None)


def _shaped(b: Builder, shape: Sequence[Size]) -> Known:
    """Return numbers of a shape: from the pool, or new, or a transposed one."""
    wanted, turned = tuple(shape), tuple(reversed(shape))
    found = b.any(lambda k: is_number(k) and k.node.shape in (wanted, turned))
    if found is None or b.chance(30):
        kind = b.pick((b.flavour,) * 8 + (int32,))
        if b.chance(75):
            return b.leaf(shape, kind)
        found = b.leaf(turned, kind)
    elif found.node.shape == wanted:
        return found
    return Known(b.call("transpose", found.node), found.low, found.high, found.grain)


FAMILIES = (
    Family(_matmul, ("matmul",), 2),
    Family(_einsum, ("einsum",)),
    Family(_contraction, ("dot", "inner", "kron", "outer", "tensordot", "vdot", "vecdot")),
    Family(_form, ("bilinear",)),
    Family(_matrix_power, ("matrix_power",)),
)
