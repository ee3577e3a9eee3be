"""Loads, stores, broadcasts and reductions of the C vector runtime, in every mode."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from graphdl.codegen.toolchain.compiler import Compiler
from tests.codegen.c_runtime_library import MODES, SCALARS, Library, build_all

KINDS = ("f32v", "f64v", "i32v", "i64v")
MASKS = ("m32v", "m64v")
BYTE = ("uint8_t", np.uint8)
MEMORIES = {
    **{(t, ""): SCALARS[t] for t in KINDS},
    ("i32v", "_u8"): BYTE,
    ("i64v", "_u8"): BYTE,
    ("i64v", "_i32"): SCALARS["i32v"],
    ("f64v", "_f32"): SCALARS["f32v"],
    ("m32v", "_bool"): SCALARS["m32v"],
    ("m64v", "_bool"): SCALARS["m64v"],
}
REDUCTIONS = {"sum": np.add, "prod": np.multiply, "min": np.minimum, "max": np.maximum}


def _code() -> str:
    """Exported functions that move elements through a vector by each kind of load and store."""
    text = ""
    for (t, tag), (c, _) in MEMORIES.items():
        load, store = f"{t}_load{tag}", f"{t}_store{tag}"
        p, q, n = f"const {c} *p", f"{c} *q", "int64_t n"
        text += f"void whole_{t}{tag}({p}, {q}) {{ {store}(q, {load}(p)); }}\n"
        text += f"void first_{t}{tag}({p}, {q}, {n}) {{ {store}_n(q, {load}_n(p, n), n); }}\n"
        text += f"void zeros_{t}{tag}({p}, {q}, {n}) {{ {store}(q, {load}_n(p, n)); }}\n"
        text += f"void steps_{t}{tag}({p}, {q}, int64_t s) {{\n"
        text += f"    {store}_s(q, {load}_s(p, s), 2 * s);\n}}\n"
        text += f"void both_{t}{tag}({p}, {q}, int64_t s, {n}) {{\n"
        text += f"    {store}_sn(q, {load}_sn(p, s, n), 2 * s, n);\n}}\n"
    for t in KINDS:
        c = SCALARS[t][0]
        p, q, load = f"const {c} *p", f"{c} *q", f"{t}_load(p)"
        text += f"void iota_{t}({p}, {q}) {{ {t}_store(q, {t}_iota(*p)); }}\n"
        text += f"void set_{t}({p}, {q}) {{ {t}_store(q, {t}_set(*p)); }}\n"
        text += f"void keep_{t}({p}, {q}, int64_t n) {{\n"
        text += f"    {t}_store(q, {t}_keep_n({load}, n, p[0]));\n}}\n"
        for name in REDUCTIONS:
            text += f"void {name}_{t}({p}, {q}) {{ *q = {t}_h{name}({load}); }}\n"
    for t in MASKS:
        load = f"{t}_load_bool(p)"
        text += f"int any_{t}(const uint8_t *p) {{ return {t}_hany({load}); }}\n"
        text += f"int all_{t}(const uint8_t *p) {{ return {t}_hall({load}); }}\n"
        text += f"void set_{t}(const uint8_t *p, uint8_t *q) {{\n"
        text += f"    {t}_store_bool(q, {t}_set(*p));\n}}\n"
        text += f"void keep_{t}(const uint8_t *p, uint8_t *q, int64_t n) {{\n"
        text += f"    {t}_store_bool(q, {t}_keep_n({load}, n, p[0]));\n}}\n"
    return text


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory, needs_cc: Compiler) -> dict[str, Library]:
    """The functions of this file compiled in every mode."""
    folder = tmp_path_factory.mktemp("memory")
    return build_all(needs_cc.command, needs_cc.native_flag, folder, [], _code())


def _run(library: Library, name: str, p: np.ndarray, q: np.ndarray, *numbers: int) -> int:
    """Call a function; the pointers may be aligned like one element only."""
    pointers = (ctypes.c_void_p(a.ctypes.data) for a in (p, q))
    return int(getattr(library.c, name)(*pointers, *(ctypes.c_int64(n) for n in numbers)))


def _data(dtype: np.dtype, count: int, seed: int = 3) -> np.ndarray:
    """Values that every wider type holds; not zero, so that zeros are seen."""
    rng = np.random.default_rng(seed)
    if dtype == np.bool_:
        return rng.integers(0, 2, count).astype(bool)
    return rng.integers(1, 120, count).astype(dtype)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("kind", "tag"), MEMORIES)
def test_loads_and_stores(libraries: dict[str, Library], mode: str, kind: str, tag: str) -> None:
    library, dtype = libraries[mode], np.dtype(MEMORIES[kind, tag][1])
    lanes, name = library.lanes(kind), f"{kind}{tag}"
    data, size = _data(dtype, 401), 801
    p, fresh = data[1:], _data(dtype, size, 4)

    def check(function: str, want: np.ndarray, *numbers: int) -> None:
        q = fresh.copy()
        _run(library, f"{function}_{name}", p, q[1:], *numbers)
        np.testing.assert_array_equal(q, want, err_msg=f"{function}_{name} {numbers} ({mode})")

    def expect(places: np.ndarray, values: np.ndarray) -> np.ndarray:
        want = fresh.copy()
        want[1 + places] = values
        return want

    every = np.arange(lanes)
    check("whole", expect(every, p[:lanes]))
    for stride in (0, 1, 3, 25):
        if stride:
            check("steps", expect(2 * stride * every, p[stride * every]), stride)
        for n in range(1, lanes + 1):
            some = np.arange(n)
            if stride == 1:
                check("first", expect(some, p[:n]), n)
                check("zeros", expect(every, np.where(every < n, p[:lanes], 0)), n)
            if stride:
                check("both", expect(2 * stride * some, p[stride * some]), stride, n)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("kind", "tag"), MEMORIES)
def test_partial_loads_and_stores_stay_inside(
    libraries: dict[str, Library], mode: str, kind: str, tag: str
) -> None:
    """The last n elements before a page that must not be touched; a wrong step would crash."""
    library, dtype = libraries[mode], np.dtype(MEMORIES[kind, tag][1])
    page = 65536  # a multiple of every page size in use
    c = ctypes.CDLL(None)
    c.mmap.restype = ctypes.c_void_p
    start = c.mmap(None, ctypes.c_size_t(2 * page), 3, 0x22, -1, ctypes.c_long(0))
    assert start not in (None, 2**64 - 1)
    assert c.mprotect(ctypes.c_void_p(start + page), ctypes.c_size_t(page), 0) == 0
    for n in range(1, library.lanes(kind) + 1):
        end = ctypes.c_void_p(start + page - n * dtype.itemsize)
        getattr(library.c, f"first_{kind}{tag}")(end, end, ctypes.c_int64(n))
        getattr(library.c, f"both_{kind}{tag}")(end, end, ctypes.c_int64(0), ctypes.c_int64(n))
    assert c.munmap(ctypes.c_void_p(start), ctypes.c_size_t(2 * page)) == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", [*KINDS, *MASKS])
def test_broadcast_iota_and_keep(libraries: dict[str, Library], mode: str, kind: str) -> None:
    library, dtype = libraries[mode], SCALARS[kind][1]
    lanes = library.lanes(kind)
    p, q = _data(np.dtype(dtype), lanes), np.empty(lanes, dtype)
    _run(library, f"set_{kind}", p, q)
    np.testing.assert_array_equal(q, np.full(lanes, p[0]))
    if kind not in MASKS:
        _run(library, f"iota_{kind}", p, q)
        np.testing.assert_array_equal(q, p[0] + np.arange(lanes))
    for n in range(1, lanes + 1):
        _run(library, f"keep_{kind}", p, q, n)
        np.testing.assert_array_equal(q, np.where(np.arange(lanes) < n, p, p[0]))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_follow_the_tree(
    libraries: dict[str, Library], mode: str, kind: str, name: str
) -> None:
    """Bit for bit: halves are combined until one lane is left; NaN comes through."""
    library, dtype = libraries[mode], np.dtype(SCALARS[kind][1])
    lanes, rng = library.lanes(kind), np.random.default_rng(6)
    rows = _data(dtype, 64 * lanes).reshape(64, lanes)
    if kind.startswith("f"):
        rows = (rng.standard_normal((64, lanes)) * 3).astype(dtype)
        rows[1::4, rng.integers(lanes)] = np.nan
        rows[2::4, 0] = -np.inf
    else:
        rows[:8] = rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, (8, lanes), dtype)
    for row in rows:
        want, got = row, np.empty(1, dtype)
        with np.errstate(all="ignore"):
            while want.size > 1:
                half = want.size // 2
                want = REDUCTIONS[name](want[:half], want[half:])
        _run(library, f"{name}_{kind}", row, got)
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", MASKS)
def test_any_and_all(libraries: dict[str, Library], mode: str, kind: str) -> None:
    library = libraries[mode]
    lanes = library.lanes(kind)
    for bits in {0, 1, 1 << (lanes - 1), (1 << lanes) - 1, (1 << lanes) - 2, 1 << (lanes // 2)}:
        p = np.array([bits >> k & 1 for k in range(lanes)], bool)
        assert bool(_run(library, f"any_{kind}", p, p)) == p.any()
        assert bool(_run(library, f"all_{kind}", p, p)) == p.all()
