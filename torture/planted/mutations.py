"""Small changes to Python code: what a slip of the hand does.

Operators are swapped, comparisons flipped, constants moved by one, a ``not`` is dropped, two
arguments change places. What only says something to a reader is left alone: messages of errors,
docstrings, annotations.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_OPERATORS = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "+"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "//"),
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change of a text.

    Attributes
    ----------
    line : int
        Where it is, 1 the first.
    start, stop : int
        Bytes that are replaced.
    new : str
        By what.
    what : str
        Said to a reader: ``+ -> -``.
    """

    line: int
    start: int
    stop: int
    new: str
    what: str

    def of(self, text: str) -> str:
        """Return a text with the change made."""
        data = text.encode()
        return (data[: self.start] + self.new.encode() + data[self.stop :]).decode()


def mutations(text: str) -> list[Mutation]:
    r"""Return all changes that can be made to a module's text, in the order of the text.

    Examples
    --------
    >>> text = "def f(x, y):\n    return g(x, 1) if not x else x < y\n"
    >>> [m.what for m in mutations(text)]
    ['x <-> 1', '1 -> 2', 'not x -> x', '< -> <=']
    """
    source = _Source(text)
    found = [m for node in _code(ast.parse(text)) for m in _of_node(node, source)]
    return sorted(set(found), key=lambda m: (m.line, m.start, m.stop, m.new))


class _Source:
    """A text's bytes, and where its lines begin."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.starts = [0]
        for line in self.data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Return the bytes of an expression."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def text(self, start: int, stop: int) -> str:
        """Return what stands between two places."""
        return self.data[start:stop].decode()


def _code(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that compute something."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, (ast.Raise, ast.Assert, ast.Import, ast.ImportFrom, ast.JoinedStr)):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            parts = value if isinstance(value, list) else [value]
            stack += [p for p in parts if isinstance(p, ast.AST)]


def _of_node(node: ast.AST, source: _Source) -> Iterator[Mutation]:
    if isinstance(node, ast.BinOp):
        if not isinstance(node.left, ast.Constant) or not isinstance(node.left.value, str):
            yield from _operator(node.op, node.left, node.right, source)
    elif isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        for place, operator in enumerate(node.ops):
            yield from _operator(operator, operands[place], operands[place + 1], source)
    elif isinstance(node, ast.BoolOp):
        yield from _operator(node.op, node.values[0], node.values[1], source)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        start, stop = source.span(node)
        inner = source.text(*source.span(node.operand))
        yield Mutation(node.lineno, start, stop, f"({inner})", f"not {inner} -> {inner}")
    elif isinstance(node, ast.Constant):
        yield from _constant(node, source)
    elif isinstance(node, ast.Call) and len(node.args) >= 2:
        yield from _arguments(node.args[0], node.args[1], source)


def _operator(
    operator: ast.AST, left: ast.expr, right: ast.expr, source: _Source
) -> Iterator[Mutation]:
    """Swap an operator; parentheses and comments may stand beside it."""
    old, new = _OPERATORS.get(type(operator), ("", ""))
    start, stop = source.span(left)[1], source.span(right)[0]
    between = source.text(start, stop)
    if old and between.count(old) == 1 and "#" not in between:
        at = start + len(between[: between.index(old)].encode())
        yield Mutation(left.end_lineno or 0, at, at + len(old), new, f"{old} -> {new}")


def _constant(node: ast.Constant, source: _Source) -> Iterator[Mutation]:
    value = node.value
    if isinstance(value, bool):
        new = str(not value)
    elif isinstance(value, int):
        new = str(value + 1)
    elif isinstance(value, float):
        new = repr(value + 1.0)
    else:
        return
    start, stop = source.span(node)
    yield Mutation(node.lineno, start, stop, new, f"{source.text(start, stop)} -> {new}")


def _arguments(first: ast.expr, second: ast.expr, source: _Source) -> Iterator[Mutation]:
    """Let two arguments change places."""
    if isinstance(first, ast.Starred) or isinstance(second, ast.Starred):
        return
    (start, end), (begin, stop) = source.span(first), source.span(second)
    a, b = source.text(start, end), source.text(begin, stop)
    if a != b and not ("'" in a + b or '"' in a + b):
        new = b + source.text(end, begin) + a
        yield Mutation(first.lineno, start, stop, new, f"{a} <-> {b}")
