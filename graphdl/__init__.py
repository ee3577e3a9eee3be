"""Networks as explicit graphs, the chain rule as a second graph, both as standalone source.

>>> import graphdl as gd
>>> x = gd.input("x", ("N", 3))
>>> g = gd.Graph({"y": gd.relu(x)}, name="forward")

This file is only the face. Names are handed on lazily (PEP 562): the module that defines a name is
imported when the name is first used, so ``import graphdl`` stays quick. Code inside the package
imports from the defining module and never from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from graphdl import _layout
from graphdl._version import __version__ as __version__

_layout.install()

if TYPE_CHECKING:  # what type checkers and editors see; a test keeps it equal to the tables below
    from graphdl import ir as ir
    from graphdl import losses as losses
    from graphdl import metrics as metrics
    from graphdl import nn as nn
    from graphdl import ops as ops
    from graphdl import optim as optim
    from graphdl import testing as testing
    from graphdl.compiler import compile as compile
    from graphdl.diagram import draw as draw
    from graphdl.differentiation import backward_graph as backward_graph
    from graphdl.differentiation import grad as grad
    from graphdl.differentiation import hessian as hessian
    from graphdl.differentiation import hvp as hvp
    from graphdl.differentiation import jvp as jvp
    from graphdl.differentiation import value_and_grad as value_and_grad
    from graphdl.differentiation import vjp as vjp
    from graphdl.explanation import explain as explain
    from graphdl.ir.errors import GraphdlError as GraphdlError
    from graphdl.ir.graph import Graph as Graph
    from graphdl.ir.interpreter import interpret as interpret
    from graphdl.ir.leaves import constant as constant
    from graphdl.ir.leaves import input as input
    from graphdl.ir.leaves import iota as iota
    from graphdl.ir.leaves import param as param
    from graphdl.ir.leaves import state as state
    from graphdl.ir.node import scope as scope
    from graphdl.ir.state import update as update
    from graphdl.ops.define import define_op as define_op
    from graphdl.training import train_step as train_step
    from graphdl.verification import verify_pass as verify_pass
    from graphdl.verification.face import verify as verify

# Submodules that are part of the face: gd.nn, gd.losses, …
_SUBMODULES = ("ir", "losses", "metrics", "nn", "ops", "optim", "testing")

# Defining module -> the names it gives to the face. A defining module is never named like one of
# the face's functions: importing graphdl.grad would replace the function gd.grad by the module.
_DEFINED_IN = {
    "compiler": ("compile",),
    "diagram": ("draw",),
    "differentiation": (
        "backward_graph",
        "grad",
        "hessian",
        "hvp",
        "jvp",
        "value_and_grad",
        "vjp",
    ),
    "explanation": ("explain",),
    "ir.errors": ("GraphdlError",),
    "ir.graph": ("Graph",),
    "ir.interpreter": ("interpret",),
    "ir.leaves": ("constant", "input", "iota", "param", "state"),
    "ir.node": ("scope",),
    "ir.state": ("update",),
    "ops.define": ("define_op",),
    "training": ("train_step",),
    "verification": ("verify_pass",),
    "verification.face": ("verify",),
}
_HOME = {name: module for module, names in _DEFINED_IN.items() for name in names}

# Operations (gd.exp, gd.softmax, …) stand in no table: adding one is one new file in graphdl/ops,
# and whatever the registry graphdl.ops.FUNCTIONS holds is part of the face.
__all__ = ["__version__", *_SUBMODULES, *_HOME]  # noqa: PLE0604 - computed, all strings


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")  # the import system binds it as an attribute
    if name in _HOME:
        _operations()  # fills the table of what nodes' operators call: x + y works from the start
        value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        value = import_module(f"{__name__}.ir.arguments").checked(value)
    elif not name.startswith("_") and name in _operations():
        value = _operations()[name]
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value  # the next look-up doesn't come here
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_operations()})


def _operations() -> dict[str, Any]:
    functions: dict[str, Any] = import_module(f"{__name__}.ops").FUNCTIONS
    return functions
