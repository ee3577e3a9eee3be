"""What ``file.py:name`` stands for: graphs, a node, a module, or a function that makes them."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from graphdl.ir.errors import ArgumentError, GraphdlError, UnknownNameError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node


class ModelError(GraphdlError):
    """A model file cannot be read or run, or the name in it is no model."""


@dataclass(frozen=True, slots=True)
class Model:
    """What was found under a name.

    Attributes
    ----------
    name : str
        The name after the colon.
    graphs : tuple of Graph
        The graphs; a node alone is a graph with one output.
    node : Node or None
        The node, where the name stands for one.
    module : object
        What ``gd.compile`` has returned, where the name stands for that.
    """

    name: str
    graphs: tuple[Graph, ...]
    node: Node | None = None
    module: Any = None

    def graph(self, name: str | None) -> Graph:
        """Return the graph of that name; without one, the only graph."""
        if name is None and len(self.graphs) == 1:
            return self.graphs[0]
        for graph in self.graphs:
            if graph.name == name:
                return graph
        names = ", ".join(g.name for g in self.graphs)
        raise UnknownNameError(
            f"{self.name} has the graphs {names}" + (f", no {name!r}" if name else ""),
            remedy=f"choose one: --graph {self.graphs[0].name}",
        )

    def loss(self) -> Node:
        """Return the floating scalar to differentiate.

        That is the node itself, or the first output named ``loss``, or the only floating scalar.
        """
        if self.node is not None:
            return self.node
        outputs = [(k, v) for g in self.graphs for k, v in g.outputs.items()]
        scalars = [(k, v) for k, v in outputs if v.shape == () and v.dtype.is_float]
        for name, node in scalars:
            if name == "loss" or len(scalars) == 1:
                return node
        raise UnknownNameError(
            f"{self.name} has no output named loss and {len(scalars)} floating scalars",
            remedy="name the node itself: file.py:loss",
        )

    def to_verify(self) -> list[Any]:
        """Return what ``gd.verify`` takes: the module, all graphs with gradients, or the loss."""
        if self.module is not None:
            return [self.module]
        found: list[Any] = [g for g in self.graphs if _holds_gradient(g)]
        return [self.loss()] if self.node is not None or not found else found

    @property
    def has_loss(self) -> bool:
        """Whether this is a node that can be differentiated."""
        return self.node is not None and self.node.shape == () and self.node.dtype.is_float


def _holds_gradient(graph: Graph) -> bool:
    """Whether a graph is a training step, or has gradients among its outputs."""
    trained = any(state in graph.params for state in graph.updates)
    named = any(name.startswith("grad_") for name in graph.outputs)
    return "loss" in graph.outputs and (trained or named)


def load(text: str) -> Model:
    """Return the model that ``file.py:name`` stands for.

    Raises
    ------
    ModelError
        If there is no such file, it raises, or the name is missing or no model.
    """
    file, colon, name = text.rpartition(":")
    if not colon or not name:
        raise ModelError(f"{text!r} is no model", remedy="write file.py:name")
    path = Path(file)
    if not path.is_file():
        raise ModelError(f"there is no file {file!r}", remedy="write file.py:name")
    with _guarded(path):
        module = _imported(path)
    if not hasattr(module, name):
        found = ", ".join(k for k, v in vars(module).items() if isinstance(v, (Graph, Node)))
        raise ModelError(f"{file} has no {name!r}", remedy=f"its graphs and nodes: {found or '–'}")
    given = getattr(module, name)
    if _makes_models(given):
        with _guarded(path):
            given = given()
    return _model(name, given)


def _makes_models(given: Any) -> bool:
    """Whether this is a function that can be called without arguments."""
    if not callable(given) or isinstance(given, (Graph, Node)):
        return False
    parameters = inspect.signature(given).parameters.values()
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return all(p.default is not p.empty or p.kind in variadic for p in parameters)


def _model(name: str, given: Any) -> Model:
    if isinstance(given, Graph):
        return Model(name, (given,))
    if isinstance(given, Node):
        return Model(name, (Graph({name: given}, name=name),), given)
    if hasattr(given, "entries") and hasattr(given, "graphs"):
        return Model(name, tuple(given.graphs), module=given)
    if isinstance(given, (list, tuple)) and given and all(isinstance(g, Graph) for g in given):
        return Model(name, tuple(given))
    raise ModelError(
        f"{name} is {type(given).__name__}, no model",
        remedy="use a Graph, a node, a list of Graphs, a compiled module, or a function without "
        "arguments that returns one of these",
    )


def _imported(path: Path) -> ModuleType:
    """Run a file as a module; it may import its neighbours."""
    spec = importlib.util.spec_from_file_location(f"_model_{path.stem}", path.resolve())
    if spec is None or spec.loader is None:
        raise ModelError(f"{path} is no Python file", remedy="write file.py:name")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and the like look their module up
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


@contextlib.contextmanager
def _guarded(path: Path) -> Iterator[None]:
    """Tell the user's mistakes from ours; what a model prints is no output of the command."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except GraphdlError:
        raise
    except Exception as error:
        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == str(path.resolve()):
                line = trace.tb_lineno
            trace = trace.tb_next
        raise ModelError(
            f"{type(error).__name__}: {error}", site=f"{path}:{line}" if line else str(path)
        ) from error


def dims(given: list[str]) -> dict[str, int]:
    """Read ``N=256`` of the command line.

    Raises
    ------
    ArgumentError
        If one has another form.

    Examples
    --------
    >>> dims(["N=256", "T=16"])
    {'N': 256, 'T': 16}
    """
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name or not value.isdecimal():
            raise ArgumentError(f"--dims {text!r}", remedy="write --dims N=256")
        found[name] = int(value)
    return found
