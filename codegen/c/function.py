"""C functions: what their text needs, and their heads and comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graphdl.codegen.c.families import SCALAR_TYPES
from graphdl.codegen.c.sizes import dim_name
from graphdl.codegen.program import Axis, Buffer, Value, walk_values
from graphdl.ir.dims import symbols


@dataclass
class Function:
    """A C function of the module, and what a call needs.

    Attributes
    ----------
    name : str
        Its C name.
    lines : list of str
        Its definition.
    buffers : list of Buffer
        Arguments, before the dims.
    dims : tuple of str
        Dims that it takes.
    helpers : list of str
        Definitions that must stand before it.
    scratch : int
        Bytes of scratch that it wants as last argument; 0: no such argument.
    strategy : str
        How it works, for reports.
    """

    name: str
    lines: list[str]
    buffers: list[Buffer]
    dims: tuple[str, ...]
    helpers: list[str] = field(default_factory=list)
    scratch: int = 0
    scratch_type: str = ""
    strategy: str = ""


def comment_lines(text: str) -> list[str]:
    """Return a C comment; nothing in the text can end it early."""
    text = text.replace("*/", "* /").replace("/*", "/ *")
    safe = text.replace("\\", "\\\\").replace("??", "? ?").split("\n")
    lines = [f"   {line}".rstrip() for line in safe]
    return (
        ["/* " + lines[0].strip(), *lines[1:-1], lines[-1] + " */"]
        if len(lines) > 1
        else [f"/* {safe[0].strip()} */"]
    )


def head(
    name: str, buffers: Sequence[Buffer], written: Iterable[Buffer], dims: Sequence[str]
) -> str:
    """Return the head of a kernel's function."""
    stored = set(written)
    params = [
        f"{'' if b in stored else 'const '}{SCALAR_TYPES[b.dtype]} *{b.name}" for b in buffers
    ]
    params += [f"int64_t {dim_name(d)}" for d in dims]
    return f"static void {name}({', '.join(params) or 'void'})"


def used_dims(buffers: Sequence[Buffer], axes: Sequence[Axis], roots: Sequence[Value]) -> list[str]:
    """Return the symbolic dims that a kernel's sizes and strides mention."""
    found: dict[str, None] = {}
    sizes = [*(a.size for a in axes), *(s for b in buffers for s in b.shape)]
    for value in walk_values(roots):
        if value.kind == "size":
            sizes.append(value.payload)
        elif value.kind == "index":
            sizes += [value.payload.offset, *(c for _, c in value.payload.terms)]
    for size in sizes:
        found.update(dict.fromkeys(symbols(size)))
    return list(found)


def mentioned(dims: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Return the dims that a text uses: an unused argument would be a warning."""
    text = "\n".join(lines)
    return [d for d in dims if re.search(rf"\b{dim_name(d)}\b", text)]
