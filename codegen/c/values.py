"""Scalar values of a kernel as C statements, lanes at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphdl.codegen.c.families import SCALAR_TYPES, Family, literal
from graphdl.codegen.c.sizes import linear_text, size_text
from graphdl.codegen.program import Access, Buffer, Value, walk_values
from graphdl.ir.dims import Size


@dataclass(eq=False)
class Place:
    """A flat position in a buffer: a coefficient for each loop, the rest, and gathered terms."""

    buffer: Buffer
    terms: dict[str, Size]
    offset: Size
    gathered: dict[str, Value]


def flatten(access: Access) -> Place:
    """Return where an access lies in memory."""
    terms, offset = access.strides()
    gathered = {k: v for k, v in access.gathered.items() if k in terms}
    return Place(access.buffer, terms, offset, gathered)


class ValuePrinter:
    """Prints values of one kernel; each gets a variable of its own.

    Parameters
    ----------
    family : Family
        How values are held.
    vector_axis : str or None
        The loop whose consecutive steps fill the lanes.
    places : mapping of Access to Place
        Where accesses lie, loops possibly merged.
    """

    def __init__(
        self, family: Family, vector_axis: str | None, places: Mapping[Access, Place]
    ) -> None:
        self.family = family
        self.vector_axis = vector_axis
        self.places = places
        self.names: dict[object, str] = {}
        self.loops: dict[str, str] = {}
        self.counter = 0
        self._axes: dict[Value, frozenset[str]] = {}

    def axes_of(self, value: Value) -> frozenset[str]:
        """Return the loops that a value depends on; ``*`` stands for a finished reduction."""
        stack = [value]
        while stack:
            top = stack[-1]
            waiting = [o for o in top.operands() if o not in self._axes]
            if not waiting:
                below = (self._axes[o] for o in top.operands())
                self._axes[top] = self._own_axes(top).union(*below)
                stack.pop()
            stack.extend(waiting)
        return self._axes[value]

    def _own_axes(self, value: Value) -> frozenset[str]:
        if value.kind == "load":
            return frozenset(n for n in self.places[value.payload].terms if not n.startswith("@"))
        if value.kind == "index":
            return frozenset(n for n, _ in value.payload.terms)
        if value.kind == "running":
            return frozenset([value.payload.axis])
        return frozenset("*" if value.kind == "reduced" else ())

    def fresh(self) -> str:
        """Return a new variable name."""
        self.counter += 1
        return f"v{self.counter}"

    def statement(self, value: Value, count: str | None) -> str:
        """Return the definition of a value's variable; its operands are defined already."""
        expression = self.expression(value, count)
        name = self.fresh()
        self.names[value] = name
        return f"const {self.family.types[value.dtype]} {name} = {expression};"

    def expression(self, value: Value, count: str | None) -> str:
        """Return the expression that computes a value from its operands' variables."""
        family = self.family
        if value.kind == "constant":
            return family.set(value.dtype, literal(value.payload, value.dtype))
        if value.kind == "size":
            text = f"({SCALAR_TYPES[value.dtype]}){size_text(value.payload)}"
            return family.set(value.dtype, text)
        if value.kind == "index":
            return self._index(value)
        if value.kind == "load":
            return self.load(value, count)
        if value.kind == "reduced":
            return self.names[value.payload if value.payload is not None else value]
        return self._instruction(value)

    def _instruction(self, value: Value) -> str:
        family, instruction = self.family, value.instruction
        assert instruction is not None
        args = [self.names[a] for a in value.args]
        operand = value.args[0].dtype
        if instruction.result == "cast":
            return family.cast(args[0], operand, value.dtype)
        if instruction.infix and value.dtype.is_float:
            if len(args) == 1:
                return f"{instruction.infix}{args[0]}"
            return f"{args[0]} {instruction.infix} {args[1]}"
        typed_by = value.dtype if instruction.result in ("same", "select") else operand
        result = family.call(instruction.name, typed_by, *args)
        return family.wrapped(result, value.dtype) if instruction.wraps else result

    def _index(self, value: Value) -> str:
        terms = dict(value.payload.terms)
        step = terms.get(self.vector_axis or "", 0)
        scalar = f"({SCALAR_TYPES[value.dtype]})({self._linear(terms, value.payload.offset)})"
        if step == 0 or not self.family.is_vector:
            return self.family.set(value.dtype, scalar)
        if step == 1:
            return self.family.call("iota", value.dtype, scalar)
        lanes = self.family.call("iota", value.dtype, "0")
        factor = self.family.set(value.dtype, f"({SCALAR_TYPES[value.dtype]}){size_text(step)}")
        start = self.family.set(value.dtype, scalar)
        if value.dtype.is_float:
            return f"{start} + {lanes} * {factor}"
        scaled = self.family.call("mul", value.dtype, lanes, factor)
        return self.family.call("add", value.dtype, start, scaled)

    def _linear(self, terms: Mapping[str, Size], offset: Size) -> str:
        return linear_text({self.loops.get(n, n): c for n, c in terms.items()}, offset)

    def pointer(self, place: Place) -> str:
        """Return the address of the first lane's element."""
        terms = {n: c for n, c in place.terms.items() if n not in place.gathered}
        text = self._linear(terms, place.offset)
        for name, value in place.gathered.items():
            text += f" + {self._uniform(value)}*{size_text(place.terms[name])}"
        return place.buffer.name if text == "0" else f"{place.buffer.name} + {text}"

    def _uniform(self, value: Value) -> str:
        """Return a value that is the same in all lanes as a scalar."""
        name = self.names[value]
        if not self.family.is_vector:
            return f"(int64_t){name}"
        return f"(int64_t){self.family.call('hmax', value.dtype, name)}"

    def load(self, value: Value, count: str | None) -> str:
        """Return a load: broadcast, neighbouring or strided."""
        place = self.places[value.payload]
        stride = place.terms.get(self.vector_axis or "", 0)
        pointer = self.pointer(place)
        if not self.family.is_vector:
            return self.family.load(value.dtype, pointer, None, None)
        if stride == 0:
            base, _, rest = pointer.partition(" + ")
            return self.family.set(value.dtype, f"{base}[{rest or '0'}]")
        text = None if stride == 1 else size_text(stride)
        return self.family.load(value.dtype, pointer, text, count)

    def store(self, access: Access, value: Value, count: str | None, combine: str = "") -> str:
        """Return the statement that stores a value, or combines it with what is there."""
        place, dtype = self.places[access], access.buffer.dtype
        stride = place.terms.get(self.vector_axis or "", 0)
        name, pointer = self.names[value], self.pointer(place)
        text = None if stride in (0, 1) else size_text(stride)
        if not self.family.is_vector:
            text = count = None
        elif stride == 0:
            count = "1"
        if combine in ("add", "min", "max"):
            held = self.family.load(dtype, pointer, text, count)
            plain = combine == "add" and dtype.is_float
            name = f"{held} + {name}" if plain else self.family.call(combine, dtype, held, name)
            name = name if self.family.is_vector else f"({name})"
        return self.family.store(dtype, pointer, name, text, count)


def accesses_of(roots: Iterable[Value], stores: Iterable[Access]) -> list[Access]:
    """Return every access once."""
    found = [v.payload for v in walk_values(roots) if v.kind == "load"]
    return list(dict.fromkeys([*found, *stores]))
