"""A module emitted as NumPy source and loaded into this process."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from importlib.abc import InspectLoader
from types import ModuleType
from typing import Any

import numpy as np

from graphdl.codegen.index_error import index_error
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.numpy.module import emit
from graphdl.codegen.program import Program
from graphdl.codegen.specs import input_specs
from graphdl.codegen.toolchain.arguments import arrange, bind_dims, prepare
from graphdl.ir.size_checks import size_error

MOST_STEPS = 64
"""Combinations of sizes an entry point keeps prepared."""

Step = Callable[..., dict[str, np.ndarray]]


class NumpyExecutable:
    """Entry points that run emitted NumPy steps behind graphdl's own checks of arguments.

    Attributes
    ----------
    source : str
        The text of the module, which stands alone too.
    lock : RLock
        Held during a call; hold it to read or write state.
    state : dict of str to ndarray
        Live arrays, by the user's names.
    entries : dict of str to callable
        By the graphs' names.
    """

    def __init__(self, module: Module) -> None:
        self.module = module
        self.source = emit(module.name, module.programs, module.maxima)
        self.emitted = loaded(module.name, self.source)
        self.lock = threading.RLock()
        own = self.emitted.Module()
        self.state: dict[str, np.ndarray] = {k: own.state[k] for k in module.state}
        self._memory, self._own = own._memory, own.state
        self.entries: dict[str, Step] = {p.label: self._entry(p) for p in module.programs}

    def _entry(self, program: Program) -> Step:
        specs, entry, lock = input_specs(program), program.label, self.lock
        dims = [(d, self.module.maxima[d]) for d in program.dims]
        plan = getattr(self.emitted, f"_plan_{program.name}")
        steps: dict[tuple[tuple[int, ...], ...], Step] = {}
        own = self._own
        block = getattr(own, "memory", None)  # of all state: views of it are no inputs

        def prepared(arrays: tuple[np.ndarray, ...]) -> Step:
            """Return the step for arrays of these shapes, after checking the shapes."""
            sizes = bind_dims(entry, specs, dims, arrays)
            if len(steps) >= MOST_STEPS:
                steps.clear()
            step: Step = plan(self._memory, self.state, *sizes)
            steps[tuple([a.shape for a in arrays])] = step
            return step

        def call(*args: object, **kwargs: object) -> dict[str, np.ndarray]:
            arrays = arrange(specs, args, kwargs)
            if arrays is None:
                arrays = prepare(entry, specs, dims, args, kwargs)
            if block is not None and any(a.base is block for a in arrays):
                arrays = tuple(self.emitted._apart(a, own) for a in arrays)
            with lock, np.errstate(all="ignore"):
                try:
                    step = steps.get(tuple([a.shape for a in arrays])) or prepared(arrays)
                    return step(*arrays)
                except IndexError as error:
                    sizes = bind_dims(entry, specs, dims, arrays)
                    raise self._typed(program, arrays, sizes) or error from None

        return call

    def _typed(
        self, program: Program, arrays: tuple[np.ndarray, ...], sizes: tuple[int, ...]
    ) -> IndexError | None:
        """Return the first failed check of an index input as graphdl's error."""
        given = dict(zip(program.inputs, arrays, strict=True))
        env = dict(zip(program.dims, sizes, strict=True))
        found = [
            *(index_error(program.label, c, given[c.buffer], env) for c in program.checks),
            *(size_error(c, env, program.label) for c in program.size_checks),
        ]
        return next((e for e in found if e is not None), None)


class _Loader(InspectLoader):
    """Gives the import system, and tracebacks, a module whose text is in memory."""

    def __init__(self, source: str) -> None:
        self.source = source

    def get_source(self, fullname: str) -> str:
        """Return the text."""
        return self.source


def loaded(name: str, source: str) -> ModuleType:
    """Return a module made of this text; it is not put into ``sys.modules``."""
    loader: Any = _Loader(source)
    spec = importlib.util.spec_from_loader(f"graphdl.emitted.{name}", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
