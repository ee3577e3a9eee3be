"""Identifiers: users' names made harmless, and unique where they are used."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable


class Names:
    """Hands out identifiers, each once.

    Parameters
    ----------
    taken : iterable of str
        Names that are in use already.

    Examples
    --------
    >>> names = Names(["x"])
    >>> names.new("x"), names.new("a b"), names.new("for")
    ('x_2', 'a_b', 'for_')
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken: set[str] = set(taken)
        self._next: dict[str, int] = {}

    def new(self, wish: str) -> str:
        """Return an identifier like the wish that nobody has."""
        base = name = sanitise(wish)
        while name in self.taken:
            self._next[base] = self._next.get(base, 1) + 1
            name = f"{base}_{self._next[base]}"
        self.taken.add(name)
        return name


def sanitise(wish: str) -> str:
    """Return an ASCII identifier that resembles a user's name and is no keyword of C or Python."""
    base = re.sub(r"[^0-9a-zA-Z]+", "_", wish)[:48].strip("_")
    if not base or base[0].isdigit():
        base = f"n{base}"
    if _RUNTIME.match(base):
        return f"{base}_0"
    if _OURS.match(base) or _STANDARD.fullmatch(base):
        return f"{base}_"
    return f"{base}_" if base.lower() in _RESERVED else base


def module_name(wish: str) -> str:
    """Return a name for a module: of a type in C and of a file that Python imports.

    Examples
    --------
    >>> module_name("digits"), module_name("printf"), module_name("random"), module_name("n")
    ('digits', 'printf_', 'random_', 'n_')
    """
    base = sanitise(wish)
    taken = len(base) == 1 or base in _FILE_SCOPE or base in sys.stdlib_module_names
    return f"{base}_" if taken or _LIBC.fullmatch(base) else base


# Names that emitted code uses itself: loops, values, runtime functions.
_OURS = re.compile(
    r"call_|scratch|[vxkgr]\d+(_|$)|[fimu](8|32|64)v?(_|$)|[gG]_|F(32|64)_|dim_|part|chunk|"
    r"GRAPHDL|graphdl|gemm_|GEMM_"
)
# Runtime functions, some of which end in an underscore themselves.
_RUNTIME = re.compile(r"[fimu](8|32|64)v?_\w")

# Macros, types and functions of the headers that emitted code includes, as far as it uses them.
_STANDARD = re.compile(
    r"u?int(_least|_fast)?\d+_t|u?int(ptr|max)_t|(ptrdiff|wchar|float|double|max_align)_t|"
    r"U?INT\w*_(MAX|MIN|C)|(SIZE|PTRDIFF)_MAX|NAN|INFINITY|HUGE_VAL[FL]?|EOF|FILE|BUFSIZ|"
    r"(FP|M|MATH|SEEK|FLT|DBL)_\w+|mem(set|cmp|move|chr)|is(nan|inf|finite|normal)|signbit|"
    r"(exp|expm1|log|log1p|tanh|erf|sqrt|fabs|pow|fma|fmax|fmin|rint|floor|ceil)[fl]?"
)
# What a type at file scope would meet: string.h, math.h, stdio.h ...
_LIBC = re.compile(
    r"(mem|str)[a-z]+|[a-z]?printf|[a-z]+printf|[a-z]*scanf|std(in|out|err)|f?(get|put)(c|s|char)|"
    r"f(open|close|read|write|flush|tell|seek|eof|error|getpos|setpos|reopen)|l?l?(rint|round)[fl]?|"
    r"(a?(cos|sin|tan)h?|atan2|exp2|exp10|frexp|ldexp|i?logb|log10|log2|modf|scalbl?n?|cbrt|hypot|"
    r"erfc|[lt]?gamma|trunc|round|nearbyint|fmod|remainder|remquo|drem|copysign|next(after|toward)|"
    r"fdim|j0|j1|jn|y0|y1|yn|significand|finite|sincos|pow10)[fl]?|"
    r"(re|un)?getc?|ungetc|setv?buf|rewind|remove|rename|tmp(file|nam)|perror|main|linux|unix"
)

_WORDS = """
auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void
volatile while false none true and as assert async await class def del elif except finally from
global import in is lambda nonlocal not or pass raise try with yield np self main exp log tanh sqrt
erf abs memcpy context memory scratch errno null new delete template this namespace private public
operator size_t match type linux unix
"""
_RESERVED = frozenset(_WORDS.split())
_MODULE_WORDS = """
init load save load_state save_state error hash context_bytes blob_bytes reset state
CONTEXT_BYTES BLOB_BYTES ALIGNMENT H
"""
MODULE_FUNCTIONS = frozenset(_MODULE_WORDS.split())

_FILE_WORDS = """
BAD_INDICES BLOB_BYTES CASES CONTEXT_BYTES DIMS FORM INPUT_BYTES OUTPUT_BYTES PRODUCTS SAVED_CASES
SECOND_BLOB_BYTES SECOND_CONTEXT_BYTES SECOND_FORM SECOND_STATES SECOND_STATE_BYTES STATES
STATE_BYTES after aligned args bad_index bad_indices before bits_of blob bytes cases checks code
compare count dims element entries entry_point expect_damage expect_refusal failures fill
fill_state first_outputs form golden golden_case hash inner inputs item_bytes near numpy out
outputs poison product_test products report run_case save_to saved_cases seal second
second_blob second_memory second_state state tensor test_blobs test_derivatives test_init
test_refusals
"""
# Names of the binding and of the test in C.
_FILE_SCOPE = frozenset(_FILE_WORDS.split())
