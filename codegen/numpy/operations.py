"""Whole-array operations: what a kernel becomes before its arrays have places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from graphdl.codegen.numpy.views import Form
from graphdl.codegen.program import Access, Buffer
from graphdl.ir.dtypes import DType

Render = Callable[[list[str], str], list[str]]
"""From the texts of the arguments and of the result to statements."""


@dataclass(eq=False, slots=True)
class Array:
    """An array that an operation reads or writes.

    Attributes
    ----------
    form : Form
        How it lies in the kernel's loops.
    text : str
        An expression for it; empty for a register that has no place yet.
    access : Access or None
        What it shows of a buffer.
    literal : bool
        Whether the text is a number of weak type.
    place : Array or None
        The view of a buffer that serves as this register.
    whole : bool
        Whether a register keeps all blocks of a loop, not only the current one.
    """

    dtype: DType
    form: Form
    text: str = ""
    access: Access | None = None
    literal: bool = False
    place: Array | None = None
    whole: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether no call changes it."""
        return self.literal or (self.access is None and bool(self.text))

    @property
    def is_register(self) -> bool:
        """Whether this is scratch memory, or was before it got a place in a buffer."""
        return self.access is None and not self.literal and not self.text

    @property
    def buffer(self) -> Buffer | None:
        """The buffer whose memory this is."""
        if self.place is not None:
            return self.place.buffer
        return self.access.buffer if self.access is not None else None


Groups = Sequence[Sequence[str]]


@dataclass(eq=False, slots=True)
class Use:
    """An array as an operation takes it: in a form, as a stack of matrices, or as its bits."""

    array: Array
    form: Form
    groups: Groups | None = None
    bits: bool = False


@dataclass(eq=False, slots=True)
class Operation:
    """Statements that make ``out`` from ``args``.

    Attributes
    ----------
    inplace : frozenset of int
        Arguments whose memory may be that of the result.
    is_store : bool
        Whether this only moves its one argument to where ``out`` is.
    updates : bool
        Whether it changes a part of ``out`` only.
    dense : Render or None
        What may be printed instead where the result is contiguous.
    needs_dense : bool
        Whether the result must be contiguous.
    """

    render: Render
    args: list[Use]
    out: Use
    inplace: frozenset[int] = frozenset()
    is_store: bool = False
    updates: bool = False
    dense: Render | None = None
    needs_dense: bool = False

    def arrays(self) -> list[Array]:
        """Return everything it touches."""
        return [u.array for u in self.args] + [self.out.array]


@dataclass(eq=False, slots=True)
class Region:
    """Operations in a row, or in a loop over blocks of one axis.

    Attributes
    ----------
    axis : str
        The loop that is cut into blocks; empty for none.
    """

    operations: list[Operation] = field(default_factory=list)
    axis: str = ""


def call(function: str, *extra: str) -> Render:
    """Return what prints ``function(args, extra, out=...)``."""

    def render(args: list[str], out: str) -> list[str]:
        return [f"{function}({', '.join([*args, *extra, f'out={out}'])})"]

    return render


def method(function: str, *extra: str) -> Render:
    """Return what prints ``first.function(rest, extra, out=...)``."""

    def render(args: list[str], out: str) -> list[str]:
        return [f"{args[0]}.{function}({', '.join([*args[1:], *extra, f'out={out}'])})"]

    return render


def assign(args: list[str], out: str) -> list[str]:
    """Print a copy."""
    return [f"np.copyto({out}, {args[0]})"]


def fill(args: list[str], out: str) -> list[str]:
    """Print a store of one number everywhere."""
    return [f"{out}.fill({args[0]})"]


def convert(args: list[str], out: str) -> list[str]:
    """Print a conversion: floats are truncated, integers wrap."""
    return [f'np.copyto({out}, {args[0]}, casting="unsafe")']


def select(args: list[str], out: str) -> list[str]:
    """Print a choice between two arrays."""
    condition, yes, no = args
    first = [] if no == out else [f"np.copyto({out}, {no})"]
    return [*first, f"np.copyto({out}, {yes}, where={condition})"]


def keep_or_zero(args: list[str], out: str) -> list[str]:
    """Print a choice between an array and 0: integer bits times True or False."""
    condition, yes = args
    return [f"np.multiply({yes}, {condition}, out={out})"]


def mix_bits(args: list[str], out: str) -> list[str]:
    """Print a choice without branches, which are slow where the condition changes often."""
    condition, yes, no = args
    return [
        f"np.bitwise_xor({yes}, {no}, out={out})",
        f"np.multiply({out}, {condition}, out={out})",
        f"np.bitwise_xor({out}, {no}, out={out})",
    ]
