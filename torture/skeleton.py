"""Sources without what names may change: comments, texts, and the identifiers themselves."""

from __future__ import annotations

import io
import itertools
import keyword
import re
import tokenize

from torture.hostile import C_KEYWORDS

_C_TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|(?P<directive>#\s*\w+)|(?P<text>\"(?:\\.|[^\"\\])*\")|(?P<name>[A-Za-z_]\w*)|"
    r"(?P<number>\.?\d[\w.]*(?:[+-]\d+)?)|(?P<other>\S)",
    re.DOTALL,
)
_FINGERPRINT = re.compile(r"form = UINT64_C\(\d+\)")
_SILENT = (tokenize.COMMENT, tokenize.NL)


class _Renaming:
    """Numbers identifiers as they come, anew in each definition."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __call__(self, name: str) -> str:
        return f"id{self._numbers.setdefault(name, len(self._numbers))}"

    def restart(self) -> None:
        """Forget all names."""
        self._numbers.clear()


def of_c(source: str) -> list[str]:
    """Return the tokens of C; each definition has its own numbers for identifiers.

    Examples
    --------
    >>> of_c("int f(int a) { return a; } /* f */") == of_c("int g(int h) {return h;}")
    True
    >>> of_c("int f(int a, int b) { return a; }") == of_c("int f(int a, int b) { return b; }")
    False
    """
    rename = _Renaming()
    found: list[str] = []
    for block in re.split(r"(?<=\n)(?=\S)", _FINGERPRINT.sub("form = 0", source)):
        rename.restart()
        defined = re.search(r"\b\w++(?=\()", block)  # a variable may well have that name, too
        for token in _C_TOKEN.finditer(block):
            kind, text = token.lastgroup, token.group()
            if defined and token.start() == defined.start():
                text = "defined"
            elif kind == "name" and text not in C_KEYWORDS:
                member = found[-2:] == ["-", ">"]
                text = rename(f"->{text}" if member else text)
            if kind is not None:
                found.append("text" if kind == "text" else text)
    return found


def of_python(source: str) -> list[str]:
    r"""Return the tokens of Python; each definition has its own numbers for identifiers.

    Examples
    --------
    >>> of_python("def f(a):\n    return a  # yes\n") == of_python("def g(b):\n    return b\n")
    True
    """
    rename, found = _Renaming(), [""]
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    for token, following in itertools.pairwise(t for t in tokens if t.type not in _SILENT):
        text = token.string
        if text in ("def", "class") and token.start[1] == 4:
            rename.restart()
        if token.type == tokenize.NAME and token.start[1] == 0:
            rename.restart()
        if token.type == tokenize.STRING:
            text = "text"
        elif token.type == tokenize.NAME and not keyword.iskeyword(text):
            if following.string == "=" and found[-1] in ("(", ","):
                text = "keyword"
            else:  # what follows a dot, or names a method, is in a namespace of its own
                text = rename(found[-1] + text if found[-1] in (".", "def") else text)
        if text in (")", "]", "}") and found[-1] == ",":
            del found[-1]  # long names wrap lines
        found.append(text)
    return found
