"""A snippet: the C text of one function, for vectors and for plain C99."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_REQUIRES = re.compile(r"/\* requires:(?P<names>[^*]*)\*/\n")
_BOTH = "/* both modes */\n"
_MODES = re.compile(
    r"(?P<note>.*?)#if GRAPHDL_SIMD\n(?P<simd>.*?)\n#else\n(?P<portable>.*?)#endif\n",
    re.DOTALL,
)


@dataclass(frozen=True)
class Snippet:
    """One function of the runtime, in both modes.

    Attributes
    ----------
    name : str
        The C function that is defined (or ``types``).
    requires : tuple of str
        Names of the snippets whose text must stand before this one's.
    simd : str
        Text inside ``#if GRAPHDL_SIMD``.
    portable : str
        Text of the plain C99 branch; empty for helpers of the vector branch.
    """

    name: str
    requires: tuple[str, ...]
    simd: str
    portable: str


def used_names(text: str, known: frozenset[str]) -> tuple[str, ...]:
    """The known names that occur as words in a C text, sorted.

    Examples
    --------
    >>> used_names("return f32v_set(x) + y;", frozenset({"f32v_set", "f32v_exp"}))
    ('f32v_set',)
    """
    return tuple(sorted(known.intersection(_WORD.findall(text))))


def parse_snippet(name: str, text: str) -> Snippet:
    """Read a snippet file: a line of requirements, a note, and the two modes.

    Parameters
    ----------
    name : str
        The file's name without ``.h``, which is the function it defines.
    text : str
        The file's text: ``/* requires: a b */``, comments, then
        ``#if GRAPHDL_SIMD`` … ``#else`` … ``#endif`` (inner directives are indented); or
        ``/* both modes */`` and one text for both.

    Raises
    ------
    ValueError
        If the text doesn't have this form.
    """
    head = _REQUIRES.match(text)
    if head and text.startswith(_BOTH, head.end()):
        shared = text[head.end() + len(_BOTH) :]
        return Snippet(name, tuple(head["names"].split()), shared, shared)
    body = _MODES.fullmatch(text, head.end()) if head else None
    if head is None or body is None:
        raise ValueError(
            f"runtime snippet {name!r}: expected '/* requires: ... */' and then "
            "'#if GRAPHDL_SIMD', '#else', '#endif', each at the start of a line"
        )
    return Snippet(
        name,
        tuple(head["names"].split()),
        body["note"] + body["simd"].strip("\n") + "\n",
        body["portable"].strip("\n") + "\n" if body["portable"].strip() else "",
    )
