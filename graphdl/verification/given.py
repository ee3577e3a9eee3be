"""Gradients that a graph holds already: a backward graph, a training step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphdl.differentiation import grad
from graphdl.ir.errors import ArgumentError, GradientError
from graphdl.ir.graph import Graph, intern
from graphdl.ir.leaves import PARAM
from graphdl.ir.node import Node, topological


@dataclass(frozen=True, eq=False)
class Given:
    """A loss, variables, and their gradients if there are any; None: they are to be built."""

    loss: Node
    wrt: list[Node]
    gradients: Sequence[Node] | None = None


def given_gradient(graph: Graph) -> Given:
    """Return the loss, the variables and the gradients in a graph.

    Raises
    ------
    ArgumentError
        If it is neither a backward graph nor a training step.
    GradientError
        If a training step does not hold the gradient that the chain rule builds.
    """
    loss = graph.outputs.get("loss")
    if loss is None:
        raise ArgumentError(
            f"verify needs a loss, not {graph!r}",
            remedy="pass the node: gd.verify(graph.outputs['loss'])",
        )
    leaves = {n.name: n for n in graph.nodes if n.name and n.dtype.is_float}
    named = {k[5:]: v for k, v in graph.outputs.items() if k.startswith("grad_")}
    if named and named.keys() <= leaves.keys():
        return Given(loss, [leaves[k] for k in named], list(named.values()))
    trained = [s for s in graph.updates if s.op is PARAM and s in topological([loss])]
    if not trained:
        raise ArgumentError(
            f"{graph!r} holds no gradient",
            remedy="pass its loss: gd.verify(graph.outputs['loss'])",
        )
    built = grad(loss, trained)
    interned = intern([*graph.updates.values(), loss, *built])
    present = {interned[n] for n in topological(list(graph.updates.values()))}
    for param, gradient in zip(trained, built, strict=True):
        if interned[gradient] not in present:
            raise GradientError(
                f"the update of {param!r} does not use the gradient of the loss",
                site=graph.updates[param].site,
                remedy="build the step with gd.train_step, or verify its loss alone",
            )
    return Given(loss, trained, built)
