"""Call compiled modules from Python: one generic binding for all of them.

An emitted module exports, for each entry point, ::

    int <module>_call_<entry>(void *context, const int64_t *dims, void *const *arrays);

with the inputs' and then the outputs' data in `arrays`, and returns 0 or a positive error code.
`Library` opens it; `Library.entry` makes the callable. Two bindings do the same work: a small C
extension (well below a microsecond a call plus a tenth an array) and, where it cannot be built,
ctypes (some ten microseconds).
"""

from __future__ import annotations

import ctypes
import functools
import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast

import numpy as np
import numpy.typing as npt

from graphdl.codegen.toolchain.arguments import check_specs, prepare
from graphdl.codegen.toolchain.conversion import overlaps
from graphdl.codegen.toolchain.ctypes_entry import CtypesEntry, OnError, Slow
from graphdl.codegen.toolchain.errors import CallError, LibraryError
from graphdl.codegen.toolchain.extension import extension
from graphdl.codegen.toolchain.spec import Array, ArraySpec, Dims, Size

ALIGNMENT = 64  # of a context's memory: a cache line, and the widest vector
_STATIC, _RULE = -1, -2  # as in binding.c
_NO_MAXIMUM = 2**63 - 1


class Entry(Protocol):
    """A compiled function.

    Called with its inputs, by position or by name, it returns a dict from output name to a new
    array (an output without axes is an array without axes: ``float()`` and formats take it).
    """

    name: str
    inputs: tuple[ArraySpec, ...]
    outputs: tuple[ArraySpec, ...]
    dims: tuple[tuple[str, int | None], ...]

    def __call__(self, *args: object, **kwargs: object) -> dict[str, Array]:
        """Check the arguments, run the function, and return its outputs by name."""


class Library:
    """An opened shared library that holds one emitted module.

    Parameters
    ----------
    path : path-like
        From `graphdl.codegen.toolchain.cache.load`.
    module : str
        The prefix of its symbols.

    Attributes
    ----------
    binding : str
        "extension" or "ctypes".
    binding_note : str
        Why it is that one.
    context_bytes : int
        Memory that a context needs.
    lock : context manager
        Re-entrant; every call of an entry holds it. Hold it to read or write a context's state.

    Raises
    ------
    LibraryError
        The file cannot be opened or is not such a module.
    """

    def __init__(self, path: str | os.PathLike[str], module: str) -> None:
        self.path = Path(path)
        self.module = module
        self._extension, self.binding_note = extension()
        self.binding = "ctypes" if self._extension is None else "extension"
        self._files = _open(self.path)
        self.lock: AbstractContextManager[Any] = (
            threading.RLock() if self._extension is None else self._extension.Lock()
        )
        self._memories: list[Array] = []
        self._error = self._function("error", ctypes.c_char_p, ctypes.c_int)
        self._init = self._function("init", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
        self.context_bytes = int(self._function("context_bytes", ctypes.c_size_t)())
        _libraries.add(self)

    def allocate(self) -> npt.NDArray[np.uint8]:
        """Return zeroed, aligned memory for one context: uint8, ``(context_bytes,)``."""
        block = np.zeros(self.context_bytes + ALIGNMENT, np.uint8)
        start = -block.ctypes.data % ALIGNMENT
        return block[start : start + self.context_bytes]

    def init(self, memory: Array) -> int:
        """Make a context in `memory` and return its address; the library keeps the memory alive.

        Parameters
        ----------
        memory : numpy.ndarray
            C-contiguous, writable, `context_bytes` or more, aligned to 64 bytes.

        Raises
        ------
        LibraryError
            The module refuses the memory.
        """
        flags = memory.flags
        address = memory.ctypes.data
        context = None
        if flags.c_contiguous and flags.writeable:
            context = self._init(address, memory.nbytes)
        if not context:
            raise LibraryError(
                f"{self.module}: a context needs {self.context_bytes} writable, contiguous bytes "
                f"aligned to {ALIGNMENT}, but {memory.nbytes} at {address:#x} were given",
                remedy="use Library.allocate()",
            )
        self._memories.append(memory)
        return int(context)

    def error(self, code: int) -> str:
        """Return the module's own text for an error code."""
        text = self._error(code)
        return text.decode("utf-8", "replace") if text else f"error code {code}"

    def entry(
        self,
        name: str,
        context: int,
        inputs: Sequence[ArraySpec],
        outputs: Sequence[ArraySpec],
        dims: Dims = (),
        *,
        release_gil: bool = False,
        slow: Slow | None = None,
        on_error: OnError | None = None,
        symbol: str | None = None,
    ) -> Entry:
        """Return the callable for one entry point.

        Parameters
        ----------
        name : str
            For messages, and for the symbol ``<module>_call_<name>`` if none is given.
        context : int
            From `init`.
        inputs, outputs : sequence of ArraySpec
            In the order of the C function's arrays.
        dims : sequence of (str, int or None)
            Names and maxima, in the order of the C function's dims.
        release_gil : bool, default False
            Let other Python threads run during the call: worth it from some 50 µs on.
        slow : callable, optional
            ``slow(args, kwargs)`` gets the calls that are not plainly fine, and raises or
            returns arrays. Default: `prepare`.
        on_error : callable, optional
            ``on_error(code, arrays)`` raises for a non-zero code. Default: `CallError`.
        symbol : str, optional
            The C function's name.

        Raises
        ------
        LibraryError
            There is no such symbol.
        ValueError
            The description makes no sense, such as a dim that no input has.
        """
        inputs, outputs, dims = tuple(inputs), tuple(outputs), tuple(dims)
        check_specs(inputs, outputs, dims)
        address = self._address(symbol or f"{self.module}_call_{name}")
        memory = range(context, context + self.context_bytes)
        slow = _apart(slow or functools.partial(prepare, name, inputs, dims), memory, self)
        on_error = on_error or functools.partial(self._raise, name)
        if self._extension is None:
            plain = CtypesEntry(
                self, address, memory, name, inputs, outputs, dims, release_gil, slow, on_error
            )
            plain.__doc__ = _signature(name, inputs, outputs)
            return plain
        made = self._extension.Entry(
            function=address,
            context=context,
            context_bytes=self.context_bytes,
            lock=self.lock,
            owner=self,
            inputs=_describe(inputs, dims),
            outputs=_describe(outputs, dims),
            maxima=tuple(_NO_MAXIMUM if maximum is None else maximum for _, maximum in dims),
            release_gil=release_gil,
            slow=slow,
            on_error=on_error,
        )
        made.name, made.inputs, made.outputs, made.dims = name, inputs, outputs, dims
        made.__doc__ = _signature(name, inputs, outputs)
        return cast(Entry, made)

    def _raise(self, entry: str, code: int, arrays: tuple[Array, ...]) -> NoReturn:
        raise CallError(f"{entry}(): {self.error(code)}", code)

    def _address(self, symbol: str) -> int:
        try:
            function = getattr(self._files, symbol)
        except AttributeError as error:
            raise LibraryError(
                f"{self.path} has no symbol {symbol}",
                remedy="compile the module with -DGRAPHDL_BINDING",
            ) from error
        return cast(int, ctypes.cast(function, ctypes.c_void_p).value)

    def _function(self, name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        address = self._address(f"{self.module}_{name}")
        return ctypes.PYFUNCTYPE(result, *arguments)(address)

    def after_fork(self) -> None:
        """Free the lock in a child, where the thread that held it does not exist."""
        if self._extension is None:
            self.lock = threading.RLock()
        else:
            cast(Any, self.lock).reset()


def _apart(slow: Slow, memory: range, library: Library) -> Slow:
    """Let `slow` return copies of arrays that lie in the memory that the function writes to."""

    def apart(args: tuple[object, ...], kwargs: Mapping[str, object]) -> tuple[Array, ...]:
        arrays = slow(args, kwargs)
        if not any(overlaps(a, memory) for a in arrays):
            return arrays
        with library.lock:
            return tuple(a.copy() if overlaps(a, memory) else a for a in arrays)

    return apart


def _describe(specs: Sequence[ArraySpec], dims: Dims) -> tuple[tuple[object, ...], ...]:
    """Write specs the way binding.c reads them: sizes become (kind, value) pairs."""
    index = {name: position for position, (name, _) in enumerate(dims)}

    def axis(size: Size) -> tuple[int, object]:
        if isinstance(size, str):
            return index[size], 0
        return (_RULE, size) if callable(size) else (_STATIC, size)

    return tuple(
        (spec.name, spec.dtype, spec.dtype.itemsize, tuple(axis(size) for size in spec.shape))
        for spec in specs
    )


def _signature(name: str, inputs: Sequence[ArraySpec], outputs: Sequence[ArraySpec]) -> str:
    given, made = (", ".join(map(str, specs)) for specs in (inputs, outputs))
    return f"{name}({given}) -> {{{made}}}"


def _open(path: Path) -> ctypes.CDLL:
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise LibraryError(
            f"the compiled library cannot be opened: {error}",
            remedy="if its directory forbids execution, point GRAPHDL_CACHE_DIR elsewhere",
        ) from error


_libraries: weakref.WeakSet[Library] = weakref.WeakSet()


def _after_fork() -> None:
    for library in _libraries:
        library.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
