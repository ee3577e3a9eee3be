"""Files as they should never be: damaged bytes, and safetensors headers that lie."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

_NUMBERS = (0, 1, 2, 7, 8, 127, 128, 255, 2**15, 2**31 - 1, 2**31, 2**32 - 1, 2**53, 2**62,
            2**63 - 1, 2**63, 2**64 - 1)  # fmt: skip
_WORDS = ("", "F32", "F16", "F64", "I64", "BOOL", "U8", "BF16", "F8_E4M3", "f32", "float32", "\0",
          "__metadata__", "é", "\ud800", "../../etc/passwd", "__class__", "x" * 5000)  # fmt: skip
_BIG = 200_000


def damaged(chance: random.Random, data: bytes) -> bytes:
    """Return bytes that were cut, lengthened, flipped, moved or overwritten."""
    found = bytearray(data)
    for _ in range(1 + (chance.random() < 0.2) * chance.randrange(8)):
        chance.choice(_DAMAGES)(chance, found)
    return bytes(found)


def _cut(chance: random.Random, data: bytearray) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _lengthen(chance: random.Random, data: bytearray) -> None:
    data += chance.choice((b"\0", b" ", b"\xff", b"}")) * chance.choice((1, 7, 8, 1000))


def _flip(chance: random.Random, data: bytearray) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _overwrite(chance: random.Random, data: bytearray) -> None:
    if data:
        at = chance.randrange(len(data))
        block = chance.randbytes(chance.choice((1, 4, 8, 64)))
        data[at : at + len(block)] = block


def _number(chance: random.Random, data: bytearray) -> None:
    at = chance.choice((0, 8, chance.randrange(len(data) // 8 + 1) * 8))
    data[at : at + 8] = chance.choice(_NUMBERS).to_bytes(8, "little")


def _remove(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data) + 1)
    del data[at : at + chance.choice((1, 8, 100))]


def _repeat(chance: random.Random, data: bytearray) -> None:
    at = chance.randrange(len(data) + 1)
    data[at:at] = data[at : at + chance.choice((1, 8, 100))]


def _swap(chance: random.Random, data: bytearray) -> None:
    if len(data) > 16:
        a, b = (chance.randrange(len(data) - 8) for _ in range(2))
        data[a : a + 8], data[b : b + 8] = data[b : b + 8], data[a : a + 8]


_DAMAGES: tuple[Callable[[random.Random, bytearray], None], ...] = (
    *(_cut, _lengthen, _flip, _overwrite, _number, _remove, _repeat, _swap),
)


def lying(chance: random.Random, data: bytes) -> bytes:
    """Return a safetensors file whose header says something else than the truth."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        chance.choice(_LIES)(chance, header)
    text = json.dumps(header, ensure_ascii=chance.random() < 0.5)
    if chance.random() < 0.1:
        text = _twice(text)
    body = text.encode("utf-8", "surrogatepass")
    body += b" " * (-len(body) % 8 if chance.random() < 0.8 else chance.randrange(9))
    return len(body).to_bytes(8, "little") + body + data[8 + size :]


def _twice(text: str) -> str:
    """Name the first array a second time, with what is said of the last."""
    if '":' not in text:
        return text
    name, last = text[1 : text.index(":")], text.rindex("{")
    return f"{text[:-1]}, {name}: {text[last:-1]}}}" if last else text


def _entry(chance: random.Random, header: dict[str, object]) -> dict[str, object]:
    entry = header.get(chance.choice(list(header) or [""]))
    return entry if isinstance(entry, dict) else {}


def _lie_of_places(chance: random.Random, header: dict[str, object]) -> None:
    entry, other = _entry(chance, header), _entry(chance, header)
    begin, end = _pair(entry.get("data_offsets"))
    shift = chance.choice((1, -1, 4, 8, -8, 2**31, 2**63, -(2**63), -begin - 8, -begin - 100))
    entry["data_offsets"] = chance.choice(
        ([begin + shift, end + shift], [begin, end + shift], [end, begin], [begin], [begin, end, 0],
         other.get("data_offsets"), odd(chance), [odd(chance), end])
    )  # fmt: skip


def _pair(value: object) -> tuple[int, int]:
    match value:
        case [int(begin), int(end)]:
            return begin, end
    return 0, 0


def _lie_of_shape(chance: random.Random, header: dict[str, object]) -> None:
    entry = _entry(chance, header)
    shape = entry.get("shape")
    sizes = list(shape) if isinstance(shape, list) else []
    at = chance.randrange(len(sizes) + 1)
    sizes[at : at + chance.randrange(2)] = [chance.choice((-1, 0, 1, *_NUMBERS, odd(chance)))]
    entry["shape"] = chance.choice((sizes, sizes, sizes[::-1], [1] * 100, odd(chance)))


def _lie_of_dtype(chance: random.Random, header: dict[str, object]) -> None:
    _entry(chance, header)["dtype"] = chance.choice((*_WORDS, odd(chance)))


def _lie_of_name(chance: random.Random, header: dict[str, object]) -> None:
    if header:
        header[chance.choice(_WORDS)] = header.pop(chance.choice(list(header)))


def _drop(chance: random.Random, header: dict[str, object]) -> None:
    if header:
        target = chance.choice((header, _entry(chance, header)))
        if target:
            del target[chance.choice(list(target))]


def _add(chance: random.Random, header: dict[str, object]) -> None:
    target = chance.choice((header, _entry(chance, header)))
    target[chance.choice(("__metadata__", *_WORDS, *header))] = odd(chance)


_LIES: tuple[Callable[[random.Random, dict[str, object]], None], ...] = (
    *(_lie_of_places, _lie_of_places, _lie_of_shape, _lie_of_dtype, _lie_of_name, _drop, _add),
)


def odd(chance: random.Random) -> object:
    """Return a JSON value that nobody expects."""
    return chance.choice(
        (None, True, -1, 0.5, 1e300, float("nan"), float("inf"), [], {}, [[]], "", "0",
         chance.choice(_NUMBERS), chance.choice(_WORDS), {"a": [None, {}]}, [0] * 50)
    )  # fmt: skip


def huge(chance: random.Random) -> bytes:
    """Return a safetensors file whose header is large or deep."""
    name = "x" * _BIG
    one = '{"dtype":"F32","shape":[],"data_offsets":[0,4]}'
    depth = chance.choice((500, 2_000, _BIG))
    text = chance.choice((
        lambda: f'{{"{name}":{one}}}',
        lambda: "{" + ",".join(f'"{i}":{one}' for i in range(_BIG // 50)) + "}",
        lambda: f'{{"__metadata__":{{"a":"{name}"}}}}',
        lambda: "[" * depth + "]" * depth,
        lambda: '{"a":' * depth + "1" + "}" * depth,
        lambda: "[" * depth,
        lambda: f'{{"a":{{"dtype":"F32","shape":[{"9" * depth}],"data_offsets":[0,4]}}}}',
        lambda: f'{{"a":{{"dtype":"F32","shape":[{"1," * depth}1],"data_offsets":[0,4]}}}}',
        lambda: f'{{"a":{{"dtype":"F32","shape":[],"data_offsets":[0.{"9" * depth},4]}}}}',
        lambda: " " * _BIG + "{}",
    ))()  # fmt: skip
    body = text.encode()
    return len(body).to_bytes(8, "little") + body + b"\0" * 4
