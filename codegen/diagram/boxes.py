"""Make the boxes of a drawing and write their labels."""

from __future__ import annotations

from collections.abc import Mapping

from graphdl.codegen.diagram.expressions import size_text
from graphdl.codegen.diagram.mathtext import printable
from graphdl.codegen.diagram.naming import Formula, Names
from graphdl.codegen.diagram.opening import Opened, Region, Use, open_graph
from graphdl.codegen.diagram.picture import Box, Cluster, Picture, cut
from graphdl.codegen.diagram.provenance import Provenance, Step, closed_region, find_steps
from graphdl.codegen.diagram.updates import (
    UpdateGroup,
    find_updates,
    inlined,
    shared_results,
)
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import CompositeOp, Op
from graphdl.ir.leaves import INPUT, PARAM, STATE
from graphdl.ir.node import Node


def make_picture(graph: Graph, depth: int = 0) -> Picture:
    """Turn a graph into boxes with labels.

    Parameters
    ----------
    graph : Graph
        Forward, backward or training.
    depth : int
        How many nested composites are opened; from 1 on, rules and updates are opened too.
    """
    opened = open_graph(graph, depth)
    return _Maker(opened, find_steps(opened, depth), depth).picture


_LEAVES: dict[Op, str] = {INPUT: "input", PARAM: "param", STATE: "state"}


class _Maker:
    """Makes the boxes of one picture."""

    def __init__(self, opened: Opened, provenance: Provenance, depth: int) -> None:
        self.opened = opened
        self.provenance = provenance
        self.depth = depth
        self.updates = find_updates(opened)
        self.picture = Picture(opened, Names(opened, self._visible(), provenance.adjoints))
        self.names = self.picture.names
        self.outputs: dict[Node, list[str]] = {}
        for key, node in opened.outputs.items():
            self.outputs.setdefault(node, []).append(key)
        self.numbers: dict[object, str] = {}
        done: set[object] = set()
        for node in opened.order:
            if node in opened.folded:
                continue
            owner = self._owner(node)
            if owner not in done:
                done.add(owner)
                self._box(owner, node)
        self._seeds()

    def _visible(self) -> list[Node]:
        return [
            n
            for n in self.opened.order
            if self._owner(n) is n and self.opened.side[n] not in ("update", "after")
        ]

    def _owner(self, node: Node) -> object:
        """Return what a node is drawn with: a closed region, a step, a group of updates, itself."""
        side = self.opened.side[node]
        if side == "adjoint":
            step = self.provenance.step_of[node]
            return step if self.depth == 0 or len(step.nodes) == 1 or step.is_sum else node
        if side == "update":
            return self.updates[node] if self.depth == 0 and node in self.updates else node
        return closed_region(self.opened, node, self.depth) or node

    def _box(self, owner: object, node: Node) -> None:
        if isinstance(owner, Step):
            self._step(owner)
        elif isinstance(owner, UpdateGroup):
            self._update(owner)
        elif isinstance(owner, Region):
            members = [n for n in self.opened.regions if self._owner(n) is owner]
            composite = owner.composite
            self._put(
                "composite", members, self._call(owner), owner.result, composite.origins[0].scope
            )
        elif not node.inputs:
            self._leaf(node)
        else:
            self._op(node)

    def _put(
        self, kind: str, members: list[Node], first: list[str], result: Node, scope: str
    ) -> Box:
        lines = [*first, self._type(result)]
        box = Box(kind, self.opened.side[result], members, lines, self._scope(scope))
        box.tooltip = "\n".join(dict.fromkeys(o.site for n in members for o in n.origins[:1]))[:400]
        self._note_outputs(box)
        self.picture.add(box)
        return box

    def _note_outputs(self, box: Box) -> None:
        for node in box.nodes:
            for key in self.outputs.get(node, ()):
                box.is_output = True
                if key != self.names[node].base + self.names[node].index:
                    box.lines.append(f"output {printable(key)}")

    def _type(self, node: Node) -> str:
        sizes = ", ".join(map(size_text, node.shape))
        return cut(f"{node.dtype} [{sizes}]" if node.shape else node.dtype.name)

    def _call(self, region: Region) -> list[str]:
        arguments = ", ".join(self.names[i].text for i in region.inputs)
        name = self.names[region.result].text
        return [cut(f"{name} = {region.composite.op.name}({arguments})")]

    def _leaf(self, node: Node) -> None:
        kind = _LEAVES.get(node.op, "constant")
        shown = self.names[node]
        lines = [shown.text]
        if node.name and shown.base + shown.index != node.name:
            lines.append(printable(node.name))
        scope = node.origins[0].scope if node.origins else ""
        box = self._put(kind, [node], lines, node, scope or self._scope_of_users(node))
        if self.opened.side[node] == "forward" and kind == "input":
            box.cluster = ()

    def _scope_of_users(self, node: Node) -> str:
        """Return the one scope that uses a parameter made outside of scopes."""
        users = [u for u in self.opened.users.get(node, ()) if self.opened.side[u] == "forward"]
        scopes = {u.origins[0].scope for u in users if u.origins}
        return scopes.pop() if len(scopes) == 1 and node.op is not INPUT else ""

    def _op(self, node: Node) -> None:
        composite = isinstance(node.op, CompositeOp)
        math = self.names.formula(node).text
        side = self.opened.side[node]
        kind = "composite" if composite else ("rule" if side == "adjoint" else "op")
        scope = node.origins[0].scope if node.origins else ""
        box = self._put(kind, [node], [cut(f"{self.names[node].text} = {math}")], node, scope)
        region = self.opened.regions.get(node)
        if region is not None:
            box.cluster = self._region(region)
        if side == "adjoint":
            step = self.provenance.step_of[node]
            box.cluster = self._opened_step(step)
        if side == "update":
            box.cluster = self._optimizer()

    def _region(self, region: Region) -> Cluster:
        """Return the cluster of an opened composite."""
        origins = region.composite.origins
        outer = (
            self._scope(origins[0].scope) if region.outer is None else self._region(region.outer)
        )
        number = self.numbers.setdefault(region, f"region:{len(self.numbers)}")
        self.picture.titles[number] = self._call(region)[0]
        return (*outer, number)

    def _scope(self, scope: str) -> Cluster:
        parts = scope.split("/") if scope else []
        keys = tuple(f"scope:{'/'.join(parts[: k + 1])}" for k in range(len(parts)))
        for key, part in zip(keys, parts, strict=True):
            self.picture.titles[key] = printable(part)
        return keys

    def _optimizer(self) -> Cluster:
        self.picture.titles["update:"] = "update"
        return ("update:",)

    def _seeds(self) -> None:
        """Draw the cotangent that a backward pass starts from, though it is a mere number."""
        for value, served in self.provenance.seeds.items():
            number = value.attr("value").reshape(-1)[0]
            lines = [f"{self.names.adjoint(served[0]).text} = {number:g}"]
            lines += self._aliases(dict.fromkeys(served[1:], served[0]))
            box = Box("seed", "adjoint", [], [*lines, self._type(value)])
            box.serves, box.cluster = served[0], self._cluster_beside(served[0])
            self.picture.add(box)
            for step in self.provenance.started[value]:
                self.picture.links[(box, self.picture.box_of[step.results[-1]])] = None

    def _aliases(self, aliases: Mapping[Node, Node]) -> list[str]:
        names = self.names
        return [f"{names.adjoint(n).text} = {names.adjoint(m).text}" for n, m in aliases.items()]

    def _cluster_beside(self, served: Node) -> Cluster:
        region = closed_region(self.opened, served, self.depth)
        if region is not None:
            return self._scope(region.composite.origins[0].scope)
        if served in self.opened.regions:
            return self._region(self.opened.regions[served])
        box = self.picture.box_of.get(served)
        if box is not None:
            return box.cluster
        return self._scope(served.origins[0].scope if served.origins else "")

    def _step(self, step: Step) -> None:
        result = step.results[-1]
        served = step.uses[0].serves if step.region is None else step.region.result
        lines: dict[str, None] = {}
        for rule, target in self._rules(step).items():
            lines[cut(rule.text)] = None
            same = {n: m for n, m in step.aliases.items() if m is target}
            lines |= dict.fromkeys(self._aliases(same))
        box = self._put("total" if step.is_sum else "rule", step.nodes, list(lines), result, "")
        box.serves, box.cluster = served, self._cluster_beside(served)
        origins = served.origins
        box.tooltip = f"adjoint of {self._described(served)}\n{origins[0].site if origins else ''}"

    def _described(self, node: Node) -> str:
        return cut(f"{self.names[node].text} = {self.names.formula(node).text}", 200)

    def _rules(self, step: Step) -> dict[Formula, Node]:
        """Return the rules of a step as math, equal ones once, and whose adjoint they give."""
        if step.region is not None:
            return self._whole_region(step, step.region)
        if step.is_sum:
            return {self.names.rule(step.uses[0], "⊕ ~{z}"): step.uses[0].target}
        return {self.names.rule(u): u.target for u in step.uses if u.operand >= 0}

    def _whole_region(self, step: Step, region: Region) -> dict[Formula, Node]:
        """Return the chain rule through a closed composite as a whole."""
        name = region.composite.op.name
        targets: dict[Node, None] = {}
        for use in step.uses:
            if closed_region(self.opened, use.target, self.depth) is not region:
                targets[use.target] = None
        rule = f"~{{0}} += ~{{z}}·∂{name}/∂{{0}}"
        return {self.names.rule(Use(rule, region.result, (t,), 0)): t for t in targets}

    def _opened_step(self, step: Step) -> Cluster:
        """Return the cluster of a rule whose nodes are drawn one by one."""
        served = step.uses[0].serves
        outer = self._cluster_beside(served)
        number = self.numbers.setdefault(step, f"step:{len(self.numbers)}")
        self.picture.titles[number] = cut("; ".join(f.text for f in self._rules(step)))
        return (*outer, number)

    def _update(self, group: UpdateGroup) -> None:
        lines = [
            f"{self.names[n].text} = {inlined(self.names, n, group)}"
            for n in shared_results(self.opened, group)
        ]
        for state, value in group.updates:
            lines.append(f"{self.names[state].text} ← {inlined(self.names, value, group)}")
        typed = group.updates[-1][0] if group.updates else group.nodes[-1]
        box = self._put("update", group.nodes, [cut(line) for line in lines], typed, "")
        box.side, box.cluster = "update", ()
