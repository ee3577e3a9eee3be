"""Equations of a graph, put into each other until only those are left that say something."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from graphdl.codegen.diagram import mathtext
from graphdl.codegen.diagram.display import aligned
from graphdl.codegen.diagram.mathtext import Symbol, atom
from graphdl.codegen.diagram.naming import Formula

LONGEST = 64
"""Characters of a right side up to which one equation is put into another."""
_SAME = re.compile(r"(?:stop_gradient|cast)\((.)\)")
"""What is not written: the same elements."""


@dataclass
class Equation:
    """``left = right``, or ``left += right`` for one of several contributions."""

    left: str
    sign: str
    right: str


class Equations:
    """Equations over one set of symbols: in all of them ``atom(k)`` is symbol ``k``."""

    def __init__(self, formulas: Iterable[Formula]) -> None:
        self.symbols: list[Symbol] = []
        self.lines = [self._equation(f) for f in formulas]

    def _equation(self, formula: Formula) -> Equation:
        numbers = {atom(k): atom(self.number(s)) for k, s in enumerate(formula.symbols)}
        pattern = "".join(numbers.get(c, c) for c in formula.pattern)
        left, sign, right = re.split(r" (\+?=) ", pattern, maxsplit=1)
        return Equation(left, sign, _SAME.sub(r"\1", right))

    def number(self, symbol: Symbol) -> int:
        """Return the number of a symbol."""
        if symbol not in self.symbols:
            self.symbols.append(symbol)
        return self.symbols.index(symbol)

    def put(self, kept: Collection[Symbol]) -> None:
        """Put what is read once, or is but another name, into what reads it; keep some symbols."""
        protected = {atom(self.number(s)) for s in kept}
        for line in list(self.lines):
            whole = line.sign == "=" and len(line.left) == 1 and line.left not in protected
            others = [o for o in self.lines if o is not line]
            reads = sum((o.left + o.right).count(line.left) for o in others)
            defined = any(o.left == line.left for o in others)
            longest = max(
                (len(o.right) for o in others if line.left in o.left + o.right), default=0
            )
            short = len(line.right) == 1 or (reads <= 1 and longest + len(line.right) <= LONGEST)
            if whole and short and not defined:
                self.lines.remove(line)
                for other in others:
                    other.left = _with(other.left, line.left, line.right)
                    other.right = _with(other.right, line.left, line.right)
        self.lines = [o for o in self.lines if o.left != o.right]

    def needed(self, symbols: Collection[Symbol]) -> None:
        """Drop what does not define these symbols, directly or by others."""
        wanted = {atom(self.number(s)) for s in symbols}
        for line in reversed(self.lines):
            if line.left[0] in wanted:
                wanted.update(line.right)
        self.lines = [o for o in self.lines if o.left[0] in wanted]

    @property
    def read(self) -> list[Symbol]:
        """The symbols that occur."""
        text = "".join(o.left + o.right for o in self.lines)
        return [s for k, s in enumerate(self.symbols) if atom(k) in text]

    def drop(self, symbol: Symbol) -> None:
        """Drop the lines that read a symbol or its adjoint."""
        away = {atom(self.number(s)) for s in (symbol, symbol.adjoint)}
        self.lines = [o for o in self.lines if away.isdisjoint(o.left + o.right)]

    def only_calls(self, name: str) -> bool:
        """Whether all that is said is ``y = name(...)``."""
        return len(self.lines) == 1 and self.lines[0].right.startswith(f"{name}(")

    @property
    def latex(self) -> str:
        """A display, a line an equation."""
        names = tuple(self.symbols)
        rows = []
        for line in self.lines:
            rule = any(s.bar for k, s in enumerate(names) if atom(k) in line.left)
            related = not rule and mathtext.has_operator(line.right, "=≠<>≤≥∧∨⊻")
            right = f"[{line.right}]" if related else line.right
            left, right = (Formula(text, names).latex for text in (line.left, right))
            sign = "=" if line.sign == "=" else r"\mathrel{+}="
            rows.append(f"{left} &{sign} {right}")
        return aligned(rows)


def _with(text: str, name: str, value: str) -> str:
    """Put an expression in the place of a name, in brackets where it needs them."""
    pieces = text.split(name)
    result = pieces[0]
    for piece in pieces[1:]:
        needed = mathtext.needs_brackets(result, value, piece)
        result += (f"({value})" if needed else value) + piece
    return result
