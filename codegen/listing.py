"""A program as text: kernels in order, their loops, and the math of each."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.codegen.program import Axis, Buffer, ContractKernel, Kernel, OrderKernel, Program
from graphdl.ir.dim_text import shape_text


def listing(program: Program) -> str:
    """Return what a program does, a block a kernel; deterministic.

    Examples
    --------
    >>> import graphdl as gd
    >>> from graphdl.codegen.lower.lower import Module, lower
    >>> x = gd.input("x", ("N", 3))
    >>> print(listing(lower(gd.Graph(gd.sum(gd.exp(x), 1), name="f"), Module("m", {"N": 4}))))
    program f(x: float32(N, 3)) -> out: float32(N,)
      sum [N; 3]
        r0 = Σ exp(x)
        out = r0
    """
    given = ", ".join(_declared(b) for b in program.inputs)
    results = ", ".join(_declared(b) for b in program.outputs)
    lines = [f"program {program.name}({given}) -> {results}"]
    lines += [f"  state {_declared(b)}" for b in program.state]
    lines += [f"  at {b.offset}: {_declared(b)}" for b in program.temporaries]
    for check in program.checks:
        lines.append(f"  check {check.low} <= {check.buffer.name} < {check.size}")
    for kernel in program.kernels:
        lines.append(f"  {kernel.name} [{_loops(kernel)}]")
        lines += [f"    {line}" for line in kernel.comment.split("\n")]
    return "\n".join(lines)


def _declared(buffer: Buffer) -> str:
    return f"{buffer.name}: {buffer.dtype}{shape_text(buffer.shape)}"


def _loops(kernel: Kernel) -> str:
    if isinstance(kernel, ContractKernel):
        groups: Sequence[Sequence[Axis]] = (
            kernel.batch,
            kernel.rows,
            kernel.columns,
            kernel.summed,
        )
        return " · ".join(_sizes(axes) for axes in groups if axes)
    if isinstance(kernel, OrderKernel):
        return "; ".join(_sizes(axes) for axes in (kernel.axes, [kernel.axis]) if axes)
    swept = next((stage.axes for stage in kernel.stages if stage.axes), ())
    return "; ".join(_sizes(axes) for axes in (kernel.axes, swept) if axes)


def _sizes(axes: Sequence[Axis]) -> str:
    return "×".join(str(a.size) for a in axes)
