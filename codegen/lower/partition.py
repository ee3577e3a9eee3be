"""Fusion: which nodes share a kernel.

Every compute node starts as a group of its own. Groups merge while one loop nest can compute both:
producers into consumers that read them at the same point, then siblings that read the same arrays.
A group is a nest over a *domain*; if it reduces, the reduced axes are its inner loops, and what has
the shape of the kept axes lives at the outer level. Contractions take consumers as epilogue. Axes
of size 1 make no loops and count in no comparison.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Collection, Iterable, Sequence
from itertools import chain

from graphdl.codegen.lower.groups import (
    CHEAP,
    Group,
    common_form,
    cost_of,
    keeps_lanes,
    single,
    squeezed,
)
from graphdl.codegen.lower.sources import Sources, axes_of, is_compute, operand_indices
from graphdl.ir import kinds
from graphdl.ir.dims import Shape
from graphdl.ir.node import Node

PROLOGUE = 12
"""Cycles an element: what a contraction may recompute while it packs an operand."""


class Partition:
    """The groups of a graph, and which of their members must be stored.

    Parameters
    ----------
    nodes : sequence of Node
        The graph's nodes, inputs first, composites expanded.
    kept : iterable of Node
        Nodes that must be stored whatever uses them: outputs and new state.
    fuse : bool
        False leaves one node a kernel: the reference that fused code is compared with.
    """

    def __init__(
        self, nodes: Sequence[Node], kept: Iterable[Node], sources: Sources, *, fuse: bool = True
    ) -> None:
        self.sources = sources
        self.kept = set(kept)
        self.position = {n: i for i, n in enumerate(nodes)}
        self.compute = [n for n in nodes if is_compute(n)]
        # A stored view is a group that merges with none: paths through it count.
        self.group: dict[Node, Group] = {
            n: single(n) for n in nodes if is_compute(n) or n in sources.copies
        }
        self._connect()
        if fuse:
            for node in self.compute:
                self._merge_producers(node)
            self._merge_siblings()
            self._inline_cheap()

    @property
    def groups(self) -> list[Group]:
        """Groups, producers before consumers; inlined ones are left out."""
        unique = list(dict.fromkeys(self.group.values()))
        waiting = {g: len(g.before) for g in unique}
        ready = [(self.position[g.members[0]], g) for g, count in waiting.items() if not count]
        heapq.heapify(ready)
        order: list[Group] = []
        while ready:
            _, group = heapq.heappop(ready)
            order.append(group)
            for user in group.after:
                waiting[user] -= 1
                if not waiting[user]:
                    heapq.heappush(ready, (self.position[user.members[0]], user))
        assert len(order) == len(unique), "groups depend on each other in a circle"
        return [g for g in order if not g.inlined]

    def recomputed(self, node: Node, stored: Collection[Node]) -> bool:
        """Whether a user elsewhere had better compute the node again than load it."""
        if not isinstance(node.op, kinds.ElementwiseOp) or node in self.kept:
            return False
        operands = [self.sources.stored(i) for i in node.inputs]
        held = [o for o in operands if o in stored]
        full = [o for o in held if squeezed(o.shape) == squeezed(node.shape)]
        users = self.users[node]
        return (
            cost_of(node) <= CHEAP // 2
            and len(full) <= 1
            and all(o in stored or not is_compute(o) for o in operands)
            and all(u.op.kind in ("elementwise", "reduce", "prefix") for u in users)
            and not self._aliased_or_gathered({node}, users)
        )

    def _connect(self) -> None:
        """Note which nodes use which, through views."""
        self.users: dict[Node, list[Node]] = {n: [] for n in self.compute}
        for node, group in self.group.items():
            group.reach = self.position[node]
            for producer in dict.fromkeys(self.sources.stored(i) for i in node.inputs):
                if producer in self.group:
                    group.before.add(self.group[producer])
                    self.group[producer].after.add(group)
                if producer in self.users:
                    self.users[producer].append(node)

    def producers(self, node: Node) -> list[Node]:
        """Return the compute nodes that a node reads, through views."""
        found = dict.fromkeys(self.sources.stored(i) for i in node.inputs)
        return [n for n in found if is_compute(n)]

    def _merge_producers(self, node: Node) -> None:
        """Let a node join the groups of what it reads, contractions first."""
        order = sorted(self.producers(node), key=lambda p: self.group[p].anchor is None)
        for producer in order:
            first, second = self.group[producer], self.group[node]
            if first is not second:
                merged = self._combined(first, second)
                if merged is not None and not self._path_outside(first, second):
                    self._merge(first, second, merged)

    def _combined(self, first: Group, second: Group) -> Group | None:
        """Return the form of both as one kernel, or None if they do not fit."""
        form = common_form(first, second)
        if form is None:
            return None
        anchor = second.anchor if first.anchor is None else first.anchor
        trial = Group([], *form, anchor)
        if not keeps_lanes(trial, chain(first.members, second.members)):
            return None
        both = first, second
        few = min(both, key=lambda g: len(g.members)).members
        touched = [*few, *(u for m in few for u in self.users[m] if self.group[u] in both)]
        return trial if all(self._reads_in_place(n, trial, both) for n in touched) else None

    def _reads_in_place(self, node: Node, form: Group, both: tuple[Group, Group]) -> bool:
        """Whether everything a member reads from other members is computed at the same point."""
        for operand, index in operand_indices(node, form.input_index(node)):
            if index is None:
                if self.group.get(self.sources.stored(operand)) in both:
                    return False
                continue
            source, place = self.sources.resolve(operand, index)
            if self.group.get(source) in both and place != form.index(source):
                return False
            if source.op.kind == "view" and self.group.get(self.sources.stored(source)) in both:
                return False
        return True

    def _path_outside(self, first: Group, second: Group) -> bool:
        """Whether a third group lies between two: then merging would make a cycle."""
        start = self.position[first.members[-1]]
        stack = [g for g in second.before if g is not first]
        seen = set(stack)
        while stack:
            group = stack.pop()
            if group is first:
                return True
            if group.reach >= start:
                fresh = [g for g in group.before if g not in seen]
                seen.update(fresh)
                stack.extend(fresh)
        return False

    def _merge(self, first: Group, second: Group, form: Group) -> None:
        into, gone = (
            (first, second) if len(first.members) >= len(second.members) else (second, first)
        )
        members = _merged(first.members, second.members, self.position)
        into.members, into.domain = members, form.domain
        into.reduced, into.scan, into.anchor = form.reduced, form.scan, form.anchor
        for node in gone.members:
            self.group[node] = into
        for other in gone.before:
            other.after.discard(gone)
            other.after.add(into)
        for other in gone.after:
            other.before.discard(gone)
            other.before.add(into)
        into.before |= gone.before
        into.after |= gone.after
        into.before -= {into, gone}
        into.after -= {into, gone}
        into.reach = max(into.reach, gone.reach)
        self._spread_reach(into)

    def _spread_reach(self, group: Group) -> None:
        """Tell the groups after one how far it reaches."""
        stack = [group]
        while stack:
            group = stack.pop()
            for user in group.after:
                if user.reach < group.reach:
                    user.reach = group.reach
                    stack.append(user)

    def _merge_siblings(self) -> None:
        """Merge groups that sweep over the same arrays and do not depend on each other."""
        by_read: dict[tuple[Node, Shape], list[Group]] = {}
        for group in self.groups:
            for source in self._reads(group):
                for other in by_read.setdefault((source, group.domain), []):
                    if self._merge_sibling(other, group):
                        break
                else:
                    by_read[source, group.domain].append(group)
                    continue
                break

    def _merge_sibling(self, other: Group, group: Group) -> bool:
        live = self.group[other.members[0]], self.group[group.members[0]]
        first, second = live
        if first is second or first.domain != second.domain:
            return False
        if first.anchor is not None or second.anchor is not None:
            return False
        form = self._combined(first, second)
        if form is None or self._path_outside(first, second) or self._path_outside(second, first):
            return False
        if first in second.before or second in first.before:
            return False
        self._merge(first, second, form)
        return True

    def _reads(self, group: Group) -> list[Node]:
        """Return the non-scalar arrays that a group loads at every point of its domain."""
        found: dict[Node, None] = {}
        for node in group.members:
            for operand, index in operand_indices(node, group.input_index(node)):
                if index is not None and operand.ndim:
                    source = self.sources.stored(self.sources.resolve(operand, index)[0])
                    if source.ndim and self.group.get(source) is not group:
                        found[source] = None
        return list(found)

    def _inline_cheap(self) -> None:
        """Recompute what costs less than a load and a store, or what one contraction packs."""
        for group in self.groups:
            if (
                group.anchor is not None
                or group.reduced is not None
                or self.kept & set(group.members)
            ):
                continue
            users = self._outside_users(group)
            if not users or any(u in self.sources.copies for u in users):
                continue
            if self._aliased_or_gathered(set(group.members), users):
                continue
            contractions = [u for u in users if isinstance(u.op, kinds.ContractOp)]
            cost = sum(cost_of(n) for n in group.members)
            full = len(group.domain)
            loads = sum(1 for r in self._reads(group) if len(squeezed(r.shape)) == full)
            if group.domain == ():
                # a scalar that all parameters' updates share is computed once, not once in each
                group.inlined = cost <= CHEAP or len({self.group.get(u) for u in users}) == 1
            elif not contractions and cost <= CHEAP and loads <= 1:
                group.inlined = len(group.members) <= 3
            elif len(users) == 1 and contractions and cost <= PROLOGUE:
                group.inlined = True

    def _outside_users(self, group: Group) -> list[Node]:
        inside = set(group.members)
        users = dict.fromkeys(u for m in group.members for u in self.users[m] if u not in inside)
        return list(users)

    def _aliased_or_gathered(self, inside: set[Node], users: Iterable[Node]) -> bool:
        """Whether a use needs the array itself: a reshape in memory, a gather, a scatter."""
        for user in users:
            if isinstance(user.op, kinds.IndexedOp):
                return True
            for operand in user.inputs:
                if self.sources.stored(operand) in inside:
                    source, _ = self.sources.resolve(operand, axes_of(operand))
                    if source.op.kind == "view":
                        return True
        return False


def _merged(first: list[Node], second: list[Node], position: dict[Node, int]) -> list[Node]:
    """Merge two member lists; a short one goes into the long one, so that wide sums take no n²."""
    short, long = sorted((first, second), key=len)
    if len(short) * 8 > len(long):
        return sorted(first + second, key=position.__getitem__)
    for node in short:
        insort(long, node, key=position.__getitem__)
    return long
