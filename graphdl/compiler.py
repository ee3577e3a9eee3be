"""gd.compile: from graphs to a module that can be called, inspected and saved."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from graphdl import env
from graphdl.codegen.folder import write_folder
from graphdl.codegen.listing import listing
from graphdl.codegen.lower.lower import Module, lower
from graphdl.codegen.lower.names import module_name
from graphdl.codegen.report import Report, report
from graphdl.codegen.state_file import read_state, write_state
from graphdl.ir.collector import paused
from graphdl.ir.dim_parsing import as_size
from graphdl.ir.dims import symbol
from graphdl.ir.errors import (
    ArgumentError,
    DimensionError,
    DTypeError,
    DuplicateNameError,
    ShapeError,
    UnknownNameError,
)
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import initial_value
from graphdl.ir.node import Node
from graphdl.passes.pipeline import Trace, run
from graphdl.summary import summary

if TYPE_CHECKING:
    from graphdl.validation import Validator

Call = Callable[..., dict[str, Any]]


class Executable(Protocol):
    """What a target makes of a module."""

    source: str
    state: dict[str, np.ndarray]
    entries: dict[str, Call]

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held during a call."""


def compile(
    graphs: Graph | Sequence[Graph],
    target: str = "c",
    *,
    name: str = "module",
    dims: Mapping[str, int] | None = None,
    threads: int | None = None,
    cpu: str = "native",
    seed: int = 0,
) -> CompiledModule:
    """Compile graphs to one module with an entry point a graph; they share state.

    Parameters
    ----------
    graphs : Graph or sequence of Graph
        Each becomes a callable attribute named after the graph.
    target : str
        ``"c"`` (compiled by the machine's C compiler), ``"numpy"``, or ``"interp"``.
    name : str
        Names files and symbols.
    dims : mapping of str to int
        The largest value of each symbolic dim; memory is planned for it.
    threads : int, optional
        Most threads of the C target, by default all cores. Results do not depend on it.
    cpu : str
        ``"native"``, ``"portable"``, or a value of the compiler's ``-march``.
    seed : int
        Seeds the initialisers of parameters.

    Returns
    -------
    CompiledModule

    Raises
    ------
    DimensionError
        If a symbolic dim has no maximum.
    DuplicateNameError
        If two graphs share a name, or state of one name differs.
    PassError
        With ``GRAPHDL_VALIDATE=1``, if a pass or code generation changes what a graph means.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N", 2))
    >>> g = gd.Graph({"total": gd.sum(x * x)}, name="square")
    >>> m = gd.compile(g, target="numpy", dims={"N": 8})
    >>> float(m.square(x=[[1.0, 2.0]])["total"])
    5.0
    """
    listed = [graphs] if isinstance(graphs, Graph) else list(graphs)
    module = Module(module_name(name), _checked_dims(listed, dims or {}))
    _check_names(listed)
    traces: dict[str, Trace] = {}
    validators = [_validator_if_asked(graph, module.maxima) for graph in listed]
    with paused():
        for graph, validator in zip(listed, validators, strict=True):
            for node in graph.state:  # also what simplification makes unused stays in the module
                module.state_buffer(node)
            traces[graph.name] = Trace()
            check = validator.passed if validator else None
            ready = run(graph, trace=traces[graph.name], dot=_dot_if_dumped(), check=check)
            program = lower(ready, module)
            if validator:
                validator.lowered(ready, program, module)
    count = threads if threads is not None else os.cpu_count() or 1
    compiled = CompiledModule(module, listed, target, count, cpu, seed, traces)
    _show(compiled)
    for graph, validator in zip(listed, validators, strict=True):
        if validator:
            validator.emitted(compiled.entries[graph.name], compiled.state, target)
            compiled.reset(seed)
    return compiled


def _validator_if_asked(graph: Graph, maxima: Mapping[str, int]) -> Validator | None:
    """Return what checks each step where ``GRAPHDL_VALIDATE`` wants it."""
    if not env.validate():
        return None
    from graphdl.validation import Validator

    return Validator(graph, maxima)


def _dot_if_dumped() -> Callable[[Graph], str] | None:
    """Return the printer of DOT where ``GRAPHDL_DUMP`` wants it."""
    if env.dump() is None:
        return None
    from graphdl.diagram import draw

    return lambda graph: draw(graph).dot


def _show(compiled: CompiledModule) -> None:
    """Do what the debug flags ask for, below the level of graphs."""
    if env.debug() < 3 and env.dump() is None:
        return
    text = "\n".join(listing(p) for p in compiled.module.programs)
    if env.debug() >= 3:
        sys.stderr.write(f"{text}\n")
    if env.debug() >= 4:
        sys.stderr.write(compiled.source)
    folder = env.dump()
    if folder is not None:
        stem = f"{compiled.name}.{compiled.target}"
        (folder / f"{stem}.program.txt").write_text(f"{text}\n", encoding="utf-8")
        (folder / f"{stem}.source.txt").write_text(compiled.source, encoding="utf-8")


def _checked_dims(graphs: Sequence[Graph], dims: Mapping[str, int]) -> dict[str, int]:
    needed = {d: g for g in graphs for d in g.dims}
    missing = [d for d in needed if d not in dims]
    if missing:
        raise DimensionError(
            f"dims {missing} of graph {needed[missing[0]].name!r} have no maximum",
            remedy=f"compile(..., dims={{{missing[0]!r}: 256}})",
        )
    for graph in graphs:
        for dim in graph.dims:
            if not any(symbol(dim) in node.shape for node in graph.inputs):
                raise DimensionError(
                    f"dim {dim!r} of graph {graph.name!r} is no axis of an input: "
                    "nothing tells its value",
                    remedy=f"give an input the axis {dim!r}",
                )
    unknown = [d for d in dims if d not in needed]
    if unknown:
        raise DimensionError(f"no graph has dims {unknown}; there are {sorted(needed)}")
    for dim, largest in dims.items():
        if as_size(largest) != largest:
            raise DimensionError(f"the maximum of {dim!r} is {largest!r}", remedy="use an int >= 0")
    return {d: int(v) for d, v in dims.items()}


def _check_names(graphs: Sequence[Graph]) -> None:
    seen: set[str] = set()
    for graph in graphs:
        if graph.name in seen:
            raise DuplicateNameError(
                f"two graphs are named {graph.name!r}", remedy="gd.Graph(..., name='other')"
            )
        seen.add(graph.name)


class State(MutableMapping[str, np.ndarray]):
    """State by name: live arrays; assigning copies into them after checking the shape."""

    def __init__(self, arrays: dict[str, np.ndarray], lock: AbstractContextManager[Any]) -> None:
        self._arrays, self._lock = arrays, lock

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._arrays:
            raise UnknownNameError(f"no state {name!r}; there are {sorted(self._arrays)}")
        return self._arrays[name]

    def __setitem__(self, name: str, value: Any) -> None:
        target, array = self[name], np.asarray(value)
        if array.shape != target.shape:
            raise ShapeError(f"state {name!r} has shape {target.shape}, not {array.shape}")
        if not np.can_cast(array.dtype, target.dtype, "same_kind"):
            raise DTypeError(
                f"state {name!r} has dtype {target.dtype}, not {array.dtype}",
                remedy=f"cast it: value.astype({target.dtype.name!r})",
            )
        with self._lock:
            target[...] = array

    def __delitem__(self, name: str) -> None:
        raise ArgumentError(f"state {name!r} cannot be deleted")

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        return f"State({', '.join(f'{k}: {v.dtype}{v.shape}' for k, v in self._arrays.items())})"


class CompiledModule:
    """Entry points, one a graph, that share state.

    Attributes
    ----------
    name : str
        Name of files and symbols.
    target : str
        What it was compiled for.
    state : State
        Parameters, optimizer state and all other state, by name.
    entries : dict of str to callable
        The entry points; also attributes.
    """

    def __init__(
        self,
        module: Module,
        graphs: Sequence[Graph],
        target: str,
        threads: int,
        cpu: str,
        seed: int,
        traces: Mapping[str, Trace],
    ) -> None:
        self.name, self.target, self.threads = module.name, target, threads
        self.module, self.graphs, self.traces = module, tuple(graphs), dict(traces)
        self._executable = _executable(module, graphs, target, threads, cpu)
        self.entries = self._executable.entries
        for entry, call in self.entries.items():
            if not hasattr(type(self), entry):  # our own methods go first; use m.entries[...]
                setattr(self, entry, call)
        self.state = State(self._executable.state, self._executable.lock)
        self.reset(seed)

    def __getattr__(self, name: str) -> Call:
        entries: dict[str, Call] = self.__dict__.get("entries", {})
        raise AttributeError(
            f"module {self.__dict__.get('name')!r} has no entry point {name!r}; "
            f"there are {sorted(entries)}"
        )

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.entries]

    def reset(self, seed: int = 0) -> None:
        """Set all state to its first value, drawn from a seed."""
        nodes: Mapping[str, Node] = self.module.state_nodes
        first = {name: initial_value(node, seed) for name, node in nodes.items()}
        for name, value in first.items():
            self.state[name] = value

    @property
    def source(self) -> str:
        """The emitted text."""
        return self._executable.source

    def save_state(self, path: str | Path) -> None:
        """Write all state to a safetensors file, atomically."""
        with self._executable.lock:
            arrays = {k: v.copy() for k, v in self.state.items()}
        write_state(Path(path), arrays)

    def load_state(self, path: str | Path) -> None:
        """Read all state back; if anything does not fit, nothing changes.

        Raises
        ------
        StateError
            If the file is missing, damaged, or of another module.
        """
        found = read_state(Path(path), dict(self.state))
        for name, value in found.items():
            self.state[name] = value

    def save(self, path: str | Path, *, check: bool = True) -> Path:
        """Write a folder that stands alone: sources, parameters, README, and for C a test.

        An older folder of ours is replaced at once; one with other files in it is left alone.

        Parameters
        ----------
        path : str or Path
            The folder.
        check : bool
            Whether the C test also tests the gradient, by a second module.

        Raises
        ------
        ArgumentError
            If the target is ``"interp"``, which emits nothing.
        FolderError
            If the path is taken by files that are not ours, or cannot be written.
        """
        with self._executable.lock:
            state = {k: v.copy() for k, v in self.state.items()}
        files, products = _folder(self.module, self.graphs, self.target, state, check)
        return write_folder(Path(path), files, products)

    def report(self) -> Report:
        """Return memory by purpose, and operations and traffic kernel by kernel."""
        emitted = getattr(self._executable, "emitted", None) if self.target == "c" else None
        return report(self.module, self.graphs, self.target, emitted)

    def summary(self) -> str:
        """Return a table of layers with their output shapes and numbers of parameters."""
        return summary(self.name, self.target, self.graphs)

    def __repr__(self) -> str:
        return f"<CompiledModule {self.name} ({self.target}): {', '.join(self.entries)}>"


def _folder(
    module: Module,
    graphs: Sequence[Graph],
    target: str,
    state: Mapping[str, np.ndarray],
    check: bool,
) -> tuple[dict[str, bytes], Sequence[str]]:
    """Return the files of a standalone folder, and the names of what using it leaves there."""
    if target == "c":
        from graphdl.codegen.c.standalone import c_folder

        return c_folder(module, graphs, state, check=check), ("build",)
    if target == "numpy":
        from graphdl.codegen.numpy.standalone import numpy_folder

        return numpy_folder(module, state), ("__pycache__",)
    raise ArgumentError(
        f"target {target!r} emits nothing that could stand alone",
        remedy='compile with target="c" or "numpy"',
    )


def _executable(
    module: Module, graphs: Sequence[Graph], target: str, threads: int, cpu: str
) -> Executable:
    if target == "c":
        from graphdl.codegen.c.executable import CExecutable

        return CExecutable(module, threads, cpu)
    if target == "numpy":
        from graphdl.codegen.numpy.executable import NumpyExecutable

        return NumpyExecutable(module)
    if target == "interp":
        from graphdl.codegen.interpreted import InterpretedExecutable

        return InterpretedExecutable(module, graphs)
    raise ArgumentError(f"unknown target {target!r}", remedy="use 'c', 'numpy' or 'interp'")
