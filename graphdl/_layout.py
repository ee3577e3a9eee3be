"""Make ``graphdl.passes`` and ``graphdl.codegen`` importable from a bare checkout.

In the source tree both packages are folders *beside* ``graphdl/``. A wheel puts them inside it and
an editable install maps them, so there is nothing to do there. In a checkout that is merely on
``sys.path`` a finder serves these two names, and no others, from beside the package. Their own
submodules are then found through their ``__path__`` as usual, so every module is loaded once and
under one name. Extending ``graphdl.__path__`` would be shorter, but it would also expose
``graphdl.graphdl``, ``graphdl.tests`` and so on.
"""

from __future__ import annotations

import os.path
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_NAMES = ("passes", "codegen")


class CheckoutFinder:
    """A meta-path finder for exactly the given full module names.

    Parameters
    ----------
    root
        The folder that holds the packages' folders.
    names
        Full module names, such as ``"graphdl.passes"``; the last part is the folder's name.
    """

    def __init__(self, root: str, names: frozenset[str]) -> None:
        self.root = root
        self.names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of one of ``names``, and None for everything else."""
        if fullname not in self.names:
            return None
        return PathFinder.find_spec(fullname, [self.root], target)


def install() -> None:
    """Put a `CheckoutFinder` on ``sys.meta_path`` if this is a bare checkout.

    It goes first: another checkout may be installed in editable mode, and its finder, which knows
    the same names, must not mix that checkout's passes with this one's language.
    """
    root = os.path.dirname(_PACKAGE)
    names = frozenset(
        f"graphdl.{name}"
        for name in _NAMES
        if not os.path.isdir(os.path.join(_PACKAGE, name))
        and os.path.isfile(os.path.join(root, name, "__init__.py"))
    )
    if names and not any(isinstance(finder, CheckoutFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, CheckoutFinder(root, names))
