"""Families of lanes, and how one C template becomes the twins for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Template

from graphdl.codegen.c.runtime.snippet import Snippet, used_names


@dataclass(frozen=True)
class Lane:
    """A vector type and the words its C text is made of.

    Attributes
    ----------
    T, S : str
        The vector type and its scalar.
    bits : int
        Width of one element.
    M : str
        Mask type of the family.
    I, U : str
        Signed and unsigned integer vectors with as many lanes.
    px : str
        Suffix of x86 instructions on such elements.
    fp : str
        Suffix of x86 instructions on floats of this width.
    f : str
        Suffix of libm's functions (``f`` for float).
    """

    T: str
    S: str
    bits: int
    M: str
    I: str  # noqa: E741 - the letter the templates use
    U: str
    px: str
    fp: str
    f: str

    @property
    def is_float(self) -> bool:
        """Whether the elements are floats."""
        return self.T.startswith("f")

    def words(self) -> dict[str, str]:
        """The substitutions of a template."""
        wide = self.bits // 8
        return {
            "T": self.T,
            "S": self.S,
            "M": self.M,
            "I": self.I,
            "U": self.U,
            "px": self.px,
            "fp": self.fp,
            "f": self.f,
            "F": "float" if self.bits == 32 else "double",
            "L": f"F{self.bits}_LANES",
            "W": f"W{wide}",
            "USIGNED": f"uint{self.bits}_t",
            "ISIGNED": f"int{self.bits}_t",
            "top": f"{self.bits - 1}",
            "bits": f"{self.bits}",
            "bias": "127" if self.bits == 32 else "1023",
            "mantissa": "23" if self.bits == 32 else "52",
            "magic": "0x1.8p23" if self.bits == 32 else "0x1.8p52",
            "halves": "0xfffff000u" if self.bits == 32 else "0xfffffffff8000000u",
            "whole": "0x1p23f" if self.bits == 32 else "0x1p52",
            "VX": {"ps": "GRAPHDL_PS", "pd": "GRAPHDL_PD"}.get(self.px, "GRAPHDL_SI"),
            "VF": "GRAPHDL_PS" if self.fp == "ps" else "GRAPHDL_PD",
            "mm": f"__mmask{64 // wide}",
        }


F32 = Lane("f32v", "float", 32, "m32v", "i32v", "u32v", "ps", "ps", "f")
F64 = Lane("f64v", "double", 64, "m64v", "i64v", "u64v", "pd", "pd", "")
I32 = Lane("i32v", "int32_t", 32, "m32v", "i32v", "u32v", "epi32", "ps", "f")
I64 = Lane("i64v", "int64_t", 64, "m64v", "i64v", "u64v", "epi64", "pd", "")
FLOATS = (F32, F64)
INTS = (I32, I64)
LANES = (F32, F64, I32, I64)


@dataclass(frozen=True)
class Function:
    """A template of one function.

    Attributes
    ----------
    name : str
        Template of its name, such as ``$T_set`` (braces where a letter follows).
    result : str
        Template of its result type.
    params : str
        Template of its parameters.
    simd : str
        Template of the vector body: statements, or one expression that is returned.
    portable : str
        The same for plain C99; empty: there is no portable function.
    """

    name: str
    result: str
    params: str
    simd: str
    portable: str

    def snippet(self, words: Mapping[str, str], known: frozenset[str]) -> Snippet:
        """The function's text for one set of words."""
        parts = (self.name, self.result, self.params, self.simd, self.portable)
        name, result, params, simd, portable = (Template(p).substitute(words) for p in parts)
        head = f"GRAPHDL_FN {result} {name}({params})"
        texts = [f"{head} {{\n{_body(b)}}}\n" if b else "" for b in (simd, portable)]
        used = used_names(" ".join(texts), known - {name})
        return Snippet(name, ("types", *used), texts[0], texts[1])


def names_of(functions: Iterable[tuple[Function, Lane]]) -> frozenset[str]:
    """Names that a set of templates defines."""
    return frozenset(Template(f.name).substitute(lane.words()) for f, lane in functions)


def _body(text: str) -> str:
    """Statements, indented; a single expression becomes a return."""
    if ";" not in text:
        text = f"return {text};"
    lines = (line if line.startswith("#") else f"    {line}" for line in text.split("\n"))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def by_isa(wide: str, generic: str, blend: str = "") -> str:
    """A body: AVX-512, then (where given) AVX or SSE4.1, else vector extensions."""
    middle = f"#  elif GRAPHDL_BLEND\n{blend}\n" if blend else ""
    return f"#  if GRAPHDL_ISA == 512\n{wide}\n{middle}#  else\n{generic}\n#  endif"
