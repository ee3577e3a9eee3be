"""Texts of graphs as they should never be: garbled tokens, lies, depth, and sheer size."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from graphdl.ir.dtypes import DTYPES
from graphdl.ir.kinds import OPS
from torture.damage import damaged
from torture.hostile import words

_TOKEN = re.compile(r'%?"(?:[^"\\\n]|\\.)*"|<[^<>\n]*>|%?[\w./]+|\n|[ \t]+|.', re.DOTALL)
_NUMBERS = ("0", "1", "-1", "2", "-7", "127", "256", "2147483648", "9223372036854775807",
            "9223372036854775808", "18446744073709551616", "-9223372036854775809", "1e308",
            "1e999", "-0.0", "0.5", "nan", "-inf", "1_0", "0x10", "1e", "٣", "²", "9" * 400,
            "9" * 5000, "0." + "3" * 100_000, "1e" + "9" * 5000)  # fmt: skip
_VALUES = ("true", "none", "()", "(0,)", "(-1,)", "(0, 0)", "(1, 0)", '""', '"x"', '"ij,jk->ik"',
           '"->"', "float32", "uint8", "N", "-N", "N - N", "<((N)//2)>", "array(int64, [1, 2])",
           "array(float32, (2,), \"AAAAAAAAAAA=\")", "array(float64, (9000000000,), \"\")",
           "array(bool, [[]])", "he()", "he(gain=nan)", "normal(scale=array(float32, 0.0))",
           "opaque(\"f\")", "array(int32, [1e300])", "((((), ()), ()), 1)")  # fmt: skip
_SIZES = ("-3", "N", "-N", "3 - 5", "1000000000000", "9223372036854775807", "9" * 30, "N*N*N",
          "2*N + 1", "N*N - N*N", "<((N + 1)//2)>", "<((N)//0)>", "<((N)//-2)>", "<(N)>",
          "N//9" + "0" * 50, "__class__", "true", "inf", "float32", '"N"', "1.5", "")  # fmt: skip
_STRANGE = ("\0", "\x1b[31m", "\r", "\x0b", "\u2028", "\u202e", "\ufeff", "\ud800", "é", "日", "😀",
            "\\", "\\u", "\\U00110000", '"', "#", "%", "\t", "\x85", "\xa0")  # fmt: skip
_MANY = 100_000

Change = Callable[[random.Random, list[str]], None]


def garbled(chance: random.Random, text: str) -> str:
    """Return a text of which something is wrong: a token, a line, a byte, or its size."""
    which = chance.random()
    if which < 0.15:
        return damaged(chance, text.encode()).decode("utf-8", chance.choice(_DECODERS))
    tokens = _TOKEN.findall(text)
    if which < 0.22:
        chance.choice(_OVERGROWN)(chance, tokens)
    else:
        for _ in range(chance.choice((1, 1, 1, 1, 2, 4))):
            if tokens:
                chance.choice(_CHANGES)(chance, tokens)
    return "".join(tokens)


_DECODERS = ("replace", "surrogateescape")


def _at(chance: random.Random, tokens: Sequence[str], kind: str = r"\S+") -> int:
    """Return the place of a token of that kind, or any if there is none."""
    found = [k for k, token in enumerate(tokens) if re.fullmatch(kind, token)]
    return chance.choice(found or range(len(tokens)))


def _lines(tokens: Sequence[str]) -> list[list[str]]:
    lines: list[list[str]] = [[]]
    for token in tokens:
        lines[-1].append(token)
        if token == "\n":
            lines.append([])
    return lines


def _swap(chance: random.Random, tokens: list[str]) -> None:
    kind = chance.choice((r"\S+", r"%.*", r"[a-z]\w*", r"\d+"))
    a, b = _at(chance, tokens, kind), _at(chance, tokens, kind)
    tokens[a], tokens[b] = tokens[b], tokens[a]


def _drop(chance: random.Random, tokens: list[str]) -> None:
    tokens[_at(chance, tokens)] = ""


def _double(chance: random.Random, tokens: list[str]) -> None:
    at = _at(chance, tokens)
    tokens[at:at] = [tokens[at], chance.choice(("", " ", ", "))]


def _number(chance: random.Random, tokens: list[str]) -> None:
    tokens[_at(chance, tokens, r"[\d.]+(e\S+)?")] = chance.choice(_NUMBERS)


def _rename(chance: random.Random, tokens: list[str]) -> None:
    new = chance.choice((chance.choice(words(())), '"' + chance.choice(words(())) + '"'))
    at = _at(chance, tokens, r'%?("|[^\W\d]).*')
    tokens[at] = "%" * tokens[at].startswith("%") + new


def _op(chance: random.Random, tokens: list[str]) -> None:
    at = _after(chance, tokens, "=")
    tokens[at] = chance.choice(sorted(OPS))


def _dtype(chance: random.Random, tokens: list[str]) -> None:
    at = _at(chance, tokens, "|".join(DTYPES))
    tokens[at] = chance.choice((*DTYPES, "float16", "object", "V8"))


def _after(chance: random.Random, tokens: list[str], sign: str) -> int:
    """Return the place after a sign and the spaces that follow it."""
    at = _at(chance, tokens, re.escape(sign)) + 1
    while at < len(tokens) - 1 and not tokens[at].strip():
        at += 1
    return min(at, len(tokens) - 1)


def _value(chance: random.Random, tokens: list[str]) -> None:
    """Give an attribute, or whatever stands after an equals sign, another value."""
    inside = [k for k in range(1, len(tokens) - 1) if tokens[k] == "=" and tokens[k + 1] != " "]
    at = chance.choice(inside) + 1 if inside else _at(chance, tokens)
    end = at + 1
    if tokens[at] == "(":
        end = tokens.index(")", at) + 1 if ")" in tokens[at:] else at + 1
    tokens[at:end] = [chance.choice((*_VALUES, *_NUMBERS, *_SIZES, chance.choice(tokens)))]


def _attribute(chance: random.Random, tokens: list[str]) -> None:
    """Remove an attribute, or give a node one that it should not have."""
    names = [t for k, t in enumerate(tokens[:-1]) if tokens[k + 1] == "=" and t != " "]
    name = chance.choice((*names, "axis", "axes", "shape", "output", "name", "self", "__class__"))
    at = _at(chance, tokens, r"\[|\(")
    new = f"{name}={chance.choice(_VALUES)}"
    tokens[at] = {"[": f"[{new}, ", "(": f"[{new}]("}.get(tokens[at], tokens[at])
    if chance.random() < 0.3:
        at = _at(chance, tokens, r"\[")
        end = tokens.index("]", at) if "]" in tokens[at:] else at
        del tokens[at : end + 1]


def _shape(chance: random.Random, tokens: list[str]) -> None:
    """Change a size of a type, of one node or of all that have it."""
    types = [k for k in range(len(tokens) - 1) if tokens[k] in DTYPES and tokens[k + 1] == "("]
    if not types:
        return
    start = chance.choice(types) + 2
    if tokens[start] == ")":
        tokens[start:start] = [chance.choice(_SIZES), ","]
        return
    old, new = tokens[start], chance.choice(_SIZES)
    everywhere = chance.random() < 0.5
    for at, token in enumerate(tokens):
        if at == start or (everywhere and token == old):
            tokens[at] = new


def _strange(chance: random.Random, tokens: list[str]) -> None:
    at = _at(chance, tokens)
    cut = chance.randrange(len(tokens[at]) + 1)
    tokens[at] = tokens[at][:cut] + chance.choice(_STRANGE) + tokens[at][cut:]


def _line(chance: random.Random, tokens: list[str]) -> None:
    """Swap, drop, double or cut lines."""
    lines = _lines(tokens)
    a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            lines[a], lines[b] = lines[b], lines[a]
        case 1:
            del lines[a]
        case 2:
            lines.insert(b, lines[a])
        case 3:
            del lines[a + 1 :]
    tokens[:] = [token for line in lines for token in line]


_CHANGES: tuple[Change, ...] = (
    *(_swap, _swap, _drop, _double, _number, _number, _rename, _op, _op, _dtype),
    *(_value, _value, _value, _attribute, _attribute, _shape, _shape, _strange, _line),
)


def _many_lines(chance: random.Random, tokens: list[str]) -> None:
    """Repeat a line, or write as many that differ in their label."""
    lines = _lines(tokens)
    at = chance.randrange(len(lines))
    line = "".join(lines[at])
    label = next((t for t in lines[at] if t.startswith("%")), "\0")
    names = ["", "a", "%a", line[:20]]
    match chance.randrange(3):
        case 0:
            text = line * _MANY
        case 1:
            text = "".join(line.replace(label, f"%{k + 7000}", 1) for k in range(_MANY // 20))
        case _:
            text = (chance.choice(names) + chance.choice(("\n", "\r\n", "#", " "))) * _MANY
    before = "".join(t for one in lines[:at] for t in one)
    tokens[:] = [before, text, "".join(t for one in lines[at:] for t in one)]


def _many_items(chance: random.Random, tokens: list[str]) -> None:
    """Repeat what stands between brackets: inputs, attributes, sizes, scopes."""
    at = _at(chance, tokens, r"%.*|\d+|N|<.*>|float32|@")
    item = chance.choice((f"{tokens[at]}, ", f"{tokens[at]} + ", f"{tokens[at]}*", "-", "1, "))
    tokens[at:at] = [item * chance.choice((30, 300, _MANY))]


def _deep(chance: random.Random, tokens: list[str]) -> None:
    """Nest a value or a size."""
    at, depth = _at(chance, tokens, r"\d+|N|\(.*|<.*>|he"), chance.choice((40, 60, 2000, _MANY))
    opening, closing = chance.choice(
        (("(", ")"), ("[", "]"), ("array(float32, [", "])"), ("he(gain=", ")"), ("<", ">"),
         ("(", ",)"), ("{", "}"), ("-", ""), ("((", ")//2)"))
    )  # fmt: skip
    tokens[at] = opening * depth + tokens[at] + closing * chance.choice((depth, depth, 0))


def _polynomial(chance: random.Random, tokens: list[str]) -> None:
    """Write a size whose normal form is far longer than itself."""
    count = chance.choice((5, 20, 40, 1000))
    names = " + ".join(f"D{k}" for k in range(chance.choice((2, 5, 50))))
    halved = "N"
    for _ in range(min(count, 40)):
        halved = f"((({halved} + 1)//2) + {chance.choice(('1', 'N', halved[:200]))})"[:5000]
    size = chance.choice(
        ("*".join([f"({names})"] * count), "*".join(["N"] * count), f"{'2*' * count}N", halved,
         "*".join(f"(N + {k})" for k in range(count)), " + ".join(f"D{k}" for k in range(count)))
    )  # fmt: skip
    at = _at(chance, tokens, r"\d+|N|<.*>")
    tokens[at] = chance.choice((size, f"<{size}>", f"<(({size})//3)>"))


_OVERGROWN: tuple[Change, ...] = (_many_lines, _many_items, _many_items, _deep, _deep, _polynomial)
