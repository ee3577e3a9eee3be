"""Loop kernels: the order of loops, stages, and blocks that fit the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from graphdl.codegen.numpy.operations import Region
from graphdl.codegen.numpy.reduce import Reducer, start
from graphdl.codegen.numpy.translate import Translator
from graphdl.codegen.program import (
    Access,
    LoopKernel,
    Stage,
    kernel_roots,
    kernel_stores,
    reads,
    scans,
    walk_values,
)
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dims import Size, evaluate, product

BLOCK = 16384
"""Elements of a block: a handful of such arrays fit into the second-level cache."""

LARGE = 4 * BLOCK
"""Elements from which on a kernel runs in blocks."""

LARGE_PRODUCT = 16 * BLOCK
"""Elements from which on what follows a product runs in blocks."""

MakeTranslator = Callable[[Mapping[str, Size], Sequence[str]], Translator]


def loop_order(
    names: Sequence[str], accesses: Iterable[Access], maxima: Mapping[str, int]
) -> list[str]:
    """Return the loops in the order in which memory is laid out, as the first full access says."""
    for access in accesses:
        strides, _ = access.strides()
        if not access.gathered and all(n in strides for n in names):
            return sorted(names, key=lambda n: -abs(evaluate(strides[n], maxima)))
    return list(names)


def rows_of_block(axis: str, sizes: Mapping[str, Size], maxima: Mapping[str, int]) -> int:
    """Return how many steps of a loop, with all steps of the others, make a block."""
    inner = product(s for n, s in sizes.items() if n != axis)
    rows = max(1, BLOCK // max(1, upper_bound(inner, maxima)))
    return min(rows, max(1, upper_bound(sizes[axis], maxima)))


class LoopTranslation:
    """Turns a loop kernel into regions of operations."""

    def __init__(self, kernel: LoopKernel, make: MakeTranslator, maxima: Mapping[str, int]) -> None:
        self.kernel, self.maxima = kernel, maxima
        axes = {a.name: a.size for s in kernel.stages for a in s.axes}
        self.sizes: dict[str, Size] = {a.name: a.size for a in kernel.axes} | axes
        self.outer = [a.name for a in kernel.axes]
        names = list(self.sizes)
        combines = {r.combine for s in kernel.stages for r in s.reductions}
        self.positions = any(c.startswith("arg") for c in combines)
        if not self.positions and not kernel.sequential:
            accesses = [*(s.access for s in kernel_stores(kernel)), *reads(kernel)]
            names = loop_order(names, accesses, maxima)
        self.order = names
        self.translator = make(self.sizes, names)

    def regions(self) -> list[Region]:
        """Return the kernel's operations."""
        axis = self._block_axis()
        if axis in self.outer or not axis:
            for number, stage in enumerate(self.kernel.stages):
                self._stage(number, stage)
            return [Region(self.translator.operations, axis)]
        return self._partial_regions(axis)

    def block_rows(self, axis: str) -> int:
        """Return how many steps of the blocked loop make a block."""
        return rows_of_block(axis, self.sizes, self.maxima)

    def _block_axis(self) -> str:
        """Return the loop to cut into blocks: the first one of a large element-wise kernel."""
        size = upper_bound(product(self.sizes.values()), self.maxima)
        loads = reads(self.kernel)
        busy = sum(1 for v in walk_values(kernel_roots(self.kernel)) if v.kind == "instruction")
        if not self.order or size < LARGE or busy < 2 or self.kernel.sequential:
            return ""
        accesses = [*loads, *(s.access for s in kernel_stores(self.kernel))]
        if any(a.gathered for a in accesses):
            return ""
        first = self.order[0]
        running = {s.axis for s in scans(walk_values(kernel_roots(self.kernel)))}
        several = any(len(s.axes) > 1 for s in self.kernel.stages)
        if first in running or (self.positions and (several or first not in self.outer)):
            return ""
        return first if self.block_rows(first) < upper_bound(self.sizes[first], self.maxima) else ""

    def _stage(self, number: int, stage: Stage) -> None:
        t = self.translator
        names = [a.name for a in stage.axes]
        t.enter([*self.outer, *names])
        t.compute(stage.roots())
        reducer = Reducer(t, names)
        for reduction in stage.reductions:
            t.results[reduction] = reducer.emit(reduction, self._reader(number, reduction))
        t.store(stage.stores)

    def _reader(self, number: int, reduction: object) -> list[str]:
        """Return the loops of the stage that first reads a result."""
        for stage in self.kernel.stages[number + 1 :]:
            if any(v.payload is reduction for v in walk_values(stage.roots())):
                present = {*self.outer, *(a.name for a in stage.axes)}
                return [n for n in self.order if n in present]
        return [n for n in self.order if n in self.outer]

    def _partial_regions(self, axis: str) -> list[Region]:
        """Cut a reduced loop: each stage over it is a loop that adds up its blocks' results."""
        regions: list[Region] = []
        t = self.translator
        for number, stage in enumerate(self.kernel.stages):
            names = [a.name for a in stage.axes]
            before, inside = Region(), Region(axis=axis if axis in names else "")
            t.forget()
            t.operations = inside.operations
            t.enter([*self.outer, *names])
            t.compute(stage.roots())
            reducer = Reducer(t, names)
            for reduction in stage.reductions:
                part = reducer.emit(reduction, self._reader(number, reduction))
                total = t.register(part.dtype, part.form)
                before.operations.append(start(reduction, total))
                reducer.accumulate(reduction, total, part)
                t.results[reduction] = total
            t.store(stage.stores)
            regions += [before, inside]
        return regions
