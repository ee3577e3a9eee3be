"""What views, assemblies and creation functions refuse, with which words."""

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.errors import ArgumentError, ShapeError

X, S, V = gd.input("x", (3, 4)), gd.input("s", ("N", 3)), gd.input("v", (5,))
EMPTY = gd.input("e", (0, 3))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: gd.reshape(X, (5, -1)), ShapeError, "(3, 4) cannot become (5, -1)"),
        (lambda: gd.reshape(X, (-1, -1)), ShapeError, "-1 may stand once"),
        (lambda: gd.reshape(EMPTY, (-1, 0)), ShapeError, "cannot become"),
        (lambda: gd.reshape(S, ("M", -1)), ShapeError, "(N, 3) cannot become ('M', -1)"),
        (lambda: gd.reshape(X, (2, 5)), ShapeError, "not as many elements"),
        (lambda: gd.squeeze(S, 0), ShapeError, "not of size 1"),
        (lambda: gd.transpose(X, (0, 0)), ShapeError, "transpose"),
        (lambda: gd.moveaxis(X, (0, 1), 0), ShapeError, "as many places as axes"),
        (lambda: gd.moveaxis(X, (0, 0), (0, 1)), ShapeError, "moveaxis"),
        (lambda: gd.moveaxis(X, 2, 0), ShapeError, "moveaxis: axis 2 of 2 axes"),
        (lambda: gd.swapaxes(X, 0, 3), ShapeError, "swapaxes: axis 3"),
        (lambda: gd.rot90(X, axes=(1, -1)), ShapeError, "rot90: axes (1, -1)"),
        (lambda: gd.rot90(V), ShapeError, "rot90: axis 1 of 1 axes"),
        (lambda: gd.broadcast_to(X, (3, 5)), ShapeError, "do not broadcast"),
        (lambda: gd.broadcast_arrays(X, V), ShapeError, "broadcast_arrays"),
        (lambda: gd.concat([]), ShapeError, "concat of nothing"),
        (lambda: gd.hstack([]), ShapeError, "concat of nothing"),
        (lambda: gd.concat([X, V]), ShapeError, "(3, 4) and (5,)"),
        (lambda: gd.concat([X, S], 1), ShapeError, "all other axes must have equal sizes"),
        (lambda: gd.vstack([X, V]), ShapeError, "(3, 4) and (1, 5)"),
        (lambda: gd.split(X, 3, 1), ShapeError, "no 3 equal parts"),
        (lambda: gd.split(S, 2), ShapeError, "use array_split"),
        (lambda: gd.split(X, 0), ShapeError, "0 is no number of parts"),
        (lambda: gd.array_split(X, 1.5), ArgumentError, "indices_or_sections=1.5"),
        (lambda: gd.pad(X, -1), ShapeError, "none negative"),
        (lambda: gd.pad(X, 1.5), ShapeError, "give integers"),
        (lambda: gd.pad(X, ((1, 1),) * 3), ShapeError, "for 2 axes"),
        (lambda: gd.pad(X, 1, constant_values=((1, 2),) * 3), ShapeError, "values"),
        (lambda: gd.pad(X, 1, "mirror"), ArgumentError, "use one of constant, edge, reflect"),
        (lambda: gd.pad(EMPTY, 1, "wrap"), ShapeError, "axis 0 of (0, 3) has nothing to copy"),
        (lambda: gd.roll(X, (1, 2), (0, 1, 0)), ShapeError, "roll: shifts (1, 2)"),
        (lambda: gd.roll(X, 1, 2), ShapeError, "roll: axis 2 of 2 axes"),
        (lambda: gd.repeat(X, [1, 2], 0), ShapeError, "repeat: [1, 2] for axis 0 of (3, 4)"),
        (lambda: gd.repeat(X, [1, -1, 0], 0), ShapeError, "none negative"),
        (lambda: gd.repeat(S, [1, 2], 0), ShapeError, "static axis"),
        (lambda: gd.diagonal(X, 0, 1, 1), ShapeError, "diagonal: axes 1 and 1"),
        (lambda: gd.diagonal(S), ShapeError, "not known before run time"),
        (lambda: gd.trace(V), ShapeError, "axis 1 of 1 axes"),
        (lambda: gd.diag(gd.ones((2, 2, 2))), ShapeError, "use diagonal"),
        (lambda: gd.tril(V), ShapeError, "two axes at least"),
        (lambda: gd.triu(1.0), ShapeError, "two axes at least"),
        (lambda: gd.arange(0, 3, 0), ArgumentError, "step must not be 0"),
        (lambda: gd.arange(0, "N", 0.5), ArgumentError, "symbolic"),
        (lambda: gd.meshgrid(X), ShapeError, "gd.ravel"),
        (lambda: gd.meshgrid(V, indexing="yx"), ArgumentError, "use 'xy' or 'ij'"),
    ],
)
def test_refused(call, error, words):
    with pytest.raises(error) as caught:
        call()
    text = str(caught.value)
    assert words in text
    assert __file__.rsplit("/", 1)[-1] in text


@pytest.mark.parametrize("mode", ["edge", "reflect", "symmetric", "wrap"])
def test_pads_of_known_axes_are_views(mode):
    """No indices, and none in the gradient: slices and flips, put together."""
    padded = gd.pad(X, ((1, 2), (2, 0)), mode)
    (gradient,) = gd.grad(gd.sum(padded * padded), [X])
    kinds = {n.op.kind for n in gd.Graph([padded, gradient]).nodes}
    assert not kinds & {"gather", "scatter"}


def test_many_counts_are_one_gather():
    repeated = gd.repeat(gd.input("x", (40,)), np.arange(40) % 3)
    assert [n.op.kind for n in gd.Graph(repeated).nodes].count("gather") == 1
