"""What a module consists of, layer by layer: m.summary()."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import product
from graphdl.ir.graph import Graph
from graphdl.ir.leaves import INPUT, PARAM
from graphdl.ir.node import Node, topological


def summary(name: str, target: str, graphs: Sequence[Graph]) -> str:
    """Return a table of layers with output shapes and numbers of parameters.

    A layer is a scope: one in which parameters are used, or the outermost one beside those.
    Only what outputs depend on counts: an optimizer is no layer.

    Parameters
    ----------
    name, target : str
        The module.
    graphs : sequence of Graph
        Its entry points as they were built.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N", 4))
    >>> g = gd.Graph({"y": gd.nn.Dense(4, 3, activation="relu")(x)}, name="forward")
    >>> print(summary("net", "c", [g]))
    net (c)
    layer      output            parameters
    ---------------------------------------
    x (input)  float32(N, 4)              0
    dense      float32(N, 3)             15
    ---------------------------------------
    trainable parameters                 15  (60 bytes)
    other state                           0  (0 bytes)
    forward: x -> y
    """
    forward = _forward(graphs)
    params = {n.name: n for n in forward if n.op is PARAM}
    layers: dict[str, Node | None] = {}
    held = _homes(forward, params)
    homes = set(held.values())
    for node in forward:
        if node.inputs:
            home = _layer(_scope(node), homes)
            if home:
                layers[home] = node
    for home in held.values():
        layers.setdefault(home, None)
    rows = [(f"{n.name} (input)", _type(n), 0) for n in forward if n.op is INPUT]
    for home, last in layers.items():
        count = sum(_count(n) for n, place in held.items() if place == home)
        rows.append((home or "(no scope)", "" if last is None else _type(last), count))
    others = {s.name: s for g in graphs for s in g.state if s.name not in params}
    return "\n".join([
        f"{name} ({target})", *_table(rows, list(params.values()), list(others.values())),
        *(_entry(g) for g in graphs),
    ])  # fmt: skip


def _homes(forward: Sequence[Node], params: dict[str, Node]) -> dict[Node, str]:
    """Return the scope in which each parameter is first used.

    That may lie deeper than its name says, where a model is called inside of a scope.
    """
    found: dict[str, str] = {}
    for node in forward:
        for source in node.inputs:
            if source.name in params and source.op is PARAM:
                found.setdefault(source.name, _scope(node))
    return {n: found.get(name, name.rpartition("/")[0]) for name, n in params.items()}


def _forward(graphs: Sequence[Graph]) -> list[Node]:
    """Return what outputs depend on, in order, without what a derivative's rule made; each once.

    Graphs hold nodes of their own, so leaves are told by name and layers by scope.
    """
    found: list[Node] = []
    leaves: set[tuple[str, str]] = set()
    for graph in graphs:
        for node in topological(graph.outputs.values()):
            if not node.inputs and node.name:
                if (node.op.name, node.name) in leaves:
                    continue
                leaves.add((node.op.name, node.name))
            if any(o.rule is None for o in node.origins):
                found.append(node)
    return found


def _scope(node: Node) -> str:
    return next((o.scope for o in node.origins if o.rule is None), "")


def _layer(scope: str, homes: set[str]) -> str:
    """Return the innermost scope around that holds parameters.

    Without any it is the outermost scope that none of those lies in.
    """
    path = scope
    while path and path not in homes:
        path = path.rpartition("/")[0]
    if path:
        return path
    for part in scope.split("/"):
        path = f"{path}/{part}" if path else part
        if not any(home.startswith(f"{path}/") for home in homes):
            break
    return path


def _count(node: Node) -> int:
    size = product(node.shape)
    assert isinstance(size, int)  # state has static sizes
    return size


def _type(node: Node) -> str:
    return f"{node.dtype.name}{shape_text(node.shape)}"


def _table(
    rows: Sequence[tuple[str, str, int]], params: Sequence[Node], others: Sequence[Node]
) -> list[str]:
    first = max(len(r[0]) for r in [*rows, ("layer", "", 0)])
    second = max([len(r[1]) for r in rows] + [len("output")])
    second = max(second, 23 - first) + 2
    lines = [f"{'layer':<{first}}  {'output':<{second}}  {'parameters':>10}"]
    rule = "-" * len(lines[0])
    lines.append(rule)
    lines += [f"{a:<{first}}  {b:<{second}}  {c:>10,}" for a, b, c in rows]
    lines.append(rule)
    for what, nodes in (("trainable parameters", params), ("other state", others)):
        held = sum(_count(n) * n.dtype.itemsize for n in nodes)
        count = sum(_count(n) for n in nodes)
        lines.append(f"{what:<{first + second + 2}}  {count:>10,}  ({held:,} bytes)")
    return lines


def _entry(graph: Graph) -> str:
    given, made = ", ".join(n.name for n in graph.inputs), ", ".join(graph.outputs)
    changed = f"; updates {len(graph.updates)} state" if graph.updates else ""
    return f"{graph.name}: {given} -> {made}{changed}"
