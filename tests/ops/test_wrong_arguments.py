"""Every public function with arguments of every wrong kind: it works, or says what is wrong.

An argument after the other of a call that is right is replaced by what does not belong there. Then
the call may still be right; else it raises one of graphdl's errors, with the line of this file.
"""

import contextlib
import inspect
import itertools
import operator
import signal
import typing

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir import arguments
from graphdl.ir.errors import ArgumentError, GraphdlError
from graphdl.ir.node_operators import NodeOperators

pytestmark = pytest.mark.filterwarnings("ignore")

LIMIT = 5.0
"""Seconds of processor time that a call may take."""

NAN, HUGE = float("nan"), 10**30
X, Y = gd.input("x", (3, 4)), gd.input("y", ("N", "M"))
K, B, S = gd.input("k", (3,), "int32"), gd.input("b", (3, 4), "bool"), gd.input("s", ())
V, Q, W = gd.input("v", (3,)), gd.input("q", (3, 3)), gd.param("w", (3, 4))
I2 = gd.input("i2", (3, 4), "int32")

WRONG = [
    None, 1.5, NAN, float("inf"), "what", "", True, -1, -7, HUGE, -HUGE, 2**62, 0, 3, X, Y, K, B, S,
    [[1, 2], [3]], ["a", "b"], [None, None], [X, K], [X, None], [], (), (1.5, 2.5), (-1, -2),
    (HUGE, 1), [[[]]], {}, {1, 2}, object(), 1j, np.zeros((2, 2)), np.array([None, X], object),
    np.array(["a"]), np.datetime64("2020-01-01"), int, len, slice(0, 2), ..., b"abc", np.True_,
    np.float32("nan"), np.array(1.0), (q for q in [1]), (0, 0), gd.Graph(X), "float128", np,
]  # fmt: skip

RIGHT = [
    X, 1, (2, 3), [X, X], K, S, Q, 0.5, "N", (0, 1), I2, B, V, 2, "ij,jk->ik", [K], W, [W],
    gd.sum(W * X), {"w": W}, gd.Graph(X), lambda *given: given[0], "sgd",
]  # fmt: skip

COUNTS = gd.metrics.binary_counts(V, K)
PLACES, CELLS = np.zeros(3, int), np.zeros((3, 4), int)
CALLS = {  # what is not found by trying
    "gd.bilinear": ([X, gd.param("three", (2, 4, 4)), X], {}),
    "gd.einsum": (["ij,jk->ik", X, gd.input("z", (4, 5))], {}),
    "gd.interpret": ([gd.Graph(gd.constant(1.0))], {}),
    "gd.put_along_axis": ([X, CELLS[:, :1], X[:, :1], 1], {}),
    "gd.train_step": ([gd.sum(W * X), gd.optim.SGD(0.1)], {}),
    "optim.Ema": ([gd.optim.SGD(0.1)], {}),
    "optim.Groups": ([[([W], gd.optim.SGD(0.1))]], {}),
    "nn.Dense": ([4, 4], {}),
    "nn.Sequential": ([gd.nn.Dense(4, 4)], {}),
    **{f"metrics.{name}": ([COUNTS], {}) for name in ("f1", "precision", "recall")},
    **{f"gd.scatter_{by}": ([X, PLACES], {"size": 5}) for by in ("add", "max", "min", "set")},
    **{
        f"gd.scatter_{by}_along_axis": ([X, CELLS], {"size": 5})
        for by in ("add", "max", "min", "set")
    },
}

NOT_SWEPT = {
    "gd.GraphdlError",  # made by whoever raises it
    "gd.define_op",  # a name is taken for ever
    "nn.Layer",  # abstract
    "gd.verify", "gd.verify_pass",  # they run graphs
}  # fmt: skip

LAYERS = [
    gd.nn.Dense(4, 4), gd.nn.Embedding(5, 3), gd.nn.Maxout(4, 3, 2), gd.nn.PReLU(),
    gd.nn.Reshape((2, 2)), gd.nn.Flatten(), gd.nn.Identity(), gd.nn.Residual(gd.nn.Dense(4, 4)),
    gd.nn.Sequential(gd.nn.Dense(4, 3), gd.nn.Flatten()),
    gd.nn.Add(gd.nn.Dense(4, 4), gd.nn.Identity()),
    gd.nn.Concat(gd.nn.Dense(4, 4), gd.nn.Flatten()),
]  # fmt: skip
OPERATORS = (
    "getitem", "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_",
    "xor", "lshift", "rshift", "lt", "ge",
)  # fmt: skip


def public():
    """Return everything that users call, by name."""
    found = {f"gd.{name}": getattr(gd, name) for name in dir(gd)}
    packages = [
        gd.losses, gd.metrics, gd.nn, gd.optim, gd.nn.init, gd.nn.constraints, gd.nn.regularizers,
        gd.optim.schedules,
    ]  # fmt: skip
    for package in packages:
        start = package.__name__.removeprefix("graphdl.")
        found |= {f"{start}.{name}": getattr(package, name) for name in package.__all__}
    found |= {f"x.{n}": getattr(X, n) for n in vars(NodeOperators) if not n.startswith("_")}
    found |= {f"layer {type(layer).__name__}": layer.__call__ for layer in LAYERS}
    for name in OPERATORS:
        for node in (X, K, B):
            found[f"{node.name} {name}"] = _applied(getattr(operator, name), node)
    return {
        name: f
        for name, f in found.items()
        if name not in NOT_SWEPT and callable(f) and _signature(f) is not None
    }


def _applied(method, node):
    return lambda given: method(node, given)


def _signature(function):
    with contextlib.suppress(ValueError, TypeError):
        return inspect.signature(function)


class TooLong(BaseException):
    """A call does not end."""


@contextlib.contextmanager
def limited():
    def stop(*_):
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def right_call(name, function, parameters):
    """Return arguments with which a function works, found by trying unless they are listed."""
    if name in CALLS:
        function(*CALLS[name][0], **CALLS[name][1])
        return CALLS[name]
    required = [p for p in parameters if p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD]
    counts = [len(required)]
    if not required and any(p.kind is p.VAR_POSITIONAL for p in parameters):
        counts = [0, 1, 2, 3]
    for count in counts:
        for given in itertools.islice(itertools.product(RIGHT, repeat=count), 8000):
            with contextlib.suppress(GraphdlError):
                function(*given)
                return list(given), {}
    return [X] * len(required), {}


def wrong_calls(args, options, parameters):
    """Yield calls with one argument of a wrong kind, and with nothing but one wrong kind."""
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    named = [p.name for p in parameters if p.kind in kinds]
    places = {p.name: k for k, p in enumerate(parameters)}
    for wrong in WRONG:
        for k in range(len(args)):
            yield [*args[:k], wrong, *args[k + 1 :]], options
        for name in named:
            if places[name] >= len(args):
                yield args, {**options, name: wrong}
        if len(args) > 1:
            yield [wrong] * len(args), options
        if any(p.kind is p.VAR_POSITIONAL for p in parameters):
            yield [*args, wrong], options


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers")
@pytest.mark.parametrize("name", sorted(public()))
def test_works_or_says_what_is_wrong(name):
    function = public()[name]
    parameters = list(_signature(function).parameters.values())
    args, options = right_call(name, function, parameters)
    sites = set()
    for given, more in wrong_calls(args, options, parameters):
        try:
            with limited():
                function(*given, **more)
        except GraphdlError as error:
            sites.add(error.site)
        except (Exception, TooLong) as error:
            pytest.fail(f"{name}(*{given!r}, **{more!r}): {type(error).__name__}: {error}")
    assert all(site and __file__ in site for site in sites), sites


def test_annotations_of_public_functions_can_be_read():
    """What cannot be read would not be checked."""
    for name, function in public().items():
        inner = function.__init__ if isinstance(function, type) else function
        inner = inspect.unwrap(inner)
        if inspect.isfunction(inner) and inner.__module__.startswith("graphdl"):
            hints = {k for k in inner.__annotations__ if k != "return"}
            assert hints <= set(arguments._hints(inner)), name


def checked_function(
    count: int, share: float = 0.5, *rest: str, flag: bool = False, **more: typing.Any
) -> None:
    """Take a few kinds."""


@pytest.mark.parametrize(
    "wrong",
    [("1",), (1.0,), (1, "x"), (1, 1j), (1, X), (1, 0.5, "a", 3), (np.zeros(2),), (NAN,), (None,)],
)
def test_checked(wrong):
    with pytest.raises(
        ArgumentError, match=r"checked_function: (count|share|rest)=.* is no"
    ) as caught:
        arguments.checked(checked_function)(*wrong)
    assert caught.value.remedy
    assert __file__ in caught.value.site


def test_checked_lets_pass_what_is_as_good():
    f = arguments.checked(checked_function)
    f(np.int64(3), np.float32(1), "a", "b", flag=np.True_, other=object())
    f(True, 1, flag=1)
    assert f.__name__ == "checked_function"
    assert arguments.checked(f) is f
    with pytest.raises(ArgumentError, match="flag='yes' is no bool"):
        f(1, flag="yes")
    with pytest.raises(TypeError, match="missing"):
        f()


@pytest.mark.parametrize(
    ("hint", "good", "bad"),
    [
        (typing.Literal["a", "b"], ["a"], ["c", 1, []]),
        (int | None, [None, 3], ["3", 3.0]),
        (typing.Sequence[int], [[1], (), np.arange(3), {1: 2}.values()], [3, "12", {1}, {1: 2}, X]),
        (tuple[int, str], [(1, "a"), [1, "a"]], [(1, 2), (1,), 1]),
        (typing.Mapping[str, int], [{"a": 1}, {}], [{"a": "b"}, [("a", 1)]]),
        (typing.Callable[[int], int], [len, gd.relu], [3, None]),
        (typing.Sequence[typing.Any], [[X, 1], X], [1]),
        (gd.ir.node.Node, [X], [1.0, [X]]),
    ],
)
def test_what_an_annotation_allows(hint, good, bad):
    allows = arguments.allowed_by(hint)
    assert all(allows(v) for v in good)
    assert not any(allows(v) for v in bad)
