"""The C vector runtime: snippets that are pasted into an emitted C file.

One text works in two modes. With GCC or Clang a value is a vector of
``GRAPHDL_VECTOR_BYTES`` bytes (64 with AVX-512, 32 with AVX, else 16); with
``-DGRAPHDL_PORTABLE``, or any other compiler, it is one C99 scalar and there is one lane.

Two families of lanes exist: *w4* (``F32_LANES`` of ``f32v``, ``i32v``, ``m32v``) and *w8*
(``F64_LANES`` of ``f64v``, ``i64v``, ``m64v``). Masks are opaque: use them through functions only.
With ``T`` one of f32v, f64v, i32v, i64v, ``S`` its scalar and ``M`` the family's mask:

=========================================  ===================================================
``T_set(S)``, ``T_iota(S start)``          broadcast; start + 0, 1, 2, …
``T_load(p)``, ``T_store(p, v)``           a whole vector, unaligned
``T_load_n(p, n)``, ``T_store_n(p, v, n)`` the first n lanes (1 ≤ n ≤ lanes), the rest 0/untouched
``T_load_s(p, stride)``                    one element each `stride` elements; also
                                           ``T_store_s(p, v, stride)``
``T_load_sn(p, stride, n)``                both; also ``T_store_sn(p, v, stride, n)``
``T_load_u8`` …                            narrower memory, same endings: i32v and i64v u8,
                                           i64v i32, f64v f32, m32v and m64v bool; so too store
``T_lt`` le gt ge eq ne                    compare, gives M
``T_select(M, a, b)``                      a where the mask is set, else b; also ``M_select``
``M_set(int)``, ``M_and`` or xor not       masks
``M_hany``, ``M_hall``                     int: any lane, all lanes
``T_min``, ``T_max``, ``T_abs``, ``T_sign``  like NumPy (NaN comes through)
``T_hsum`` hprod hmin hmax                 S: across the lanes, in a fixed tree
``T_keep_n(v, n, S neutral)``              lanes from n on replaced; also ``M_keep_n``
``f32v_from_i32`` …                        casts inside a family: i32, f32, m32; i64, f64, m64
``f32v_sqrt`` floor ceil trunc round       round is half to even
``f32v_isnan`` isinf isfinite              give M
``i32v_add`` sub mul neg                   wrap around
``i32v_bitand`` bitor bitxor bitnot        bits
``i32v_shl`` shr shru                      counts outside the width act as in NumPy
``T_floordiv`` mod fmod                    lane by lane, at all edges as in NumPy
``i64v_narrow_i32``                        what does not fit int32 becomes the least int32
=========================================  ===================================================

``f32v_exp`` exp_product expm1 log log1p tanh sigmoid silu mish gelu gelu_tanh erf erfc cbrt are
vector code of our own. ``f32v_lgamma`` digamma polygamma are our own too, lane by lane in double;
the other functions are libm's, lane by lane. Only libm's that keep no state are called: its lgamma
writes a global variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from graphdl.codegen.c.runtime.arithmetic import arithmetic_functions
from graphdl.codegen.c.runtime.lanes import lane_functions
from graphdl.codegen.c.runtime.memory import memory_functions
from graphdl.codegen.c.runtime.snippet import Snippet, parse_snippet, used_names
from graphdl.codegen.c.runtime.special import special_functions
from graphdl.codegen.c.runtime.template import names_of

_TYPES = "types"


@cache
def _registry() -> dict[str, Snippet]:
    """All snippets by name; written ones come after generated ones."""
    functions = [
        *lane_functions(),
        *memory_functions(),
        *arithmetic_functions(),
        *special_functions(),
    ]
    entries = sorted(files(__name__).iterdir(), key=lambda e: e.name)
    written = {e.name.removesuffix(".h"): e for e in entries if e.name.endswith(".h")}
    del written[_TYPES]
    known = names_of(functions) | written.keys()
    generated = (f.snippet(lane.words(), known) for f, lane in functions)
    found = {s.name: s for s in generated}
    found |= {n: parse_snippet(n, e.read_text(encoding="utf-8")) for n, e in written.items()}
    return found


@cache
def _types() -> str:
    text = (files(__name__) / f"{_TYPES}.h").read_text(encoding="utf-8")
    return text.split("\n", 1)[1]


def available() -> frozenset[str]:
    """Names that :func:`source` accepts: the functions, and ``types`` for the types alone."""
    return frozenset({_TYPES, *(n for n in _registry() if not n.endswith("_"))})


def source(names: Iterable[str]) -> str:
    """C text that defines the named functions and everything they need, each once.

    Parameters
    ----------
    names : iterable of str
        Names from :func:`available`, in any order, repeated or not.

    Returns
    -------
    str
        Includes, types and functions. The text depends on the set of names only.

    Raises
    ------
    KeyError
        If a name isn't available.

    Examples
    --------
    >>> "expf" in source(["f32v_exp"])
    True
    """
    registry = _registry()
    wanted = set(names) - {_TYPES}
    unknown = sorted(wanted - registry.keys())
    if unknown:
        raise KeyError(f"the C runtime has no function {', '.join(unknown)}")
    chosen = [registry[name] for name in _in_order(wanted, registry)]
    simd = "\n".join(s.simd for s in chosen)
    portable = "\n".join(s.portable for s in chosen if s.portable)
    if not chosen:
        return _types()
    return f"{_types()}\n#if GRAPHDL_SIMD\n{simd}\n#else\n{portable}\n#endif\n"


_TWIN = re.compile(r"\b([fim])(32|64)v(_\w+)?\b")
_SCALARS = {"f32": "float", "f64": "double", "i32": "int32_t", "i64": "int64_t"}


def _as_scalar(text: str) -> str:
    """Plain C99 text under the names of the scalar twins: ``f32v_exp`` becomes ``f32_exp``."""

    def word(match: re.Match[str]) -> str:
        letter, bits, function = match.groups()
        if function:
            return f"{letter}{bits}{function}"
        return "int" if letter == "m" else _SCALARS[letter + bits]

    return _TWIN.sub(word, text)


def scalar_names() -> frozenset[str]:
    """Names that :func:`scalar_source` accepts."""
    return frozenset(_as_scalar(n) for n, s in _registry().items() if s.portable)


def scalar_source(names: Iterable[str]) -> str:
    """C text of the scalar twins of runtime functions: one element, in either mode.

    Examples
    --------
    >>> "static inline" in scalar_source(["f32_exp"]) or "GRAPHDL_FN" in scalar_source(["f32_exp"])
    True
    """
    registry = _registry()
    by_twin = {_as_scalar(n): n for n, s in registry.items() if s.portable}
    wanted = {by_twin[n] for n in names}
    chosen = [registry[n] for n in _portable_order(wanted, registry)]
    return "\n".join(_as_scalar(s.portable) for s in chosen)


def _portable_order(wanted: set[str], registry: dict[str, Snippet]) -> list[str]:
    """Names and what their plain C99 text uses, each after what it requires."""
    known = frozenset(registry)
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in order:
            for used in used_names(registry[name].portable, known - {name}):
                visit(used)
            order[name] = None

    for name in registry:
        if name in wanted:
            visit(name)
    return list(order)


def _in_order(wanted: set[str], registry: dict[str, Snippet]) -> list[str]:
    """Names and their requirements, each after what it requires."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        if name == _TYPES or name in order:
            return
        for required in registry[name].requires:
            visit(required)
        order[name] = None

    for name in registry:
        if name in wanted:
            visit(name)
    return list(order)
