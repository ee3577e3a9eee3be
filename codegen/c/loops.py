"""Loop kernels as C functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from graphdl.codegen.c.families import SCALAR, Family, choose_family, neutral
from graphdl.codegen.c.function import Function, comment_lines, head, mentioned, used_dims
from graphdl.codegen.c.nest import Nest, nest_of
from graphdl.codegen.c.sizes import size_text
from graphdl.codegen.c.states import States
from graphdl.codegen.c.values import ValuePrinter
from graphdl.codegen.program import (
    Axis,
    LoopKernel,
    Stage,
    Value,
    kernel_roots,
    kernel_stores,
    scans,
    stage_values,
    used_buffers,
    walk_values,
)
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dims import product

PARALLEL_CYCLES = 40_000
"""Work below which starting a team of threads costs more than it saves."""

CHUNKS = 64
"""Parts of a full reduction; fixed, so that the order of sums does not depend on threads."""

CHUNKED_STEPS = 1 << 15
"""Length from which a full reduction is cut into chunks."""

PANEL = 16
"""Vectors that run along an axis abreast."""

WIDE = 64
"""Neighbours from which on they do."""


def loop_function(
    kernel: LoopKernel, name: str, maxima: Mapping[str, int], threads: int
) -> Function:
    """Return the C function of a loop kernel."""
    return _LoopPrinter(kernel, name, maxima, threads).function()


class _LoopPrinter:
    def __init__(
        self, kernel: LoopKernel, name: str, maxima: Mapping[str, int], threads: int
    ) -> None:
        self.kernel, self.name, self.maxima = kernel, name, maxima
        self.roots = kernel_roots(kernel)
        values = walk_values(self.roots)
        dtypes = [v.dtype for v in values] + [s.access.buffer.dtype for s in kernel_stores(kernel)]
        dtypes += [r.dtype for stage in kernel.stages for r in stage.reductions]
        family = choose_family(dtypes)
        self.nest: Nest = nest_of(kernel)
        if self._lanes_meet() or self._lanes_differ():
            family = SCALAR
        self.family: Family = family
        axis = self.nest.vector_axis if family.is_vector else None
        self.values = ValuePrinter(family, axis, self.nest.places)
        self.values.loops = {a.name: a.name for a in (*self.nest.outer, *self.nest.inner)}
        self.states = States(family, self.values)
        self.axes_of = {v: self.values.axes_of(v) for v in values}
        self.threads = threads if not kernel.sequential else 1
        self.lines: list[str] = []
        self.depth = 1
        self.bounds = 0

    def _lanes_meet(self) -> bool:
        """Whether two lanes may write one element."""
        axis = self.nest.vector_axis or ""
        stores = [s for s in kernel_stores(self.kernel) if s.combine]
        return any(not self.nest.places[s.access].terms.get(axis, 0) for s in stores)

    def _lanes_differ(self) -> bool:
        """Whether data decides each lane's address or which lane wins, or steps wait for others."""
        combines = [r.combine for stage in self.kernel.stages for r in stage.reductions]
        running = [s.combine for s in scans(walk_values(self.roots))]
        gathers = any(p.gathered for p in self.nest.places.values())
        return any(c.startswith("arg") for c in (*combines, *running)) or (
            (gathers or bool(running)) and self.nest.vector_axis is None
        )

    def function(self) -> Function:
        """Print everything."""
        buffers = list(used_buffers(self.kernel))
        written = [s.access.buffer for s in kernel_stores(self.kernel)]
        axes = [*self.nest.outer, *self.nest.inner]
        dims = used_dims(buffers, axes, self.roots)
        self._define(v for v in walk_values(self.roots) if not self.axes_of[v])
        order = sorted(self.nest.outer, key=lambda a: a.name == self.values.vector_axis)
        self._outer(order, 0, None)
        dims = mentioned(dims, self.lines)
        lines = [
            *comment_lines(self.kernel.comment),
            f"{head(self.name, buffers, written, dims)} {{",
        ]
        return Function(
            self.name, [*lines, *self.lines, "}"], buffers, tuple(dims), strategy=self.family.name
        )

    def _put(self, *lines: str) -> None:
        self.lines += ["    " * self.depth + line for line in lines]

    def _define(self, values: Iterable[Value], count: str | None = None) -> None:
        for value in values:
            if value not in self.values.names:
                if value.kind == "reduced":
                    self.values.names[value] = self.values.names[value.payload]
                elif value.kind == "running":
                    self._put(*self.states.step(value))
                else:
                    self._put(self.values.statement(value, count))

    def _outer(self, axes: Sequence[Axis], opened: int, count: str | None) -> None:
        """Open the outer loops one by one, then run the stages."""
        if opened == len(axes):
            self._stages(count)
            return
        axis = axes[opened]
        vector = axis.name == self.values.vector_axis
        parallel = opened == 0 and self._is_worth_threads()
        known = {a.name for a in axes[: opened + 1]}
        if vector and self._runs_across():
            self._panels(axis, parallel)
            return

        def body(tail: str | None) -> None:
            ready = (v for v in walk_values(self.roots) if self.axes_of[v] <= known)
            self._define(ready, tail)
            self._outer(axes, opened + 1, tail if vector else count)

        self._loop(axis, vector, body, parallel=parallel)

    def _loop(
        self,
        axis: Axis,
        vector: bool,
        body: object,
        *,
        parallel: bool = False,
        start: str = "0",
        stop: str | None = None,
    ) -> None:
        """Print a loop over an axis; a vector loop has a main part and a tail."""
        assert callable(body)
        name, stop = axis.name, stop or size_text(axis.size)
        if parallel:
            self.lines += _pragma()
        if not vector:
            self._block(f"for (int64_t {name} = {start}; {name} < {stop}; {name}++) {{", body, None)
            return
        lanes = self.family.lanes
        self.bounds += 1
        full = f"{name}_full{self.bounds}"
        self._put_before_pragma(
            parallel,
            f"const int64_t {full} = {stop} - ({stop} - {start}) % {lanes};"
            if start != "0"
            else f"const int64_t {full} = {stop} - {stop} % {lanes};",
        )
        self._block(
            f"for (int64_t {name} = {start}; {name} < {full}; {name} += {lanes}) {{", body, None
        )
        if not isinstance(axis.size, int) or axis.size % 16 or start != "0":
            self._tail(name, full, stop, body)

    def _put_before_pragma(self, parallel: bool, line: str) -> None:
        at = len(self.lines) - (3 if parallel else 0)
        self.lines.insert(at, "    " * self.depth + line)

    def _tail(self, name: str, full: str, stop: str, body: object) -> None:
        assert callable(body)
        self._put(f"if ({full} < {stop}) {{")
        self.depth += 1
        start = len(self.lines)
        self._nested(body, f"{name}_count")
        known = {name: full, f"{name}_count": f"{stop} - {full}"}
        text = "\n".join(self.lines[start:])
        used = [f"{k} = {v}" for k, v in known.items() if re.search(rf"\b{k}\b", text)]
        if used:
            self.lines.insert(start, "    " * self.depth + f"const int64_t {', '.join(used)};")
        self.depth -= 1
        self._put("}")

    def _block(self, opening: str, body: object, count: str | None) -> None:
        self._put(opening)
        self.depth += 1
        self._nested(body, count)
        self.depth -= 1
        self._put("}")

    def _nested(self, body: object, count: str | None) -> None:
        """Run a body; what it defines is not visible after it."""
        assert callable(body)
        outside = dict(self.values.names)
        body(count)
        self.values.names = outside

    def _stages(self, count: str | None) -> None:
        for stage in self.kernel.stages:
            inner = {a.name for a in self.nest.inner} if stage.axes else set()
            shallow = [v for v in walk_values(stage.roots()) if not self.axes_of[v] & inner]
            self._define(shallow, count)
            if stage.axes:
                self._sweep(stage, count)
            else:
                for store in stage.stores:
                    self._put(self.values.store(store.access, store.value, count, store.combine))

    def _runs_across(self) -> bool:
        """Whether lanes of neighbours run along an axis whose steps lie far apart in memory."""
        axis = next(a for a in self.nest.outer if a.name == self.values.vector_axis)
        running = bool(scans(walk_values(self.roots))) and len(self.kernel.stages) == 1
        neighbours = any(p.terms.get(axis.name) == 1 for p in self.nest.places.values())
        return running and neighbours and upper_bound(axis.size, self.maxima) >= WIDE

    def _panels(self, axis: Axis, parallel: bool) -> None:
        """Run along an axis with several vectors abreast, since every step meets another page."""
        (stage,), (along,) = self.kernel.stages, self.nest.inner
        lanes, size, types = self.family.lanes, size_text(axis.size), self.family.types
        states = [(v.payload, v.args[0].dtype) for v in stage_values(stage) if v.kind == "running"]
        place = f"[({axis.name} - g_panel) / {lanes}]"

        def point(count: str | None) -> None:
            for state, dtype in states:
                self._put(f"{types[dtype]} {state.name} = {state.name}_all{place};")
            self._point(stage, [along], count)
            self._put(*(f"{state.name}_all{place} = {state.name};" for state, _ in states))

        def step(_: str | None) -> None:
            self._loop(axis, True, point, start="g_panel", stop="g_end")

        def panel(_: str | None) -> None:
            end = f"g_panel + {PANEL} * {lanes}"
            self._put(f"const int64_t g_end = {end} < {size} ? {end} : {size};")
            for state, dtype in states:
                self._put(f"{types[dtype]} {state.name}_all[{PANEL}];")
                start = f"{state.name}_all[g_k] = {self.states.neutral(state, dtype)};"
                self._put(f"for (int g_k = 0; g_k < {PANEL}; g_k++) {start}")
            self._loop(along, False, step, stop=self._hidden_end(along))

        if parallel:
            self.lines += _pragma()
        move = f"g_panel += {PANEL} * {lanes}"
        self._block(f"for (int64_t g_panel = 0; g_panel < {size}; {move}) {{", panel, None)

    def _sweep(self, stage: Stage, count: str | None) -> None:
        """Print one sweep over the inner axes: accumulators, loops, what follows them."""
        axes = sorted(self.nest.inner, key=lambda a: a.name == self.values.vector_axis)
        steps = product(a.size for a in axes)
        chunked = (
            not self.nest.outer
            and bool(stage.reductions)
            and upper_bound(steps, self.maxima) >= CHUNKED_STEPS
        )
        if chunked:
            self._chunked(stage, axes)
            return
        for reduction in stage.reductions:
            self._put(*self.states.start(reduction, reduction.value.dtype))
        for value in stage_values(stage):
            if value.kind == "running":
                self._put(*self.states.start(value.payload, value.args[0].dtype))
        self._inner(stage, axes, 0, count)
        for reduction in stage.reductions:
            self._put(*self.states.finish(reduction, axes))

    def _chunked(self, stage: Stage, axes: Sequence[Axis]) -> None:
        """Sum up chunk by chunk, then combine the chunks in their order."""
        size = size_text(axes[0].size)
        lanes = self.family.lanes if len(axes) == 1 else "1"
        for reduction in stage.reductions:
            kind = self.family.types[reduction.value.dtype]
            self._put(f"{kind} part_{reduction.name}[{CHUNKS}];")
            if reduction.combine.startswith("arg"):
                self._put(f"int64_t part_{reduction.name}_at[{CHUNKS}];")
        self.bounds += 1
        part = f"part{self.bounds}"
        self._put(f"const int64_t {part} = ({size} / {CHUNKS} / {lanes} + 1) * {lanes};")
        if self._is_worth_threads():
            self.lines += _pragma()

        def chunk(_: str | None) -> None:
            first, last = f"chunk * {part}", f"chunk_first + {part}"
            self._put(f"const int64_t chunk_first = {first} < {size} ? {first} : {size};")
            self._put(f"const int64_t chunk_last = {last} < {size} ? {last} : {size};")
            for reduction in stage.reductions:
                self._put(*self.states.start(reduction, reduction.value.dtype))
            self._inner(stage, axes, 0, None, ("chunk_first", "chunk_last"))
            for reduction in stage.reductions:
                self._put(f"part_{reduction.name}[chunk] = {reduction.name};")
                if reduction.combine.startswith("arg"):
                    self._put(f"part_{reduction.name}_at[chunk] = {reduction.name}_at;")

        opening = f"for (int64_t chunk = 0; chunk < {CHUNKS}; chunk++) {{"
        self._block(opening, chunk, None)
        for reduction in stage.reductions:
            self._put(*self.states.start(reduction, reduction.value.dtype))

        def combine(_: str | None) -> None:
            for reduction in stage.reductions:
                found = f"part_{reduction.name}"
                at = f"{found}_at[chunk]"
                self._put(self.states.take(reduction, reduction.value.dtype, f"{found}[chunk]", at))

        self._block(opening, combine, None)
        for reduction in stage.reductions:
            self._put(*self.states.finish(reduction, axes))

    def _inner(
        self,
        stage: Stage,
        axes: Sequence[Axis],
        opened: int,
        count: str | None,
        limits: tuple[str, str] | None = None,
    ) -> None:
        if opened == len(axes):
            self._point(stage, axes, count)
            return
        axis = axes[opened]
        vector = axis.name == self.values.vector_axis

        def body(tail: str | None) -> None:
            self._inner(stage, axes, opened + 1, tail if vector else count)

        start, stop = limits or ("0", None)
        self._loop(axis, vector, body, start=start, stop=stop or self._hidden_end(axis))

    def _hidden_end(self, axis: Axis) -> str | None:
        """Return a variable with an axis's length where the compiler must not know it."""
        if not self._runs_backward(axis):
            return None
        self.bounds += 1
        stop = f"{axis.name}_end{self.bounds}"
        self._put(f"int64_t {stop} = {size_text(axis.size)};")
        self._put(f"GRAPHDL_HIDE({stop});")
        return stop

    def _runs_backward(self, axis: Axis) -> bool:
        """Whether a short loop of known length reads from high to low addresses.

        GCC 12 unrolls such a loop and then adds up wrong elements (-O3, in-order float sums), so
        the length is hidden from it.
        """
        strides = [p.terms.get(axis.name, 0) for p in self.nest.places.values()]
        return isinstance(axis.size, int) and any(isinstance(s, int) and s < 0 for s in strides)

    def _point(self, stage: Stage, axes: Sequence[Axis], count: str | None) -> None:
        """Print what happens at one point of the sweep."""
        self._define(walk_values(stage.roots()), count)
        swept = self.values.vector_axis in {a.name for a in axes}
        for reduction in stage.reductions:
            name = self.values.names[reduction.value]
            dtype, position = reduction.value.dtype, self.states.position(axes)
            if swept and count is not None:
                keep = neutral(reduction.combine, dtype)
                name = self.family.call("keep_n", dtype, name, count, keep)
            self._put(self.states.take(reduction, dtype, name, position))
        for store in stage.stores:
            self._put(self.values.store(store.access, store.value, count))

    def _is_worth_threads(self) -> bool:
        if self.threads < 2:
            return False
        cycles = 0
        for stage in self.kernel.stages:
            axes = [*self.nest.outer, *(self.nest.inner if stage.axes else ())]
            steps = upper_bound(product(a.size for a in axes), self.maxima)
            values = walk_values(stage.roots())
            each = sum(v.instruction.cost for v in values if v.instruction is not None)
            cycles += steps * (each + 2 * len(values)) // 8
        return cycles >= PARALLEL_CYCLES


def _pragma() -> list[str]:
    """Return the three lines that let OpenMP share the next loop."""
    return [
        "#ifdef _OPENMP",
        "#pragma omp parallel for num_threads(GRAPHDL_THREADS) schedule(static)",
        "#endif",
    ]
