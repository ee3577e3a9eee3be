"""Values, comparisons, selection, masks and casts of vectors, as templates."""

from __future__ import annotations

from graphdl.codegen.c.runtime.template import FLOATS, I64, LANES, Function, Lane, by_isa

_BINARY = "$T a, $T b"
_COMPARES = (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!="))
_PREDICATES = {
    "lt": ("_CMP_LT_OQ", "_MM_CMPINT_LT"),
    "le": ("_CMP_LE_OQ", "_MM_CMPINT_LE"),
    "gt": ("_CMP_GT_OQ", "_MM_CMPINT_NLE"),
    "ge": ("_CMP_GE_OQ", "_MM_CMPINT_NLT"),
    "eq": ("_CMP_EQ_OQ", "_MM_CMPINT_EQ"),
    "ne": ("_CMP_NEQ_UQ", "_MM_CMPINT_NE"),
}


def _values(x: Lane) -> list[Function]:
    """Broadcast, iota, select, keep."""
    lanes = "($T){GRAPHDL_EACH_$W(GRAPHDL_LANE)}"
    steps = f"{lanes} + start" if x.is_float else f"($T)(($U){lanes} + ($USIGNED)start)"
    return [
        Function("${T}_set", "$T", "$S x", "($T){GRAPHDL_EACH_$W(GRAPHDL_SAME)}", "x"),
        Function("${T}_iota", "$T", "$S start", steps, "start"),
        Function(
            "${T}_select",
            "$T",
            "$M m, $T a, $T b",
            by_isa(
                "return ($T)_mm512_mask_blend_$px(m, ($VX)b, ($VX)a);",
                "return ($T)((m & ($I)a) | (~m & ($I)b));",
                "return ($T)GRAPHDL_MM(blendv_$fp)(($VF)b, ($VF)a, ($VF)m);",
            ),
            "m ? a : b",
        ),
        Function(
            "${T}_keep_n",
            "$T",
            "$T v, int64_t n, $S neutral",
            "${T}_select(${M}_first_(n), v, ${T}_set(neutral))",
            "(void)n;\n(void)neutral;\nreturn v;",
        ),
    ]


def _compares(x: Lane) -> list[Function]:
    """The six comparisons of one vector type."""
    intrinsic = "_mm512_cmp_${px}_mask(($VX)a, ($VX)b, %s)"
    return [
        Function(
            f"${{T}}_{name}",
            "$M",
            _BINARY,
            by_isa(
                f"return {intrinsic % _PREDICATES[name][not x.is_float]};",
                f"return ($M)(a {sign} b);",
            ),
            f"a {sign} b",
        )
        for name, sign in _COMPARES
    ]


def _masks() -> list[Function]:
    """Logic on masks, and their horizontal forms."""
    logic = [
        Function(f"${{M}}_{name}", "$M", "$M a, $M b", f"($M)(a {sign} b)", f"a {sign} b")
        for name, sign in (("and", "&"), ("or", "|"), ("xor", "^"))
    ]
    full = "(($mm)((1u << ($L - 1)) * 2u - 1u))"
    horizontal = """#  if GRAPHDL_ISA == 512
return m %s;
#  elif GRAPHDL_ISA
return GRAPHDL_MM(movemask_$fp)(($VF)m) %s;
#  else
int found = m[0] != 0;
for (int k = 1; k < $L; k++) found %s= m[k] != 0;
return found;
#  endif"""
    return [
        *logic,
        Function("${M}_not", "$M", "$M a", "($M)~a", "!a"),
        Function(
            "${M}_set",
            "$M",
            "int b",
            by_isa(f"return b ? {full} : 0;", "return (($I){0} + ($ISIGNED)(b ? -1 : 0));"),
            "b != 0",
        ),
        Function(
            "${M}_first_",
            "$M",
            "int64_t n",
            by_isa(
                "return ($mm)((1u << n) - 1u);",
                "$ISIGNED x = ($ISIGNED)n;\n"
                "return ($M)(($I){GRAPHDL_EACH_$W(GRAPHDL_LANE)} < "
                "($I){GRAPHDL_EACH_$W(GRAPHDL_SAME)});",
            ),
            "",
        ),
        Function(
            "${M}_select",
            "$M",
            "$M m, $M a, $M b",
            "($M)((m & a) | (~m & b))",
            "m ? a : b",
        ),
        Function(
            "${M}_keep_n",
            "$M",
            "$M v, int64_t n, int neutral",
            "${M}_select(${M}_first_(n), v, ${M}_set(neutral))",
            "(void)n;\n(void)neutral;\nreturn v;",
        ),
        Function("${M}_hany", "int", "$M m", horizontal % ("!= 0", "!= 0", "|"), "m"),
        Function(
            "${M}_hall",
            "int",
            "$M m",
            horizontal % (f"== {full}", "== (1 << $L) - 1", "&"),
            "m",
        ),
    ]


def _casts() -> list[Function]:
    """Conversions inside a family; called with its float lane."""
    convert = "__builtin_convertvector(v, %s)"
    return [
        Function("${T}_from_i$bits", "$T", "$I v", convert % "$T", "($S)v"),
        Function(
            "${I}_from_f$bits",
            "$I",
            "$T v",
            f"""/* What C leaves undefined becomes the least integer, as x86 does. */
#  if GRAPHDL_ISA
return {convert % "$I"};
#  else
const $T limit = ${{T}}_set(($S)(($USIGNED)1 << $top));
const $M fits = ${{M}}_and(${{T}}_ge(v, -limit), ${{T}}_lt(v, limit));
v = ${{T}}_select(fits, v, ${{T}}_set(0));
return ${{I}}_select(fits, {convert % "$I"}, ${{I}}_set(INT${{bits}}_MIN));
#  endif""",
            "const $S limit = ($S)(($USIGNED)1 << $top);\n"
            "return v >= -limit && v < limit ? ($ISIGNED)v : INT${bits}_MIN;",
        ),
        Function(
            "${T}_from_m$bits",
            "$T",
            "$M m",
            "${T}_select(m, ${T}_set(1), ${T}_set(0))",
            "($S)m",
        ),
        Function(
            "${I}_from_m$bits",
            "$I",
            "$M m",
            by_isa("return ${I}_select(m, ${I}_set(1), ${I}_set(0));", "return m & 1;"),
            "($ISIGNED)m",
        ),
        Function("${M}_from_f$bits", "$M", "$T v", "${T}_ne(v, ${T}_set(0))", "v != 0"),
        Function("${M}_from_i$bits", "$M", "$I v", "${I}_ne(v, ${I}_set(0))", "v != 0"),
    ]


_NARROW = Function(
    "${T}_narrow_i32",
    "$T",
    "$T x",
    """const $T count = ${T}_set(32), low = ${T}_shr(${T}_shl(x, count), count);
return ${T}_select(${T}_eq(low, x), low, ${T}_set(INT32_MIN));""",
    "x == (int32_t)x ? x : INT32_MIN",
)


def lane_functions() -> list[tuple[Function, Lane]]:
    """Templates of this module, each with its family."""
    found = [(f, x) for x in LANES for f in (*_values(x), *_compares(x))]
    found += [(f, x) for x in FLOATS for f in (*_masks(), *_casts())]
    return [*found, (_NARROW, I64)]
