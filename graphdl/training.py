"""gd.train_step: forward, backward and update as one graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

from graphdl.differentiation import grad, reached_params
from graphdl.ir.errors import ArgumentError, DuplicateNameError
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import as_node
from graphdl.ir.leaves import PARAM
from graphdl.ir.node import Node, scope, site_text, substitute, topological
from graphdl.ir.state import check_owners, collect_updates
from graphdl.nn.constraints import Constraint
from graphdl.optim.optimizer import Optimizer


def train_step(
    loss: Node,
    optimizer: Optimizer,
    *,
    name: str = "train",
    params: Sequence[Node] | None = None,
    metrics: Mapping[str, Node] | None = None,
    constraints: Mapping[Node, Constraint] | None = None,
) -> Graph:
    """Return the graph of one training step.

    Its outputs are ``loss`` and the metrics, computed with the parameters of before the step. Its
    updates are those of the optimizer, and those that ``gd.update`` made on the way.

    Parameters
    ----------
    loss : Node
        A floating scalar.
    optimizer : Optimizer
        For example ``optim.Adam(1e-3)``.
    name : str
        Names the entry point of a compiled module.
    params : sequence of Node, optional
        What is trained; by default every parameter that the loss depends on.
    metrics : mapping of str to Node, optional
        What else a step returns.
    constraints : mapping of Node to callable, optional
        Parameter -> function that projects its new value, such as ``net.constraints`` (see
        ``nn.constraints``); those of parameters that are not trained do nothing.

    Raises
    ------
    ArgumentError
        If the optimizer is none, or what is trained or constrained is no parameter.
    GradientError
        If the loss is no scalar, or depends on no parameter.
    ShapeError, DTypeError
        If a constraint changes the shape or the dtype.
    DuplicateNameError
        If two layers share a name, or a state is updated twice.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ("N", 4)), gd.input("y", ("N",), "int32")
    >>> logits = gd.nn.Dense(4, 3)(x)
    >>> loss = gd.losses.softmax_cross_entropy(logits, y)
    >>> gd.train_step(loss, gd.optim.SGD(0.1))
    <Graph train: x float32(N, 4), y int32(N,) -> loss float32()>
    """
    extra = dict(metrics or {})
    if "loss" in extra:
        raise DuplicateNameError(
            "a metric is named 'loss', as the loss is", site=site_text(), remedy="rename it"
        )
    if not isinstance(optimizer, Optimizer):
        raise ArgumentError(
            f"{optimizer!r} is no optimizer", site=site_text(), remedy="use optim.SGD(0.1)"
        )
    roots = [loss, *extra.values()]
    check_owners(topological(roots))
    trained = tuple(_trained(loss, params))
    recipe = Recipe(trained, optimizer, dict(constraints or {}), tuple(roots))
    updates = step_updates(recipe, grad(loss, trained))
    graph = Graph({"loss": loss, **extra}, updates=updates, name=name)
    _recipes[graph] = recipe
    return graph


class Recipe(NamedTuple):
    """What the updates of a training step are built from, beside the gradient."""

    trained: tuple[Node, ...]
    optimizer: Optimizer
    constraints: Mapping[Node, Constraint]
    roots: tuple[Node, ...]


_recipes: WeakKeyDictionary[Graph, Recipe] = WeakKeyDictionary()


def recipe_of(graph: Graph) -> Recipe | None:
    """Return what a graph was built from, if ``train_step`` has built it."""
    return _recipes.get(graph)


def step_updates(recipe: Recipe, gradient: Sequence[Node]) -> dict[Node, Node]:
    """Return the updates of a step: the optimizer's, projected, and those made by ``gd.update``.

    Parameters
    ----------
    recipe : Recipe
        What the step is built from.
    gradient : sequence of Node
        One a parameter that is trained.

    Raises
    ------
    DuplicateNameError
        If a state is updated twice.
    """
    updates = recipe.optimizer.updates(recipe.trained, gradient)
    _constrain(updates, recipe.constraints)
    taken = {state.name for state in updates}
    for state, value in collect_updates(recipe.roots).items():
        if state.name in taken:
            raise DuplicateNameError(
                f"{state!r} is updated by gd.update and by the optimizer",
                site=value.site,
                remedy="leave it out of params, or declare it with gd.state",
            )
        updates[state] = value
    return updates


def _trained(loss: Node, params: Sequence[Node] | None) -> list[Node]:
    """Return what is trained, each name once."""
    given = reached_params(loss) if params is None else list(params)
    for param in given:
        _check_param(param, "trained")
    return list({p.name: p for p in given}.values())


def _constrain(updates: dict[Node, Node], constraints: Mapping[Node, Constraint]) -> None:
    """Project new values, also for what is computed from them, such as their averages.

    Parameters are told by name, since equal nodes may be several.
    """
    updated = {state.name: state for state in updates}
    projected: dict[Node, Node] = {}
    with scope("constraint"):
        for param, project in constraints.items():
            _check_param(param, "constrained")
            state = updated.get(param.name)
            if state is not None:
                projected[updates[state]] = as_node(project(updates[state]))
    if projected:
        updates.update(zip(updates, substitute(list(updates.values()), projected), strict=True))


def _check_param(node: Node, what: str) -> None:
    if node.op is not PARAM:
        raise ArgumentError(
            f"only parameters are {what}, not {node!r}",
            site=node.site,
            remedy="declare it with gd.param",
        )
