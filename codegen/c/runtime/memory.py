"""Loads and stores: whole, partial, strided, and from narrower memory."""

from __future__ import annotations

from dataclasses import dataclass

from graphdl.codegen.c.runtime.snippet import Snippet
from graphdl.codegen.c.runtime.template import F32, F64, I32, I64, LANES, Function, Lane


@dataclass(frozen=True)
class Memory:
    """A kind of memory a vector is loaded from and stored to.

    Attributes
    ----------
    lane : Lane
        The vector.
    tag : str
        Ending of the function names: empty for the vector's own element.
    P : str
        C type of an element in memory.
    mem : str
        Vector type of that memory.
    load, store : str
        AVX-512 expressions for the first n lanes, of ``p``, ``v`` and the lane mask ``k``.
    """

    lane: Lane
    tag: str
    P: str
    mem: str
    load: str
    store: str


_TAILS = {
    "f32v": ("_mm512_maskz_loadu_ps(k, p)", "_mm512_mask_storeu_ps(p, k, v)"),
    "f64v": ("_mm512_maskz_loadu_pd(k, p)", "_mm512_mask_storeu_pd(p, k, v)"),
    "i32v": (
        "(i32v)_mm512_maskz_loadu_epi32(k, p)",
        "_mm512_mask_storeu_epi32(p, k, (__m512i)v)",
    ),
    "i64v": (
        "(i64v)_mm512_maskz_loadu_epi64(k, p)",
        "_mm512_mask_storeu_epi64(p, k, (__m512i)v)",
    ),
}
_MEMORIES = (
    *(Memory(x, "", x.S, f"{x.T}_mem", *_TAILS[x.T]) for x in LANES),
    Memory(
        I32,
        "_u8",
        "uint8_t",
        "i32v_mem_u8",
        "(i32v)_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(k, p))",
        "_mm512_mask_cvtepi32_storeu_epi8(p, k, (__m512i)v)",
    ),
    Memory(
        I64,
        "_u8",
        "uint8_t",
        "i64v_mem_u8",
        "(i64v)_mm512_cvtepu8_epi64(_mm_maskz_loadu_epi8(k, p))",
        "_mm512_mask_cvtepi64_storeu_epi8(p, k, (__m512i)v)",
    ),
    Memory(
        I64,
        "_i32",
        "int32_t",
        "i64v_mem_i32",
        "(i64v)_mm512_cvtepi32_epi64(_mm256_maskz_loadu_epi32(k, p))",
        "_mm512_mask_cvtepi64_storeu_epi32(p, k, (__m512i)v)",
    ),
    Memory(
        F64,
        "_f32",
        "float",
        "f64v_mem_f32",
        "_mm512_cvtps_pd(_mm256_maskz_loadu_ps(k, p))",
        "_mm256_mask_storeu_ps(p, k, _mm512_cvtpd_ps(v))",
    ),
)

_KEEP = "const $mm k = ($mm)((1u << n) - 1u);"


def _loads(m: Memory) -> list[Function]:
    """The four loads of one kind of memory."""
    own = m.tag == ""
    whole = f"*(const {m.mem} *)p" if own else f"__builtin_convertvector(*(const {m.mem} *)p, $T)"
    first = f"""#  if GRAPHDL_ISA == 512
{_KEEP}
return {m.load};
#  else
$S t[$L] = {{0}};
for (int k = 0; k < (int)n; k++) t[k] = ($S)p[k];
return *(const ${{T}}_mem *)t;
#  endif"""
    some = f"""$S t[$L] = {{0}};
for (int k = 0; k < (int)n; k++) t[k] = ($S)p[k * stride];
return *(const ${{T}}_mem *)t;"""
    cast = "" if own else "($S)"
    name, p, s, n = f"${{T}}_load{m.tag}", f"const {m.P} *p", "int64_t stride", "int64_t n"
    return [
        Function(name, "$T", p, whole, f"{cast}*p"),
        Function(f"{name}_n", "$T", f"{p}, {n}", first, f"(void)n;\nreturn {cast}*p;"),
        Function(
            f"{name}_s",
            "$T",
            f"{p}, {s}",
            "($T){GRAPHDL_EACH_$W(GRAPHDL_AT)}",
            f"(void)stride;\nreturn {cast}*p;",
        ),
        Function(
            f"{name}_sn",
            "$T",
            f"{p}, {s}, {n}",
            some,
            f"(void)stride;\n(void)n;\nreturn {cast}*p;",
        ),
    ]


def _stores(m: Memory) -> list[Function]:
    """The four stores of one kind of memory."""
    value = "v" if m.tag == "" else f"__builtin_convertvector(v, {m.mem})"
    cast = "" if m.tag == "" else f"({m.P})"
    first = f"""#  if GRAPHDL_ISA == 512
{_KEEP}
{m.store};
#  else
for (int k = 0; k < (int)n; k++) p[k] = {cast}v[k];
#  endif"""
    name, p = f"${{T}}_store{m.tag}", f"{m.P} *p, $T v"
    s, n = "int64_t stride", "int64_t n"
    return [
        Function(name, "void", p, f"*({m.mem} *)p = {value};", f"*p = {cast}v;"),
        Function(f"{name}_n", "void", f"{p}, {n}", first, f"(void)n;\n*p = {cast}v;"),
        Function(
            f"{name}_s",
            "void",
            f"{p}, {s}",
            f"for (int k = 0; k < $L; k++) p[k * stride] = {cast}v[k];",
            f"(void)stride;\n*p = {cast}v;",
        ),
        Function(
            f"{name}_sn",
            "void",
            f"{p}, {s}, {n}",
            f"for (int k = 0; k < (int)n; k++) p[k * stride] = {cast}v[k];",
            f"(void)stride;\n(void)n;\n*p = {cast}v;",
        ),
    ]


def _bools(ending: str, extra: str, arguments: str) -> list[Function]:
    """A mask's load and store with one ending, through the bytes of an integer vector."""
    unused = "".join(f"(void){a.strip()};\n" for a in arguments.split(",") if a.strip())
    return [
        Function(
            f"${{M}}_load_bool{ending}",
            "$M",
            f"const uint8_t *p{extra}",
            f"${{M}}_from_i$bits(${{I}}_load_u8{ending}(p{arguments}))",
            f"{unused}return *p != 0;",
        ),
        Function(
            f"${{M}}_store_bool{ending}",
            "void",
            f"uint8_t *p, $M v{extra}",
            f"${{I}}_store_u8{ending}(p, ${{I}}_from_m$bits(v){arguments});",
            f"{unused}*p = (uint8_t)(v != 0);",
        ),
    ]


_ENDINGS = (
    ("", "", ""),
    ("_n", ", int64_t n", ", n"),
    ("_s", ", int64_t stride", ", stride"),
    ("_sn", ", int64_t stride, int64_t n", ", stride, n"),
)


def memory_functions() -> list[tuple[Function, Lane]]:
    """Templates of all loads and stores, each with its family."""
    found = [(f, m.lane) for m in _MEMORIES for f in (*_loads(m), *_stores(m))]
    return found + [(f, x) for x in (I32, I64) for row in _ENDINGS for f in _bools(*row)]
