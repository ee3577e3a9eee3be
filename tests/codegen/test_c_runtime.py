"""The C vector runtime: its text, and every elementwise function in every mode against NumPy."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np
import pytest

from graphdl.codegen.toolchain.compiler import Compiler
from tests.codegen.c_runtime_library import (
    MODES,
    SCALARS,
    Call,
    Library,
    build_all,
)

FLOATS, INTS = ("f32v", "f64v"), ("i32v", "i64v")
Reference = Callable[..., np.ndarray]


def _shru(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    unsigned = np.dtype(f"u{a.dtype.itemsize}")
    return (a.view(unsigned) >> b.view(unsigned)).view(a.dtype)


def _cast(kind: str) -> Reference:
    return lambda a: a.astype(SCALARS[kind][1])


def _narrowed(a: np.ndarray) -> np.ndarray:
    return np.where(a == a.astype(np.int32), a, np.iinfo(np.int32).min)


LOGIC = ("and", "or", "xor")
COMPARE = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}
COMPARE |= {"eq": np.equal, "ne": np.not_equal}
ROUND = {n: getattr(np, n) for n in ("abs", "sign", "sqrt", "floor", "ceil", "trunc", "round")}
WRAP = {"add": np.add, "sub": np.subtract, "mul": np.multiply}
WRAP |= {f"bit{n}": getattr(np, f"bitwise_{n}") for n in LOGIC}
WRAP |= {"shl": np.left_shift, "shr": np.right_shift, "shru": _shru}
EXTREMA = {"min": np.minimum, "max": np.maximum}
DIVISION = {"floordiv": np.floor_divide, "mod": np.remainder, "fmod": np.fmod}


def _float_calls(t: str) -> dict[Call, Reference]:
    m, i, bits = f"m{t[1:]}", f"i{t[1:]}", t[1:3]
    found: dict[Call, Reference] = {Call(f"{t}_{n}", (t,), t): f for n, f in ROUND.items()}
    for name in ("isnan", "isinf", "isfinite"):
        found[Call(f"{t}_{name}", (t,), m)] = getattr(np, name)
    for to, source in ((t, i), (i, t), (t, m), (i, m), (m, t), (m, i)):
        found[Call(f"{to}_from_{source[0]}{bits}", (source,), to)] = _cast(to)
    found[Call(f"{m}_select", (m, m, m), m)] = np.where
    found[Call(f"{m}_not", (m,), m)] = np.logical_not
    for name in LOGIC:
        found[Call(f"{m}_{name}", (m, m), m)] = getattr(np, f"logical_{name}")
    return found


def _exact_calls() -> dict[Call, Reference]:
    """Functions whose result is exactly NumPy's."""
    found = _float_calls("f32v") | _float_calls("f64v")
    found[Call("i64v_narrow_i32", ("i64v",), "i64v")] = _narrowed
    for t in (*FLOATS, *INTS):
        m = f"m{t[1:]}"
        found |= {Call(f"{t}_{n}", (t, t), m): f for n, f in COMPARE.items()}
        found |= {Call(f"{t}_{n}", (t, t), t): f for n, f in (EXTREMA | DIVISION).items()}
        found[Call(f"{t}_select", (m, t, t), t)] = np.where
    for t in INTS:
        found |= {Call(f"{t}_{n}", (t, t), t): f for n, f in WRAP.items()}
        for name in ("negative", "invert", "abs", "sign"):
            short = {"negative": "neg", "invert": "bitnot"}.get(name, name)
            found[Call(f"{t}_{short}", (t,), t)] = getattr(np, name)
    return found


def _each(function: Callable[[float], float]) -> Reference:
    return lambda x: np.array([function(v) for v in x.tolist()])


LIBM: dict[str, Reference] = {
    n: getattr(np, n)
    for n in ("sin", "cos", "tan", "sinh", "cosh", "log2", "log10", "exp2", "cbrt")
}
LIBM |= {f"a{n}": getattr(np, f"arc{n}") for n in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
LIBM |= {"erfc": _each(math.erfc), "lgamma": _each(math.lgamma)}
TWO = {"atan2": np.arctan2, "pow": np.power, "hypot": np.hypot}
EXACT = _exact_calls()
NEAR = {Call(f"{t}_{n}", (t,), t): f for t in FLOATS for n, f in LIBM.items()}
NEAR |= {Call(f"{t}_{n}", (t, t), t): f for t in FLOATS for n, f in TWO.items()}


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, needs_cc: Compiler) -> dict[str, Library]:
    """The functions of this file compiled in every mode."""
    folder = tmp_path_factory.mktemp("runtime")
    return build_all(needs_cc.command, needs_cc.native_flag, folder, [*EXACT, *NEAR])


def _values(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Random and awkward values of a kind, many of them equal."""
    dtype = np.dtype(SCALARS[kind][1])
    if kind.startswith("m"):
        return rng.integers(0, 2, 4096).astype(bool)
    if kind.startswith("i"):
        limits = np.iinfo(dtype)
        edges = np.array([0, 1, -1, limits.min, limits.max, 31, 32, 63, 64], dtype)
        wide = rng.integers(limits.min, limits.max, 2048, dtype, endpoint=True)
        some = np.concatenate([rng.integers(-70, 70, 2048).astype(dtype), wide])
        return np.where(rng.random(4096) < 0.2, rng.choice(edges, 4096), some)
    tiny, huge = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    edges = np.array([0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e-3, 2.0**23, 2.0**52], dtype)
    edges = np.concatenate([edges, np.array([np.nan, np.inf, -np.inf, tiny, -tiny, huge], dtype)])
    scale = np.exp2(rng.uniform(-8, 12, 4096))
    some = (rng.standard_normal(4096) * scale).astype(dtype)
    return np.where(rng.random(4096) < 0.3, rng.choice(edges, 4096), some)


@pytest.mark.parametrize("mode", MODES)
def test_exact_functions_equal_numpy(libraries: dict[str, Library], mode: str) -> None:
    rng = np.random.default_rng(1)
    for call, reference in EXACT.items():
        arrays = [_values(kind, rng) for kind in call.arguments]
        if re.fullmatch(r"i(32|64)v_from_f\d\d", call.name):
            limit = 2.0 ** (int(call.name[1:3]) - 1)
            arrays = [np.where(np.abs(arrays[0]) < limit, arrays[0], 0)]
        with np.errstate(all="ignore"):
            want = reference(*arrays)
        got = libraries[mode](call.name, *arrays)
        np.testing.assert_array_equal(got, want, err_msg=f"{call.name} ({mode})")
        if call.name.endswith(
            ("abs", "floor", "ceil", "trunc", "round", "sqrt", "floordiv", "mod")
        ):
            same = (np.signbit(got) == np.signbit(want)) | np.isnan(want)
            assert same.all(), f"{call.name} ({mode}): sign of zero"


@pytest.mark.parametrize("mode", MODES)
def test_libm_functions_are_near_numpy(libraries: dict[str, Library], mode: str) -> None:
    rng = np.random.default_rng(2)
    for call, reference in NEAR.items():
        arrays = [rng.uniform(-0.99, 0.99, 256) for _ in call.arguments]
        if "acosh" in call.name:
            arrays = [a + 2.5 for a in arrays]
        elif "log" in call.name or "pow" in call.name:
            arrays = [np.abs(a) + 0.01 for a in arrays]
        arrays = [a.astype(SCALARS[call.result][1]) for a in arrays]
        want = reference(*(a.astype(np.float64) for a in arrays))
        tolerance = 2e-6 if call.result == "f32v" else 2e-14
        got = libraries[mode](call.name, *arrays)
        np.testing.assert_allclose(got, want, tolerance, tolerance / 4, err_msg=call.name)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("t", "i"), [("f32v", "i32v"), ("f64v", "i64v")])
def test_a_cast_beyond_the_integers_is_defined(
    libraries: dict[str, Library], mode: str, t: str, i: str
) -> None:
    x = np.resize(np.array([np.nan, np.inf, -np.inf, 1e30, -1e30]), 16)
    got = libraries[mode](f"{i}_from_{t[:3]}", x)
    assert (got == np.iinfo(got.dtype).min).all()
