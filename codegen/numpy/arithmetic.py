"""Operations on arrays of a kernel: each in the form that NumPy is quickest with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from graphdl.codegen.numpy.memory import Sharing
from graphdl.codegen.numpy.operations import (
    Array,
    Operation,
    Use,
    assign,
    call,
    convert,
    fill,
    keep_or_zero,
    mix_bits,
    select,
)
from graphdl.codegen.numpy.text import dtype_text, spoken
from graphdl.codegen.numpy.views import Form, Views, loops, reformed, trimmed
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dims import Size, product
from graphdl.ir.dtypes import DType

Hoist = Callable[[str, str], str]
"""From an expression that no call changes, and a wish, to the name of a variable for it."""

FEW = 4096
"""Elements up to which a masked copy is quicker than mixing bits."""

FILLED = 65536
"""Elements up to which a number is repeated to the full size of its partner."""

ROW = 64
"""Elements from which on a row that repeats a number is quicker than the number."""

KEPT = 1 << 20
"""Elements up to which an array that depends on sizes only is computed once."""

ZEROS = ("0", "0.0", "False")


class Emitter:
    """Collects the operations of one kernel.

    Parameters
    ----------
    views : Views
        Prints views.
    sizes : mapping of str to Size
        Number of steps of each loop.
    order : sequence of str
        All loops, the one of the largest stride first.
    hoist : callable
        Computes an expression once a plan instead of once a call.
    sharing : Sharing
        Which of the kernel's buffers share memory.
    maxima : mapping of str to int
        The largest dims.

    Attributes
    ----------
    operations : list of Operation
        What has been emitted.
    domain : list of str
        The loops of the current stage.
    """

    def __init__(
        self,
        views: Views,
        sizes: Mapping[str, Size],
        order: Sequence[str],
        hoist: Hoist,
        sharing: Sharing,
        maxima: Mapping[str, int],
    ) -> None:
        self.views, self.sizes, self.order = views, sizes, order
        self.hoist, self.sharing, self.maxima = hoist, sharing, maxima
        self.operations: list[Operation] = []
        self.domain: list[str] = list(order)

    def register(self, dtype: DType, form: Form) -> Array:
        """Return a new scratch array."""
        return Array(dtype, form)

    def use(self, array: Array) -> Use:
        """Return an array in the form that broadcasts in the current stage."""
        return Use(array, trimmed(loops(array.form), self.domain))

    def emit(self, operation: Operation) -> Array:
        """Append an operation; return what it makes."""
        self.operations.append(operation)
        return operation.out.array

    def ufunc(self, name: str, args: Sequence[Array], dtype: DType) -> Array:
        """Emit a function of arrays that broadcast."""
        support = name[0] == "_"
        if not support and self._is_fixed(args):
            return self._once(f"np.{name}", args, dtype)
        shown = [self._companion(name, args, a) if a.literal else a for a in args]
        out = self.result(args, dtype)
        render = call(name if support else f"np.{name}")
        uses = [self.use(a) for a in shown]
        return self.emit(Operation(render, uses, Use(out, out.form), frozenset(range(len(args)))))

    def result(self, args: Sequence[Array], dtype: DType) -> Array:
        """Return a new register in the form to which arrays broadcast."""
        return self.register(dtype, trimmed({n for a in args for n in loops(a.form)}, self.domain))

    def _is_fixed(self, args: Sequence[Array]) -> bool:
        """Whether a result depends on sizes only, and is small enough to keep."""
        names = {n for a in args for n in loops(a.form)}
        return all(a.is_fixed for a in args) and self.elements(tuple(names)) <= KEPT

    def _once(self, function: str, args: Sequence[Array], dtype: DType) -> Array:
        """Compute what no call changes in the setup."""
        texts = []
        for array in map(self.constant, args):
            wanted = trimmed(loops(array.form), self.domain)
            texts.append(reformed(array.text, array.form, wanted))
        form = trimmed({n for a in args for n in loops(a.form)}, self.domain)
        text = f"np.asarray({function}({', '.join(texts)}))"
        return Array(dtype, form, self.hoist(text, "fixed"))

    def constant(self, array: Array) -> Array:
        """Return a number as an array of its dtype, made once: quicker than converting it."""
        if not array.literal:
            return array
        text = self.hoist(f"np.array({array.text}, {dtype_text(array.dtype)})", spoken(array.text))
        return Array(array.dtype, (), text)

    def _companion(self, name: str, args: Sequence[Array], number: Array) -> Array:
        """Return a number as the array with which a function is quickest.

        NumPy's maximum and minimum have no quick loop for a single number on one side.
        """
        form = max((self.use(a).form for a in args), key=len)
        if name not in ("maximum", "minimum") or not number.dtype.is_float or not form:
            return self.constant(number)
        if None in form or self.elements(form) > FILLED:
            form = form[-1:]
            if None in form or self.elements(form) < ROW:
                return self.constant(number)
        shape = self.views.shape(tuple(self.sizes[n] for n in loops(form)))
        text = f"np.full({shape}, {number.text}, {dtype_text(number.dtype)})"
        return Array(number.dtype, form, self.hoist(text, f"{spoken(number.text)}s"))

    def elements(self, form: Form) -> int:
        """Return the largest number of elements of an array."""
        return upper_bound(product(self.sizes[n] for n in loops(form)), self.maxima)

    def select(self, condition: Array, yes: Array, no: Array, dtype: DType) -> Array:
        """Emit a choice, in the way that suits its size."""
        if self._is_fixed([condition, yes, no]):
            return self._once("np.where", [condition, yes, no], dtype)
        out = self.result([condition, yes, no], dtype)
        target = Use(out, out.form, bits=dtype.is_float)
        if dtype.name == "bool" or (self.elements(out.form) <= FEW and no.text not in ZEROS):
            uses = [self.use(a) for a in (condition, yes, no)]
            return self.emit(Operation(select, uses, Use(out, out.form), frozenset([2])))
        test = self.use(self.constant(condition))
        bits = [self.use(self.constant(a)) for a in (yes, no)]
        for use in bits:
            use.bits = dtype.is_float
        if no.literal and no.text in ZEROS:
            uses = [test, bits[0]]
            return self.emit(Operation(keep_or_zero, uses, target, frozenset([1])))
        return self.emit(Operation(mix_bits, [test, *bits], target, frozenset([1])))

    def cast(self, array: Array, dtype: DType) -> Array:
        """Return an array in another dtype."""
        if array.dtype is dtype:
            return array
        if array.literal and (dtype.is_float or not array.dtype.is_float):
            return Array(dtype, (), array.text, literal=True)
        if array.is_fixed:
            fixed = self.constant(array)
            text = f"{fixed.text}.astype({dtype_text(dtype)})"
            return Array(dtype, fixed.form, self.hoist(text, "fixed"))
        out = self.result([array], dtype)
        return self.emit(Operation(convert, [self.use(array)], Use(out, out.form)))

    def materialised(self, array: Array, names: Sequence[str]) -> Array:
        """Return the array with all of these loops present, in a register."""
        out = self.register(array.dtype, trimmed(names, self.domain))
        render = fill if array.literal else assign
        return self.emit(Operation(render, [self.use(array)], Use(out, out.form)))
