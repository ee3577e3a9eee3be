"""Cases of the functions that are not elementwise."""

import numpy as np

import graphdl as gd
from tests.ops.cases import Array, Case

A234 = Array((2, 3, 4))
A34 = Array((3, 4))
N3 = Array(("N", 3))


def row(function, label, call, inputs, reference, **more):
    given = inputs if isinstance(inputs, tuple) else (inputs,)
    return Case(function, label, call, given, reference, **more)


def _axes(function, reference, *extra):
    """Return a reduction's cases: over all, one or several axes, of size 1 and 0, symbolic."""
    f = gd.ops.FUNCTIONS[function]
    table = [
        ("all", A234, None, False), ("first", A234, 0, False), ("middle", A234, 1, True),
        ("last", A234, -1, False), ("two", A234, (0, 2), False), ("two kept", A234, (2, 0), True),
        ("one", Array((3, 1)), 1, False), ("ones", Array((1, 1)), None, True),
        ("symbolic", N3, 0, False), ("symbolic last", N3, 1, True),
        ("empty result", Array((0, 3)), 1, False), ("scalar", Array(()), None, False), *extra,
    ]  # fmt: skip
    return [
        row(function, label, lambda x, a=axis, k=keep: f(x, a, keepdims=k), given,
            lambda x, a=axis, k=keep: reference(x, axis=a, keepdims=k))
        for label, given, axis, keep in table
    ]  # fmt: skip


def _logsumexp(x, axis, keepdims=False):
    return np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims))


def _softmax(x, axis=-1):
    e = np.exp(x)
    return e / e.sum(axis, keepdims=True)


def reductions():
    empty = ("empty", Array((0, 3)), 0, False)
    yield from _axes("sum", np.sum, empty)
    yield from _axes("mean", np.mean)
    for name in ("max", "min"):
        yield from _axes(name, getattr(np, name))
    yield from _axes("logsumexp", _logsumexp)
    yield row("sum", "of int32", gd.sum, Array((3, 4), "int32", -9, 9), np.sum)
    yield row("sum", "of bool", lambda x: gd.sum(x, 0), Array((3, 4), "bool"), lambda x: x.sum(0))
    yield row("mean", "of int32", gd.mean, Array((3, 4), "int32", -9, 9), np.mean)
    for name in ("argmax", "argmin"):
        f, g = gd.ops.FUNCTIONS[name], getattr(np, name)
        for axis in (None, 0, 1, -1):
            yield row(name, f"{axis}", lambda x, f=f, a=axis: f(x, a), A234,
                      lambda x, g=g, a=axis: g(x, a))  # fmt: skip
        yield row(name, "kept", lambda x, f=f: f(x, 0, keepdims=True), N3,
                  lambda x, g=g: g(x, 0, keepdims=True))  # fmt: skip
    for name, reference in (
        ("softmax", _softmax),
        ("log_softmax", lambda x, axis=-1: np.log(_softmax(x, axis))),
    ):
        f = gd.ops.FUNCTIONS[name]
        for label, given, axis in (
            ("last", A34, -1), ("first", A34, 0), ("middle", A234, 1), ("one", Array((3, 1)), 1),
            ("symbolic", N3, 1), ("symbolic axis", N3, 0), ("empty", Array((0, 3)), 1),
        ):  # fmt: skip
            yield row(name, label, lambda x, f=f, a=axis: f(x, a), given,
                      lambda x, r=reference, a=axis: r(x, axis=a))  # fmt: skip


def contractions():
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


def views():
    yield row("reshape", "flat", lambda x: gd.reshape(x, -1), A234, lambda x: x.reshape(-1))
    yield row("reshape", "split", lambda x: x.reshape(4, 6), A234, lambda x: x.reshape(4, 6))
    yield row("reshape", "symbolic", lambda x: gd.reshape(x, -1), N3, lambda x: x.reshape(-1))
    yield row("reshape", "empty", lambda x: gd.reshape(x, (3, 0)), Array((0, 3)),
              lambda x: x.reshape(3, 0))  # fmt: skip
    yield row("expand_dims", "two", lambda x: gd.expand_dims(x, (0, 2)), A34,
              lambda x: np.expand_dims(x, (0, 2)))  # fmt: skip
    yield row("squeeze", "all", gd.squeeze, Array((1, 3, 1)), np.squeeze)
    yield row("squeeze", "one", lambda x: gd.squeeze(x, -1), Array((1, 3, 1)),
              lambda x: np.squeeze(x, -1))  # fmt: skip
    yield row("flatten", "images", gd.flatten, Array(("N", 2, 3)), lambda x: x.reshape(5, 6))
    yield row("transpose", "reverse", gd.transpose, A234, np.transpose)
    yield row("transpose", "order", lambda x: gd.transpose(x, (1, -1, 0)), A234,
              lambda x: x.transpose(1, 2, 0))  # fmt: skip
    yield row("broadcast_to", "grow", lambda x: gd.broadcast_to(x, (2, 3, 4)), Array((3, 1)),
              lambda x: np.broadcast_to(x, (2, 3, 4)))  # fmt: skip
    yield row("broadcast_to", "symbolic", lambda x: gd.broadcast_to(x, ("N", 4)), Array((4,)),
              lambda x: np.broadcast_to(x, (5, 4)))  # fmt: skip
    yield row("broadcast_to", "empty", lambda x: gd.broadcast_to(x, (0, 4)), Array((4,)),
              lambda x: np.broadcast_to(x, (0, 4)))  # fmt: skip
    yield row("flip", "all", gd.flip, A34, np.flip)
    yield row("flip", "one", lambda x: gd.flip(x, 0), N3, lambda x: np.flip(x, 0))
    for label, index in (
        ("step", np.s_[::2, 1:]), ("negative step", np.s_[::-2, -1::-1]), ("ints", np.s_[1, -1]),
        ("none", np.s_[None, 1:, ..., None]), ("ellipsis", np.s_[..., 0]), ("empty", np.s_[3:1]),
        ("array", np.array([2, 0, 0, 1])),
    ):  # fmt: skip
        key = (index,) if isinstance(index, np.ndarray) else index
        yield row("flip", f"slice {label}", lambda x, i=key: x[i], A34, lambda x, i=key: x[i])
    yield row("flip", "slice symbolic", lambda x: x[-2::-2, 1], N3, lambda x: x[-2::-2, 1])


def assemblies():
    pair = (Array((2, 3)), Array((2, 1)))
    yield row("concat", "last", lambda *x: gd.concat(x, 1), pair, lambda *x: np.concatenate(x, 1))
    yield row("concat", "symbolic", lambda *x: gd.concat(x, -2), (N3, Array((2, 3)), N3),
              lambda *x: np.concatenate(x, 0))  # fmt: skip
    yield row("concat", "empty part", lambda *x: gd.concat(x), (Array((0, 3)), Array((2, 3))),
              lambda *x: np.concatenate(x))  # fmt: skip
    yield row("concat", "twice the same", lambda x: gd.concat([x, x, x]), A34,
              lambda x: np.concatenate([x, x, x]))  # fmt: skip
    for axis in (0, 1, -1):
        yield row("stack", f"{axis}", lambda *x, a=axis: gd.stack(x, a), (A34, A34),
                  lambda *x, a=axis: np.stack(x, a))  # fmt: skip
    yield row("pad", "around", lambda x: gd.pad(x, 1), A34, lambda x: np.pad(x, 1))
    yield row("pad", "sides", lambda x: gd.pad(x, ((0, 2), (1, 0)), -1.5), N3,
              lambda x: np.pad(x, ((0, 2), (1, 0)), constant_values=-1.5))  # fmt: skip
    yield row("pad", "empty", lambda x: gd.pad(x, ((1, 1), (0, 0))), Array((0, 3)),
              lambda x: np.pad(x, ((1, 1), (0, 0))))  # fmt: skip


def _scatter(x, k, size, axis):
    result = np.zeros((*x.shape[:axis], size, *x.shape[axis + k.ndim :]))
    moved = np.moveaxis(result, axis, 0)
    source = tuple(range(axis, axis + k.ndim))
    np.add.at(moved, k, np.moveaxis(x, source, tuple(range(k.ndim))))
    return result


def _scatter_along(x, k, size, axis):
    result = np.zeros((*x.shape[:axis], size, *x.shape[axis + 1 :]))
    grid = list(np.indices(k.shape))
    grid[axis] = k
    np.add.at(result, tuple(grid), x)
    return result


def places():
    """Data-dependent places; indices are drawn from few, so that some occur twice."""

    def k(*shape, high=3):
        return Array(shape, "int32", 0, high)

    for label, given, indices, axis in (
        ("rows", A34, k(5), 0), ("columns", A34, k(6), 1), ("matrix", A34, k(2, 2), 0),
        ("middle", A234, k(2, 2), 1), ("scalar", A34, k(), 0), ("none", A34, k(0), 0),
        ("symbolic", A34, k("N"), 1), ("symbolic table", N3, k(4), 0),
    ):  # fmt: skip
        yield row("gather", label, lambda x, i, a=axis: gd.gather(x, i, a), (given, indices),
                  lambda x, i, a=axis: np.take(x, i, a))  # fmt: skip
    for label, given, indices, axis in (
        ("rows", Array((5, 2)), k(5), 0), ("columns", A34, k(4), 1), ("matrix", A234, k(2, 3), 0),
        ("middle", A234, k(3), 1), ("symbolic", N3, k("N"), 0), ("none", Array((0, 2)), k(0), 0),
    ):  # fmt: skip
        yield row("scatter_add", label, lambda x, i, a=axis: gd.scatter_add(x, i, 4, a),
                  (given, indices), lambda x, i, a=axis: _scatter(x, i, 4, a))  # fmt: skip
    for label, given, indices, axis in (
        ("one", A34, k(3, 1), 1), ("several", A34, k(3, 5), 1), ("first", A34, k(2, 4), 0),
        ("labels", N3, k("N", 1), 1), ("vector", Array((3,)), k(4), 0),
        ("one of one", Array((3, 1)), k(3, 1, high=1), 1),
    ):  # fmt: skip
        yield row("take_along_axis", label, lambda x, i, a=axis: gd.take_along_axis(x, i, a),
                  (given, indices), lambda x, i, a=axis: np.take_along_axis(x, i, a))  # fmt: skip
    for label, shape, axis in (
        ("last", (3, 4), 1),
        ("first", (3, 4), 0),
        ("symbolic", ("N", 2), 1),
    ):
        yield row("scatter_add_along_axis", label,
                  lambda x, i, a=axis: gd.scatter_add_along_axis(x, i, 4, a),
                  (Array(shape), k(*shape)), lambda x, i, a=axis: _scatter_along(x, i, 4, a),
                  )  # fmt: skip
    yield row("one_hot", "labels", lambda i: gd.one_hot(i, 4), Array(("N",), "int32", -1, 6),
              lambda i: (i[:, None] == np.arange(4)).astype(float))  # fmt: skip
    yield row("one_hot", "matrix", lambda i: gd.one_hot(i, 3, "int64"), k(2, 3),
              lambda i: (i[..., None] == np.arange(3)).astype(int))  # fmt: skip


def others():
    yield row("clip", "both", lambda x: gd.clip(x, -1.03, 1.01), A34, lambda x: x.clip(-1.03, 1.01))
    yield row("clip", "below", lambda x: gd.clip(x, low=0), A34, lambda x: x.clip(0))
    yield row("clip", "above", lambda x: gd.clip(x, high=0.4), A34, lambda x: x.clip(None, 0.4))
    positive = Array((2, 3), low=0.3)
    for exponent in (3, -2, 0.5, 1.7, 0):
        yield row("power", f"{exponent}", lambda x, p=exponent: x**p, positive,
                  lambda x, p=exponent: x ** float(p))  # fmt: skip
    yield row("power", "of nodes", gd.power, (positive, Array((3,))), np.power)
    yield row("square", "plain", gd.square, A34, np.square)
    for dtype in ("float64", "float32", "int32", "int64", "bool"):
        yield row("cast", dtype, lambda x, d=dtype: gd.cast(x * 1.0, d), A34,
                  lambda x, d=dtype: x.astype(d).astype(float), cut=dtype[0] != "f")  # fmt: skip
    yield row("cast", "of int32", lambda i: gd.cast(i, "uint8"), Array((3,), "int32", 0, 9),
              lambda i: i)  # fmt: skip
    for name, value in (("zeros", 0.0), ("ones", 1.0)):
        f = gd.ops.FUNCTIONS[name]
        yield row(name, "plain", lambda x, f=f: x * f((2, 3)), Array((3,)),
                  lambda x, v=value: np.broadcast_to(x, (2, 3)) * v)  # fmt: skip
    yield row("full", "symbolic", lambda x: x + gd.full(("N", 3), 2.5), N3, lambda x: x + 2.5)
    table = np.arange(3.0)
    yield row(
        "multiply", "by a constant", lambda x: x * gd.constant(table), N3, lambda x: x * table
    )
    yield row("multiply", "by a parameter", lambda x: x * gd.param("w", (3,), x.dtype, init=table),
              N3, lambda x: x * table)  # fmt: skip
    yield row("multiply", "by state", lambda x: x * gd.state("w", (3,), x.dtype, init=table), N3,
              lambda x: x * table)  # fmt: skip
    yield row("multiply", "by positions", lambda x: x * gd.iota("N")[:, None], N3,
              lambda x: x * np.arange(5)[:, None])  # fmt: skip
    whole = Array((2, 3), "int32", -5, 5)
    for name in ("add", "subtract", "multiply", "minimum", "maximum", "less", "equal"):
        f, reference = gd.ops.FUNCTIONS[name], getattr(np, name)
        yield row(name, "of int32", f, (whole, whole), reference)
    for name in ("negative", "abs", "sign"):
        yield row(name, "of int32", gd.ops.FUNCTIONS[name], whole, getattr(np, name))
    yield row("divide", "of int32", gd.divide, (whole, Array((3,), "int32", 1, 5)), np.divide)
    yield row("equal", "same values", lambda x: gd.equal(x, x), A34, lambda x: x == x)
    yield row("where", "int32", gd.where, (Array((3,), "bool"), whole, whole), np.where)


def rows():
    for group in (reductions, contractions, views, assemblies, places, others):
        yield from group()
