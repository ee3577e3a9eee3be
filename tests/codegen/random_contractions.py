"""Steps of a random graph that multiply and sum: matrix products, einsums and their relatives."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.ir import dims as sizes
from graphdl.ir.dtypes import bool_, int32
from graphdl.ir.node import Node
from tests.codegen.random_builder import LARGEST, Builder, Known


def product(b: Builder) -> Known:
    """A matrix product or einsum."""
    batch, m, n, k = [b.pick(b.axes) for _ in range(4)]
    form = b.integer(0, 9)
    shapes = {
        0: ((m, k), (k, n)), 1: ((k,), (k, n)), 2: ((m, k), (k,)), 3: ((batch, m, k), (k, n)),
        4: ((batch, m, k), (batch, k, n)), 5: ((1, m, k), (batch, k, n)), 6: ((k,), (k,)),
    }.get(form)  # fmt: skip
    if shapes is not None:
        if b.elements([batch, m, n]) > LARGEST or b.elements([batch, m, k]) > LARGEST:
            shapes = ((m, k), (k,))
        x, y = _shaped(b, shapes[0]), _shaped(b, shapes[1])
        node = b.call("matmul", x.node, y.node)
    else:
        spec, first, second = {
            7: ("ij,kj->ik", (m, k), (n, k)),
            8: ("ji,jk->ki", (k, m), (k, n)),
            9: ("bij,bj->ib", (batch, m, k), (batch, k)),
        }[form]
        if b.elements([*first, n]) > LARGEST:
            spec, first, second = "ij,ij->i", (m, k), (m, k)
        x, y = _shaped(b, first), _shaped(b, second)
        node = b.call("einsum", spec, x.node, y.node)
    return _multiplied(b, node, [x, y], [k])


def contraction(b: Builder) -> Known:
    """Another function that sums products, or none but products."""
    m, n, k, j = [b.pick(b.axes) for _ in range(4)]
    if b.elements([m, n, k, j]) > LARGEST:
        n, j = 1, 2
    if b.elements([m, k, j]) > LARGEST:
        m, k = 3, 2
    name, first, second, summed, extra = b.pick((
        ("dot", (m, k), (n, k, j), [k], ()), ("dot", (k,), (k,), [k], ()),
        ("inner", (m, k), (n, k), [k], ()), ("vdot", (m, k), (m, k), [m, k], ()),
        ("vecdot", (m, n, k), (1, k), [k], ()), ("outer", (m,), (n,), [], ()),
        ("tensordot", (m, k, j), (j, k, n), [k, j], (([1, 2], [1, 0]),)),
        ("tensordot", (m, k, j), (k, j, n), [k, j], (2,)), ("kron", (m, 1), (k, n), [], ()),
    ))  # fmt: skip
    other = b.integer(0, 9)
    if other == 0:
        return _form(b, m, n, k)
    if other == 1:
        x = _shaped(b, (k, k))
        return _multiplied(b, b.call("matrix_power", x.node, 2), [x, x], [k])
    x, y = _shaped(b, first), _shaped(b, second)
    if other == 2:
        weights = _shaped(b, (k, j))
        x, y = _shaped(b, (m, k)), _shaped(b, (j, n))
        node = b.call("einsum", "ij,jk,kl->li", x.node, weights.node, y.node)
        return _multiplied(b, node, [x, weights, y], [k, j])
    return _multiplied(b, b.call(name, x.node, y.node, *extra), [x, y], summed)


def _form(b: Builder, m: sizes.Size, n: sizes.Size, k: sizes.Size) -> Known:
    x, y, w = _shaped(b, (m, k)), _shaped(b, (m, n)), b.leaf((3, k, n), b.flavour)
    node = b.call("bilinear", x.node, w.node, y.node)
    return _multiplied(b, node, [x, w, y], [k, n])


def _multiplied(
    b: Builder, node: Node, factors: Sequence[Known], summed: Sequence[sizes.Size]
) -> Known:
    """Put a sum of products into the pool."""
    bound, grain = float(max(b.elements(summed), 1)), 0
    for factor in factors:
        bound *= factor.bound
        grain = None if grain is None or not factor.exact else grain + (factor.grain or 0)
    return b.add(node, bound, grain)


def _shaped(b: Builder, shape: Sequence[sizes.Size]) -> Known:
    """Return numbers of a shape: from the pool, or new, or a transposed one."""
    turned = tuple(reversed(shape))

    def fits(k: Known) -> bool:
        return k.node.dtype is not bool_ and k.node.shape in (tuple(shape), turned)

    found = b.any(fits)
    if found is None or b.chance(30):
        kind = b.pick((b.flavour,) * 8 + (int32,))
        if b.chance(25):
            x = b.leaf(turned, kind)
            return Known(b.call("transpose", x.node), x.bound, x.grain)
        return b.leaf(shape, kind)
    if found.node.shape != tuple(shape):
        return Known(b.call("transpose", found.node), found.bound, found.grain)
    return found
