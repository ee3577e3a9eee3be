"""Groups: several optimizers, each for some of the parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from itertools import count

from graphdl.ir.errors import ArgumentError, DuplicateNameError
from graphdl.ir.node import Node, scope, site_text
from graphdl.optim.optimizer import Clip, Optimizer

Members = Sequence[Node] | Callable[[Node], bool]
"""Parameters, or a function that tells whether one belongs."""


class Groups(Optimizer):
    """Give each parameter to the optimizer of its group.

    Every parameter belongs to exactly one group; those that no group claims go to ``default``.
    The optimizers are the groups' own in everything: hyperparameters, decay, step counter, and a
    clip, which sees the gradients of the group. Where two have one name, the later ones keep their
    state under ``optimizer2``, ``optimizer3`` ...

    Parameters
    ----------
    groups : sequence of (parameters or function, Optimizer)
        Parameters are told by name, as ``net.params``; parameters that are not trained do nothing.
        A function gets a parameter and returns whether it belongs to the group.
    default : Optimizer, optional
        For all others.
    clip : function, optional
        Acts on the gradients of all groups together, before the clips of the groups do.
    name : str
        Scope of its own step counter, should the clip need one.

    Raises
    ------
    ArgumentError
        If what is given is no optimizer, if a parameter belongs to several groups or to none, or
        if a group has no parameters.
    DuplicateNameError
        If two groups would share state.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, b = gd.param("w", (3,)), gd.param("b", (3,))
    >>> optimizer = gd.optim.Groups(
    ...     [(lambda p: p.name.endswith("b"), gd.optim.SGD(0.1))],
    ...     default=gd.optim.Adam(1e-3, weight_decay=1e-4),
    ...     clip=gd.optim.clip_by_global_norm(1.0),
    ... )
    >>> [s.name for s in optimizer.updates([w, b], [gd.input("g", (3,)), gd.input("h", (3,))])]
    ['b', 'optimizer2/w/m', 'optimizer2/w/v', 'w', 'optimizer2/step']
    """

    def __init__(
        self,
        groups: Sequence[tuple[Members, Optimizer]],
        default: Optimizer | None = None,
        *,
        clip: Clip | None = None,
        name: str = "groups",
    ) -> None:
        super().__init__(name, clip=clip)
        self._belongs = [_predicate(members) for members, _ in groups]
        self._default = default is not None
        given = [optimizer for _, optimizer in groups] + ([default] if default is not None else [])
        self.optimizers = _renamed(given)

    def updates(self, params: Sequence[Node], grads: Sequence[Node]) -> dict[Node, Node]:
        """Return the new value of every parameter and state that a step changes."""
        with scope(self.name):
            clipped = self._clipped(params, grads)
            found = self._counted()
        taken: set[str] = set()
        owners = [self._owner(param) for param in params]
        for number, optimizer in enumerate(self.optimizers):
            places = [k for k, owner in enumerate(owners) if owner == number]
            if not places and number < len(self._belongs):
                raise ArgumentError(
                    f"group {number} has no parameters",
                    site=site_text(),
                    remedy=f"there are {[p.name for p in params]}",
                )
            part = optimizer.updates([params[k] for k in places], [clipped[k] for k in places])
            _check_new(part, taken)
            found.update(part)
        return found

    def _owner(self, param: Node) -> int:
        """Return the number of a parameter's group."""
        owners = [k for k, belongs in enumerate(self._belongs) if belongs(param)]
        if not owners and self._default:
            return len(self._belongs)
        if len(owners) != 1:
            raise ArgumentError(
                f"{param!r} belongs to groups {owners}" if owners else f"{param!r} has no group",
                site=site_text(),
                remedy="let groups exclude each other" if owners else "give a default=",
            )
        return owners[0]


def _predicate(members: Members) -> Callable[[Node], bool]:
    if callable(members):
        return members
    names = {param.name for param in members}
    return lambda param: param.name in names


def _renamed(optimizers: Sequence[Optimizer]) -> list[Optimizer]:
    """Return copies under names of their own, so that no two have a step counter in common."""
    found: dict[str, Optimizer] = {}
    for given in optimizers:
        if not isinstance(given, Optimizer):
            raise ArgumentError(
                f"{given!r} is no optimizer",
                site=site_text(),
                remedy="Groups([(params, optim.SGD(0.1)), ...], default=optim.Adam())",
            )
        renamed = copy(given)
        names = (given.name if k == 1 else f"{given.name}{k}" for k in count(1))
        renamed.name = next(name for name in names if name not in found)
        found[renamed.name] = renamed
    return list(found.values())


def _check_new(updates: dict[Node, Node], taken: set[str]) -> None:
    for state in updates:
        if state.name in taken:
            raise DuplicateNameError(
                f"two groups share {state!r}",
                site=site_text(),
                remedy="give optimizers inside of others a name: optim.Adam(name='slow')",
            )
        taken.add(state.name)
