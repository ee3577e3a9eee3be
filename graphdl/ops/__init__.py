"""The op catalogue: one file an op (or a tight family of ops).

Every module's ``__all__`` becomes part of the public face; adding an op is adding a file.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from graphdl.ir.arguments import checked
from graphdl.ir.node import operators
from graphdl.ir.node_operators import NodeOperators

FUNCTIONS: dict[str, Any] = {}
"""Public name -> function or op."""

for _module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
    _loaded = importlib.import_module(f"{__name__}.{_module}")
    FUNCTIONS.update((name, checked(getattr(_loaded, name))) for name in _loaded.__all__)

for _name, _method in list(vars(NodeOperators).items()):
    if not _name.startswith("_"):
        setattr(NodeOperators, _name, checked(_method))

# Methods of nodes call public functions by name.
operators.update({name: f for name, f in FUNCTIONS.items() if name not in operators})
