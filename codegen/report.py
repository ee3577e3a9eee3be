"""What a module costs: memory by purpose, and operations and traffic kernel by kernel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from graphdl.codegen.c.module import CSource
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.lower.memory import buffer_bytes
from graphdl.codegen.program import (
    Access,
    Axis,
    Buffer,
    ContractKernel,
    Kernel,
    LoopKernel,
    OrderKernel,
    Program,
    Value,
    kernel_roots,
    kernel_stores,
    reads,
    walk_values,
)
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dims import product
from graphdl.ir.graph import Graph
from graphdl.ir.leaves import PARAM
from graphdl.ir.node import topological

Maxima = Mapping[str, int]

_KINDS = {ContractKernel: "contract", LoopKernel: "loop", OrderKernel: "order"}

_MOVES = ("cast", "select")
"""Instructions that compute nothing."""


@dataclass(frozen=True)
class Memory:
    """Bytes by purpose, at the largest dims.

    Attributes
    ----------
    parameters : int
        What training updates and what predictions need.
    optimizer : int
        State that no output depends on: moments, counters.
    other_state : int
        All other state, such as running statistics.
    activations, gradients : int
        Intermediate results of forward passes and of backward passes, each in a place of its own;
        the largest entry point counts.
    arena : int
        What both need together, since they share memory.
    scratch : int
        Packed operands of large contractions.
    constants : int
        Arrays in the text itself (flash on a microcontroller).
    total : int
        The context: all state, arena and scratch.
    """

    parameters: int
    optimizer: int
    other_state: int
    activations: int
    gradients: int
    arena: int
    scratch: int
    constants: int
    total: int

    def as_rows(self) -> dict[str, int]:
        """Return what the context consists of."""
        return {
            "parameters": self.parameters,
            "optimizer state": self.optimizer,
            "other state": self.other_state,
            "arena of activations and gradients": self.arena,
            "scratch": self.scratch,
            "context (all of the above)": self.total,
            "constants, in the program text": self.constants,
        }


@dataclass(frozen=True)
class KernelCost:
    """One kernel.

    Attributes
    ----------
    name : str
        Its name.
    strategy : str
        How it works: ``contract``, ``loop`` or ``order``, and for C which of its ways.
    math : str
        What it computes.
    flops : int
        Floating-point operations at the largest dims: ``2·m·n·k`` for a contraction, and one for
        each scalar instruction (an exponential is one, too).
    read, written : int
        Bytes at the largest dims, each element once.
    lines : tuple of str
        The user's ``file:line`` it comes from.
    """

    name: str
    strategy: str
    math: str
    flops: int
    read: int
    written: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class EntryCost:
    """One entry point: its kernels, in the order of execution, and their sums."""

    name: str
    dims: dict[str, int]
    kernels: tuple[KernelCost, ...]
    flops: int
    read: int
    written: int


@dataclass(frozen=True)
class Report:
    """What a module costs; ``print`` it, or read its fields.

    Attributes
    ----------
    name, target : str
        The module.
    memory : Memory
        Bytes by purpose.
    entries : tuple of EntryCost
        The entry points.
    """

    name: str
    target: str
    memory: Memory
    entries: tuple[EntryCost, ...]

    def to_json(self) -> str:
        """Return everything as JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)

    def __str__(self) -> str:
        lines = [f"{self.name} ({self.target})", "", "memory, bytes"]
        rows = {**self.memory.as_rows()}
        lines += [f"  {what:<38}{size:>14,}" for what, size in rows.items()]
        parts = f"activations {self.memory.activations:,}, gradients {self.memory.gradients:,}"
        lines += [f"  unshared, the arena would hold {parts}"]
        for entry in self.entries:
            lines += ["", *_entry_lines(entry)]
        return "\n".join(lines)


def _entry_lines(entry: EntryCost) -> list[str]:
    at = ", ".join(f"{d} = {v}" for d, v in entry.dims.items())
    head = f"{entry.name}" + (f" at {at}" if at else "")
    lines = [
        f"{head}: {len(entry.kernels)} kernels, {entry.flops:,} FLOPs, "
        f"{entry.read:,} bytes read, {entry.written:,} written"
    ]
    for k in entry.kernels:
        sites = ", ".join(s.replace("\\", "/").rsplit("/", 1)[-1] for s in k.lines[:3])
        lines.append(
            f"  {k.name:<30} {k.strategy:<18} {k.flops:>14,} FLOPs {k.read:>12,} B in "
            f"{k.written:>12,} B out  {sites}"
        )
        lines += [f"      {line}" for line in k.math.splitlines()]
    return lines


def report(
    module: Module, graphs: Sequence[Graph], target: str, emitted: CSource | None = None
) -> Report:
    """Return what a module costs; ``emitted`` tells how the C target computes each kernel."""
    strategies = [f.strategy for f in emitted.functions] if emitted is not None else []
    entries = []
    for program in module.programs:
        own = strategies[: len(program.kernels)]
        strategies = strategies[len(program.kernels) :]
        entries.append(_entry(program, module.maxima, own))
    return Report(module.name, target, memory_report(module, graphs, emitted), tuple(entries))


def memory_report(module: Module, graphs: Sequence[Graph], emitted: CSource | None) -> Memory:
    """Return bytes by purpose."""
    maxima = module.maxima
    visible = {n.name for g in graphs for n in topological(g.outputs.values())}
    kinds = {"parameters": 0, "optimizer": 0, "other_state": 0}
    for label, buffer in module.state.items():
        op = module.state_nodes[label].op
        kind = "parameters" if op is PARAM else "other_state" if label in visible else "optimizer"
        kinds[kind] += buffer_bytes(buffer, {})
    held = sum(kinds.values())
    scratch = emitted.context_bytes - held - module.arena if emitted is not None else 0
    # lowering names what a derivative's rule made with d_
    gradients, activations = (
        max((_sum(p.temporaries, maxima, which) for p in module.programs), default=0)
        for which in (True, False)
    )
    return Memory(
        **kinds,
        activations=activations,
        gradients=gradients,
        arena=module.arena,
        scratch=max(scratch, 0),
        constants=sum(b.value.nbytes for b in module.constants if b.value is not None),
        total=emitted.context_bytes if emitted is not None else held + module.arena,
    )


def _sum(buffers: Sequence[Buffer], maxima: Maxima, gradients: bool) -> int:
    return sum(buffer_bytes(b, maxima) for b in buffers if b.name.startswith("d_") is gradients)


def _entry(program: Program, maxima: Maxima, strategies: Sequence[str]) -> EntryCost:
    kernels = []
    for k, kernel in enumerate(program.kernels):
        kind = _KINDS[type(kernel)]
        strategy = f"{kind}, {strategies[k]}" if k < len(strategies) and strategies[k] else kind
        read, written = _traffic(kernel, maxima)
        sites = dict.fromkeys(n.origins[0].site for n in kernel.nodes if n.origins)
        flops = kernel_flops(kernel, maxima)
        name = kernel.name
        kernels.append(
            KernelCost(name, strategy, kernel.comment, flops, read, written, tuple(sites))
        )
    return EntryCost(
        program.name,
        {d: maxima[d] for d in program.dims},
        tuple(kernels),
        sum(k.flops for k in kernels),
        sum(k.read for k in kernels),
        sum(k.written for k in kernels),
    )


def entry_flops(program: Program, maxima: Maxima) -> int:
    """Return the floating-point operations of one call at the largest dims."""
    return sum(kernel_flops(k, maxima) for k in program.kernels)


def kernel_flops(kernel: Kernel, maxima: Maxima) -> int:
    """Return the floating-point operations of a kernel at the largest dims."""
    sizes = _axis_sizes(kernel, maxima)
    axes: dict[Value, frozenset[str]] = {}
    outer = frozenset(a.name for a in _outer(kernel))
    flops = 0
    for value in walk_values(kernel_roots(kernel)):
        found = frozenset().union(*(axes[o] for o in value.operands()))
        if value.kind == "load":
            found |= _names(value.payload) & sizes.keys()
        elif value.kind == "index":
            found |= {n for n, _ in value.payload.terms} & sizes.keys()
        elif value.kind == "reduced":
            found |= outer
        elif value.kind == "running":
            found |= {value.payload.axis}
            operations = 2 if value.payload.combine == "linear" else 1
            flops += operations * _steps(found, sizes) * value.dtype.is_float
        axes[value] = found
        floats = value.dtype.is_float or any(a.dtype.is_float for a in value.args)
        if floats and value.instruction is not None and value.instruction.name not in _MOVES:
            flops += _steps(found, sizes)
    if isinstance(kernel, ContractKernel):
        return flops + 2 * _steps(sizes, sizes)
    if isinstance(kernel, OrderKernel):
        return flops
    for stage in kernel.stages:
        steps = _steps(outer | {a.name for a in stage.axes}, sizes)
        flops += steps * sum(1 for r in stage.reductions if r.dtype.is_float)
    return flops


def _outer(kernel: Kernel) -> Sequence[Axis]:
    if isinstance(kernel, ContractKernel):
        return (*kernel.batch, *kernel.rows, *kernel.columns)
    if isinstance(kernel, OrderKernel):
        return (*kernel.axes, kernel.axis)
    return kernel.axes


def _axis_sizes(kernel: Kernel, maxima: Maxima) -> dict[str, int]:
    if isinstance(kernel, ContractKernel):
        axes = (*kernel.batch, *kernel.rows, *kernel.columns, *kernel.summed)
    elif isinstance(kernel, OrderKernel):
        axes = (*kernel.axes, kernel.axis)
    else:
        axes = (*kernel.axes, *(a for s in kernel.stages for a in s.axes))
    return {a.name: upper_bound(a.size, maxima) for a in axes}


def _steps(names: Iterable[str], sizes: Mapping[str, int]) -> int:
    total = 1
    for name in names:
        total *= sizes[name]
    return total


def _names(access: Access) -> frozenset[str]:
    return frozenset(n for index in access.index for n, _ in index.terms)


def _traffic(kernel: Kernel, maxima: Maxima) -> tuple[int, int]:
    """Return the bytes that a kernel reads and writes; no element counts twice."""
    sizes = _axis_sizes(kernel, maxima)

    def touched(accesses: Sequence[Access]) -> int:
        elements: dict[Buffer, int] = {}
        for access in dict.fromkeys((a.buffer, a.shape, a.index) for a in accesses):
            buffer, _, index = access
            names = frozenset(n for i in index for n, _ in i.terms)
            # an index that data decides may meet every element
            known = names <= sizes.keys()
            limit = upper_bound(product(buffer.shape), maxima)
            steps = _steps(names, sizes) if known else limit
            elements[buffer] = min(limit, elements.get(buffer, 0) + steps)
        return sum(count * b.dtype.itemsize for b, count in elements.items())

    return touched(reads(kernel)), touched([s.access for s in kernel_stores(kernel)])
