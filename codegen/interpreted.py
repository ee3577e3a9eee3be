"""A module run by the reference interpreter: the slow target that everything is compared with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from graphdl.codegen.lower.lower import Module
from graphdl.codegen.program import Program
from graphdl.codegen.specs import input_specs
from graphdl.codegen.toolchain.arguments import bind_dims, prepare
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import interpret_step
from graphdl.ir.size_checks import size_error
from graphdl.ir.text import to_text


class InterpretedExecutable:
    """Entry points that evaluate the graphs as they were built, before any pass."""

    def __init__(self, module: Module, graphs: Sequence[Graph]) -> None:
        self.module = module
        self.source = "\n".join(to_text(g) for g in graphs)
        self.lock: AbstractContextManager[Any] = threading.RLock()
        self.state = {
            k: np.zeros([int(s) for s in b.shape], b.dtype.numpy)  # type: ignore[arg-type]
            for k, b in module.state.items()
        }
        self.entries = {
            p.label: self._entry(p, g) for p, g in zip(module.programs, graphs, strict=True)
        }

    def _entry(self, program: Program, graph: Graph) -> Callable[..., dict[str, np.ndarray]]:
        specs = input_specs(program)
        dims = [(d, self.module.maxima[d]) for d in program.dims]

        def call(*args: object, **kwargs: object) -> dict[str, np.ndarray]:
            arrays = prepare(program.label, specs, dims, args, kwargs)
            sizes = bind_dims(program.label, specs, dims, arrays)
            env = dict(zip(program.dims, sizes, strict=True))
            for error in (size_error(c, env, program.label) for c in program.size_checks):
                if error is not None:
                    raise error
            with self.lock:
                given = {s.name: a for s, a in zip(specs, arrays, strict=True)}
                outputs, after = interpret_step(graph, given, self.state)
                for name, value in after.items():
                    self.state[name][...] = value
            return outputs

        return call
