"""Loads and stores: whole, partial, strided, and from narrower memory."""

from __future__ import annotations

from dataclasses import dataclass

from graphdl.codegen.c.runtime.template import F64, I32, I64, LANES, Function, Lane


@dataclass(frozen=True)
class Narrow:
    """x86 instructions between a vector and narrower elements in memory.

    Attributes
    ----------
    widen, narrow : str
        AVX-512 expressions: memory's register ``{}`` → vector; ``v`` → memory's register.
    read, write : str
        Reads the register at ``p``; writes the register ``{}`` to ``p``.
    read_n, write_n : str
        The same under the lane mask ``k``.
    avx2 : str
        AVX2 expression that reads and widens.
    low : str
        With 16 and 32 bytes: macro that picks each element's low byte; empty: the compiler's
        conversion is good.
    """

    widen: str
    narrow: str
    read: str
    write: str
    read_n: str
    write_n: str
    avx2: str
    low: str


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
    narrow : Narrow or None
        Instructions of narrower memory; None for the vector's own element.
    """

    lane: Lane
    tag: str
    P: str
    narrow: Narrow | None = None


_READ16 = "_mm_loadu_si128((const __m128i *)p)"
_READ8 = "_mm_loadl_epi64((const __m128i *)p)"
_MEMORIES = (
    *(Memory(x, "", x.S) for x in LANES),
    Memory(
        I32,
        "_u8",
        "uint8_t",
        Narrow(
            "(i32v)_mm512_cvtepu8_epi32({})",
            "_mm512_cvtepi32_epi8((__m512i)v)",
            _READ16,
            "_mm_storeu_si128((__m128i *)p, {})",
            "_mm_maskz_loadu_epi8(k, p)",
            "_mm_mask_storeu_epi8(p, k, {})",
            f"(i32v)_mm256_cvtepu8_epi32({_READ8})",
            "GRAPHDL_BYTE4",
        ),
    ),
    Memory(
        I64,
        "_u8",
        "uint8_t",
        Narrow(
            "(i64v)_mm512_cvtepu8_epi64({})",
            "_mm512_cvtepi64_epi8((__m512i)v)",
            # GCC 12 crashes where a plain load of 8 bytes, widened, meets a mask
            "_mm_maskz_loadu_epi8((__mmask16)255, p)",
            "_mm_storel_epi64((__m128i *)p, {})",
            "_mm_maskz_loadu_epi8(k, p)",
            "_mm_mask_storeu_epi8(p, k, {})",
            "(i64v)_mm256_cvtepu8_epi64(_mm_setr_epi8((char)p[0], (char)p[1], (char)p[2],\n"
            "    (char)p[3], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))",
            "GRAPHDL_BYTE8",
        ),
    ),
    Memory(
        I64,
        "_i32",
        "int32_t",
        Narrow(
            "(i64v)_mm512_cvtepi32_epi64({})",
            "_mm512_cvtepi64_epi32((__m512i)v)",
            "_mm256_loadu_si256((const __m256i *)p)",
            "_mm256_storeu_si256((__m256i *)p, {})",
            "_mm256_maskz_loadu_epi32(k, p)",
            "_mm256_mask_storeu_epi32(p, k, {})",
            f"(i64v)_mm256_cvtepi32_epi64({_READ16})",
            "",
        ),
    ),
    Memory(
        F64,
        "_f32",
        "float",
        Narrow(
            "_mm512_cvtps_pd({})",
            "_mm512_cvtpd_ps(v)",
            "_mm256_loadu_ps(p)",
            "_mm256_storeu_ps(p, {})",
            "_mm256_maskz_loadu_ps(k, p)",
            "_mm256_mask_storeu_ps(p, k, {})",
            "_mm256_cvtps_pd(_mm_loadu_ps(p))",
            "",
        ),
    ),
)

_KEEP = "const $mm k = ($mm)((1u << n) - 1u);"
_SOME = "for (int k = 0; k < $L; k++) if (k < n) "


def _load(m: Memory) -> str:
    """Body of the load of a whole vector."""
    if m.narrow is None:
        return "*(const ${T}_mem *)p"
    return f"""#  if GRAPHDL_ISA == 512
return {m.narrow.widen.format(m.narrow.read)};
#  elif GRAPHDL_ISA == 256 && defined(__AVX2__)
return {m.narrow.avx2};
#  else
return __builtin_convertvector(*(const ${{T}}_mem{m.tag} *)p, $T);
#  endif"""


def _store(m: Memory) -> str:
    """Body of the store of a whole vector."""
    if m.narrow is None:
        return "*(${T}_mem *)p = v;"
    mem = f"${{T}}_mem{m.tag}"
    pick = f"__builtin_shufflevector((u8v)v, (u8v)v, GRAPHDL_EACH_$W({m.narrow.low}))"
    middle = f"#  elif GRAPHDL_ISA && GRAPHDL_PICK\n*({mem} *)p = {pick};\n" if m.narrow.low else ""
    return f"""#  if GRAPHDL_ISA == 512
{m.narrow.write.format(m.narrow.narrow)};
{middle}#  else
*({mem} *)p = __builtin_convertvector(v, {mem});
#  endif"""


def _load_n(m: Memory) -> str:
    """Body of the load of the first n lanes."""
    masked = "return ($T)GRAPHDL_MM(maskload_$fp)((const $F *)p, (GRAPHDL_SI)${M}_first_(n));"
    middle = f"#  elif GRAPHDL_ISA == 256\n{masked}\n" if m.narrow is None else ""
    wide = (
        "($T)_mm512_maskz_loadu_$px(k, p)"
        if m.narrow is None
        else m.narrow.widen.format(m.narrow.read_n)
    )
    return f"""#  if GRAPHDL_ISA == 512
{_KEEP}
return {wide};
{middle}#  else
$S t[$L] = {{0}};
{_SOME}t[k] = ($S)p[k];
return *(const ${{T}}_mem *)t;
#  endif"""


def _store_n(m: Memory) -> str:
    """Body of the store of the first n lanes."""
    masked = "GRAPHDL_MM(maskstore_$fp)(($F *)p, (GRAPHDL_SI)${M}_first_(n), ($VF)v);"
    middle = f"#  elif GRAPHDL_ISA == 256\n{masked}\n" if m.narrow is None else ""
    wide = (
        "_mm512_mask_storeu_$px(p, k, ($VX)v)"
        if m.narrow is None
        else m.narrow.write_n.format(m.narrow.narrow)
    )
    return f"""#  if GRAPHDL_ISA == 512
{_KEEP}
{wide};
{middle}#  else
{_SOME}p[k] = ({m.P})v[k];
#  endif"""


def _loads(m: Memory) -> list[Function]:
    """The four loads of one kind of memory."""
    some = f"""$S t[$L] = {{0}};
{_SOME}t[k] = ($S)p[k * stride];
return *(const ${{T}}_mem *)t;"""
    cast = "" if m.narrow is None else "($S)"
    name, p, s, n = f"${{T}}_load{m.tag}", f"const {m.P} *p", "int64_t stride", "int64_t n"
    first, every = f"(void)n;\nreturn {cast}*p;", f"(void)stride;\nreturn {cast}*p;"
    return [
        Function(name, "$T", p, _load(m), f"{cast}*p"),
        Function(f"{name}_n", "$T", f"{p}, {n}", _load_n(m), first),
        Function(f"{name}_s", "$T", f"{p}, {s}", "($T){GRAPHDL_EACH_$W(GRAPHDL_AT)}", every),
        Function(f"{name}_sn", "$T", f"{p}, {s}, {n}", some, f"(void)n;\n{every}"),
    ]


def _stores(m: Memory) -> list[Function]:
    """The four stores of one kind of memory."""
    cast = f"({m.P})"
    name, p = f"${{T}}_store{m.tag}", f"{m.P} *p, $T v"
    s, n = "int64_t stride", "int64_t n"
    put = f"*p = {cast}v;" if m.narrow else "*p = v;"
    all_lanes = f"for (int k = 0; k < $L; k++) p[k * stride] = {cast}v[k];"
    some = f"{_SOME}p[k * stride] = {cast}v[k];"
    every = f"(void)stride;\n{put}"
    return [
        Function(name, "void", p, _store(m), put),
        Function(f"{name}_n", "void", f"{p}, {n}", _store_n(m), f"(void)n;\n{put}"),
        Function(f"{name}_s", "void", f"{p}, {s}", all_lanes, every),
        Function(f"{name}_sn", "void", f"{p}, {s}, {n}", some, f"(void)n;\n{every}"),
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
