"""Nodes whose rules are proved, and corrupted: each op of the catalogue once, small."""

import inspect

import numpy as np

import graphdl as gd
from graphdl import ir, losses, ops
from graphdl.ir.kinds import OPS, ElementwiseOp

CATALOGUE = tuple(f"{m.__name__}." for m in (ir, losses, ops))
"""Where the ops come from that have derivatives; metrics have none."""


def f(name, *shape):
    return gd.input(name, shape, "float64")


def elementwise_nodes():
    """Return a node of every elementwise op of the catalogue that has a derivative."""
    found = {}
    for name, op in sorted(OPS.items()):
        if not isinstance(op, ElementwiseOp) or not op.function.__module__.startswith(CATALOGUE):
            continue
        if any(d is inspect.Parameter.empty for d in op.defaults.values()):
            continue
        if op.accepts not in ("float", "number", "select", "any", "value"):
            continue
        args = [f(f"a{i}", "N") for i in range(len(op.input_names))]
        if op.accepts == "select":
            args[0] = gd.input("b", ("N",), "bool")
        made = op(*args)
        made = made[0] if isinstance(made, tuple) else made
        if made.dtype.is_float:
            found[name] = made
    return found


def other_nodes():
    """Return a node of each other kind and of composites with a rule of their own."""
    x, m, v = f("x", "N", 3), f("m", 3, "K"), f("v", 3)
    k = gd.input("k", ("M",), "int32")
    labels = gd.input("labels", ("N",), "int32")
    nodes = {
        "sum": gd.sum(x, 1),
        "sum of all": gd.sum(x),
        "prod": gd.prod(x, 1),
        "max": gd.max(x, 1),
        "min": gd.min(x, 0),
        "cumsum": gd.cumsum(x, 1),
        "cumprod": gd.cumprod(x, 1),
        "cummax": gd.cummax(x, 1),
        "matmul": x @ m,
        "einsum": gd.einsum("ij,kj->ik", x, f("z", "K", 3)),
        "matrix by vector": x @ v,
        "transpose": x.T,
        "reshape": gd.reshape(x, (3, "N")),
        "slice": x[:, 1:],
        "flip": x[:, ::-1],
        "broadcast": gd.broadcast_to(v, ("N", 3)),
        "concat": gd.concat([x, x * 2.0], 0),
        "pad": gd.pad(v, ((1, 2),)),
        "gather": gd.gather(x, k),
        "scatter_add": gd.scatter_add(f("u", "M", 3), k, base=f("base", 4, 3)),
        "scatter_set": gd.scatter_set(f("u", "M", 3), k, base=f("base", 4, 3)),
        "softmax": gd.softmax(x),
        "log_softmax": gd.log_softmax(x),
        "logsumexp": gd.logsumexp(x, 1),
        "cross entropy": gd.losses.softmax_cross_entropy(x, labels, reduction="none"),
    }
    return {name: kernel(node) for name, node in nodes.items()}


def kernel(node):
    """Return the node that does the work, below views that only put axes into place."""
    while node.op.kind == "view" and node.inputs[0].op.kind not in ("leaf", "view"):
        node = node.inputs[0]
    return node


def drawn(shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)
