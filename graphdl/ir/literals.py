"""Tokens and attribute values of the text form: written and read back exactly, without eval."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from graphdl.ir import dims
from graphdl.ir.dim_parsing import parse_size
from graphdl.ir.dims import Dim, Size
from graphdl.ir.dtypes import DTYPES, DType
from graphdl.ir.errors import GraphdlError, ParseError
from graphdl.ir.initializers import INITIALIZERS

_STRING = r'"(?:[^"\\\n]|\\.)*"'
_WORD = r"[^\W\d]\w*(?:/[^\W\d]\w*)*"  # a name, or a path of names
_TOKEN = re.compile(
    rf"""(?P<space>[ \t\r\n]+|\#[^\n]*)
    |(?P<string>{_STRING})
    |(?P<label>%(?:\d+|{_WORD}|{_STRING}))
    |(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
    |(?P<word>{_WORD})
    |(?P<size><[^<>\n]*>)
    |(?P<sign>//|[-+*=:@,(){{}}\[\]])""",
    re.VERBOSE,
)
_BARE = re.compile(_WORD)
_BARE_SIZE = re.compile(r"[\w*+ -]+")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r"}
_WORDS: dict[str, Any] = {
    "true": True, "false": False, "none": None, "inf": float("inf"), "nan": float("nan"), **DTYPES,
}  # fmt: skip
_SMALL = 16
"""Arrays with up to that many elements are written as numbers, larger ones as bytes."""
_DEEPEST = 50
"""Values nest no deeper than that."""
_LONGEST_SIZE = 4000
"""Characters of a size, without spaces."""


class Token(NamedTuple):
    """A piece of text: its kind (a group of the pattern above; ``end``), itself and its line."""

    kind: str
    text: str
    line: int


def quoted(text: str) -> str:
    """Return a string in quotes; what cannot be seen is escaped."""
    named = {v: k for k, v in _ESCAPES.items()}

    def shown(c: str) -> str:
        if c in named:
            return "\\" + named[c]
        if c.isprintable():
            return c
        return f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"

    return '"' + "".join(map(shown, text)) + '"'


def name_text(name: str) -> str:
    """Return a name as it is if it is an identifier or a path of them, else in quotes."""
    return name if _BARE.fullmatch(name) else quoted(name)


def value_text(value: Any) -> str:
    """Return an attribute's value as text that :meth:`Reader.value` reads back.

    What has no text form (an initialiser that is a plain function) becomes ``opaque("its name")``,
    which can be looked at but not be read back.
    """
    if value is None or isinstance(value, (bool, np.bool_)):
        return str(value).lower()
    if isinstance(value, (str, DType)):
        return quoted(value) if isinstance(value, str) else value.name
    if isinstance(value, float):
        return float.__repr__(value)
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, Dim):
        return _size_text(value)
    if isinstance(value, tuple):
        inner = ", ".join(value_text(v) for v in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, np.ndarray) and value.dtype.name in DTYPES:
        return _array_text(value)
    for name, cls in INITIALIZERS.items():
        if type(value) is cls:
            fields = [f.name for f in dataclasses.fields(cls)]
            return f"{name}({', '.join(f'{k}={value_text(getattr(value, k))}' for k in fields)})"
    return f"opaque({quoted(getattr(value, '__qualname__', type(value).__qualname__))})"


def _size_text(size: Dim) -> str:
    text = repr(size)
    clear = _BARE_SIZE.fullmatch(text) and not set(dims.symbols(size)) & _WORDS.keys()
    return text if clear else f"<{text}>"


def _array_text(array: np.ndarray) -> str:
    kind = array.dtype.name
    if 0 < array.size <= _SMALL:
        nested = array.tolist() if kind != "float32" else _shortest(array).tolist()
        if np.array(nested, array.dtype).tobytes() == array.tobytes():
            return f"array({kind}, {_nested_text(nested)})"
    data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    return f"array({kind}, {value_text(array.shape)}, {quoted(base64.b64encode(data).decode())})"


def _shortest(array: np.ndarray) -> np.ndarray:
    """Return the doubles with the fewest digits that round to these floats."""
    digits = [float(np.format_float_scientific(v)) for v in array.ravel()]
    return np.array(digits).reshape(array.shape)


def _nested_text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested_text, value))}]"
    return value_text(value)


class Reader:
    """Tokens one after the other, and the values that they spell.

    Parameters
    ----------
    text : str
        What is read.
    source : str
        Its name in errors.
    """

    def __init__(self, text: str, source: str) -> None:
        self.source = source
        self._sizes: dict[str, Size] = {}
        self._tokens = self._scan(text)
        self.next = next(self._tokens)

    def _scan(self, text: str) -> Iterator[Token]:
        position, line = 0, 1
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                self.next = Token("sign", text[position], line)
                raise self.error(f"{text[position]!r} is unexpected")
            if match.lastgroup != "space":
                yield Token(str(match.lastgroup), match[0], line)
            line += match[0].count("\n")
            position = match.end()
        yield Token("end", "the end", line)

    def error(self, message: str, line: int | None = None) -> ParseError:
        """Return the error for this line, the next token's by default."""
        site = f"{self.source}:{line or self.next.line}"
        return ParseError(f"cannot read the graph: {message}", site=site)

    def take(self, *kinds_or_signs: str) -> str:
        """Return the next token's text, which must be of a kind or be one of these signs."""
        token = self.next
        if token.kind not in kinds_or_signs and token.text not in kinds_or_signs:
            raise self.error(f"{token.text[:40]!r} where {' or '.join(kinds_or_signs)} should be")
        self.next = next(self._tokens) if token.kind != "end" else token
        return token.text

    def accept(self, text: str) -> bool:
        """Take the next token if it is this sign or word."""
        found = self.next.text == text and self.next.kind in ("sign", "word")
        if found:
            self.take(text)
        return found

    def string(self) -> str:
        """Read a quoted string."""
        return self._unquoted(self.take("string"))

    def name(self) -> str:
        """Read a name, quoted or not."""
        return self.string() if self.next.kind == "string" else self.take("word")

    def label(self) -> tuple[str, bool]:
        """Read a node's label; return it and whether it is a name rather than a number."""
        text = self.take("label")[1:]
        if text[0] == '"':
            return self._unquoted(text), True
        return text, not text[0].isdigit()

    def _unquoted(self, text: str) -> str:
        def meant(match: re.Match[str]) -> str:
            code = match[1]
            if len(code) > 1:
                value = int(code[1:], 16)
                if value < 0x110000:
                    return chr(value)
            elif code in _ESCAPES:
                return _ESCAPES[code]
            raise self.error(f"unknown escape \\{code}")

        return _ESCAPE.sub(meant, text[1:-1])

    def size(self) -> Size:
        """Read a size up to the comma or bracket that ends it."""
        line, parts = self.next.line, self._until_delimiter()
        return self._parsed_size(" ".join(parts), line)

    def _until_delimiter(self) -> list[str]:
        parts: list[str] = []
        depth = 0
        while depth or self.next.text not in (",", ")", "]"):
            text = self.take("number", "word", "size", "(", ")", "+", "-", "*", "//")
            depth += (text == "(") - (text == ")")
            if depth > _DEEPEST:
                raise self.error("parentheses nest too deep")
            parts.append(text)
        return parts

    def _parsed_size(self, text: str, line: int) -> Size:
        if text not in self._sizes:
            self._check_length(text, line)
            try:
                size = parse_size(text)
            except (GraphdlError, ValueError, RecursionError) as error:
                raise self.error(f"{text[:40]!r} is not a value", line) from error
            self._check_length(repr(size), line)
            self._sizes[text] = size
        return self._sizes[text]

    def _check_length(self, size: str, line: int) -> None:
        if len(size.replace(" ", "")) > _LONGEST_SIZE:
            raise self.error(f"a size is longer than {_LONGEST_SIZE} characters", line)

    def value(self, depth: int = 0) -> Any:
        """Read an attribute's value."""
        if depth > _DEEPEST:
            raise self.error("values nest too deep")
        kind, text, line = self.next
        if kind == "string":
            return self.string()
        if kind == "size":
            return self._parsed_size(self.take("size")[1:-1], line)
        if self.accept("("):
            return tuple(self._items(")", depth))
        if kind == "word":
            self.take("word")
            if self.next.text == "(":
                return self._call(text, depth)
            if text in _WORDS:
                return _WORDS[text]
            return self._parsed_size(" ".join([text, *self._until_delimiter()]), line)
        return self._number(self._until_delimiter(), line)

    def _number(self, parts: list[str], line: int) -> Any:
        """Read an int, a float, or a size that starts with a number."""
        digits = parts[1:] if parts[:1] == ["-"] else parts
        sign = -1 if digits is not parts else 1
        if len(digits) == 1 and digits[0] in ("inf", "nan"):
            return sign * float(digits[0])
        if len(digits) == 1 and not digits[0].isdigit() and digits[0][:1].isdigit():
            return sign * float(digits[0])
        return self._parsed_size(" ".join(parts), line)

    def _items(self, end: str, depth: int) -> Iterator[Any]:
        """Read values up to a closing bracket; a comma may stand before it."""
        while not self.accept(end):
            nested = end == "]" and depth < _DEEPEST and self.accept("[")
            yield list(self._items("]", depth + 1)) if nested else self.value(depth + 1)
            if self.next.text != end:
                self.take(",")

    def _call(self, name: str, depth: int) -> Any:
        """Read an array or an initialiser."""
        line = self.next.line
        self.take("(")
        if name == "array":
            return self._array(line, depth)
        if name == "opaque":
            raise self.error(f"{self.string()!r} has no text form", line)
        if name not in INITIALIZERS:
            known = f"known: {', '.join(INITIALIZERS)}" if INITIALIZERS else "import graphdl.nn"
            raise self.error(f"no initialiser is named {name!r}; {known}", line)
        fields: dict[str, Any] = {}
        while not self.accept(")"):
            key = self.take("word")
            self.take("=")
            fields[key] = self.value(depth + 1)
            if self.next.text != ")":
                self.take(",")
        try:
            return INITIALIZERS[name](**fields)
        except (TypeError, ValueError) as error:
            raise self.error(f"{name}: {str(error).splitlines()[0]}", line) from error

    def _array(self, line: int, depth: int) -> np.ndarray:
        """Read a dtype, then nested numbers, or a shape and bytes."""
        kind = self.take("word")
        if kind not in DTYPES:
            raise self.error(f"unknown dtype {kind!r}", line)
        dtype = DTYPES[kind]
        self.take(",")
        content = list(self._items("]", depth)) if self.accept("[") else self.value(depth)
        try:
            if self.accept(","):
                data = base64.b64decode(self.string(), validate=True)
                little = np.frombuffer(data, dtype.numpy.newbyteorder("<"))
                array = little.reshape(content).astype(dtype.numpy)
            else:
                with np.errstate(over="raise"):
                    array = np.array(content, dtype.numpy)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise self.error(f"bad array: {str(error).splitlines()[0]}", line) from error
        self.take(")")
        array.flags.writeable = False
        return array
