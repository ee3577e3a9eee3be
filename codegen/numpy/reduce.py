"""Reductions of a stage as NumPy reductions along axes."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.codegen.numpy.combines import UFUNCS, neutral
from graphdl.codegen.numpy.operations import Array, Operation, Render, Use, call, fill
from graphdl.codegen.numpy.text import dtype_text
from graphdl.codegen.numpy.translate import Translator
from graphdl.codegen.numpy.views import Form, is_matrix, loops, trimmed
from graphdl.codegen.program import Reduction
from graphdl.ir.dim_bounds import is_at_least


class Reducer:
    """Emits the reductions of one stage.

    Parameters
    ----------
    translator : Translator
        Takes the operations.
    reduced : sequence of str
        The stage's loops.
    """

    def __init__(self, translator: Translator, reduced: Sequence[str]) -> None:
        self.translator, self.reduced = translator, list(reduced)

    def emit(self, reduction: Reduction, target_domain: Sequence[str]) -> Array:
        """Emit a reduction whose result is next read in a stage over these loops."""
        t = self.translator
        array = self._whole(t.array(reduction.value))
        if reduction.combine.startswith("arg") and len(self.reduced) != 1:
            return self._flat_position(reduction, array)
        given = t.use(array).form
        out = t.register(reduction.dtype, self._result_form(given, target_domain))
        axes = [p for p, n in enumerate(given) if n in self.reduced]
        if self._is_product(reduction, array, given, axes):
            return self._product(array, given, out, axes[0])
        keep = len(out.form) == len(given)
        render = self._render(reduction, axes, len(given), keep)
        return t.emit(Operation(render, [Use(array, given)], Use(out, out.form)))

    def _is_product(
        self, reduction: Reduction, array: Array, given: Form, axes: Sequence[int]
    ) -> bool:
        """Whether this sums rows or columns of a float matrix that BLAS takes as it is."""
        if reduction.combine != "add" or not array.dtype.is_float or len(given) != 2:
            return False
        if len(axes) != 1 or None in given or array.is_fixed:
            return False
        first, second = loops(given)
        return array.access is None or is_matrix(
            array.access, [first], [second], self.translator.sizes
        )

    def _product(self, array: Array, given: Form, out: Array, axis: int) -> Array:
        """Emit a sum as a product with ones, for which BLAS is quicker than a reduction."""
        t = self.translator
        count = t.views.size(t.sizes[loops(given)[axis]])
        text = t.hoist(f"np.ones({count}, {dtype_text(array.dtype)})", "ones")
        along = loops(given)[axis]
        ones = Use(Array(array.dtype, (along,), text), (along,))
        uses = [ones, Use(array, given)] if axis == 0 else [Use(array, given), ones]
        target = Use(out, (given[1 - axis],))
        return t.emit(Operation(call("np.dot"), uses, target, needs_dense=True))

    def _whole(self, array: Array) -> Array:
        """Return the array with all reduced loops present."""
        t = self.translator
        present = loops(array.form)
        if all(n in present for n in self.reduced):
            return array
        return t.materialised(array, [n for n in t.domain if n in present or n in self.reduced])

    def _result_form(self, given: Form, target_domain: Sequence[str]) -> Form:
        kept = tuple(None if n in self.reduced else n for n in given)
        left = [n for n in loops(given) if n not in self.reduced]
        wanted = trimmed(left, target_domain)
        return kept if kept == wanted and left else tuple(
            n for n in given if n not in self.reduced
        )  # fmt: skip

    def _render(self, reduction: Reduction, axes: Sequence[int], rank: int, keep: bool) -> Render:
        where = "None" if len(axes) == rank else str(axes[0] if len(axes) == 1 else tuple(axes))
        extra = [] if where == "None" and rank == 1 else [f"axis={where}"]
        if keep:
            extra.append("keepdims=True")
        if reduction.combine.startswith("arg"):
            extra[:1] = [f"axis={axes[0]}"]
            return _guarded(call(f"np.{reduction.combine}", *extra), self._has_elements())
        if reduction.dtype is not reduction.value.dtype and reduction.combine in ("add", "mul"):
            extra.append(f"dtype=np.{reduction.dtype.name}")
        if reduction.combine in ("min", "max") and not self._has_elements():
            extra.append(f"initial={neutral(reduction.combine, reduction.dtype)}")
        return call(f"np.{UFUNCS[reduction.combine]}.reduce", *extra)

    def _flat_position(self, reduction: Reduction, array: Array) -> Array:
        """Emit the position along several axes flattened in the stage's order."""
        t = self.translator
        outer = [n for n in t.domain if n in loops(array.form) and n not in self.reduced]
        if not array.is_register or loops(array.form) != [*outer, *self.reduced]:
            array = t.materialised(array, [*outer, *self.reduced])
        out = t.register(reduction.dtype, tuple(outer))
        groups = [*([n] for n in outer), self.reduced]
        render = call(f"np.{reduction.combine}", f"axis={len(outer)}")
        use = Use(array, array.form, groups)
        render = _guarded(render, self._has_elements())
        return t.emit(Operation(render, [use], Use(out, out.form)))

    def _has_elements(self) -> bool:
        """Whether there is something to reduce for certain."""
        return all(is_at_least(self.translator.sizes[n], 1) for n in self.reduced)

    def accumulate(self, reduction: Reduction, total: Array, part: Array) -> None:
        """Emit the combination of a block's result with those before."""
        uses = [Use(total, total.form), Use(part, total.form)]
        name = f"np.{UFUNCS[reduction.combine]}"
        self.translator.emit(Operation(call(name), uses, Use(total, total.form), frozenset([0, 1])))


def start(reduction: Reduction, total: Array) -> Operation:
    """Return what sets a total to the neutral element."""
    number = Array(reduction.dtype, (), neutral(reduction.combine, reduction.dtype), literal=True)
    return Operation(fill, [Use(number, ())], Use(total, total.form))


def _guarded(render: Render, has_elements: bool) -> Render:
    """Give 0 for the place along an axis that is empty at run time, where NumPy has none."""
    if has_elements:
        return render

    def guarded(args: list[str], out: str) -> list[str]:
        found = ["    " + line for line in render(args, out)]
        return [f"if {args[0]}.size:", *found, "else:", f"    {out}[...] = 0"]

    return guarded
