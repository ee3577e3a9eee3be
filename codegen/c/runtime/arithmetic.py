"""Arithmetic of vectors: extrema, roundings, integers, reductions, libm lane by lane."""

from __future__ import annotations

from graphdl.codegen.c.runtime.template import FLOATS, INTS, LANES, Function, Lane, by_isa

_UNARY, _BINARY = "$T x", "$T a, $T b"
_LIBM = (
    *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh"),
    *("log2", "log10", "exp2"),
)
_IN_DOUBLE = {"log10", "acosh"}
"""Whose float function is more than two units off in some libm."""
_LIBM2 = ("atan2", "pow", "fmod", "hypot")


def _float_extrema(name: str, compare: str, sign: str) -> Function:
    """Minimum or maximum through which NaN comes; the instruction gives b for any NaN."""
    return Function(
        f"${{T}}_{name}",
        "$T",
        _BINARY,
        f"""#  if GRAPHDL_ISA
const $T r = GRAPHDL_MM({name}_$px)(a, b);
return ${{T}}_select(${{T}}_ne(a, a), a, r);
#  else
return ${{T}}_select(${{M}}_or(${{T}}_{compare}(a, b), ${{T}}_ne(a, a)), a, b);
#  endif""",
        f"(a {sign} b || a != a) ? a : b",
    )


def _int_extrema(name: str, compare: str, sign: str) -> Function:
    """Minimum or maximum of integers."""
    return Function(
        f"${{T}}_{name}",
        "$T",
        _BINARY,
        by_isa(
            f"return ($T)_mm512_{name}_$px((__m512i)a, (__m512i)b);",
            f"return ${{T}}_select(${{T}}_{compare}(a, b), a, b);",
        ),
        f"a {sign} b ? a : b",
    )


def _rounding(name: str, mode: int, generic: str, libm: str) -> Function:
    """A rounding: one instruction, or steps on integers found by adding 2^23 (2^52)."""
    return Function(
        f"${{T}}_{name}",
        "$T",
        _UNARY,
        by_isa(
            f"return _mm512_roundscale_$px(x, {mode});",
            generic,
            f"return GRAPHDL_MM(round_$px)(x, {mode});",
        ),
        f"{libm}$f(x)",
    )


def _floats() -> list[Function]:
    """Functions of float lanes that need no approximation."""
    sign_of = "($I){0} + ($ISIGNED)((($USIGNED)1) << $top)"
    nearest = """const $T size = ${T}_abs(x), big = ${T}_set($whole);
return ${T}_select(${T}_lt(size, big), ${T}_copysign_((size + big) - big, x), x);"""
    down = """const $T r = ${T}_round(x);
return r - ${T}_select(${T}_gt(r, x), ${T}_set(1), ${T}_set(0));"""
    up = """const $T r = ${T}_round(x);
const $T more = ${T}_select(${T}_lt(r, x), ${T}_set(1), ${T}_set(0));
return ${T}_copysign_(r + more, x);"""
    root = """#  if GRAPHDL_ISA
return GRAPHDL_MM(sqrt_$px)(x);
#  else
for (int k = 0; k < $L; k++) x[k] = sqrt$f(x[k]);
return x;
#  endif"""
    clip = """/* NaN comes through. */
#  if GRAPHDL_ISA
x = GRAPHDL_MM(min_$px)(${T}_set(high), x);
return GRAPHDL_MM(max_$px)(${T}_set(low), x);
#  else
x = ${T}_select(${T}_gt(x, ${T}_set(high)), ${T}_set(high), x);
return ${T}_select(${T}_lt(x, ${T}_set(low)), ${T}_set(low), x);
#  endif"""
    scale = """/* y * 2^n, rounded once, for integral |n| < 2 * $bias. */
#  if GRAPHDL_ISA == 512
return _mm512_scalef_$px(y, n);
#  else
/* The low bits of n + $magic hold n; 2^n is made of two factors that stay normal. */
const $U sum = ($U)(n + ($S)$magic) - ($U)${T}_set(($S)$magic) + 2u * $bias;
const $U half = sum >> 1;
return y * ($T)(half << $mantissa) * ($T)((sum - half) << $mantissa);
#  endif"""
    lost = """#  if GRAPHDL_ISA == 512 || (GRAPHDL_ISA && defined(__FMA__))
return GRAPHDL_MM(fmsub_$px)(a, b, product);
#  else
/* a and b in halves, whose products are exact. */
const $T p = ($T)(($U)a & $halves), q = ($T)(($U)b & $halves);
const $T r = a - p, s = b - q;
return ((p * q - product) + (p * s + r * q)) + r * s;
#  endif"""
    infinity = "${T}_set(($S)INFINITY)"
    return [
        Function("${T}_abs", "$T", _UNARY, f"($T)(($I)x & ~({sign_of}))", "fabs$f(x)"),
        Function(
            "${T}_copysign_",
            "$T",
            "$T size, $T sign",
            f"const $I top = {sign_of};\nreturn ($T)((($I)size & ~top) | (($I)sign & top));",
            "copysign$f(size, sign)",
        ),
        Function("${T}_clip_", "$T", "$T x, $S low, $S high", clip, ""),
        Function("${T}_scale_", "$T", "$T y, $T n", scale, ""),
        Function("${T}_lost_", "$T", "$T a, $T b, $T product", lost, "fma$f(a, b, -product)"),
        Function("${T}_sqrt", "$T", _UNARY, root, "sqrt$f(x)"),
        _rounding("round", 8, nearest, "rint"),
        _rounding("floor", 9, down, "floor"),
        _rounding("ceil", 10, up, "ceil"),
        _rounding("trunc", 11, "return ${T}_copysign_(${T}_floor(${T}_abs(x)), x);", "trunc"),
        Function("${T}_isnan", "$M", _UNARY, "${T}_ne(x, x)", "x != x"),
        Function(
            "${T}_isinf",
            "$M",
            _UNARY,
            f"${{T}}_eq(${{T}}_abs(x), {infinity})",
            "fabs$f(x) == ($S)INFINITY",
        ),
        Function(
            "${T}_isfinite",
            "$M",
            _UNARY,
            f"${{T}}_lt(${{T}}_abs(x), {infinity})",
            "fabs$f(x) < ($S)INFINITY",
        ),
        Function(
            "${T}_sign",
            "$T",
            _UNARY,
            "const $T zero = ${T}_set(0);\n"
            "const $T low = ${T}_select(${T}_lt(x, zero), ${T}_set(-1), ${T}_abs(x));\n"
            "return ${T}_select(${T}_gt(x, zero), ${T}_set(1), low);",
            "x > 0 ? 1 : x < 0 ? -1 : fabs$f(x)",
        ),
        _float_extrema("min", "lt", "<"),
        _float_extrema("max", "gt", ">"),
        *_lane_by_lane("floordiv", _FLOOR_OF_FLOATS),
        *_lane_by_lane("mod", _MOD_OF_FLOATS),
    ]


def _shift(name: str, sign: str, vector: str, scalar: str, outside: str) -> Function:
    """A shift whose count may be anything; outside the width it shifts all bits out."""
    wide = f"return ($T)_mm512_{name}_$px((__m512i)a, (__m512i)b);"
    public = {"sllv": "shl", "srav": "shr", "srlv": "shru"}[name]
    inside = f"($T)(({vector})a {sign} ({vector})(b & $top))"
    return Function(
        f"${{T}}_{public}",
        "$T",
        _BINARY,
        by_isa(wide, f"return ${{T}}_select((b & ~($S)$top) == 0, {inside}, {outside});"),
        f"(b & ~($S)$top) == 0 ? ($S)(({scalar})a {sign} b) : "
        + ("0" if name != "srav" else "a < 0 ? -1 : 0"),
    )


_FLOOR_OF_INTS = """if (b == 0) return 0;
if (b == -1) return ($S)(0u - ($USIGNED)a); /* the least integer wraps */
return a / b - (a % b != 0 && (a < 0) != (b < 0));"""
_MOD_OF_INTS = """if (b == 0 || b == -1) return 0;
const $S r = a % b;
return r != 0 && (r < 0) != (b < 0) ? r + b : r;"""
_FLOOR_OF_FLOATS = """/* NumPy's: the quotient without the remainder is whole but for rounding. */
if (b == 0) return a / b;
const $S r = fmod$f(a, b), q = (a - r) / b - (r != 0 && (r < 0) != (b < 0) ? 1 : 0);
if (q == 0) return copysign$f(0, a / b);
const $S low = floor$f(q);
return q - low > ($S)0.5 ? low + 1 : low;"""
_MOD_OF_FLOATS = """const $S r = fmod$f(a, b);
if (b == 0) return r;
if (r == 0) return copysign$f(0, b);
return (r < 0) != (b < 0) ? r + b : r;"""


def _lane_by_lane(name: str, body: str) -> list[Function]:
    """A function for which there is no vector instruction, and what it does to one lane."""
    one = f"${{T}}_{name}_lane_"
    loop = f"for (int k = 0; k < $L; k++) a[k] = {one}(a[k], b[k]);\nreturn a;"
    return [
        Function(one, "$S", "$S a, $S b", body, body),
        Function(f"${{T}}_{name}", "$T", _BINARY, loop, f"{one}(a, b)"),
    ]


def _ints() -> list[Function]:
    """Functions of integer lanes; overflow wraps, so the work is done unsigned."""
    wrap = [
        Function(
            f"${{T}}_{name}",
            "$T",
            _BINARY,
            f"($T)(($U)a {sign} ($U)b)",
            f"($S)(($USIGNED)a {sign} ($USIGNED)b)",
        )
        for name, sign in (("add", "+"), ("sub", "-"), ("mul", "*"))
    ]
    bits = [
        Function(f"${{T}}_{name}", "$T", _BINARY, f"a {sign} b", f"a {sign} b")
        for name, sign in (("bitand", "&"), ("bitor", "|"), ("bitxor", "^"))
    ]
    return [
        *wrap,
        Function("${T}_neg", "$T", _UNARY, "($T)(($U){0} - ($U)x)", "($S)(0u - ($USIGNED)x)"),
        *bits,
        Function("${T}_bitnot", "$T", _UNARY, "~x", "~x"),
        *_lane_by_lane("floordiv", _FLOOR_OF_INTS),
        *_lane_by_lane("mod", _MOD_OF_INTS),
        *_lane_by_lane("fmod", "b == 0 || b == -1 ? 0 : a % b"),
        _shift("sllv", "<<", "$U", "$USIGNED", "($T){0}"),
        _shift("srav", ">>", "$I", "$ISIGNED", "a >> $top"),
        _shift("srlv", ">>", "$U", "$USIGNED", "($T){0}"),
        Function(
            "${T}_abs",
            "$T",
            _UNARY,
            "const $T low = x >> $top;\nreturn ($T)(($U)(x ^ low) - ($U)low);",
            "x < 0 ? ($S)(0u - ($USIGNED)x) : x",
        ),
        Function("${T}_sign", "$T", _UNARY, "($T)((x < 0) - (x > 0))", "(x > 0) - (x < 0)"),
        _int_extrema("min", "lt", "<"),
        _int_extrema("max", "gt", ">"),
    ]


def _horizontal(x: Lane) -> list[Function]:
    """Reductions across the lanes: halves are combined, always in the same order."""
    other = "GRAPHDL_SWAP_$W(v, HALF)"
    steps = {name: f"v = ${{T}}_{name}(v, {other});" for name in ("min", "max")}
    for name, sign, function in (("sum", "+", "add"), ("prod", "*", "mul")):
        call = f"v {sign} {other}" if x.is_float else f"${{T}}_{function}(v, {other})"
        steps[name] = f"v = {call};"
    found = []
    for name, step in steps.items():
        halves = [h for h in (8, 4, 2) if h * x.bits <= 8 * 32]
        lines = [f"#  if $L >= {2 * h}\n{step.replace('HALF', str(h))}\n#  endif" for h in halves]
        body = "\n".join((*lines, step.replace("HALF", "1"), "return v[0];"))
        found.append(Function(f"${{T}}_h{name}", "$S", "$T v", body, "v"))
    return found


def _libm() -> list[Function]:
    """Functions of libm, lane by lane."""
    one = [
        Function(
            f"${{T}}_{name}",
            "$T",
            _UNARY,
            "$S t[$L];\n*(${T}_mem *)t = x;\n"
            f"for (int k = 0; k < $L; k++) t[k] = {called}(t[k]);\n"
            "return *(${T}_mem *)t;",
            f"{called}(x)",
        )
        for name in _LIBM
        for called in [f"($S){name}" if name in _IN_DOUBLE else f"{name}$f"]
    ]
    two = [
        Function(
            f"${{T}}_{name}",
            "$T",
            _BINARY,
            "$S t[$L], u[$L];\n*(${T}_mem *)t = a;\n*(${T}_mem *)u = b;\n"
            f"for (int k = 0; k < $L; k++) t[k] = {name}$f(t[k], u[k]);\n"
            "return *(${T}_mem *)t;",
            f"{name}$f(a, b)",
        )
        for name in _LIBM2
    ]
    return one + two


def arithmetic_functions() -> list[tuple[Function, Lane]]:
    """Templates of this module, each with its family."""
    found = [(f, x) for x in FLOATS for f in _floats()]
    found += [(f, x) for x in INTS for f in _ints()]
    found += [(f, x) for x in LANES for f in _horizontal(x)]
    return found + [(f, x) for x in FLOATS for f in _libm()]
