"""Contraction kernels as C functions: operands and epilogue are handed to the GEMM emitter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations

from graphdl.codegen.c import gemm
from graphdl.codegen.c.families import SCALAR, SCALAR_TYPES, Family, choose_family
from graphdl.codegen.c.function import Function, comment_lines, head, mentioned, used_dims
from graphdl.codegen.c.loops import loop_function
from graphdl.codegen.c.nest import merge_axes, walks_evenly
from graphdl.codegen.c.sizes import size_text
from graphdl.codegen.c.values import Place, ValuePrinter, accesses_of, flatten
from graphdl.codegen.program import (
    Axis,
    ContractKernel,
    LoopKernel,
    Reduction,
    Stage,
    Store,
    Value,
    kernel_roots,
    kernel_stores,
    used_buffers,
    walk_values,
)
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dims import Size, product
from graphdl.ir.dtypes import bool_, float32, float64
from graphdl.ir.instructions import INSTRUCTIONS

_ONE = Axis("one", 1)


def contract_function(
    kernel: ContractKernel, name: str, maxima: Mapping[str, int], threads: int
) -> Function:
    """Return the C function of a contraction.

    Those of integers, and those without rows and columns (sums of products along an axis), become
    loops.
    """
    matrices = bool(kernel.rows or kernel.columns)
    if not matrices or kernel.result.dtype not in (float32, float64):
        return loop_function(as_loops(kernel), name, maxima, threads)
    return _ContractPrinter(kernel, name, maxima, threads).function()


def as_loops(kernel: ContractKernel) -> LoopKernel:
    """Return a contraction as a plain nest: a sum of products."""
    dtype = kernel.result.dtype
    mul, add = ("and", "or") if dtype is bool_ else ("mul", "add")
    times = Value("instruction", dtype, None, INSTRUCTIONS[mul], (kernel.left, kernel.right))
    reduction = Reduction("r0", add, times, dtype)
    result = Value("reduced", dtype, reduction) if kernel.summed else times
    memo: dict[Value, Value] = {kernel.result: result}
    for value in walk_values([s.value for s in kernel.stores]):
        if value not in memo:
            args = tuple(memo[a] for a in value.args)
            memo[value] = replace(value, args=args) if args else value
    stores = tuple(Store(s.access, memo[s.value], s.combine) for s in kernel.stores)
    sweep = (Stage(kernel.summed, (), (reduction,)),) if kernel.summed else ()
    stages = (*sweep, Stage((), stores))
    axes = (*kernel.batch, *kernel.rows, *kernel.columns)
    return LoopKernel(kernel.name, kernel.comment, axes, stages, kernel.nodes)


class _ContractPrinter:
    def __init__(
        self, kernel: ContractKernel, name: str, maxima: Mapping[str, int], threads: int
    ) -> None:
        self.kernel, self.name, self.maxima, self.threads = kernel, name, maxima, threads
        self.roots = kernel_roots(kernel)
        self.places = {
            a: flatten(a)
            for a in accesses_of(self.roots, [s.access for s in kernel_stores(kernel)])
        }
        indexed = {
            n for v in walk_values(self.roots) if v.kind == "index" for n, _ in v.payload.terms
        }
        self.groups = [
            merge_axes(list(axes), list(self.places.values()), indexed)
            for axes in (kernel.rows, kernel.columns, kernel.summed)
        ]
        self.groups[2] = self._order_of_sums()
        self.swapped = self._should_swap()
        self.uniform: dict[Value, str] = {}

    def _should_swap(self) -> bool:
        """Whether results lie side by side along the rows rather than along the columns."""
        rows, columns, _ = self.groups
        if not rows or not columns:
            return False

        def neighbours(axes: Sequence[Axis]) -> int:
            last = axes[-1].name
            stored = [self.places[s.access] for s in self.kernel.stores]
            return sum(1 for p in stored if p.terms.get(last, 0) == 1)

        return neighbours(rows) > neighbours(columns)

    def _order_of_sums(self) -> list[Axis]:
        """Return the summed axes in an order in which one operand, if any, walks evenly."""
        summed = self.groups[2]
        for value in (self.kernel.left, self.kernel.right):
            if value.kind == "load":
                place = self.places[value.payload]
                for order in permutations(summed):
                    if walks_evenly(order, place):
                        return list(order)
        return summed

    def _steps(self, flat: str) -> dict[str, str]:
        """Return the step of each summed axis where all of them are one loop."""
        steps: dict[str, str] = {}
        inner: Size = 1
        for axis in reversed(self.groups[2]):
            step = flat if inner == 1 else f"{flat} / {size_text(inner)}"
            if axis is not self.groups[2][0]:
                step += f" % {size_text(axis.size)}"
            steps[axis.name] = step if step == flat else f"({step})"
            inner = inner * axis.size
        return steps

    def function(self) -> Function:
        """Print everything."""
        kernel, (rows, columns, summed) = self.kernel, self.groups
        before = self._hoist()
        if not self._family().is_vector:
            return loop_function(as_loops(kernel), self.name, self.maxima, self.threads)
        left, right = kernel.left, kernel.right
        if self.swapped:
            rows, columns, left, right = columns, rows, right, left
        loops = [*kernel.batch, *rows[:-1], *columns[:-1]]
        row, column = (rows or [_ONE])[-1], (columns or [_ONE])[-1]
        inner = Axis((summed or [_ONE])[-1].name, product(a.size for a in summed))
        emitted = gemm.emit(self._gemm(left, right, row, column, inner))
        lines = emitted.lines
        for axis in reversed(loops):
            opening = f"for (int64_t {axis.name} = 0; {axis.name} < {size_text(axis.size)}; "
            lines = [f"{opening}{axis.name}++) {{", *(f"    {line}" for line in lines), "}"]
        lines = [*before, *lines]
        buffers = list(used_buffers(kernel))
        written = [s.access.buffer for s in kernel.stores]
        axes = [*kernel.batch, *kernel.rows, *kernel.columns, *kernel.summed]
        dims = mentioned(used_dims(buffers, axes, self.roots), lines)
        opening = head(self.name, buffers, written, dims)
        ctype = SCALAR_TYPES[kernel.result.dtype]
        if emitted.scratch:
            opening = opening.replace("(void)", "()")[:-1] + f", {ctype} *scratch)"
        text = [*comment_lines(kernel.comment), f"{opening} {{", *(f"    {x}" for x in lines), "}"]
        text = [line if not line.lstrip().startswith("#") else line.lstrip() for line in text]
        return Function(
            self.name,
            text,
            buffers,
            tuple(dims),
            helpers=emitted.functions,
            scratch=emitted.scratch,
            scratch_type=ctype,
            strategy=emitted.strategy,
        )

    def _size(self, size: Size) -> gemm.Size:
        value = size if isinstance(size, int) else None
        return gemm.Size(size_text(size), value, upper_bound(size, self.maxima))

    def _gemm(self, left: Value, right: Value, row: Axis, column: Axis, inner: Axis) -> gemm.Gemm:
        a, a_row, a_col = self._operand(left, row, inner)
        b, b_row, b_col = self._operand(right, inner, column)
        plain_a, plain_b = self._is_plain(left), self._is_plain(right)
        return gemm.Gemm(
            name=self.name,
            dtype="f32" if self.kernel.result.dtype is float32 else "f64",
            m=self._size(row.size),
            n=self._size(column.size),
            k=self._size(inner.size),
            a=a,
            a_row=a_row,
            a_col=a_col,
            b=b,
            b_row=b_row,
            b_col=b_col,
            epilogue=self._epilogue(row, column),
            load_a=None if plain_a else self._prologue(left, row, inner),
            load_b=None if plain_b else self._prologue(right, inner, column),
            threads=self.threads,
        )

    def _is_plain(self, value: Value) -> bool:
        """Whether an operand is a matrix where it lies."""
        if value.kind != "load":
            return False
        return walks_evenly(self.groups[2], self.places[value.payload])

    def _operand(self, value: Value, first: Axis, second: Axis) -> tuple[str, gemm.Size, gemm.Size]:
        """Return pointer and strides of an operand that is a plain matrix."""
        if not self._is_plain(value):
            return "0", gemm.Size.of(0), gemm.Size.of(0)
        place = self.places[value.payload]
        inside = {first.name, second.name, *(a.name for a in self.groups[2])}
        rest = {n: c for n, c in place.terms.items() if n not in inside}
        base = Place(place.buffer, rest, place.offset, {})
        pointer = ValuePrinter(SCALAR, None, {}).pointer(base)
        rows, columns = (self._size(place.terms.get(x.name, 0)) for x in (first, second))
        return f"({pointer})", rows, columns

    def _prologue(self, value: Value, first: Axis, second: Axis) -> gemm.Load:
        """Return the printer of one computed element of an operand."""

        def load(row: str, col: str) -> str:
            printer = ValuePrinter(SCALAR, None, self.places)
            printer.loops = {first.name: row, second.name: col}
            if self.groups[2]:
                last = self.groups[2][-1].name
                printer.loops.update(self._steps(printer.loops[last]))
            for inner in walk_values([value]):
                printer.names[inner] = f"({printer.expression(inner, None)})"
            return printer.names[value]

        return load

    def _hoist(self) -> list[str]:
        """Return statements that compute, once, what is the same for every element."""
        printer = ValuePrinter(SCALAR, None, self.places)
        lines = []
        for value in walk_values([s.value for s in self.kernel.stores]):
            if value.kind in ("instruction", "load", "index") and not printer.axes_of(value):
                for inner in walk_values([value]):
                    if inner not in printer.names:
                        lines.append(printer.statement(inner, None))
                self.uniform[value] = printer.names[value]
        return lines

    def _varying(self) -> list[Value]:
        """Return the values of the epilogue that differ from element to element."""
        values = walk_values([s.value for s in self.kernel.stores])
        needed = {s.value for s in self.kernel.stores}
        for value in reversed(values):
            if value in needed and value not in self.uniform:
                needed.update(value.operands())
        return [v for v in values if v in needed]

    def _family(self) -> Family:
        """Return how the epilogue's values are held."""
        used = [v.dtype for v in self._varying()]
        return choose_family([*used, *(s.access.buffer.dtype for s in self.kernel.stores)])

    def _epilogue(self, row: Axis, column: Axis) -> gemm.Epilogue:
        """Return the printer of what happens to a finished vector of results."""
        stores, values, family = self.kernel.stores, self._varying(), self._family()
        counter = len(walk_values([s.value for s in stores]))

        def epilogue(acc: str, i: str, j: str, count: str | None) -> list[str]:
            nonlocal counter
            printer = ValuePrinter(family, column.name, self.places)
            printer.counter = counter
            printer.loops = {row.name: i, column.name: j}
            printer.names[self.kernel.result] = acc
            for value, name in self.uniform.items():
                if value.dtype in family.types:
                    printer.names[value] = family.set(value.dtype, name)
            lines = []
            for value in values:
                if value not in printer.names:
                    lines.append(printer.statement(value, count))
            lines += [printer.store(s.access, s.value, count) for s in stores]
            counter = printer.counter
            return lines

        return epilogue
