"""Kernels as whole-array operations: values become arrays, stages become statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from graphdl.codegen.numpy.arithmetic import Emitter, Hoist
from graphdl.codegen.numpy.memory import Sharing
from graphdl.codegen.numpy.operations import Array, Operation, Use, assign, call, fill, method
from graphdl.codegen.numpy.running import running
from graphdl.codegen.numpy.text import dtype_text, literal
from graphdl.codegen.numpy.views import Views, loops, trimmed
from graphdl.codegen.program import Access, Buffer, Store, Value, walk_values
from graphdl.ir.dims import Size
from graphdl.ir.dtypes import DType, int64, promote, uint8
from graphdl.ir.kinds import Affine

UFUNCS = {"add": "np.add", "min": "np.minimum", "max": "np.maximum"}
"""What combines an update with what is there."""


class Translator(Emitter):
    """Translates the values and stores of one kernel.

    Attributes
    ----------
    results : dict of object to Array
        What reductions and the contraction have given.
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
        super().__init__(views, sizes, order, hoist, sharing, maxima)
        self.results: dict[object, Array] = {}
        self._numbers: dict[object, int] = {}
        self._arrays: dict[int, Array] = {}
        self._number: dict[Value, int] = {}
        self._versions: Counter[Buffer] = Counter()

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

    def store(self, stores: Sequence[Store]) -> None:
        """Emit stores of computed values; all values are read before the first store."""
        pending = []
        written: set[Buffer] = set()
        for store in stores:
            array = self.array(store.value)
            source = array.buffer
            if source is not None and not written.isdisjoint(self.sharing.of(source)):
                array = self.materialised(array, loops(array.form))
            written.add(store.access.buffer)
            pending.append((store, array))
        for store, array in pending:
            self.scatter(store, array) if store.access.gathered else self._store(store, array)
            self._versions.update(self.sharing.of(store.access.buffer))

    def _store(self, store: Store, array: Array) -> None:
        names = self.used(store.access)
        target = self.load(store.access)
        if not store.combine:
            render = fill if array.literal else assign
            self.emit(Operation(render, [self.use(array)], self.use(target), is_store=True))
        elif store.combine == "add" and set(names) == set(self.domain):
            uses = [self.use(target), self.use(array)]
            self.emit(Operation(call("np.add"), uses, self.use(target), frozenset([0, 1])))
        else:
            self.scatter(store, array)

    def scatter(self, store: Store, array: Array) -> None:
        """Emit a store at places that depend on data or that meet."""
        access = store.access
        flat = self.flat_index(access, self.domain)
        if self.use(array).form != self.use(flat).form:
            # NumPy 2.4's add.at reads beyond the end of values that it would have to broadcast.
            array = self.materialised(array, self.domain)
        whole = self._flat_buffer(access)
        uses = [Use(whole, whole.form), self.use(flat), self.use(array)]

        def render(args: list[str], out: str) -> list[str]:
            # Lines, so that updates are taken in their order.
            at, given = (
                f"{a}.reshape(-1)" if u.form else a for a, u in zip(args[1:], uses[1:], strict=True)
            )
            if store.combine in UFUNCS:
                return [f"{UFUNCS[store.combine]}.at({args[0]}, {at}, {given})"]
            return [f"{args[0]}[{at}] = {given}"]

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
            version = self._versions[access.buffer]
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
        if value.kind == "running":
            return running(self, value, [self.array(a) for a in value.args])
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
        if instruction.name == "neg" and joint is not uint8:
            # np.negative of NumPy 2.4 is wrong where operand and out both have strides of 4 or 8
            minus = Array(joint, (), literal(-1, joint), literal=True)
            return self.ufunc("multiply", [args[0], minus], value.dtype)
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
        plain = all(len(i.terms) <= 1 for i in access.index) and len(set(order)) == len(order)
        if not plain or order != [n for n in self.domain if n in order]:
            return None
        kept = tuple(i.terms[0][0] for i in inner.index if i.terms)
        source = Array(access.buffer.dtype, kept, "view", inner)
        out = self.register(access.buffer.dtype, trimmed(order, self.domain))
        return self.emit(Operation(
            method("take", f"axis={axis}", 'mode="clip"'),
            [Use(source, kept), Use(index, tuple(taken))],
            Use(out, tuple(order)),
        ))  # fmt: skip
