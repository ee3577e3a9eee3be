"""Vector math of C that is a little wrong."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "the C math"


def _c(name: str, old: str, new: str, function: str) -> Bug:
    file = f"codegen/c/runtime/{name}.h"
    tests = ("tests/codegen/test_c_runtime_math.py", "-k", function)
    return Bug(file, old, new, tests)


def _text(file: str, old: str, new: str, chosen: str) -> Bug:
    tests = ("tests/codegen/test_c_runtime.py", "-k", chosen)
    return Bug(f"codegen/c/runtime/{file}.py", old, new, tests)


BUGS = (
    _c("f32v_exp_sum_", "r * 0.166665167f", "r * 0.166695167f", "exp"),
    _c("f64v_exp_sum_", "0.0083333333333170338", "0.0083333333343170338", "exp"),
    _c("f32v_exp", "-104.0f", "-88.0f", "exp"),
    _c("f32v_tanh", "return f32v_copysign_(size, x);", "return size;", "tanh"),
    _c("f64v_tanh", "f64v_set(0.5625)", "f64v_set(0.75)", "tanh"),
    _c("f32v_log", "f32v_set(24.0f), f32v_set(0.0f)", "f32v_set(23.0f), f32v_set(0.0f)", "log"),
    _c(
        "f32v_log1p",
        "return f32v_select(f32v_eq(x, f32v_set(0.0f)), x, result);",
        "return result;",
        "log1p",
    ),
    _c("f32v_sigmoid", "- quotient * (e - (sum - 1.0f))", "- quotient * (e - sum)", "sigmoid"),
    _c("f32v_expm1", "-18.0f", "-8.0f", "expm1"),
    _c("f32v_erf", "0.103106298f", "0.103116298f", "erf"),
    _text(
        "arithmetic",
        "return ${{T}}_select(${{T}}_ne(a, a), a, r);",
        "return r;",
        "exact and not portable",
    ),
    _text(
        "arithmetic",
        "return r - ${T}_select(${T}_gt(r, x), ${T}_set(1), ${T}_set(0));",
        "return r;",
        "exact",
    ),
    _text("arithmetic", "- (a % b != 0 && (a < 0) != (b < 0));", ";", "exact"),
)
