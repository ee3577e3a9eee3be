"""What is noted about state beside the graph: updates made on the way, and who declared it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ArgumentError, DTypeError, DuplicateNameError, ShapeError
from graphdl.ir.kinds import as_node
from graphdl.ir.leaves import is_state
from graphdl.ir.node import Node, site_text, topological


class Update(NamedTuple):
    """A new value that state takes when a step ends, and the line that says so."""

    state: Node
    value: Node
    site: str


_declared: WeakKeyDictionary[Node, object] = WeakKeyDictionary()


def update(state: Any, value: Any) -> Node:
    """Let a training step set ``state`` to ``value``: running statistics, counters.

    ``gd.train_step`` collects the updates that belong to its loss: those of state that the loss
    depends on, and those whose value is computed from a node that the loss is computed from, too.
    Every update reads the state of before the step.

    Parameters
    ----------
    state : Node
        From ``gd.state`` or ``gd.param``.
    value : node, array_like or number
        Of the state's shape and dtype; numbers and arrays are converted.

    Returns
    -------
    Node
        The value, to be used on.

    Raises
    ------
    ArgumentError
        If ``state`` is no state.
    ShapeError, DTypeError
        If the value does not fit.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N",))
    >>> mean = gd.state("mean", ())
    >>> gd.update(mean, 0.9 * mean + 0.1 * gd.mean(x))
    <add float32()>
    """
    if not (isinstance(state, Node) and is_state(state)):
        raise ArgumentError(
            f"only state can be updated, not {state!r}",
            site=site_text(),
            remedy="declare it with gd.state or gd.param",
        )
    node = value if isinstance(value, Node) else as_node(value, state.dtype)
    if node.shape != state.shape:
        raise ShapeError(
            f"update of {state!r} has shape {shape_text(node.shape)}",
            site=site_text(),
            remedy="reduce or broadcast the value to the state's shape",
        )
    if node.dtype is not state.dtype:
        raise DTypeError(
            f"update of {state!r} has dtype {node.dtype}",
            site=site_text(),
            remedy=f"cast it: value.astype({state.dtype.name!r})",
        )
    made = Update(state, node, site_text())
    for anchor in _anchors(state, node):
        if not hasattr(anchor, "pending"):
            object.__setattr__(anchor, "pending", [])
        anchor.pending.append(made)
    return node


def _anchors(state: Node, value: Node) -> list[Node]:
    """Return the nodes that an update hangs on, so that it lives as long as they do.

    What two values have in common includes all that is below it; so if they share a computed node
    at all, they share one that is computed from leaves alone.
    """
    lowest = [n for n in topological([value]) if n.inputs and not any(i.inputs for i in n.inputs)]
    return [state, *lowest]


def collect_updates(roots: Iterable[Node]) -> dict[Node, Node]:
    """Return the updates that were made on the way to these roots.

    Raises
    ------
    DuplicateNameError
        If two of them set one state to different values.
    """
    found: dict[str, Update] = {}
    for node in topological(roots):
        for made in getattr(node, "pending", ()):
            first = found.setdefault(made.state.name, made)
            if first.value is not made.value:
                raise DuplicateNameError(
                    f"{made.state!r} is updated twice: at {first.site} and at {made.site}",
                    site=made.site,
                    remedy="keep one gd.update of a state in a graph",
                )
    return {made.state: made.value for made in found.values()}


def declare(node: Node, owner: object) -> None:
    """Note which layer declared a parameter, so that two layers cannot share one by accident.

    Nodes that are equal become one when a graph is made. For two layers of equal names and shapes
    that would tie their weights without a word.
    """
    _declared[node] = owner


def check_owners(nodes: Iterable[Node]) -> None:
    """Refuse parameters of one name that different layers declared.

    Raises
    ------
    DuplicateNameError
        If there are any.
    """
    first: dict[str, Node] = {}
    for node in nodes:
        if not node.inputs and node in _declared:
            other = first.setdefault(node.name, node)
            if _declared[other] is not _declared[node]:
                raise DuplicateNameError(
                    f"two layers have a parameter {node.name!r}: {other!r} from {other.site} and "
                    f"{node!r} from {node.site}",
                    site=node.site,
                    remedy="name one layer, nn.Dense(..., name='head'), or build it in gd.scope",
                )
