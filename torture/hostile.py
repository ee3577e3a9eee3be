"""Names that nobody should use, and everybody will."""

from __future__ import annotations

import builtins
import keyword
import random
from collections.abc import Callable, Sequence

_KEYWORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void
volatile while _Bool _Complex _Imaginary
"""
_STANDARD = """
alignas bool class delete new template this namespace true false NULL main printf memcpy expf NAN
INFINITY INT_MAX EOF errno size_t uint32_t int64_t float_t max_align_t FILE stdin I M_PI linux unix
assert signal jn y0 y1 asm typeof _Pragma __func__ __LINE__ __FILE__
"""
C_KEYWORDS = frozenset(_KEYWORDS.split())
_TEXTS = (
    *("", " ", "*/", "/*", "*/ int x; /*", '"', "'", "\\", '"""', "'''", '"; system("id"); "'),
    *("\n", "a\nb", "\r\n", "\n#include <none.h>", "\0", "a\0b", "\x1b[31m", "\u2028", "\ufeff"),
    *("??/", "%s%n", "{x}", "${HOME}", "$(id)", "`id`", "../../x", "/", "a/b", "//", "#", "a b"),
    *("λ", "ａ", "é", "e\u0301", "😀", "\u202egnp", "\u200b", "日本", "ſ", "İ", "\udc80", "\ud800"),
    *("0", "1x", "-1", "1e5", "_", "__", "___x", "x" * 48, "x" * 200, "<b>", "&amp;", "]]>", "|"),
    *("label", "graph", "input", "output", "update", "inputs", "float32", "->", "%0", "N"),
)  # fmt: skip


def words(taken: Sequence[str]) -> tuple[str, ...]:
    """Return the names to choose from: the usual suspects, and some that are in use."""
    python = [*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "np", "numpy", "json"]
    return (*sorted(C_KEYWORDS), *_STANDARD.split(), *python, *_TEXTS, *taken)


def name(chance: random.Random, known: Sequence[str], before: Sequence[str]) -> str:
    """Return a name; often one that looks like one of those before it once it is made harmless."""
    which = chance.random()
    if before and which < 0.4:
        return chance.choice(_LIKE)(chance.choice(before))
    if which < 0.01:
        return chance.choice(("x", "*/", "λ", "\n", " ")) * 1_000_000
    if which < 0.06:
        return "".join(chr(_any_character(chance)) for _ in range(chance.randrange(1, 30)))
    one = chance.choice(known)
    return one + chance.choice(known) if which > 0.8 else one


def _any_character(chance: random.Random) -> int:
    return chance.randrange(chance.choice((128, 0x3000, 1 << 20)))


_LIKE: tuple[Callable[[str], str], ...] = (
    str.swapcase,
    str.upper,
    str.capitalize,
    lambda n: f"{n}_",
    lambda n: f"_{n}",
    lambda n: f"{n}_2",
    lambda n: f"{n} ",
    lambda n: f"{n}*/",
    lambda n: f"{n[:60]:x<60}1",
    lambda n: f"{n[:60]:x<60}2",
    lambda n: f"{n}/{n}",
    lambda n: n.replace("_", "-"),
)


def dim(chance: random.Random, known: Sequence[str]) -> str:
    """Return the name of a dim: these must be identifiers, of any language."""
    found = name(chance, known, ())
    return found if found.isidentifier() else chance.choice(("λ", "for", "int", "N", "x", "é"))
