"""What is to be verified: a loss, its variables, and gradients that a graph holds already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from graphdl.differentiation import grad, reached_params
from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ArgumentError, GradientError
from graphdl.ir.graph import Graph, intern
from graphdl.ir.leaves import PARAM
from graphdl.ir.node import Node, topological
from graphdl.optim.optimizer import Optimizer
from graphdl.training import Recipe, recipe_of


@dataclass(frozen=True)
class Given:
    """What one call is about.

    Attributes
    ----------
    loss : Node
        A floating scalar.
    wrt : tuple of Node
        Variables.
    gradients : sequence of Node or None
        As the graph has them; None: those that the chain rule builds.
    step : Graph or None
        The training step, whose updates are looked at, too.
    recipe : Recipe or None
        What its updates should be built from, if that is known.
    """

    loss: Node
    wrt: tuple[Node, ...]
    gradients: Sequence[Node] | None = None
    step: Graph | None = None
    recipe: Recipe | None = None

    @cached_property
    def built(self) -> list[Node]:
        """What the chain rule builds."""
        return grad(self.loss, self.wrt)

    @cached_property
    def graph(self) -> Graph:
        """The backward graph or training step, for diagrams."""
        if self.step is not None:
            return self.step
        found = self.built if self.gradients is None else self.gradients
        names = [v.name or f"wrt{k}" for k, v in enumerate(self.wrt)]
        named = {f"grad_{n}": g for n, g in zip(names, found, strict=True)}
        return Graph({"loss": self.loss, **named}, name="backward")


def given_loss(loss: Node, wrt: Node | Sequence[Node] | None) -> Given:
    """Return a loss and its variables.

    Raises
    ------
    ArgumentError
        If these are no nodes.
    GradientError
        If there is nothing to differentiate.
    """
    if not isinstance(loss, Node):
        raise ArgumentError(
            f"verify needs a loss, not {type(loss).__name__}",
            remedy="pass a node, a graph or a compiled module",
        )
    variables = reached_params(loss) if wrt is None else _listed(wrt)
    return Given(loss, tuple(_differentiable(loss, variables)))


def given_graph(
    graph: Graph, wrt: Node | Sequence[Node] | None, optimizer: Optimizer | None
) -> Given:
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
    named = {k[5:]: v for k, v in graph.outputs.items() if k.startswith("grad_")}
    wanted = _wanted(graph, wrt, named)
    if wanted and (wrt is not None or len(wanted) == len(named)):
        missing = [k for k in wanted if k not in named]
        if missing:
            raise ArgumentError(f"{graph!r} has no output grad_{missing[0]}")
        _differentiable(loss, list(wanted.values()))
        return Given(loss, tuple(wanted.values()), [named[k] for k in wanted])
    return _of_step(graph, loss, optimizer)


def _wanted(
    graph: Graph, wrt: Node | Sequence[Node] | None, named: dict[str, Node]
) -> dict[str, Node]:
    """Return the variables whose gradients a graph has, under the names of these."""
    if wrt is None:
        leaves = {n.name: n for n in graph.nodes if n.name and n.dtype.is_float}
        return {k: leaves[k] for k in named if k in leaves}
    interned = intern([*_listed(wrt), *graph.nodes])
    return {v.name or f"wrt{k}": interned[v] for k, v in enumerate(_listed(wrt))}


def _of_step(graph: Graph, loss: Node, optimizer: Optimizer | None) -> Given:
    recipe = recipe_of(graph)
    reached = set(topological([loss]))
    trained = [s for s in graph.updates if s.op is PARAM and s in reached]
    if recipe is not None:
        names = {p.name for p in recipe.trained}
        trained = [s for s in graph.state if s.name in names]
    if not trained:
        raise ArgumentError(
            f"{graph!r} holds no gradient",
            remedy="pass its loss: gd.verify(graph.outputs['loss'])",
        )
    if optimizer is not None:
        recipe = Recipe(tuple(trained), optimizer, {}, (loss,))
    given = Given(loss, tuple(_differentiable(loss, trained)), step=graph, recipe=recipe)
    if recipe is None:
        _check_use(graph, trained, given.built)
    return given


def _check_use(graph: Graph, trained: Sequence[Node], built: Sequence[Node]) -> None:
    interned = intern([*graph.updates.values(), *built])
    present = {interned[n] for n in topological(list(graph.updates.values()))}
    for param, gradient in zip(trained, built, strict=True):
        if interned[gradient] not in present:
            raise GradientError(
                f"the update of {param!r} does not use the gradient of the loss",
                site=graph.updates[param].site,
                remedy="build the step with gd.train_step, pass optimizer=..., or verify its loss",
            )


def _differentiable(loss: Node, variables: Sequence[Node]) -> Sequence[Node]:
    if loss.shape != () or not loss.dtype.is_float:
        raise GradientError(
            f"the loss must be a scalar of floats, not {loss.dtype}{shape_text(loss.shape)}: "
            f"{loss!r}",
            site=loss.site,
            remedy="reduce it with gd.mean(loss) or gd.sum(loss)",
        )
    if not variables:
        raise GradientError(f"{loss!r} is differentiated by nothing", site=loss.site)
    for node in variables:
        if not isinstance(node, Node):
            raise ArgumentError(f"wrt has {type(node).__name__}, no node")
        if not node.dtype.is_float:
            raise GradientError(
                f"cannot differentiate by {node!r}: {node.dtype} has no derivative",
                site=node.site,
                remedy="differentiate by a floating node",
            )
    return variables


def _listed(nodes: Node | Sequence[Node]) -> list[Node]:
    return [nodes] if isinstance(nodes, Node) else list(nodes)
