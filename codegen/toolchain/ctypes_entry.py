"""The binding where no extension can be built: what binding.c does, in Python over ctypes."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NoReturn, Protocol

import numpy as np

from graphdl.codegen.toolchain.arguments import arrange, fit
from graphdl.codegen.toolchain.conversion import overlaps
from graphdl.codegen.toolchain.spec import Array, ArraySpec

Slow = Callable[[tuple[object, ...], Mapping[str, object]], tuple[Array, ...]]
OnError = Callable[[int, tuple[Array, ...]], NoReturn]


class Owner(Protocol):
    """What an entry needs of its library, which it keeps alive."""

    lock: AbstractContextManager[Any]


class CtypesEntry:
    """A compiled function called through ctypes; see `binding.Library.entry`."""

    def __init__(
        self,
        owner: Owner,
        address: int,
        memory: range,
        name: str,
        inputs: tuple[ArraySpec, ...],
        outputs: tuple[ArraySpec, ...],
        dims: tuple[tuple[str, int | None], ...],
        release_gil: bool,
        slow: Slow,
        on_error: OnError,
    ) -> None:
        self.name, self.inputs, self.outputs, self.dims = name, inputs, outputs, dims
        self._owner = owner
        self._slow = slow
        self._on_error = on_error
        make = ctypes.CFUNCTYPE if release_gil else ctypes.PYFUNCTYPE
        pointer = ctypes.c_void_p
        self._function = make(ctypes.c_int, pointer, pointer, pointer)(address)
        self._context, self._memory = pointer(memory.start), memory
        # Filled under the library's lock, so one of each is enough.
        self._pointers = (pointer * max(1, len(inputs) + len(outputs)))()
        self._sizes = (ctypes.c_int64 * max(1, len(dims)))()

    def __call__(self, *args: object, **kwargs: object) -> dict[str, Array]:
        """Check the arguments, run the function, and return its outputs by name."""
        arrays = arrange(self.inputs, args, kwargs)
        if arrays is not None and any(overlaps(a, self._memory) for a in arrays):
            arrays = None
        sizes = None if arrays is None else fit(self.inputs, self.dims, arrays)
        if arrays is None or sizes is None:
            arrays = self._slow(args, kwargs)
            ready = arrange(self.inputs, arrays, {})
            sizes = None if ready is None else fit(self.inputs, self.dims, ready)
            if sizes is None:
                raise SystemError("slow() returned arrays that cannot be used")
        return self._run(arrays, sizes)

    def _run(self, arrays: tuple[Array, ...], sizes: tuple[int, ...]) -> dict[str, Array]:
        named = {name: size for (name, _), size in zip(self.dims, sizes, strict=True)}
        result = {}
        for spec in self.outputs:
            shape = [
                named[size] if isinstance(size, str) else size(sizes) if callable(size) else size
                for size in spec.shape
            ]
            result[spec.name] = np.empty(shape, spec.dtype)
        data = [array.__array_interface__["data"][0] for array in (*arrays, *result.values())]
        with self._owner.lock:
            self._pointers[: len(data)] = data
            self._sizes[: len(sizes)] = list(sizes)
            code = self._function(
                self._context, ctypes.byref(self._sizes), ctypes.byref(self._pointers)
            )
        if code:
            self._on_error(code, arrays)
            raise SystemError(f"on_error({code}, ...) did not raise")
        return result
