"""Identifiers: users' names made harmless, and unique where they are used."""

from __future__ import annotations

import re
from collections.abc import Iterable


class Names:
    """Hands out identifiers, each once.

    Parameters
    ----------
    taken : iterable of str
        Names that are in use already.

    Examples
    --------
    >>> names = Names(["x"])
    >>> names.new("x"), names.new("a b"), names.new("for")
    ('x_2', 'a_b', 'for_')
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken: set[str] = set(taken)
        self._next: dict[str, int] = {}

    def new(self, wish: str) -> str:
        """Return an identifier like the wish that nobody has."""
        base = name = sanitise(wish)
        while name in self.taken:
            self._next[base] = self._next.get(base, 1) + 1
            name = f"{base}_{self._next[base]}"
        self.taken.add(name)
        return name


def sanitise(wish: str) -> str:
    """Return an ASCII identifier that resembles a user's name and is no keyword of C or Python."""
    base = re.sub(r"[^0-9a-zA-Z]+", "_", wish)[:48].strip("_")
    if not base or base[0].isdigit():
        base = f"n{base}"
    if _OURS.match(base):
        return f"{base}_"
    return f"{base}_" if base.lower() in _RESERVED else base


# Names that emitted code uses itself: loops, values, runtime functions.
_OURS = re.compile(
    r"call_|[vxkgr]\d+(_|$)|[fimu](8|32|64)v?(_|$)|[gG]_|F(32|64)_|dim_|part|chunk|GRAPHDL|graphdl"
)

_WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void
volatile while false none true and as assert async await class def del elif except finally from
global import in is lambda nonlocal not or pass raise try with yield np self main exp log tanh sqrt
erf abs memcpy context memory scratch errno null new delete template this namespace private public
operator size_t match type
"""
_RESERVED = frozenset(_WORDS.split())
MODULE_FUNCTIONS = frozenset(
    {"init", "load", "save", "error", "hash", "context_bytes", "blob_bytes", "reset", "state"}
)
