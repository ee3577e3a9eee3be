"""Arguments of public functions are checked against the annotations of their parameters.

The packages of the face wrap what they hand out, so that a string where an int belongs is one typed
error, with the user's line, for all of them. Code inside the package calls what is not wrapped.
"""

from __future__ import annotations

import contextlib
import inspect
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import wraps
from itertools import cycle
from numbers import Real
from operator import index
from reprlib import repr as short
from types import FunctionType, NoneType, SimpleNamespace, UnionType
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from graphdl.ir.dims import Dim
from graphdl.ir.errors import ArgumentError
from graphdl.ir.node import Node, site_text

F = TypeVar("F")
Test = Callable[[Any], bool]


def check_public(namespace: dict[str, Any]) -> None:
    """Let all that a module's ``__all__`` names check its arguments; for the module's end."""
    for name in namespace["__all__"]:
        namespace[name] = checked(namespace[name])


def checked(function: F) -> F:
    """Return a function that refuses arguments that its annotations do not allow.

    Of a class it is ``__init__`` that does so. Whatever else is returned as it is.

    Examples
    --------
    >>> def twice(count: int = 1) -> int:
    ...     return 2 * count
    >>> checked(twice)(3)
    6
    >>> try:
    ...     checked(twice)("three")
    ... except ArgumentError as error:
    ...     print(str(error).splitlines()[0])
    twice: count='three' is no int
    """
    own = vars(function).get("__init__") if isinstance(function, type) else function
    if not isinstance(own, FunctionType) or hasattr(own, "__wrapped__"):
        return function
    if isinstance(function, type):
        function.__init__ = _wrapped(own, function.__name__)  # type: ignore[misc]
        return function
    return typing.cast(F, _wrapped(own, own.__name__))


class Parameter(NamedTuple):
    """A parameter's name, what it allows, and its annotation as it was written."""

    name: str
    allows: Test
    text: str

    def check(self, function: str, value: Any) -> None:
        """Raise an ArgumentError unless the value is allowed."""
        if not self.allows(value):
            static = "must be known while the graph is built: pass a value, no node"
            raise ArgumentError(
                f"{function}: {self.name}={short(value)} is no {self.text}",
                site=site_text(),
                remedy=static if isinstance(value, Node) else f"pass {self.text}",
            )


def parameters_of(function: Callable[..., Any]) -> list[tuple[inspect.Parameter, Parameter]]:
    """Return a function's parameters with what their annotations allow.

    Names in annotations that mean nothing at run time allow everything.
    """
    hints = _hints(function)
    return [
        (p, Parameter(p.name, allowed_by(hints.get(p.name, Any)), _text(p.annotation)))
        for p in inspect.signature(function).parameters.values()
    ]


def _text(hint: Any) -> str:
    return hint if isinstance(hint, str) else inspect.formatannotation(hint)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations that can be read one by one, as types."""
    found: dict[str, Any] = {}
    for name, hint in getattr(function, "__annotations__", {}).items():
        alone = SimpleNamespace(__annotations__={name: hint})
        with contextlib.suppress(NameError):
            found |= typing.get_type_hints(alone, getattr(function, "__globals__", {}))
    return found


class _Contract:
    """What a function's annotations say; they are read when it is first called."""

    def __init__(self, function: FunctionType) -> None:
        self.positional: list[Parameter] = []
        self.rest: Parameter | None = None
        self.named: dict[str, Parameter] = {}
        for p, found in parameters_of(function):
            if p.kind is p.VAR_POSITIONAL:
                self.rest = found
            elif p.kind is p.VAR_KEYWORD:
                self._take_options(_hints(function).get(p.name))
            else:
                self.named[p.name] = found
                if p.kind is not p.KEYWORD_ONLY:
                    self.positional.append(found)

    def _take_options(self, hint: Any) -> None:
        """Take in the names of a TypedDict that is unpacked."""
        for options in typing.get_args(hint):
            for name, inner in typing.get_type_hints(options).items():
                text = getattr(options.__annotations__[name], "__forward_arg__", "value")
                self.named[name] = Parameter(name, allowed_by(inner), text)

    def check(self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        """Check each argument; what has no parameter is for Python to refuse."""
        for parameter, value in zip(self.positional, args, strict=False):
            parameter.check(function, value)
        if self.rest is not None:
            for value in args[len(self.positional) :]:
                self.rest.check(function, value)
        for name, value in kwargs.items():
            if name in self.named:
                self.named[name].check(function, value)


def _wrapped(function: FunctionType, name: str) -> Callable[..., Any]:
    contract: _Contract | None = None

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal contract
        if contract is None:
            contract = _Contract(function)
        contract.check(name, args, kwargs)
        return function(*args, **kwargs)

    return call


def allowed_by(hint: Any) -> Test:
    """Return what tells whether a value is of an annotation's kind.

    NumPy's numbers are as good as Python's, a list is as good as a tuple, and 0 and 1 are bools.
    What an annotation does not say in terms of values (``Any``, type variables) allows everything.
    """
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, UnionType):
        tests = [allowed_by(h) for h in inner]
        return lambda value: any(test(value) for test in tests)
    if origin is Literal:
        return lambda value: isinstance(value, str) and value in inner
    if hint in _TESTS:
        return _TESTS[hint]
    kind = origin or hint
    if kind in (tuple, list, Sequence, Iterable):
        return _listing(inner)
    if kind is Callable:
        return callable
    if kind is Mapping:
        key, item = map(allowed_by, inner or (Any, Any))
        return lambda value: (
            isinstance(value, Mapping) and all(key(k) and item(v) for k, v in value.items())
        )
    return (lambda value: isinstance(value, kind)) if isinstance(kind, type) else _anything


def _listing(inner: tuple[Any, ...]) -> Test:
    """Return the test of what has elements in an order, and can be read more than once."""
    tests = [allowed_by(h) for h in inner if h is not Ellipsis]
    count = len(tests) if len(tests) > 1 else None

    def allows(value: Any) -> bool:
        if isinstance(value, Node):
            return tests == [_anything]  # its rows are nodes
        if not isinstance(value, Collection) or isinstance(value, _WITHOUT_ORDER):
            return False
        if isinstance(value, np.ndarray) and value.ndim == 0:
            return False
        return count in (None, len(value)) and all(
            test(v) for test, v in zip(cycle(tests), value, strict=False)
        )

    return allows


def _anything(value: Any) -> bool:
    return True


def _is_int(value: Any) -> bool:
    try:
        index(value)
    except TypeError:
        return False
    return True


def _is_float(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 0 and value.dtype.kind in "iuf"
    return isinstance(value, Real)


def _is_bool(value: Any) -> bool:
    return isinstance(value, np.bool_) or (_is_int(value) and index(value) in (0, 1))


_WITHOUT_ORDER = (str, bytes, Mapping, set, frozenset)
_TESTS: dict[Any, Test] = {
    Any: _anything, int: _is_int, float: _is_float, bool: _is_bool, NoneType: lambda v: v is None,
    Dim: lambda v: isinstance(v, (Dim, str)),  # a dim's name stands for it
}  # fmt: skip
