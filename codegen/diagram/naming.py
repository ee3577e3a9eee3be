"""Readable names for nodes, and rules and ops as math with these names.

Inputs, parameters, state and named outputs keep the names the user gave. Everything else gets a
letter by what it is (``z`` a linear map, ``h`` an activation, ``s`` a sum, ``v`` any value), and a
number where a letter occurs more than once. Names depend on the graph's structure only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphdl.codegen.diagram import mathtext
from graphdl.codegen.diagram.expressions import (
    einsum_product,
    expression,
    instruction_of,
)
from graphdl.codegen.diagram.mathtext import LONGEST_RULE, Symbol, atom
from graphdl.codegen.diagram.opening import Opened, Use
from graphdl.ir.kinds import ContractOp, ElementwiseOp
from graphdl.ir.node import Node

_EINSUM = r"einsum\((\w*),(\w*)→(\w*); ([^,()]*), ([^,()]*)\)"


@dataclass(frozen=True)
class Formula:
    """Math with names in it, as text and as LaTeX.

    Attributes
    ----------
    pattern : str
        Plain math in which ``atom(i)`` stands for ``symbols[i]``.
    symbols : tuple of Symbol
        The names.
    """

    pattern: str
    symbols: tuple[Symbol, ...] = ()

    @property
    def text(self) -> str:
        """Plain text."""
        shown = self.pattern
        for number, symbol in enumerate(self.symbols):
            shown = shown.replace(atom(number), self._placed(number, symbol.text))
        return shown

    @property
    def latex(self) -> str:
        """LaTeX for math mode."""
        atoms = [self._placed(n, s.latex) for n, s in enumerate(self.symbols)]
        return mathtext.to_latex(self.pattern, atoms)

    def _placed(self, number: int, shown: str) -> str:
        """Put brackets round an expression that stands inside of another."""
        symbol = self.symbols[number]
        before, _, after = self.pattern.partition(atom(number))
        needed = symbol.literal and mathtext.needs_brackets(before, symbol.base, after)
        return f"({shown})" if needed else shown


class Names:
    """The names of a graph's nodes.

    Parameters
    ----------
    opened : Opened
        The graph.
    visible : iterable of Node
        The nodes to name, in the order in which numbers are given; others are named when asked for.
    adjoints : mapping of node to node
        Which forward node an adjoint value belongs to.
    """

    def __init__(self, opened: Opened, visible: Iterable[Node], adjoints: dict[Node, Node]) -> None:
        self.opened = opened
        self.adjoints = adjoints
        self._known: dict[Node, Symbol] = {}
        self._taken: set[str] = set()
        self._counts: Counter[str] = Counter()
        chosen = [n for n in visible if n not in adjoints]
        self._name_leaves([n for n in opened.order if n.name])
        self._name_outputs()
        self._number([n for n in chosen if n not in self._known and n not in opened.folded])

    def __getitem__(self, node: Node) -> Symbol:
        """Return a node's symbol."""
        found = self._known.get(node)
        if found is None:
            found = self._known[node] = self._new(node)
        return found

    def adjoint(self, node: Node) -> Symbol:
        """Return the symbol of a forward node's adjoint."""
        return self[node].adjoint

    def _new(self, node: Node) -> Symbol:
        if node in self.opened.folded:
            return Symbol(self.opened.folded[node], literal=True)
        chain = [node]
        while chain[-1] in self.adjoints and self.adjoints[chain[-1]] not in chain:
            chain.append(self.adjoints[chain[-1]])
        if len(chain) > 1:
            symbol = self[chain[-1]]
            for _ in chain[1:]:
                symbol = symbol.adjoint
            return symbol
        return self._numbered(self._letter(node))

    def _name_leaves(self, leaves: Sequence[Node]) -> None:
        """Use the last part of a path where that is unique, or number it; else the whole path."""
        last = {n: n.name.rsplit("/", 1)[-1] or n.name for n in leaves}
        counts = Counter(last.values())
        numbers: Counter[str] = Counter()
        for node in leaves:
            short = last[node]
            symbol = mathtext.symbol(short)
            if counts[short] > 1:
                numbers[short] += 1
                plain = symbol.base if not symbol.index and symbol.base.isalpha() else ""
                again = f"{plain}{numbers[short]}"
                symbol = (
                    Symbol(plain, str(numbers[short]))
                    if plain
                    else Symbol(mathtext.printable(node.name))
                )
                if again in counts:
                    symbol = Symbol(mathtext.printable(node.name))
            self._put(node, symbol)

    def _put(self, node: Node, symbol: Symbol) -> None:
        base, count = symbol, 1
        while symbol.text in self._taken:
            count += 1
            symbol = Symbol(f"{base.text}′", str(count))
        self._taken.add(symbol.text)
        self._known[node] = symbol

    def _name_outputs(self) -> None:
        for key, node in self.opened.outputs.items():
            free = node not in self._known and self.opened.side[node] == "forward"
            if free and not re.fullmatch(r"out\d*", key) and node not in self.opened.folded:
                self._put(node, mathtext.symbol(key))

    def _number(self, nodes: Sequence[Node]) -> None:
        """Give letters; a letter that occurs once carries no number."""
        letters = {n: self._letter(n) for n in nodes}
        counts = Counter(letters.values())
        for node in nodes:
            letter = letters[node]
            single = counts[letter] == 1 and letter not in self._taken
            if single and not self._counts[letter]:
                self._counts[letter] = 1
                self._put(node, Symbol(letter))
            else:
                self._known[node] = self._numbered(letter)

    def _numbered(self, letter: str) -> Symbol:
        while True:
            self._counts[letter] += 1
            symbol = Symbol(letter, str(self._counts[letter]))
            if symbol.text not in self._taken:
                self._taken.add(symbol.text)
                return symbol

    def _letter(self, node: Node) -> str:
        side = self.opened.side.get(node, "forward")
        if side in ("adjoint", "update", "after"):
            return {"adjoint": "d", "update": "q", "after": "k"}[side]
        if isinstance(node.op, ElementwiseOp):
            return self._elementwise_letter(node)
        if isinstance(node.op, ContractOp):
            users = self.opened.users.get(node, ())
            return "u" if any(instruction_of(u) == "add" for u in users) else "z"
        first = node.op.name.lstrip("_")[:1].lower()
        return "r" if node.op.kind == "view" or not first.isalpha() else first

    def _elementwise_letter(self, node: Node) -> str:
        if node.dtype.name == "bool":
            return "m"
        if instruction_of(node) == "add" and any(isinstance(i.op, ContractOp) for i in node.inputs):
            return "z"
        before = node.inputs[0] if len(node.inputs) == 1 else None
        linear = before is not None and self._letter_of_known(before) in ("z", "u")
        return "h" if linear else "v"

    def _letter_of_known(self, node: Node) -> str:
        if node in self._known:
            return self._known[node].base
        if isinstance(node.op, ContractOp):
            return "z"
        if instruction_of(node) == "add" and any(isinstance(i.op, ContractOp) for i in node.inputs):
            return "z"
        return ""

    def formula(self, node: Node) -> Formula:
        """Return what computes a node, as math with its inputs' names."""
        if not node.inputs:
            return Formula(atom(0), (self[node],))
        return Formula(expression(node), tuple(self[i] for i in node.inputs))

    def equation(self, node: Node) -> Formula:
        """Return a node's name and what computes it."""
        formula = self.formula(node)
        name = atom(len(formula.symbols))
        return Formula(f"{name} = {formula.pattern}", (*formula.symbols, self[node]))

    def rule(self, use: Use, template: str | None = None) -> Formula:
        """Return a rule of the chain rule with names put in: ``W̄ += xᵀ·z̄``."""
        symbols: list[Symbol] = []

        def put(found: re.Match[str]) -> str:
            bar, key = found[1], found[2]
            node = _subject(use, key, self.opened.order)
            if node is None:
                return found[0]
            symbols.append(self.adjoint(node) if bar else self[node])
            return atom(len(symbols) - 1)

        pattern = mathtext.tidy(use.template if template is None else template)
        pattern = re.sub(
            r"einsum\((\w*),(\w*)→(\w*); ([^,()]*), ([^,()]*)\)", einsum_product, pattern
        )
        found = Formula(re.sub(r"(~?)\{(z?\d*)\}", put, pattern), tuple(symbols))
        start = re.match(r"~\{\d+\} \+= (Σ )?", use.template)
        elementwise = isinstance(use.serves.op, ElementwiseOp) and start and template is None
        if len(found.text) <= LONGEST_RULE or not elementwise:
            return found
        assert start is not None
        return self.rule(use, f"{start[0]}~{{z}}·∂{{z}}/∂{{{use.operand}}}")


def _subject(use: Use, key: str, order: Sequence[Node]) -> Node | None:
    """Return the node that a slot of a template stands for."""
    if key.isdigit():
        return use.inputs[int(key)] if int(key) < len(use.inputs) else None
    if key == "z":
        return use.serves
    output = int(key[1:]) if key[1:].isdigit() else -1
    for node in (use.serves, *order):
        same = node.op is use.serves.op and node.inputs == use.serves.inputs
        if same and dict(node.attrs).get("output", 0) == output:
            return node
    return use.serves
