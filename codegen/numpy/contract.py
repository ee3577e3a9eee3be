"""Contractions: matrix products over views, with what comes before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphdl.codegen.numpy import loops
from graphdl.codegen.numpy.loops import MakeTranslator, loop_order, rows_of_block
from graphdl.codegen.numpy.operations import Array, Operation, Region, Use, call
from graphdl.codegen.numpy.translate import Translator
from graphdl.codegen.numpy.views import is_matrix
from graphdl.codegen.program import Axis, ContractKernel, Value, walk_values
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dims import Size, product


class ContractTranslation:
    """Turns a contraction into operations.

    An operand that can be seen as matrices is used where it lies, transposed or not; anything else
    is first laid out in scratch. The product goes to scratch or straight to the first store.
    """

    def __init__(
        self, kernel: ContractKernel, make: MakeTranslator, maxima: Mapping[str, int]
    ) -> None:
        self.kernel, self.maxima = kernel, maxima
        self.batch = _names(kernel.batch)
        self.rows = _names(kernel.rows)
        self.columns = _names(kernel.columns)
        self.summed = _names(kernel.summed)
        axes = (*kernel.batch, *kernel.rows, *kernel.columns, *kernel.summed)
        self.sizes: dict[str, Size] = {a.name: a.size for a in axes}
        stores = [s.access for s in kernel.stores]
        free = [*self.batch, *self.rows, *self.columns]
        ranked = loop_order(free, stores, maxima)
        self.swapped = bool(self.rows and self.columns) and (
            ranked.index(self.columns[-1]) < ranked.index(self.rows[-1])
        )
        self.free = [*self.batch, *self.columns, *self.rows] if self.swapped else free
        self.translator = make(self.sizes, [*self.free, *self.summed])

    def regions(self) -> list[Region]:
        """Return the kernel's operations."""
        kernel, t = self.kernel, self.translator
        left = self._operand(kernel.left, self.rows, self.summed)
        right = self._operand(kernel.right, self.summed, self.columns)
        t.enter(self.free)
        axis = self._block_axis()
        out = t.register(kernel.result.dtype, tuple(self.free))
        if self.swapped:
            args, groups = [_turned(right), _turned(left)], [self.columns, self.rows]
        else:
            args, groups = [left, right], [self.rows, self.columns]
        target = Use(out, out.form, [*([n] for n in self.batch), *groups])
        dense = call("np.dot") if not self.batch else None  # quicker, but wants contiguous results
        t.emit(Operation(call("np.matmul"), args, target, dense=dense))
        t.results[kernel.result] = out
        regions = [Region(t.operations)]
        if axis:
            for operation in t.operations:
                operation.out.array.whole = True
            t.operations = []
            regions.append(Region(t.operations, axis))
        t.compute(v for s in kernel.stores for v in [s.value, *s.access.gathered.values()])
        t.store(kernel.stores)
        return regions

    def block_rows(self, axis: str) -> int:
        """Return how many steps of the epilogue's blocked loop make a block."""
        return rows_of_block(axis, {n: self.sizes[n] for n in self.free}, self.maxima)

    def _block_axis(self) -> str:
        """Return the loop to cut into blocks after the product, if its result is large."""
        stores = self.kernel.stores
        values = walk_values(s.value for s in stores)
        busy = sum(1 for v in values if v.kind == "instruction")
        size = upper_bound(product(self.sizes[n] for n in self.free), self.maxima)
        accesses = [*(v.payload for v in values if v.kind == "load"), *(s.access for s in stores)]
        if size < loops.LARGE_PRODUCT or busy < 2 or any(a.gathered for a in accesses):
            return ""
        first = self.free[0]
        whole = self.block_rows(first) >= upper_bound(self.sizes[first], self.maxima)
        return "" if whole else first

    def _operand(self, value: Value, first: Sequence[str], second: Sequence[str]) -> Use:
        """Return an operand as a stack of matrices."""
        t = self.translator
        groups = [*([n] for n in self.batch), list(first), list(second)]
        names = [*self.batch, *first, *second]
        plain = value.kind == "load" and value.dtype is self.kernel.result.dtype
        if plain and is_matrix(value.payload, first, second, self.sizes):
            t.enter(names)
            t.compute([value])
            present = t.used(value.payload)  # a batch that it lacks broadcasts
            groups = [[n for n in g if n in present] for g in groups]
            return Use(t.array(value), (), groups)
        accesses = [a.payload for a in walk_values([value]) if a.kind == "load"]
        inner = loop_order([*first, *second], accesses, self.maxima)
        turned = bool(first and second) and inner.index(second[-1]) < inner.index(first[-1])
        order = [*self.batch, *second, *first] if turned else names
        return Use(self._laid_out(t, value, order), tuple(order), groups)

    def _laid_out(self, t: Translator, value: Value, order: Sequence[str]) -> Array:
        """Return the value in a register that has all loops in this order."""
        kept, t.order = t.order, list(order)
        t.forget()
        t.enter(order)
        t.compute([value])
        array = t.cast(t.array(value), self.kernel.result.dtype)
        if not array.is_register or array.form != tuple(order):
            array = t.materialised(array, order)
        t.order = kept
        t.forget()
        return array


def _names(axes: Sequence[Axis]) -> list[str]:
    return [a.name for a in axes]


def _turned(use: Use) -> Use:
    """Return an operand with rows and columns exchanged."""
    assert use.groups is not None
    *batch, first, second = use.groups
    return Use(use.array, use.form, [*batch, second, first])
