"""A module compiled as C and opened in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from graphdl.codegen.c.module import CSource, emit
from graphdl.codegen.index_error import index_error
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.program import IndexCheck, Program
from graphdl.codegen.report import entry_flops
from graphdl.codegen.specs import input_specs, output_specs
from graphdl.codegen.toolchain.arguments import bind_dims
from graphdl.codegen.toolchain.binding import Library
from graphdl.codegen.toolchain.cache import load
from graphdl.codegen.toolchain.errors import CallError
from graphdl.ir.dims import evaluate
from graphdl.ir.errors import DimensionError
from graphdl.ir.size_checks import SizeCheck, size_error

LONG_CALL = 100_000
"""Floating-point operations from which a call is long enough (some 10 µs) to release the GIL."""


class CExecutable:
    """Entry points in C; state lies in the context and is seen through NumPy views."""

    def __init__(self, module: Module, threads: int, cpu: str) -> None:
        self.module = module
        self.emitted: CSource = emit(module, threads)
        self.source = self.emitted.source
        # the header is part of the translation unit, so that the cache key covers it
        text = self.source.replace(f'#include "{module.name}.h"', self.emitted.header, 1)
        path = load(text, cpu=cpu, threads=threads, defines=("GRAPHDL_BINDING",))
        self.library = Library(path, module.name)
        self.memory = self.library.allocate()
        self.context = self.library.init(self.memory)
        self.state = {
            label: self._view(self.emitted.state_offsets[label], buffer)
            for label, buffer in module.state.items()
        }
        self.entries: dict[str, Callable[..., dict[str, Any]]] = {
            p.label: self._entry(p) for p in module.programs
        }

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held during every call; hold it to read or write state."""
        return self.library.lock

    def _view(self, offset: int, buffer: Any) -> np.ndarray:
        count = evaluate(buffer.size, {})
        view = np.frombuffer(self.memory, buffer.dtype.numpy, count, offset)
        return view.reshape(buffer.shape)

    def _entry(self, program: Program) -> Callable[..., dict[str, Any]]:
        dims = [(d, self.module.maxima[d]) for d in program.dims]
        return self.library.entry(
            program.label,
            self.context,
            input_specs(program),
            output_specs(program),
            dims,
            release_gil=entry_flops(program, self.module.maxima) >= LONG_CALL,
            symbol=f"{self.module.name}_call_{program.name}",
            on_error=_raiser(program, self.emitted.errors, self.module.maxima),
        )


def _raiser(
    program: Program,
    errors: Sequence[tuple[str, IndexCheck | SizeCheck | None]],
    maxima: Mapping[str, int],
) -> Callable[[int, Sequence[np.ndarray]], Any]:
    """Return what turns an error code into a typed error."""
    specs = input_specs(program)
    names = [s.name for s in specs]

    def raise_error(code: int, arrays: Sequence[np.ndarray]) -> Any:
        text, check = errors[code - 1]
        if check is None:
            raise DimensionError(f"{program.label}: {text}", remedy=f"maxima are {dict(maxima)}")
        sizes = bind_dims(program.label, specs, [(d, maxima[d]) for d in program.dims], arrays)
        env = dict(zip(program.dims, sizes, strict=True))
        if isinstance(check, SizeCheck):
            raise size_error(check, env, program.label) or CallError(text, code)
        array = arrays[names.index(check.buffer.label)]
        raise index_error(program.label, check, array, env) or CallError(text, code)

    return raise_error
