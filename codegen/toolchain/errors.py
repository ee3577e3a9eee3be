"""What can go wrong between C source and a callable function."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.ir.errors import GraphdlError

_SHOWN_LINES = 40


class CompilerNotFound(GraphdlError):
    """No usable C compiler on this machine."""


class CompileError(GraphdlError):
    """The C compiler refused the source.

    Parameters
    ----------
    command : sequence of str
        The command line as it was run.
    output : str
        What the compiler printed; the message shows its first lines, `output` keeps all.
    source : str
        The C text that was given to the compiler.
    remedy : str
        What the user can do.
    """

    def __init__(self, command: Sequence[str], output: str, source: str, *, remedy: str) -> None:
        lines = output.strip().splitlines() or ["(the compiler printed nothing)"]
        if len(lines) > _SHOWN_LINES:
            lines[_SHOWN_LINES:] = [f"... and {len(lines) - _SHOWN_LINES} more lines"]
        shown = "\n".join(f"    {line}" for line in lines)
        super().__init__(
            f"the C compiler failed:\n{shown}\n  command: {' '.join(command)}", remedy=remedy
        )
        self.command = tuple(command)
        self.output = output
        self.source = source


class CompileTimeout(CompileError):
    """The C compiler did not end in time."""


class StorageError(GraphdlError, OSError):
    """There is no place for a compiled library: every disk is full or cannot be written."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"there is no place to compile in: {why}",
            remedy="free some space, or set GRAPHDL_CACHE_DIR to a directory that has some",
        )


class LibraryError(GraphdlError):
    """A compiled library cannot be opened, lacks a symbol, or refuses its memory."""


class CallError(GraphdlError):
    """A compiled function returned an error code; nothing was changed.

    Attributes
    ----------
    code : int
        The code that the C function returned.
    """

    def __init__(self, message: str, code: int, *, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.code = code
