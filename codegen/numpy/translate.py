"""Kernels as whole-array operations: values become arrays, stages become statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from graphdl.codegen.numpy.operations import (
    Array,
    Operation,
    Use,
    assign,
    call,
    convert,
    fill,
    keep_or_zero,
    method,
    mix_bits,
    select,
)
from graphdl.codegen.numpy.text import dtype_text, literal, spoken
from graphdl.codegen.numpy.views import Form, Views, loops, reformed, trimmed
from graphdl.codegen.program import Access, Buffer, Store, Value, walk_values
from graphdl.ir.dims import Size, product, upper_bound
from graphdl.ir.dtypes import DType, int64, promote
from graphdl.ir.kinds import Affine

Hoist = Callable[[str, str], str]
"""From an expression that no call changes, and a wish, to the name of a variable for it."""

FEW = 4096
"""Elements up to which a masked copy is quicker than mixing bits."""

FILLED = 16384
"""Elements up to which a number is repeated to the full size of its partner."""

ROW = 64
"""Elements from which on a row that repeats a number is quicker than the number."""

KEPT = 1 << 20
"""Elements up to which an array that depends on sizes only is computed once."""

ZEROS = ("0", "0.0", "False")


class Translator:
    """Translates the values and stores of one kernel.

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
    overlap : callable
        Whether two buffers share memory.
    maxima : mapping of str to int
        The largest dims.
    """

    def __init__(
        self,
        views: Views,
        sizes: Mapping[str, Size],
        order: Sequence[str],
        hoist: Hoist,
        overlap: Callable[[Buffer, Buffer], bool],
        maxima: Mapping[str, int],
    ) -> None:
        self.views, self.sizes, self.order = views, sizes, order
        self.hoist, self.overlap, self.maxima = hoist, overlap, maxima
        self.operations: list[Operation] = []
        self.results: dict[object, Array] = {}
        self.domain: list[str] = list(order)
        self._numbers: dict[object, int] = {}
        self._arrays: dict[int, Array] = {}
        self._number: dict[Value, int] = {}
        self._versions: dict[Buffer, int] = {}

    def enter(self, names: Iterable[str]) -> None:
        """Begin a stage over these loops."""
        present = set(names)
        self.domain = [n for n in self.order if n in present]
        self._number = {}

    def forget(self) -> None:
        """Drop what is known of earlier stages: its registers hold one block only."""
        self._numbers, self._arrays, self._number = {}, {}, {}

    def compute(self, roots: Iterable[Value]) -> None:
        """Emit everything below the roots that is not there yet."""
        for value in walk_values(roots):
            if value in self._number:
                continue
            key = self._key(value)
            number = self._numbers.setdefault(key, len(self._numbers))
            self._number[value] = number
            if number not in self._arrays:
                self._arrays[number] = self._translate(value)

    def array(self, value: Value) -> Array:
        """Return the array of a computed value."""
        return self._arrays[self._number[value]]

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
        return Array(dtype, form, self.hoist(f"np.asarray({function}({', '.join(texts)}))", "fixed"))

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
        return Array(number.dtype, form, self.hoist(text, f"{spoken(number.text)}_row"))

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

    def store(self, stores: Sequence[Store]) -> None:
        """Emit stores of computed values; all values are read before the first store."""
        pending = []
        written: list[Buffer] = []
        for store in stores:
            array = self.array(store.value)
            source = array.buffer
            if source is not None and any(self.overlap(source, b) for b in written):
                array = self.materialised(array, loops(array.form))
            written.append(store.access.buffer)
            pending.append((store, array))
        for store, array in pending:
            self.scatter(store, array) if store.access.gathered else self._store(store, array)
            for buffer in [*self._versions, store.access.buffer]:
                if self.overlap(buffer, store.access.buffer):
                    self._versions[buffer] = self._versions.get(buffer, 0) + 1

    def _store(self, store: Store, array: Array) -> None:
        names = self.used(store.access)
        target = self.load(store.access)
        if not store.accumulate:
            render = fill if array.literal else assign
            self.emit(Operation(render, [self.use(array)], self.use(target), is_store=True))
        elif set(names) == set(self.domain):
            uses = [self.use(target), self.use(array)]
            self.emit(Operation(call("np.add"), uses, self.use(target), frozenset([0, 1])))
        else:
            self.scatter(store, array)

    def scatter(self, store: Store, array: Array) -> None:
        """Emit a store at places that depend on data or that meet."""
        access = store.access
        flat = self.flat_index(access, self.domain)
        whole = self._flat_buffer(access)
        uses = [Use(whole, whole.form), self.use(flat), self.use(array)]

        def render(args: list[str], out: str) -> list[str]:
            if store.accumulate:
                return [f"np.add.at({args[0]}, {args[1]}, {args[2]})"]
            return [f"{args[0]}[{args[1]}] = {args[2]}"]

        self.emit(Operation(render, uses, Use(whole, whole.form), updates=True))

    def used(self, access: Access) -> list[str]:
        """Return the loops that an access depends on."""
        names = {n for index in access.index for n, _ in index.terms} - set(access.gathered)
        return [n for n in self.domain if n in names]

    def load(self, access: Access) -> Array:
        """Return the view that an access without data-dependent indices shows."""
        form = trimmed(self.used(access), self.domain)
        return Array(access.buffer.dtype, form, "view", access)

    def flat_index(self, access: Access, names: Sequence[str] = ()) -> Array:
        """Return positions in the flattened buffer, spread over at least the given loops."""
        strides, offset = access.strides()
        terms = tuple((n, c) for n, c in sorted(strides.items()) if n not in access.gathered)
        affine = Affine(terms, offset)
        base = self.positions(affine, int64) if terms or offset != 0 else None
        total: Array | None = None
        for name, value in access.gathered.items():
            index = self._index_array(value)
            if (step := strides.get(name, 0)) != 1:
                factor = Array(int64, (), self.views.size(step), literal=True)
                index = self.ufunc("multiply", [index, factor], int64)
            total = index if total is None else self.ufunc("add", [total, index], int64)
        if total is None:
            total = base if base is not None else Array(int64, (), "0", literal=True)
        elif base is not None:
            total = self.ufunc("add", [total, base], int64)
        missing = [n for n in names if n not in loops(total.form)]
        return self.materialised(total, list(names)) if missing else total

    def positions(self, affine: Affine, dtype: DType) -> Array:
        """Return an affine function of the loops, computed once a plan."""
        form = trimmed([n for n, _ in affine.terms], self.domain)
        if not affine.terms:
            return Array(dtype, (), self.views.size(affine.offset), literal=True)
        text = self.views.positions(affine, form, self.sizes, dtype_text(dtype))
        return Array(dtype, form, self.hoist(text, "index"))

    def _flat_buffer(self, access: Access) -> Array:
        buffer = access.buffer
        whole = Access(buffer, (buffer.size,), (Affine.index("@flat"),))
        return Array(buffer.dtype, ("@flat",), "view", whole)

    def _index_array(self, value: Value) -> Array:
        """Return the array of an index; NumPy widens integers by itself."""
        while value.kind == "instruction" and value.instruction is not None:
            if value.instruction.name != "cast" or not value.args[0].dtype.is_integer:
                break
            value = value.args[0]
        return self.array(value)

    def _key(self, value: Value) -> object:
        args = tuple(self._number[a] for a in value.args)
        if value.kind == "load":
            access: Access = value.payload
            gathered = tuple((n, self._number[v]) for n, v in access.gathered.items())
            version = self._versions.setdefault(access.buffer, 0)
            return ("load", access.buffer, access.shape, access.index, gathered, version)
        if value.kind == "reduced":
            return ("reduced", id(value.payload if value.payload is not None else value))
        payload = repr(value.payload) if value.kind == "constant" else value.payload
        name = value.instruction.name if value.instruction else ""
        return (value.kind, value.dtype.name, payload, name, args)

    def _translate(self, value: Value) -> Array:
        if value.kind == "load":
            access: Access = value.payload
            return self._gather(access) if access.gathered else self.load(access)
        if value.kind == "constant":
            return Array(value.dtype, (), literal(value.payload, value.dtype), literal=True)
        if value.kind == "index":
            return self.positions(value.payload, value.dtype)
        if value.kind == "size":
            return Array(value.dtype, (), self.views.size(value.payload), literal=True)
        if value.kind == "reduced":
            return self.results[value.payload if value.payload is not None else value]
        return self._instruction(value)

    def _instruction(self, value: Value) -> Array:
        instruction = value.instruction
        assert instruction is not None
        args = [self.array(a) for a in value.args]
        if instruction.result == "cast":
            return self.cast(args[0], value.dtype)
        if instruction.result == "select":
            yes, no = (self.cast(a, value.dtype) for a in args[1:])
            return self.select(args[0], yes, no, value.dtype)
        joint = value.dtype
        if instruction.result == "bool":
            joint = promote(*(a.dtype for a in args))
        args = [self.cast(a, joint) for a in args]
        return self.ufunc(instruction.numpy, args, value.dtype)

    def _gather(self, access: Access) -> Array:
        taken = self._take(access)
        if taken is not None:
            return taken
        flat = self.flat_index(access)
        whole = self._flat_buffer(access)
        out = self.result([flat], access.buffer.dtype)
        uses = [Use(whole, whole.form), self.use(flat)]
        return self.emit(Operation(method("take", 'mode="clip"'), uses, Use(out, out.form)))

    def _take(self, access: Access) -> Array | None:
        """Return whole slices along one axis, if that is what the access reads."""
        (name, value), *more = access.gathered.items()
        index = self._index_array(value)
        places = [p for p, i in enumerate(access.index) if any(n == name for n, _ in i.terms)]
        if more or len(places) != 1 or access.index[places[0]] != Affine.index(name):
            return None
        taken = loops(index.form)
        order: list[str] = []
        for position, affine in enumerate(access.index):
            if position == places[0]:
                axis = len(order)
                order += taken
            elif affine.terms:
                order.append(affine.terms[0][0])
        inner = Access(access.buffer, access.shape, tuple(
            Affine.index("@axis") if p == places[0] else i for p, i in enumerate(access.index)
        ))  # fmt: skip
        plain = all(len(i.terms) <= 1 for i in access.index)
        if not plain or order != [n for n in self.domain if n in order] or len(set(order)) < len(order):
            return None
        kept = tuple(i.terms[0][0] for i in inner.index if i.terms)
        source = Array(access.buffer.dtype, kept, "view", inner)
        out = self.register(access.buffer.dtype, trimmed(order, self.domain))
        return self.emit(Operation(
            method("take", f"axis={axis}", 'mode="clip"'),
            [Use(source, kept), Use(index, tuple(taken))],
            Use(out, tuple(order)),
        ))  # fmt: skip
