"""Contractions."""

import numpy as np

import graphdl as gd
from tests.ops.rows.shared import A34, Array, row


def rows():
    for left, right in (
        ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 2)), ((3, 4), (4, 2)), ((2, 3, 4), (4, 2)),
        ((2, 3, 4), (2, 4, 2)), ((1, 3, 2), (3, 2, 2)), ((2, 1, 3, 2), (3, 2, 1)), ((0, 4), (4, 2)),
        ((3, 0), (0, 2)), ((1, 1), (1, 1)), (("N", 3), (3, 2)),
    ):  # fmt: skip
        label = f"{left} {right}".translate(str.maketrans("", "", "(),'"))
        yield row("matmul", label, lambda x, y: x @ y, (Array(left), Array(right)), np.matmul)
    yield row("matmul", "with itself", lambda x: gd.matmul(x, x.T), A34, lambda x: x @ x.T)
    for spec, *shapes in (
        ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk->ki", (2, 3), (3, 4)),
        ("bij,bj->bi", (2, 3, 2), (2, 2)), ("ij,k->ij", (2, 3), (2,)),
        ("i,j->ij", (3,), (2,)), ("ij->j", (3, 4)), ("ij->ji", (3, 4)), ("ij,ij->", (2, 3), (2, 3)),
        ("ij,jk,kl->il", (2, 3), (3, 2), (2, 2)), ("ij,j", (2, 3), (3,)),
        ("ab,ab->ab", (2, 3), (2, 3)),
    ):  # fmt: skip
        label = spec.replace(",", " ").replace("->", " to ")
        yield row("einsum", label, lambda *x, s=spec: gd.einsum(s, *x), tuple(map(Array, shapes)),
                  lambda *x, s=spec: np.einsum(s, *x))  # fmt: skip
