"""Dead code: a graph holds only what its results need, so what is left are idle updates."""

from __future__ import annotations

from collections import Counter

from graphdl.ir.graph import Graph
from graphdl.ir.node import topological


def dce(graph: Graph, fired: Counter[str] | None = None) -> Graph:
    """Return the graph without updates that give state the value which it has.

    State that nothing else reads keeps its update: it is part of what a caller saves and loads.
    """
    idle = {s for s, v in graph.updates.items() if s is v}
    if not idle:
        return graph
    kept = {s: v for s, v in graph.updates.items() if s not in idle}
    read = set(topological([*graph.outputs.values(), *kept.values(), *kept]))
    kept = {s: v for s, v in graph.updates.items() if s not in idle or s not in read}
    if len(kept) == len(graph.updates):
        return graph
    if fired is not None:
        fired["dce: s := s → nothing"] += len(graph.updates) - len(kept)
    return Graph(graph.outputs, updates=kept, name=graph.name, inputs=graph.inputs)
