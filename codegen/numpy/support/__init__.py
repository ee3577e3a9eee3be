"""Functions that emitted modules carry along, one file each. Only what is used is emitted.

Each module gives a ``NAME``, that of ``Instruction.numpy``, and a ``TEXT``, its source; the
function is called with its operands and ``out``. ``_select`` and ``_cast`` are statements instead.
"""

from __future__ import annotations

import importlib
import pkgutil

SUPPORT: dict[str, str] = {}

for _module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
    _loaded = importlib.import_module(f"{__name__}.{_module}")
    SUPPORT[_loaded.NAME] = _loaded.TEXT


def support_text(source: str) -> str:
    """Return the functions that a module's source calls, and what these call."""
    chosen: dict[str, str] = {}
    while more := {n: t for n, t in SUPPORT.items() if f"{n}(" in source and n not in chosen}:
        chosen |= more
        source = "".join(more.values())
    return "".join(chosen[name] for name in SUPPORT if name in chosen)
