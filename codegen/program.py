"""The program: ordered kernels over buffers, what every target prints.

A kernel is a loop nest or a contraction. What it computes at one point is a DAG of typed scalar
values; what it reads and writes are buffers at affine indices. Nothing here knows a target.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from graphdl.ir.dims import Shape, Size, product
from graphdl.ir.dtypes import DType
from graphdl.ir.instructions import Instruction
from graphdl.ir.kinds import Affine
from graphdl.ir.node import Node
from graphdl.ir.size_checks import SizeCheck

Role = Literal["input", "output", "state", "constant", "temporary"]


@dataclass(eq=False, slots=True)
class Buffer:
    """A dense row-major array.

    Attributes
    ----------
    name : str
        An identifier, unique in its module.
    label : str
        The user's name of an input, output or state; else empty.
    role : str
        Who owns the memory: the caller, the context's state, a constant, or the arena.
    value : ndarray or None
        A constant's value.
    offset : int
        A temporary's place in the arena, in bytes, once memory is planned.
    """

    name: str
    dtype: DType
    shape: Shape
    role: Role
    label: str = ""
    value: np.ndarray | None = None
    offset: int = 0

    @property
    def size(self) -> Size:
        """Number of elements."""
        return product(self.shape)

    def __repr__(self) -> str:
        return f"<{self.role} {self.name}>"


@dataclass(frozen=True, eq=False, slots=True)
class Axis:
    """A loop: a name that affine indices use, and its number of steps."""

    name: str
    size: Size


@dataclass(frozen=True, eq=False, slots=True)
class Access:
    """An element of a buffer, seen in a (row-major) shape, at an index.

    Attributes
    ----------
    shape : Shape
        How the buffer is seen: its own shape, or a reshape of it.
    index : tuple of Affine
        One an axis, over loop names and over names in ``gathered``.
    gathered : mapping of str to Value
        Data-dependent terms of the index.
    """

    buffer: Buffer
    shape: Shape
    index: tuple[Affine, ...]
    gathered: Mapping[str, Value] = field(default_factory=dict)

    def strides(self) -> tuple[dict[str, Size], Size]:
        """Return the flat index: a coefficient for each name, and the constant part."""
        total = Affine()
        stride: Size = 1
        for position in range(len(self.shape) - 1, -1, -1):
            total = total.plus(self.index[position].scaled(stride))
            stride = stride * self.shape[position]
        return dict(total.terms), total.offset

    def __repr__(self) -> str:
        return f"{self.buffer.name}{list(self.index)}"


ValueKind = Literal["load", "constant", "index", "size", "reduced", "running", "instruction"]


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """One typed scalar value of a kernel.

    Attributes
    ----------
    kind : str
        ``load`` (payload: Access), ``constant`` (number), ``index`` (Affine over loops), ``size``
        (Size), ``reduced`` (the result of a Reduction, of the contraction or of the order:
        payload), ``running`` (the state of a Scan, its payload, that takes in ``args``), or
        ``instruction`` on ``args`` (payload: a cast's dtype).
    """

    kind: ValueKind
    dtype: DType
    payload: Any = None
    instruction: Instruction | None = None
    args: tuple[Value, ...] = ()

    def operands(self) -> Iterator[Value]:
        """Return everything this value needs, the indices of a load included."""
        yield from self.args
        if self.kind == "load":
            yield from self.payload.gathered.values()


@dataclass(frozen=True, eq=False, slots=True)
class Reduction:
    """A combination of a value over a stage's axes.

    ``combine`` is that of ``ReduceOp``; the value of ``argmax``/``argmin`` is the position along
    the flattened axes.
    """

    name: str
    combine: str
    value: Value
    dtype: DType


@dataclass(frozen=True, eq=False, slots=True)
class Scan:
    """A running combination along a stage's one axis, step by step.

    ``combine`` is that of ``PrefixOp``. The value is the state after the step, or before it if
    ``exclusive``. What it takes in is the element; before it the factor if ``linear``, after it the
    position if ``argmax`` or ``argmin``.
    """

    name: str
    combine: str
    axis: str
    exclusive: bool


@dataclass(frozen=True, eq=False, slots=True)
class Store:
    """A value written to a buffer, or combined with what is there.

    Attributes
    ----------
    combine : str
        Empty where no two points write one element. Else points may meet and take their turn in
        the order of the loops: ``set`` (the last one stays), ``add``, ``min`` or ``max``.
    """

    access: Access
    value: Value
    combine: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class Stage:
    """A sweep over inner axes: stores at every point, reductions over all of them.

    Without axes it is a single point an outer step: the epilogue of the stages before.
    """

    axes: tuple[Axis, ...]
    stores: tuple[Store, ...]
    reductions: tuple[Reduction, ...] = ()

    def roots(self) -> Iterator[Value]:
        """Return the values that are stored or reduced."""
        yield from (r.value for r in self.reductions)
        for store in self.stores:
            yield from store.access.gathered.values()
            yield store.value


@dataclass(frozen=True, eq=False, slots=True)
class LoopKernel:
    """For every step of the parallel axes: one stage after the other.

    Steps of the parallel axes are independent, unless stores may meet (``sequential``).
    """

    name: str
    comment: str
    axes: tuple[Axis, ...]
    stages: tuple[Stage, ...]
    nodes: tuple[Node, ...] = ()

    @property
    def sequential(self) -> bool:
        """Whether steps may meet in one element."""
        return any(s.combine for stage in self.stages for s in stage.stores)


@dataclass(frozen=True, eq=False, slots=True)
class ContractKernel:
    """``result = sum over summed axes of left * right``, then the epilogue at each element.

    ``left`` is a value over batch, row and summed axes, ``right`` over batch, summed and column
    axes: plain loads, or a prologue. ``result`` is the finished sum, which the epilogue's stores
    use.
    """

    name: str
    comment: str
    batch: tuple[Axis, ...]
    rows: tuple[Axis, ...]
    columns: tuple[Axis, ...]
    summed: tuple[Axis, ...]
    left: Value
    right: Value
    result: Value
    stores: tuple[Store, ...]
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class OrderKernel:
    """The places of values along ``axis``, in stable order, for every step of the other axes.

    ``result``, the place that comes at each step, is what the stores use. NaN is the largest.
    """

    name: str
    comment: str
    axes: tuple[Axis, ...]
    axis: Axis
    value: Value
    descending: bool
    result: Value
    stores: tuple[Store, ...]
    nodes: tuple[Node, ...] = ()


Kernel = LoopKernel | ContractKernel | OrderKernel


@dataclass(frozen=True, eq=False, slots=True)
class IndexCheck:
    """Elements of an integer input must lie in ``[low, size)``, before anything is stored.

    Attributes
    ----------
    negative : bool
        Whether ``low`` is ``-size`` rather than 0.
    axes : tuple of Axis
        Loops over the elements that are checked.
    part : Access or None
        Which these are; None for the whole buffer.
    """

    buffer: Buffer
    size: Size
    node: Node
    negative: bool = False
    axes: tuple[Axis, ...] = ()
    part: Access | None = None

    @property
    def low(self) -> Size:
        """The least index allowed."""
        return -1 * self.size if self.negative else 0


@dataclass(frozen=True, eq=False)
class Program:
    """An entry point: what one call does.

    Attributes
    ----------
    name : str
        An identifier, unique in its module.
    label : str
        The graph's own name: what users call it.
    dims : tuple of str
        Symbolic dims, in the order of their arguments.
    inputs, outputs : tuple of Buffer
        In the order of arguments.
    temporaries : tuple of Buffer
        What lives in the arena.
    kernels : tuple of Kernel
        In the order of execution.
    checks, size_checks : tuple of IndexCheck, tuple of SizeCheck
        Done first.
    """

    name: str
    label: str
    dims: tuple[str, ...]
    inputs: tuple[Buffer, ...]
    outputs: tuple[Buffer, ...]
    state: tuple[Buffer, ...]
    constants: tuple[Buffer, ...]
    temporaries: tuple[Buffer, ...]
    kernels: tuple[Kernel, ...]
    checks: tuple[IndexCheck, ...]
    size_checks: tuple[SizeCheck, ...] = ()


def walk_values(roots: Iterable[Value]) -> list[Value]:
    """Return everything below the roots, operands first."""
    order: list[Value] = []
    seen: set[Value] = set()
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        value, ready = stack.pop()
        if ready:
            order.append(value)
        elif value not in seen:
            seen.add(value)
            stack.append((value, True))
            stack.extend((o, False) for o in reversed(list(value.operands())))
    return order


def stage_values(stage: Stage) -> list[Value]:
    """Return all values of a stage, operands first."""
    return walk_values(stage.roots())


def scans(values: Iterable[Value]) -> list[Scan]:
    """Return the running combinations among values."""
    return [v.payload for v in values if v.kind == "running"]


def kernel_roots(kernel: Kernel) -> list[Value]:
    """Return the values that a kernel stores or reduces, and a contraction's operands."""
    if isinstance(kernel, LoopKernel):
        return [v for stage in kernel.stages for v in stage.roots()]
    if isinstance(kernel, OrderKernel):
        return [kernel.value, *(s.value for s in kernel.stores)]
    return [kernel.left, kernel.right, *(s.value for s in kernel.stores)]


def kernel_stores(kernel: Kernel) -> list[Store]:
    """Return all stores of a kernel."""
    if isinstance(kernel, LoopKernel):
        return [s for stage in kernel.stages for s in stage.stores]
    return list(kernel.stores)


def loads(roots: Iterable[Value]) -> list[Access]:
    """Return what these values load."""
    return [v.payload for v in walk_values(roots) if v.kind == "load"]


def reads(kernel: Kernel) -> list[Access]:
    """Return what a kernel loads."""
    return loads(kernel_roots(kernel))


def used_buffers(kernel: Kernel) -> Sequence[Buffer]:
    """Return the buffers that a kernel reads or writes, each once."""
    accesses = [*reads(kernel), *(s.access for s in kernel_stores(kernel))]
    return list(dict.fromkeys(a.buffer for a in accesses))
