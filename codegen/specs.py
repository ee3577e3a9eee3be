"""What callers pass and get: array specifications of an entry point, for every target."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graphdl.codegen.program import Buffer, Program
from graphdl.codegen.toolchain.spec import ArraySpec
from graphdl.ir.dims import Dim, Size, evaluate, symbol, symbols


def array_spec(buffer: Buffer, dims: Sequence[str]) -> ArraySpec:
    """Return the specification of an input or output buffer."""
    shape = tuple(_size(s, dims) for s in buffer.shape)
    return ArraySpec(buffer.label, buffer.dtype.numpy, shape)


def _size(size: Size, dims: Sequence[str]) -> int | str | Callable[[Sequence[int]], int]:
    if isinstance(size, int):
        return size
    names = symbols(size)
    if len(names) == 1 and size == symbol(names[0]):
        return names[0]
    return _rule(size, dims)


def _rule(size: Dim, dims: Sequence[str]) -> Callable[[Sequence[int]], int]:
    """A negative size counts as 0 here: the entry point itself refuses it."""
    return lambda values: max(evaluate(size, dict(zip(dims, values, strict=True))), 0)


def input_specs(program: Program) -> tuple[ArraySpec, ...]:
    """Return the inputs of an entry point."""
    return tuple(array_spec(b, program.dims) for b in program.inputs)


def output_specs(program: Program) -> tuple[ArraySpec, ...]:
    """Return the outputs of an entry point."""
    return tuple(array_spec(b, program.dims) for b in program.outputs)
