"""Contractions."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, A234, Array, row

PAIRS = {
    "matmul": [
        ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((3, 4), (4, 2)), ((2, 3, 4), (4, 2)),
        ((2, 3, 4), (2, 4, 2)), ((1, 3, 2), (3, 2, 2)), ((2, 1, 3, 2), (3, 2, 1)), ((0, 4), (4, 2)),
        ((3, 0), (0, 2)), ((1, 1), (1, 1)), (("N", 3), (3, 2)), ((2, 3, 4), (4,)),
        ((4,), (2, 4, 3)), ((0,), (0,)), ((2, 3, 0), (0,)), ((3, 1), (1, 2)), ((2, "N"), ("N", 2)),
        (("N", 1, 2), (1, 2, "N")), ((0, 2, 3), (3, 2)),
    ],
    "dot": [
        ((4,), (4,)), ((), (3,)), ((2,), ()), ((), ()), ((2, 3), (3,)), ((2, 3, 4), (5, 4, 2)),
        ((3,), (2, 3, 2)), (("N",), ("N",)), ((2, 0), (0, 3)),
    ],
    "inner": [((3,), (3,)), ((2, 3), (4, 3)), ((2, 2, 3), (3,)), ((), (2, 3)), (("N", 2), (3, 2))],
    "outer": [((3,), (2,)), ((2, 2), (3, 1)), ((), (3,)), ((1,), (1,)), ((0,), (2,)),
              (("N",), ("N",))],
    "kron": [((2,), (3,)), ((2, 3), (2, 2)), ((2, 3), (2,)), ((3,), (2, 1, 2)), ((), (2, 2)),
             ((), ()), ((0, 2), (1, 3)), (("N", 2), (1, 2))],
    "vdot": [((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (3, 2)), ((), ()), ((0, 2), (0,)),
             (("N", 2), ("N", 2))],
    "vecdot": [((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3)), ((2, 0), (2, 0)),
               (("N", 3), (3,))],
}  # fmt: skip

AXES = [
    ((2, 3), (3, 2), 1), ((2, 3, 4), (3, 4, 2), 2), ((2,), (3, 2), 0), ((2, 3, 4), (4, 3, 2),
    ([1, 2], [1, 0])), ((2, 3), (3, 4), (-1, 0)), ((2, 3), (2, 3), ([], [])),
    ((2, 3), (2, 3), ((0, 1), (0, 1))), ((3, "N"), ("N", 3), ([0], [1])), ((0, 3), (0, 2), (0, 0)),
    ((1, 2), (2, 1), 1), ((), (3,), 0),
]  # fmt: skip

SPECS = [
    # one operand: orders, sums, diagonals
    ("ij->j", (3, 4)), ("ij->ji", (3, 4)), ("ii->i", (3, 3)), ("ii", (3, 3)),
    ("iij->ij", (3, 3, 2)), ("iji->j", (2, 3, 2)), ("iii->i", (2, 2, 2)),
    ("ijij->ji", (2, 3, 2, 3)), ("ij->", (0, 3)),
    ("...ij->...ji", (2, 3, 4)), ("i...->...", (3, 2, 2)), ("ii->i", (0, 0)), ("", ()),
    ("ii->i", ("N", "N")), ("i...i", (2, 3, 2)), ("ba", (2, 3)), ("ij->ij", (1, 1)),
    # two
    ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk->ki", (2, 3), (3, 4)),
    ("bij,bj->bi", (2, 3, 2), (2, 2)), ("ij,k->ij", (2, 3), (2,)), ("i,j->ij", (3,), (2,)),
    ("ij,ij->", (2, 3), (2, 3)), ("ij,j", (2, 3), (3,)), ("ab,ab->ab", (2, 3), (2, 3)),
    ("ab,ab->ba", (2, 3), (2, 3)), ("ij,ij->", (2, 3), (1, 3)), ("ij,jk->ik", (2, 1), (3, 4)),
    ("i,i->i", (3,), (1,)), ("ii,ij->j", (2, 2), (2, 3)), ("ij,jj->i", (2, 3), (3, 3)),
    ("...ij,...jk", (2, 1, 3, 2), (3, 2, 2)), ("...i,i->...", (2, 3), (3,)),
    ("ij...,jk...->ik...", (2, 3, 2), (3, 2, 1)), (",ij->ji", (), (2, 3)), (",", (), ()),
    ("ij,jk->ik", (2, 0), (0, 3)), ("ij,kl->", (2, 0), (2, 3)),
    ("nij,jk->nik", ("N", 2, 3), (3, 2)), ("ni,nj->ij", ("N", 2), ("N", 3)),
    ("ni,mi->nm", ("N", 2), (4, 2)), ("bhqd,bhkd->bhqk", (2, 2, 3, 2), (2, 2, 4, 2)),
    ("abc,cab->b", (2, 3, 2), (2, 2, 3)),
    # more
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 2)), ("i,ij,j->", (2,), (2, 3), (3,)),
    ("ijk,kl,jm->iml", (2, 3, 2), (2, 2), (3, 2)), ("i,i,i->i", (3,), (3,), (3,)),
    ("i,i,i->", (3,), (3,), (3,)), ("ii,ij,...j->...", (2, 2), (2, 3), (2, 3)),
    ("ij,jk,kl,lm->im", ("N", 2), (2, 3), (3, 2), (2, 2)), ("i,,j->ij", (2,), (), (3,)),
    ("i,j,k,l->lkji", (2,), (1,), (2,), (2,)), ("ab,bc,ca->", (2, 3), (3, 2), (2, 2)),
]  # fmt: skip


def _label(*parts):
    return " ".join(map(str, parts)).translate(str.maketrans("", "", "()[]',"))


def rows():
    for name, shapes in PAIRS.items():
        for pair in shapes:
            yield row(name, _label(*pair), lambda x, y, f=name: gd.ops.FUNCTIONS[f](x, y),
                      tuple(map(Array, pair)), getattr(np, name))  # fmt: skip
    yield row("matmul", "with itself", lambda x: gd.matmul(x, x.T), A34, lambda x: x @ x.T)
    yield row("kron", "with itself", lambda x: gd.kron(x, x), A34, lambda x: np.kron(x, x))
    for name in ("matmul", "dot", "inner", "vdot", "outer", "kron"):
        for sort in ("int32", "uint8", "bool"):
            square = Array((3, 3), sort, 0, 50)
            yield row(name, f"of {sort}", lambda x, y, f=name: gd.ops.FUNCTIONS[f](x, y),
                      (square, square), _at(sort, getattr(np, name)))  # fmt: skip
    for left, right, axes in AXES:
        yield row("tensordot", _label(left, right, "over", axes),
                  lambda x, y, a=axes: gd.tensordot(x, y, a), (Array(left), Array(right)),
                  lambda x, y, a=axes: np.tensordot(x, y, a))  # fmt: skip
    for spec, *shapes in SPECS:
        label = _label(spec.replace(",", " ").replace("->", " to "), *shapes)
        yield row("einsum", label, lambda *x, s=spec: gd.einsum(s, *x), tuple(map(Array, shapes)),
                  lambda *x, s=spec: np.einsum(s, *x))  # fmt: skip
    yield row("einsum", "with itself", lambda x: gd.einsum("ij,kj,kl->il", x, x, x), A34,
              lambda x: np.einsum("ij,kj,kl->il", x, x, x))  # fmt: skip
    for spec in ("ij->j", "ij->", "ii->i", "ij,jk->ik", "ij,ij->ij", "ii,ij->j", "ij,jk,ki->i"):
        for sort in ("int32", "uint8", "bool"):
            count = spec.count(",") + 1
            given = Array((3, 3), sort, 0, 50)
            label = f"{spec} of {sort}".replace(",", " ").replace("->", " to ")
            yield row("einsum", label, lambda *x, s=spec: gd.einsum(s, *x), (given,) * count,
                      _at(sort, lambda *x, s=spec: np.einsum(s, *x)))  # fmt: skip
    for power in (0, 1, 2, 5):
        yield row("matrix_power", f"{power}", lambda x, n=power: gd.matrix_power(x, n),
                  Array((3, 3), low=-1, high=1),
                  lambda x, n=power: np.linalg.matrix_power(x, n))  # fmt: skip
    yield row("matrix_power", "batch", lambda x: gd.matrix_power(x, 3), Array((2, 2, 2)),
              lambda x: np.linalg.matrix_power(x, 3))  # fmt: skip
    yield from _bilinear()
    yield from _diagonals()


def _at(dtype, function):
    """Return a function of arrays of this dtype."""
    return lambda *x: function(*(a.astype(dtype) for a in x))


def _bilinear():
    for label, first, second in (
        ("vectors", (3,), (2,)), ("batch", ("N", 3), ("N", 2)), ("broadcast", (2, 1, 3), (4, 2)),
    ):  # fmt: skip
        given = (Array(first), Array((4, 3, 2)), Array(second))
        yield row("bilinear", label, gd.bilinear, given, _bilinear_form)
        yield row("bilinear", f"{label} with bias", gd.bilinear, (*given, Array((4,))),
                  _bilinear_form)  # fmt: skip


def _bilinear_form(x, w, y, b=0.0):
    return np.einsum("...i,oij,...j->...o", x, w, y) + b


def _diagonals():
    yield row("diagonal", "square", gd.diagonal, Array((3, 3)), np.diagonal)
    yield row("diagonal", "symbolic", gd.diagonal, Array(("N", "N", 2)), np.diagonal)
    for label, offset, first, second in (
        ("above", 1, 0, 1), ("below", -1, -1, 0), ("far above", 3, 0, 1), ("outside", 9, 1, 2),
        ("last axes", 0, -2, -1), ("below, swapped", -2, 2, 1),
    ):  # fmt: skip
        args = (offset, first, second)
        yield row("diagonal", label, lambda x, a=args: gd.diagonal(x, *a), A234,
                  lambda x, a=args: np.diagonal(x, *a))  # fmt: skip
