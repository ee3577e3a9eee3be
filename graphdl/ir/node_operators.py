"""What nodes can be asked for as NumPy's arrays can: operators, and methods that call ops.

Each looks its op up in a table that ``graphdl.ops`` fills, so that ``ir`` imports nothing upward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from graphdl.ir.dims import Shape, Size, product

if TYPE_CHECKING:
    from graphdl.ir.node import Node

operators: dict[str, Callable[..., Node]] = {}
"""What operators and methods call, by name: every public op, and names that only ``ir`` uses."""


def _sequence(given: tuple[Any, ...]) -> Any:
    """Return what was given as ``f((2, 3))`` or as ``f(2, 3)``."""
    return given[0] if len(given) == 1 else given


class NodeOperators:
    """Operators and array methods of nodes."""

    __slots__ = ()

    # NumPy must leave `array @ node` to us.
    __array_ufunc__ = None

    if TYPE_CHECKING:
        shape: Shape

    def __add__(self, other: object) -> Node:
        return operators["add"](self, other)

    def __radd__(self, other: object) -> Node:
        return operators["add"](other, self)

    def __sub__(self, other: object) -> Node:
        return operators["sub"](self, other)

    def __rsub__(self, other: object) -> Node:
        return operators["sub"](other, self)

    def __mul__(self, other: object) -> Node:
        return operators["mul"](self, other)

    def __rmul__(self, other: object) -> Node:
        return operators["mul"](other, self)

    def __truediv__(self, other: object) -> Node:
        return operators["div"](self, other)

    def __rtruediv__(self, other: object) -> Node:
        return operators["div"](other, self)

    def __floordiv__(self, other: object) -> Node:
        return operators["floor_divide"](self, other)

    def __rfloordiv__(self, other: object) -> Node:
        return operators["floor_divide"](other, self)

    def __mod__(self, other: object) -> Node:
        return operators["mod"](self, other)

    def __rmod__(self, other: object) -> Node:
        return operators["mod"](other, self)

    def __divmod__(self, other: object) -> tuple[Node, Node]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Node, Node]:
        return other // self, other % self

    def __pow__(self, other: object) -> Node:
        return operators["pow"](self, other)

    def __rpow__(self, other: object) -> Node:
        return operators["pow"](other, self)

    def __matmul__(self, other: object) -> Node:
        return operators["matmul"](self, other)

    def __rmatmul__(self, other: object) -> Node:
        return operators["matmul"](other, self)

    def __neg__(self) -> Node:
        return operators["neg"](self)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Node:
        return operators["abs"](self)

    def __round__(self, ndigits: int | None = None) -> Node:
        return operators["round"](self, ndigits or 0)

    def __floor__(self) -> Node:
        return operators["floor"](self)

    def __ceil__(self) -> Node:
        return operators["ceil"](self)

    def __trunc__(self) -> Node:
        return operators["trunc"](self)

    def __lt__(self, other: object) -> Node:
        return operators["lt"](self, other)

    def __le__(self, other: object) -> Node:
        return operators["le"](self, other)

    def __gt__(self, other: object) -> Node:
        return operators["gt"](self, other)

    def __ge__(self, other: object) -> Node:
        return operators["ge"](self, other)

    def __invert__(self) -> Node:
        return operators["bitwise_not"](self)

    def __and__(self, other: object) -> Node:
        return operators["bitwise_and"](self, other)

    def __rand__(self, other: object) -> Node:
        return operators["bitwise_and"](other, self)

    def __or__(self, other: object) -> Node:
        return operators["bitwise_or"](self, other)

    def __ror__(self, other: object) -> Node:
        return operators["bitwise_or"](other, self)

    def __xor__(self, other: object) -> Node:
        return operators["bitwise_xor"](self, other)

    def __rxor__(self, other: object) -> Node:
        return operators["bitwise_xor"](other, self)

    def __lshift__(self, other: object) -> Node:
        return operators["left_shift"](self, other)

    def __rlshift__(self, other: object) -> Node:
        return operators["left_shift"](other, self)

    def __rshift__(self, other: object) -> Node:
        return operators["right_shift"](self, other)

    def __rrshift__(self, other: object) -> Node:
        return operators["right_shift"](other, self)

    def __getitem__(self, index: object) -> Node:
        return operators["getitem"](self, index)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> Size:
        """Number of elements: an int, or a polynomial of the symbolic dims."""
        return product(self.shape)

    @property
    def T(self) -> Node:
        """The transpose: axes in reverse order."""
        return self.transpose()

    def astype(self, dtype: object) -> Node:
        """Return ``gd.cast(self, dtype)``."""
        return operators["cast"](self, dtype=dtype)

    def reshape(self, *shape: Any) -> Node:
        """Return ``gd.reshape(self, shape)``."""
        return operators["reshape"](self, _sequence(shape))

    def flatten(self) -> Node:
        """Return all elements as a vector, row by row."""
        return operators["reshape"](self, -1)

    def ravel(self) -> Node:
        """Return all elements as a vector, row by row."""
        return operators["reshape"](self, -1)

    def squeeze(self, axis: Any = None) -> Node:
        """Return ``gd.squeeze(self, axis)``."""
        return operators["squeeze"](self, axis)

    def transpose(self, *axes: Any) -> Node:
        """Return ``gd.transpose(self, axes)``; the reverse order without axes."""
        return operators["transpose"](self, _sequence(axes) if axes else None)

    def swapaxes(self, axis1: int, axis2: int) -> Node:
        """Return ``gd.swapaxes(self, axis1, axis2)``."""
        return operators["swapaxes"](self, axis1, axis2)

    def dot(self, other: object) -> Node:
        """Return ``gd.dot(self, other)``."""
        return operators["dot"](self, other)

    def clip(self, min: object = None, max: object = None) -> Node:
        """Return ``gd.clip(self, min, max)``."""
        return operators["clip"](self, min, max)

    def round(self, decimals: int = 0) -> Node:
        """Return ``gd.round(self, decimals)``."""
        return operators["round"](self, decimals)

    def cumsum(self, axis: int | None = None) -> Node:
        """Return ``gd.cumsum(self, axis)``."""
        return operators["cumsum"](self, axis)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Return ``gd.sum(self, axis, keepdims)``."""
        return operators["sum"](self, axis, keepdims)

    def prod(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Return ``gd.prod(self, axis, keepdims)``."""
        return operators["prod"](self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Return ``gd.mean(self, axis, keepdims)``."""
        return operators["mean"](self, axis, keepdims)

    def var(self, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Node:
        """Return ``gd.var(self, axis, ddof=ddof, keepdims=keepdims)``."""
        return operators["var"](self, axis, ddof=ddof, keepdims=keepdims)

    def std(self, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Node:
        """Return ``gd.std(self, axis, ddof=ddof, keepdims=keepdims)``."""
        return operators["std"](self, axis, ddof=ddof, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Return ``gd.max(self, axis, keepdims)``."""
        return operators["max"](self, axis, keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Return ``gd.min(self, axis, keepdims)``."""
        return operators["min"](self, axis, keepdims)

    def argmax(self, axis: int | None = None, keepdims: bool = False) -> Node:
        """Return ``gd.argmax(self, axis, keepdims)``."""
        return operators["argmax"](self, axis, keepdims)

    def argmin(self, axis: int | None = None, keepdims: bool = False) -> Node:
        """Return ``gd.argmin(self, axis, keepdims)``."""
        return operators["argmin"](self, axis, keepdims)

    def any(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Return ``gd.any(self, axis, keepdims)``."""
        return operators["any"](self, axis, keepdims)

    def all(self, axis: Any = None, keepdims: bool = False) -> Node:
        """Return ``gd.all(self, axis, keepdims)``."""
        return operators["all"](self, axis, keepdims)
