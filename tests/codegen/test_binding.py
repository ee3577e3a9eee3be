"""Both bindings do the same: what a call accepts, what it refuses and how, threads and memory."""

import ctypes
import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from graphdl.codegen.toolchain.arguments import bind_dims, check_specs, prepare
from graphdl.codegen.toolchain.binding import Library
from graphdl.codegen.toolchain.cache import load
from graphdl.codegen.toolchain.compiler import Compiler
from graphdl.codegen.toolchain.errors import CallError, LibraryError
from graphdl.codegen.toolchain.extension import extension
from graphdl.codegen.toolchain.spec import ArraySpec
from graphdl.ir.errors import (
    ArgumentError,
    DimensionError,
    DTypeError,
    GraphdlError,
    ShapeError,
)

SOURCE = r"""
#include <stddef.h>
#include <stdint.h>

/* scale: y = s x, t = sum of all y, n = calls so far */
int toy_call_scale(void *context, const int64_t *dims, void *const *arrays)
{
    const float *x = arrays[0];
    const double *s = arrays[1];
    const int32_t *labels = arrays[2];
    float *y = arrays[3], *total = arrays[4];
    int64_t *calls = arrays[5], *state = context;
    *total = 0;
    for (int64_t i = 0; i < dims[0]; i++)
        if (labels[i] < 0)
            return 7;
    for (int64_t i = 0; i < dims[0] * 3; i++)
        *total += y[i] = (float)(x[i] * *s);
    *calls = ++state[0];
    return 0;
}

/* count: a read, a wait and a write, which show calls that overlap */
int toy_call_count(void *context, const int64_t *dims, void *const *arrays)
{
    volatile int64_t *state = context;
    int64_t seen = state[0];
    (void)dims;
    for (volatile int i = 0; i < 20000; i++) {
    }
    state[0] = seen + 1;
    *(int64_t *)arrays[0] = seen;
    return 0;
}

/* pack: sizes that are rules */
int toy_call_pack(void *context, const int64_t *dims, void *const *arrays)
{
    const int64_t *pairs = arrays[1];
    int64_t *out = arrays[2];
    (void)context;
    for (int64_t i = 0; i < 2 * dims[0] + 1; i++)
        out[i] = pairs[i < 2 * dims[0] ? i : 0];
    return 0;
}

/* inner: two dims, bool and uint8 */
int toy_call_inner(void *context, const int64_t *dims, void *const *arrays)
{
    const uint8_t *a = arrays[0], *b = arrays[1];
    uint8_t *out = arrays[2];
    (void)context;
    for (int64_t i = 0; i < dims[1]; i++) {
        out[i] = 0;
        for (int64_t j = 0; j < dims[0]; j++)
            out[i] |= a[j] & b[j * dims[1] + i];
    }
    return 0;
}

size_t toy_context_bytes(void) { return 64; }
void *toy_init(void *memory, size_t bytes)
{
    return bytes < 64 || (uintptr_t)memory % 64 ? NULL : memory;
}
const char *toy_error(int code) { return code == 7 ? "a label is negative" : NULL; }
"""

F32, F64, I32, I64 = (np.dtype(name) for name in ("float32", "float64", "int32", "int64"))
SCALE = (
    [ArraySpec("x", F32, ("N", 3)), ArraySpec("s", F64, ()), ArraySpec("labels", I32, ("N",))],
    [ArraySpec("y", F32, ("N", 3)), ArraySpec("total", F32, ()), ArraySpec("calls", I64, ())],
    [("N", 8)],
)


@pytest.fixture(scope="module")
def path(needs_cc: Compiler) -> Path:
    return load(SOURCE, cpu="portable")


@pytest.fixture(params=["extension", "ctypes"])
def toy(request: pytest.FixtureRequest, path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.delenv("GRAPHDL_BINDING", raising=False)
    if request.param == "extension" and extension()[0] is None:
        pytest.skip(extension()[1])
    monkeypatch.setenv("GRAPHDL_BINDING", request.param)
    library = Library(path, "toy")
    assert library.binding == request.param
    return library


@pytest.fixture
def scale(toy: Library):
    return toy.entry("scale", toy.init(toy.allocate()), *SCALE)


def batch(n: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.arange(3 * n, dtype=F32).reshape(n, 3)
    return x, np.array(2.0), np.zeros(n, I32)


class Old(np.ndarray):
    """A subclass of ndarray, as users may have."""


class HasArray:
    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


def unaligned(x):
    block = np.zeros(x.nbytes + 1, np.uint8)
    view = block[1:].view(x.dtype).reshape(x.shape)
    view[...] = x
    return view


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


# ---- what is accepted ---------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 7, 8])
def test_every_size_up_to_the_maximum(scale, n):
    x, s, labels = batch(n)
    out = scale(x, s, labels)
    assert list(out) == ["y", "total", "calls"]
    np.testing.assert_array_equal(out["y"], 2 * x)
    assert out["y"].dtype == F32
    assert out["total"].shape == ()
    assert float(out["total"]) == 2 * x.sum()
    assert f"{out['total']:.1f}" == f"{2 * x.sum():.1f}"


def test_arguments_by_position_by_name_and_mixed(scale):
    x, s, labels = batch()
    made_at_run_time = "".join(["lab", "els"])
    calls = [
        scale(x, s, labels),
        scale(x=x, s=s, labels=labels),
        scale(labels=labels, x=x, s=s),
        scale(x, labels=labels, s=s),
        scale(x, s, **{made_at_run_time: labels}),
    ]
    assert [int(out["calls"]) for out in calls] == [1, 2, 3, 4, 5]
    for out in calls:
        np.testing.assert_array_equal(out["y"], 2 * x)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda x: x.tolist(), id="list"),
        pytest.param(lambda x: tuple(map(tuple, x.astype(int).tolist())), id="tuple-of-ints"),
        pytest.param(lambda x: [row.astype(F64) for row in x], id="list-of-arrays"),
        pytest.param(np.asfortranarray, id="fortran"),
        pytest.param(lambda x: np.repeat(x, 2, axis=1)[:, ::2], id="strided"),
        pytest.param(lambda x: x[::-1].copy()[::-1], id="negative-stride"),
        pytest.param(lambda x: np.broadcast_to(x[:1], x.shape), id="broadcast"),
        pytest.param(lambda x: x.astype(">f4"), id="byte-swapped"),
        pytest.param(unaligned, id="unaligned"),
        pytest.param(read_only, id="read-only"),
        pytest.param(lambda x: x.view(Old), id="subclass"),
        pytest.param(lambda x: np.ma.masked_array(x, mask=False), id="nothing-masked"),
        pytest.param(memoryview, id="memoryview"),
        pytest.param(HasArray, id="__array__"),
    ],
)
def test_unusual_memory_gives_the_same_answer(scale, change):
    x, s, labels = batch()
    given = change(x)
    expected = 2 * np.asarray(given, F32)
    np.testing.assert_array_equal(scale(given, s, labels)["y"], expected)


@pytest.mark.parametrize("s", [3, 3.0, True + 2, np.float32(3), np.int8(3), np.float64(3)])
def test_numbers_are_taken_for_arrays_without_axes(scale, s):
    x, _, labels = batch()
    np.testing.assert_array_equal(scale(x, s, labels)["y"], 3 * x)


def test_an_equal_dtype_under_another_type_number(toy):
    entry = toy.entry(
        "pack",
        toy.init(toy.allocate()),
        [ArraySpec("a", I64, ("N",)), ArraySpec("b", I64, (lambda d: 2 * d[0],))],
        [ArraySpec("out", I64, (lambda d: 2 * d[0] + 1,))],
        [("N", None)],
    )
    a, b = np.zeros(2, np.longlong), np.arange(4, dtype=np.longlong)
    assert entry(a, b)["out"].tolist() == [0, 1, 2, 3, 0]
    assert entry([0, 0], [0, 1, 2, 3])["out"].tolist() == [0, 1, 2, 3, 0]
    with pytest.raises(ShapeError, match="size 4 in axis 0"):
        entry(a, np.zeros(5, I64))


def test_two_dims_of_small_dtypes(toy):
    entry = toy.entry(
        "inner",
        toy.init(toy.allocate()),
        [ArraySpec("a", np.dtype(bool), ("N",)), ArraySpec("b", np.dtype("uint8"), ("N", "M"))],
        [ArraySpec("out", np.dtype("uint8"), ("M",))],
        [("N", 4), ("M", 5)],
    )
    b = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert entry([False, True], b)["out"].tolist() == [1, 0, 1]
    assert entry(np.ones(0, bool), b[:0])["out"].tolist() == [0, 0, 0]
    with pytest.raises(DimensionError, match=r"N = 2 in axis 0.*axis 0 of 'a' gave N = 3"):
        entry(np.ones(3, bool), b)
    with pytest.raises(DTypeError):
        entry([0, 1], b)


def test_outputs_are_new_each_time(scale):
    first, second = scale(*batch()), scale(*batch())
    assert not np.shares_memory(first["y"], second["y"])
    assert first["y"].flags.owndata
    assert first["y"].flags.writeable


# ---- what is refused ----------------------------------------------------------------------------

X, S, LABELS = batch()


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "words"),
    [
        ((X.astype(F64), S, LABELS), {}, DTypeError, ["'x'", "float64", "x.astype(np.float32)"]),
        ((X.astype(np.float16), S, LABELS), {}, DTypeError, ["float16"]),
        ((X.astype(int), S, LABELS), {}, DTypeError, ["int64"]),
        ((X.astype(complex), S, LABELS), {}, DTypeError, ["complex128", "float32"]),
        ((X > 0, S, LABELS), {}, DTypeError, ["bool"]),
        ((X.astype("m8[s]"), S, LABELS), {}, DTypeError, ["timedelta64"]),
        ((X.astype(object), S, LABELS), {}, DTypeError, ["object"]),
        ((X, S, LABELS.astype(np.int64)), {}, DTypeError, ["'labels'", "x.astype(np.int32)"]),
        ((X, S, LABELS.astype(np.uint32)), {}, DTypeError, ["uint32"]),
        ((X, S, [0.0, 1.0]), {}, DTypeError, ["float64 values"]),
        ((X, S, [0, 2**40]), {}, DTypeError, ["outside int32"]),
        ((X, S, [0, 2**70]), {}, DTypeError, ["'labels'"]),
        (([[1e300] * 3], S, [0]), {}, DTypeError, ["beyond the largest float32"]),
        (("text", S, LABELS), {}, DTypeError, ["'x'", "str"]),
        ((None, S, LABELS), {}, DTypeError, ["NoneType"]),
        (([[1, 2, 3], [4]], S, LABELS), {}, ArgumentError, ["rectangular"]),
        ((np.ma.masked_array(X, mask=X > 0), S, LABELS), {}, ArgumentError, ["filled"]),
        ((X[0], S, LABELS), {}, ShapeError, ["2 axes", "x: float32[N, 3]", "(3,)"]),
        ((X[None], S, LABELS), {}, ShapeError, ["(1, 2, 3)"]),
        ((X[:, :2], S, LABELS), {}, ShapeError, ["size 3 in axis 1", "(2, 2)"]),
        ((X, [2.0], LABELS), {}, ShapeError, ["'s'", "0 axes"]),
        ((X, S, LABELS[:1]), {}, DimensionError, ["N = 1", "'x' gave N = 2"]),
        (batch(9), {}, DimensionError, ["N = 9", "N <= 8", "dims={'N': 9}"]),
        ((X, S), {}, ArgumentError, ["lacks", "labels: int32[N]"]),
        ((), {}, ArgumentError, ["x: float32[N, 3], s: float64[]"]),
        ((X, S, LABELS, X), {}, ArgumentError, ["takes 3 inputs, but 4"]),
        ((X, S), {"label": LABELS}, ArgumentError, ["'label'", "did you mean 'labels'"]),
        ((X, S), {"lärm\0": LABELS}, ArgumentError, ["no input named"]),
        ((X, S), {"x": X}, ArgumentError, ["'x' twice"]),
        ((X, S, LABELS), {"x": X}, ArgumentError, ["'x' twice"]),
        ((X, S, LABELS), {"more": X}, ArgumentError, ["'more'"]),
    ],
)
def test_what_is_refused_and_how(scale, args, kwargs, error, words):
    with pytest.raises(error) as caught:
        scale(*args, **kwargs)
    message = str(caught.value)
    assert isinstance(caught.value, GraphdlError)
    assert caught.value.remedy
    for word in ["scale()", *words]:
        assert word in message
    assert int(scale(X, S, LABELS)["calls"]) == 1, "a refused call changed the state"


def test_an_object_whose_array_method_raises(scale):
    class Broken:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("on another device")

    with pytest.raises(ArgumentError, match="on another device"):
        scale(Broken(), S, LABELS)


def test_error_codes_become_errors(toy, scale):
    with pytest.raises(CallError, match="a label is negative") as caught:
        scale(X, S, -1 - LABELS)
    assert caught.value.code == 7
    assert toy.error(99) == "error code 99"

    def on_error(code, arrays):
        raise IndexError(code, arrays[2].tolist())

    entry = toy.entry("scale", toy.init(toy.allocate()), *SCALE, on_error=on_error)
    with pytest.raises(IndexError) as raised:
        entry(x=X, s=S, labels=[0, -1])
    assert raised.value.args == (7, [0, -1])


def test_callbacks_that_break_their_promise(toy):
    context = toy.init(toy.allocate())
    quiet = toy.entry("scale", context, *SCALE, on_error=lambda code, arrays: None)
    with pytest.raises(SystemError, match="on_error"):
        quiet(X, S, LABELS - 1)
    for answer in [(X,), (X, S, LABELS.astype(F64)), (X, S, LABELS[:1])]:
        lazy = toy.entry("scale", context, *SCALE, slow=lambda args, kwargs, a=answer: a)
        with pytest.raises(SystemError, match=r"slow\(\)"):
            lazy(X)
    given = []
    entry = toy.entry(
        "scale", context, *SCALE, slow=lambda args, kwargs: given.append((args, kwargs)) or batch()
    )
    assert entry(1, 2, labels="c")["y"].shape == (2, 3)
    assert given == [((1, 2), {"labels": "c"})]


@pytest.mark.parametrize("rule", [lambda d: -1, lambda d: "3", lambda d: 1 / 0])
def test_a_bad_size_rule_raises(toy, rule):
    context = toy.init(toy.allocate())
    inputs, outputs, dims = SCALE
    entry = toy.entry("scale", context, inputs, [ArraySpec("y", F32, (rule,)), *outputs[1:]], dims)
    with pytest.raises((ValueError, TypeError, ZeroDivisionError)):
        entry(X, S, LABELS)


def test_descriptions_are_checked():
    x, y = ArraySpec("x", F32, ("N",)), ArraySpec("y", F32, ("M",))
    for inputs, outputs, dims in [
        ([x], [y], [("N", 1)]),
        ([x], [], [("N", 1), ("M", 1)]),
        ([x, x], [], [("N", 1)]),
        ([ArraySpec("x", np.dtype(">f4"))], [], []),
        ([ArraySpec("x", np.dtype(object))], [], []),
    ]:
        with pytest.raises(ValueError):
            check_specs(inputs, outputs, dims)


# ---- the slow path by itself, as the NumPy target and the interpreter use it --------------------


def test_prepare_returns_what_is_ready_without_a_copy():
    inputs, _, dims = SCALE
    given = batch()
    assert all(a is b for a, b in zip(prepare("f", inputs, dims, given, {}), given, strict=True))
    named = {"s": given[1], "labels": given[2]}
    again = prepare("f", inputs, dims, given[:1], named)
    assert all(a is b for a, b in zip(again, given, strict=True))
    assert bind_dims("f", inputs, dims, given) == (2,)


def test_prepare_keeps_arrays_without_axes_so():
    spec = ArraySpec("s", F64, ())
    for value in (1, 1.5, np.array(1.5, ">f8"), np.ma.masked_array(1.5)):
        assert prepare("f", [spec], [], [value], {})[0].shape == ()


def test_an_empty_list_has_any_dtype():
    spec = ArraySpec("i", I32, ("N",))
    assert prepare("f", [spec], [("N", None)], [[]], {})[0].dtype == I32


# ---- memory, threads, processes -----------------------------------------------------------------


def test_a_context_needs_fitting_memory(toy):
    memory = toy.allocate()
    assert memory.ctypes.data % 64 == 0
    assert memory.nbytes == toy.context_bytes == 64
    for bad in (memory[:63], memory[::2], read_only(memory), np.zeros(200, np.uint8)[1:]):
        if bad.ctypes.data % 64 == 0 and bad.nbytes >= 64 and bad.flags.writeable:
            continue
        with pytest.raises(LibraryError, match="64"):
            toy.init(bad)


def test_contexts_are_separate_and_stay_alive(toy):
    entries = [toy.entry("scale", toy.init(toy.allocate()), *SCALE) for _ in range(2)]
    entries[0](X, S, LABELS)
    assert [int(entry(X, S, LABELS)["calls"]) for entry in entries] == [2, 1]
    del toy
    gc.collect()
    assert [int(entry(X, S, LABELS)["calls"]) for entry in entries] == [3, 2]


def test_missing_symbols_and_files(toy, tmp_path):
    with pytest.raises(LibraryError, match="toy_call_nothing"):
        toy.entry("nothing", 0, [], [])
    with pytest.raises(LibraryError, match="other_error"):
        Library(toy.path, "other")
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"not a library")
    with pytest.raises(LibraryError, match="cannot be opened"):
        Library(broken, "toy")


def test_nothing_leaks(scale):
    def references():
        return [sys.getrefcount(thing) for thing in (*things, None)]

    things = [*batch(), "y", F32]
    swapped = things[0].astype(">f4")
    for _ in range(3):
        before = references()
        for _ in range(50):
            scale(*things[:3])
            scale(things[0], s=things[1], labels=things[2])
            scale(swapped, 2.0, things[2])
            for bad in ((), (things[0], things[1], things[2] - 1), (1, 2, 3, 4)):
                with pytest.raises(GraphdlError):
                    scale(*bad)
        gc.collect()
        after = references()
    assert max(abs(b - a) for a, b in zip(before, after, strict=True)) < 40


@pytest.mark.parametrize("release_gil", [True, False])
def test_calls_of_eight_threads_do_not_overlap(toy, release_gil):
    context = toy.init(toy.allocate())
    entry = toy.entry("count", context, [], [ArraySpec("seen", I64, ())], release_gil=release_gil)
    seen: list[int] = []
    start = threading.Barrier(8)

    def work():
        start.wait()
        mine = [int(entry()["seen"]) for _ in range(50)]
        seen.extend(mine)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(400))


def test_the_lock_is_reentrant_and_shuts_others_out(toy):
    entry = toy.entry(
        "count", toy.init(toy.allocate()), [], [ArraySpec("seen", I64, ())], release_gil=True
    )
    other = threading.Thread(target=entry)
    with toy.lock:
        assert int(entry()["seen"]) == 0
        with toy.lock:
            other.start()
        time.sleep(0.02)
        assert int(entry()["seen"]) == 1
        assert other.is_alive()
    other.join(10)
    assert int(entry()["seen"]) == 3
    with pytest.raises(RuntimeError):
        toy.lock.__exit__(None, None, None)


@pytest.fixture
def held(toy: Library) -> Iterator[Library]:
    """A library whose lock another thread holds."""
    taken, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with toy.lock:
            taken.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(10)
    yield toy
    leave.set()
    thread.join()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_is_not_blocked_by_its_parents_threads(held):
    entry = held.entry("count", held.init(held.allocate()), [], [ArraySpec("seen", I64, ())])
    child = os.fork()
    if child == 0:
        os._exit(int(entry()["seen"]) + 42)
    for _ in range(1000):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.01)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 42


def test_many_arrays_and_axes(needs_cc):
    count = 70
    source = f"""
#include <stddef.h>
#include <stdint.h>
int wide_call_all(void *context, const int64_t *dims, void *const *arrays)
{{
    (void)context;
    for (int i = 0; i < {count}; i++)
        *(double *)arrays[{count} + i] = *(const double *)arrays[i] + (double)dims[i];
    return 0;
}}
size_t wide_context_bytes(void) {{ return 0; }}
void *wide_init(void *memory, size_t bytes) {{ (void)bytes; return memory; }}
const char *wide_error(int code) {{ (void)code; return "?"; }}
"""
    wide = Library(load(source, cpu="portable"), "wide")
    shape = (1,) * 31
    inputs = [ArraySpec(f"i{i}", F64, (f"D{i}", *shape)) for i in range(count)]
    outputs = [ArraySpec(f"o{i}", F64, (f"D{i}",)) for i in range(count)]
    dims = [(f"D{i}", 1) for i in range(count)]
    entry = wide.entry("all", wide.init(wide.allocate()), inputs, outputs, dims)
    out = entry(*[np.full((1, *shape), i, F64) for i in range(count)])
    assert [float(value[0]) for value in out.values()] == [i + 1 for i in range(count)]


def test_the_choice_of_binding(path, monkeypatch):
    monkeypatch.setenv("GRAPHDL_BINDING", "ctypes")
    assert "GRAPHDL_BINDING" in Library(path, "toy").binding_note
    monkeypatch.setenv("GRAPHDL_BINDING", "swig")
    with pytest.raises(GraphdlError, match="swig"):
        Library(path, "toy")
    assert ctypes.sizeof(ctypes.c_int64) == 8
