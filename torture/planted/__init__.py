"""Bugs planted on purpose, by class: what the tests have to find.

A bug is one text of one file that is replaced by another. It is put into a copy of the tree, where
the tests that should notice are run. Each module of :mod:`torture.planted.bugs` is a class.
"""

from __future__ import annotations

import importlib
import pkgutil

from torture.planted import bugs
from torture.planted.bug import Bug


def by_class() -> dict[str, tuple[Bug, ...]]:
    """Return all planted bugs by the name of their class."""
    found: dict[str, tuple[Bug, ...]] = {}
    for name in sorted(m.name for m in pkgutil.iter_modules(bugs.__path__)):
        module = importlib.import_module(f"{bugs.__name__}.{name}")
        found[module.NAME] = tuple(module.BUGS)
    return found


def planted() -> list[tuple[str, Bug]]:
    """Return all planted bugs with their classes, in a fixed order."""
    return [(name, bug) for name, group in by_class().items() for bug in group]
