"""What a compiled function takes for its arrays, and how it refuses the rest: both bindings."""

import numpy as np
import pytest

from graphdl.codegen.toolchain.arguments import bind_dims, check_specs, prepare
from graphdl.codegen.toolchain.errors import CallError
from graphdl.codegen.toolchain.spec import ArraySpec
from graphdl.ir.errors import (
    ArgumentError,
    DimensionError,
    DTypeError,
    GraphdlError,
    ShapeError,
)
from tests.codegen.binding.toy import F32, F64, I32, I64, LABELS, SCALE, S, X, batch, read_only


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
    with pytest.raises(DTypeError, match="7 holds int64"):
        entry(7, b)
    with pytest.raises(DTypeError):
        entry([0, 1], b)


def test_outputs_are_new_each_time(scale):
    first, second = scale(*batch()), scale(*batch())
    assert not np.shares_memory(first["y"], second["y"])
    assert first["y"].flags.owndata
    assert first["y"].flags.writeable


# ---- what is refused ----------------------------------------------------------------------------


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
        ((X, S, 7.5), {}, DTypeError, ["7.5 holds float64"]),
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
