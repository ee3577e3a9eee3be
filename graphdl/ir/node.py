"""Nodes: the frozen values of a graph, where they come from, and the scopes they are built in."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphdl.ir import errors
from graphdl.ir.dim_parsing import require_rank
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import ArgumentError, GraphError, ShapeError
from graphdl.ir.node_operators import NodeOperators
from graphdl.ir.node_operators import operators as operators

if TYPE_CHECKING:
    from graphdl.ir.kinds import Op


class Rule(NamedTuple):
    """The chain rule's step that made a node.

    Attributes
    ----------
    template : str
        The rule as math with ``{z}`` for the served node, ``{0}``, ``{1}`` ... for its inputs and a
        leading ``~`` for "adjoint of": ``"~{0} += ~{z}·{1}ᵀ"``.
    serves : Node
        The forward node whose adjoint this step passes on.
    operand : int
        Which input of it receives the contribution; -1 where contributions are accumulated.
    """

    template: str
    serves: Node
    operand: int


class Origin(NamedTuple):
    """Why a node exists: scope, user's source line, and the derivative rule if one made it."""

    scope: str
    file: str
    line: int
    rule: Rule | None = None

    @property
    def site(self) -> str:
        """``file:line`` as editors understand it."""
        return f"{self.file}:{self.line}"


_scope: ContextVar[str] = ContextVar("scope", default="")
_rule: ContextVar[Rule | None] = ContextVar("rule", default=None)
_site: ContextVar[tuple[str, int] | None] = ContextVar("site", default=None)


def require_text(name: str) -> None:
    """Refuse a name that no file can hold.

    Raises
    ------
    ArgumentError
        If it has halves of characters: lone surrogates.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ArgumentError(
            f"{name[:40]!a} cannot be a name: it has half of a character",
            site=site_text(),
            remedy="give whole characters, which UTF-8 can write",
        ) from None


@contextlib.contextmanager
def scope(name: str) -> Iterator[None]:
    """Group and name the nodes built inside, for reading and drawing.

    Parameters
    ----------
    name : str
        One path component; scopes nest to ``"encoder/layer1"``.

    Examples
    --------
    >>> import graphdl as gd
    >>> with gd.scope("head"):
    ...     y = gd.input("x", ("N",)) + 1.0
    >>> y.origins[0].scope
    'head'
    """
    require_text(name)
    outer = _scope.get()
    token = _scope.set(f"{outer}/{name}" if outer else name)
    try:
        yield
    finally:
        _scope.reset(token)


@contextlib.contextmanager
def origin_of(origin: Origin, rule: Rule | None = None) -> Iterator[None]:
    """Give nodes built inside the scope and source line of another node, and a rule."""
    tokens = _scope.set(origin.scope), _site.set((origin.file, origin.line)), _rule.set(rule)
    try:
        yield
    finally:
        _scope.reset(tokens[0])
        _site.reset(tokens[1])
        _rule.reset(tokens[2])


@contextlib.contextmanager
def body_scope(name: str) -> Iterator[None]:
    """Build a composite's body: its scope starts afresh at the composite's name."""
    tokens = _scope.set(name), _rule.set(None)
    try:
        yield
    finally:
        _scope.reset(tokens[0])
        _rule.reset(tokens[1])


def current_scope() -> str:
    """Return the path of scopes that are open."""
    return _scope.get()


def user_site() -> tuple[str, int]:
    """Return file and line of the nearest frame outside of graphdl (cheap: no stack is built)."""
    given = _site.get()
    if given is not None:
        return given
    frame = sys._getframe(1)
    while frame.f_back is not None:
        name = frame.f_globals.get("__name__", "")
        if not (name == "graphdl" or name.startswith("graphdl.")):
            break
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def site_text() -> str:
    """Return the user's ``file:line``, for errors."""
    file, line = user_site()
    return f"{file}:{line}"


def current_origin() -> Origin:
    """Return the origin that a node built now would have."""
    file, line = user_site()
    return Origin(_scope.get(), file, line, _rule.get())


Attrs = tuple[tuple[str, Any], ...]


class Node(NodeOperators):
    """One tensor of a graph: an op applied to inputs. Frozen; made by ops, not by hand.

    ``==`` and ``hash`` are identity (``gd.equal`` compares values), so nodes are keys of dicts.

    Attributes
    ----------
    op : Op
        What computes it.
    inputs : tuple of Node
        What it is computed from.
    attrs : tuple of (str, value)
        The op's static attributes.
    shape : tuple of int or Dim
        Sizes, symbolic ones included.
    dtype : DType
        Element type.
    origins : tuple of Origin
        Where it comes from. No part of its identity: equal structure from two places is one node
        with two origins once a Graph is made.
    """

    # `pending` is set only on nodes that a gd.update hangs on (see ir.state).
    __slots__ = ("__weakref__", "attrs", "dtype", "inputs", "op", "origins", "pending", "shape")

    op: Op
    inputs: tuple[Node, ...]
    attrs: Attrs
    shape: Shape
    dtype: DType
    origins: tuple[Origin, ...]
    pending: list[Any]

    def __init__(
        self,
        op: Op,
        inputs: tuple[Node, ...],
        attrs: Attrs,
        shape: Shape,
        dtype: DType,
        origins: tuple[Origin, ...],
    ) -> None:
        put = object.__setattr__
        put(self, "op", op)
        put(self, "inputs", inputs)
        put(self, "attrs", attrs)
        put(self, "shape", shape)
        put(self, "dtype", dtype)
        put(self, "origins", origins)

    def __setattr__(self, name: str, value: object) -> None:
        raise GraphError(f"nodes are frozen: cannot set {name!r}", remedy="build a new node")

    def __delattr__(self, name: str) -> None:
        raise GraphError(f"nodes are frozen: cannot delete {name!r}", remedy="build a new node")

    def attr(self, name: str) -> Any:
        """Return the value of an attribute."""
        for key, value in self.attrs:
            if key == name:
                return value
        raise GraphError(f"{self.op.name} has no attribute {name!r}")

    @property
    def name(self) -> str:
        """The name of an input, parameter or state; empty for everything else."""
        for key, value in self.attrs:
            if key == "name":
                return str(value)
        return ""

    @property
    def site(self) -> str:
        """The user's ``file:line``."""
        return self.origins[0].site if self.origins else ""

    def __repr__(self) -> str:
        label = f" {self.name!r}" if self.name else ""
        return f"<{self.op.name}{label} {self.dtype}{shape_text(self.shape)}>"

    def __bool__(self) -> bool:
        raise GraphError(
            f"a node has no truth value while the graph is built: {self!r}",
            site=self.site,
            remedy="use gd.where(condition, a, b) instead of if",
        )

    def __len__(self) -> int:
        if self.shape and isinstance(self.shape[0], int):
            return self.shape[0]
        raise ShapeError(f"len() of {self!r}: its first axis is not static", site=self.site)

    def __iter__(self) -> Iterator[Node]:
        return (self[i] for i in range(len(self)))


errors.default_site = site_text


def make(op: Op, inputs: Sequence[Node], **attrs: Any) -> Node:
    """Build a node: the op infers shape and dtype, and refuses what does not fit."""
    given = tuple(inputs)
    for name, value in attrs.items():
        if isinstance(value, np.integer):
            attrs[name] = int(value)
    frozen = tuple(attrs.items())
    shape, dtype = op.infer(given, attrs)
    require_rank(len(shape))
    return Node(op, given, frozen, shape, dtype, (current_origin(),))


def rebuild(node: Node, inputs: Sequence[Node]) -> Node:
    """Return the node on other inputs of the same shapes and dtypes, its origins kept."""
    if all(a is b for a, b in zip(node.inputs, inputs, strict=True)):
        return node
    return Node(node.op, tuple(inputs), node.attrs, node.shape, node.dtype, node.origins)


def instead_of(node: Node, replaced: Iterable[Node]) -> Node:
    """Return a node that does the work of others too: it carries their rules."""
    rules = (o for n in replaced for o in n.origins if o.rule is not None)
    origins = tuple(dict.fromkeys((*node.origins, *rules)))
    return Node(node.op, node.inputs, node.attrs, node.shape, node.dtype, origins)


def attr_key(value: object) -> object:
    """Return what makes an attribute's value equal to another: arrays count by their bytes."""
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, float):
        return float.hex(value)  # tells -0.0 from 0.0, and makes NaN equal to itself
    if isinstance(value, tuple):
        return tuple(attr_key(v) for v in value)
    return (type(value).__name__, value) if isinstance(value, (bool, int)) else value


def structural_key(node: Node, inputs: Iterable[object]) -> object:
    """Return the identity of a node, given the identities of its inputs."""
    attrs = tuple((k, attr_key(v)) for k, v in node.attrs)
    return (node.op, tuple(inputs), attrs, node.shape, node.dtype)


def topological(roots: Iterable[Node]) -> list[Node]:
    """Return everything below the roots, inputs before their users, in a structural order.

    Iterative, so that depth does not matter.
    """
    order: list[Node] = []
    done: set[Node] = set()
    stack = list(roots)
    stack.reverse()
    while stack:
        node = stack[-1]
        if node in done:
            stack.pop()
            continue
        waiting = [i for i in node.inputs if i not in done]
        if waiting:
            waiting.reverse()
            stack.extend(waiting)
        else:
            done.add(node)
            order.append(stack.pop())
    return order


def substitute(roots: Sequence[Node], mapping: dict[Node, Node]) -> list[Node]:
    """Return the roots with nodes replaced; the mapping grows by everything below them."""
    for node in topological(roots):
        if node not in mapping:
            mapping[node] = rebuild(node, [mapping[i] for i in node.inputs])
    return [mapping[r] for r in roots]
