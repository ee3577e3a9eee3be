"""Groups of nodes that one kernel computes, and the form of kernel that can hold two of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graphdl.codegen.lower.sources import Index
from graphdl.ir import kinds, scalar
from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import float32, float64, int64
from graphdl.ir.kinds import Affine
from graphdl.ir.node import Node

CHEAP = 4
"""Cycles an element: what recomputing may cost before storing is cheaper."""


@dataclass(eq=False)
class Group:
    """Nodes that one kernel computes.

    Attributes
    ----------
    members : list of Node
        In topological order.
    domain : Shape
        Sizes of the full loop nest, without axes of size 1.
    reduced : tuple of int or None
        Axes of the domain that are reduced, or run along; None if nothing is.
    scan : int
        The direction of running combinations: 1 forward, -1 backward, 0 where there are none.
    anchor : Node or None
        The contraction, assembly or scatter that fixes the kernel's form.
    inlined : bool
        Recomputed where it is used instead of stored.
    reach : int
        The last position among its members and those of all groups before it.
    """

    members: list[Node]
    domain: Shape
    reduced: tuple[int, ...] | None = None
    scan: int = 0
    anchor: Node | None = None
    inlined: bool = False
    reach: int = 0
    before: set[Group] = field(default_factory=set)
    after: set[Group] = field(default_factory=set)

    @property
    def kept(self) -> Shape:
        """Sizes of the outer level."""
        return tuple(s for i, s in enumerate(self.domain) if i not in (self.reduced or ()))

    def is_full(self, node: Node) -> bool:
        """Whether a member is computed at every point of the domain, not only at the outer level.

        A reduction's own result is of the outer level.
        """
        return not isinstance(node.op, kinds.ReduceOp) and (
            self.reduced is None or len(squeezed(node.shape)) == len(self.domain)
        )

    def index(self, node: Node) -> Index:
        """Return where in the nest a member's elements are computed."""
        inner = () if self.is_full(node) else self.reduced or ()
        return self._index(node.shape, inner)

    def input_index(self, node: Node) -> Index:
        """Return the index at which a member reads its operands."""
        if isinstance(node.op, kinds.ReduceOp):
            return self._index(node.inputs[0].shape, ())
        return self.index(node)

    def _index(self, shape: Shape, left_out: Sequence[int]) -> Index:
        loops = iter(i for i in range(len(self.domain)) if i not in left_out)
        return tuple(Affine() if s == 1 else self._place(next(loops)) for s in shape)

    def _place(self, axis: int) -> Affine:
        """Return the index of an axis; one that is run along backward starts at its end."""
        step = Affine.index(f"x{axis}")
        if self.scan < 0 and axis in (self.reduced or ()):
            return step.scaled(-1, self.domain[axis] - 1)
        return step


def squeezed(shape: Shape) -> Shape:
    """Return the sizes other than 1."""
    return tuple(s for s in shape if s != 1)


Form = tuple[Shape, tuple[int, ...] | None, int]
"""Domain, reduced axes and direction of a nest."""


def single(node: Node) -> Group:
    """Return the group of one node."""
    op = node.op
    if isinstance(op, kinds.ReduceOp):
        shape, axes = node.inputs[0].shape, node.attr("axes")
        loops = [i for i, s in enumerate(shape) if s != 1]
        return Group([node], squeezed(shape), tuple(loops.index(a) for a in axes))
    if isinstance(op, kinds.PrefixOp):
        along = sum(1 for s in node.shape[: node.attr("axis")] if s != 1)
        return Group([node], squeezed(node.shape), (along,), -1 if node.attr("reverse") else 1)
    free = isinstance(op, (kinds.ElementwiseOp, kinds.GatherOp))
    return Group([node], squeezed(node.shape), anchor=None if free else node)


def common_form(first: Group, second: Group) -> Form | None:
    """Return domain, reduced axes and direction of a nest that can hold both groups."""
    if first.anchor is not None or second.anchor is not None:
        contraction = first.anchor if second.anchor is None else None
        fits = first.domain == second.domain and second.reduced is None
        fits = fits and contraction is not None and isinstance(contraction.op, kinds.ContractOp)
        return (first.domain, None, 0) if fits and _same_lanes(first, second) else None
    if first.reduced is None and second.reduced is not None:
        first, second = second, first
    form = first.domain, first.reduced, first.scan
    if first.domain == second.domain:
        same = first.reduced == second.reduced and first.scan == second.scan
        return form if same or second.reduced is None else None
    fits = first.reduced is not None and second.reduced is None and first.kept == second.domain
    return form if fits else None


def keeps_lanes(form: Group, members: Iterable[Node]) -> bool:
    """Whether what joins running combinations loses nothing by it.

    Lanes lie across the axis that is run along. Where there is no other axis, there are none, so
    that only cheap functions may join.
    """
    if not form.scan or form.kept:
        return True
    return sum(cost_of(n) for n in members if isinstance(n.op, kinds.ElementwiseOp)) <= CHEAP


def _same_lanes(contraction: Group, epilogue: Group) -> bool:
    """Whether an epilogue computes elementwise on values as wide as the contraction's."""
    assert contraction.anchor is not None
    wide = {float32: (float64, int64), float64: (float32,)}.get(contraction.anchor.dtype)
    if wide is None:
        return False
    return all(
        isinstance(n.op, kinds.ElementwiseOp) and not {d.dtype for d in (n, *n.inputs)} & set(wide)
        for n in epilogue.members
    )


def cost_of(node: Node) -> int:
    """Return the cycles an element that computing a node takes, roughly; much if no instruction."""
    op = node.op
    if isinstance(op, kinds.ElementwiseOp):
        return scalar.cost(op.body(node.attrs))
    return 100
