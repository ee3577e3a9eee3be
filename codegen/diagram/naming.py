"""Readable names for nodes, and rules and ops as math with these names.

Inputs, parameters, state and named outputs keep the names the user gave. Everything else gets a
letter by what it is (``z`` a linear map, ``h`` an activation, ``s`` a sum, ``v`` any value), and a
number where a letter occurs more than once. Names depend on the graph's structure only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from graphdl.codegen.diagram import mathtext
from graphdl.codegen.diagram.mathtext import SUBSCRIPTS, SUPERSCRIPTS, Symbol, atom
from graphdl.codegen.diagram.opening import Opened, Use
from graphdl.ir import scalar
from graphdl.ir.instructions import Instruction
from graphdl.ir.kinds import ContractOp, ElementwiseOp, GatherOp, ReduceOp, split_spec
from graphdl.ir.leaves import CONSTANT, DIMENSION, IOTA
from graphdl.ir.node import Node
from graphdl.ir.scalar import Scalar

LONGEST_EXPRESSION = 44
"""Characters up to which an op's scalar expression is shown instead of its name."""


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
            shown = shown.replace(atom(number), _within(symbol, symbol.text, self.pattern))
        return shown

    @property
    def latex(self) -> str:
        """LaTeX for math mode."""
        atoms = [_within(s, s.latex, self.pattern) for s in self.symbols]
        return mathtext.to_latex(self.pattern, atoms)


def _within(symbol: Symbol, shown: str, pattern: str) -> str:
    """Put brackets round an expression that stands inside of another."""
    compound = symbol.literal and any(c in symbol.base[1:] for c in "+-−·*/ ")
    return f"({shown})" if compound and len(pattern) > 1 else shown


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
            return literal(node)
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
            return "u" if any(_instruction(u) == "add" for u in users) else "z"
        first = node.op.name.lstrip("_")[:1].lower()
        return "r" if node.op.kind == "view" or not first.isalpha() else first

    def _elementwise_letter(self, node: Node) -> str:
        if node.dtype.name == "bool":
            return "m"
        if _instruction(node) == "add" and any(isinstance(i.op, ContractOp) for i in node.inputs):
            return "z"
        before = node.inputs[0] if len(node.inputs) == 1 else None
        linear = before is not None and self._letter_of_known(before) in ("z", "u")
        return "h" if linear else "v"

    def _letter_of_known(self, node: Node) -> str:
        if node in self._known:
            return self._known[node].base
        if isinstance(node.op, ContractOp):
            return "z"
        if _instruction(node) == "add" and any(isinstance(i.op, ContractOp) for i in node.inputs):
            return "z"
        return ""

    def formula(self, node: Node) -> Formula:
        """Return what computes a node, as math with its inputs' names."""
        if not node.inputs:
            return Formula(atom(0), (self[node],))
        return Formula(expression(node), tuple(self[i] for i in node.inputs))

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
        pattern = re.sub(r"einsum\((\w*),(\w*)→(\w*); ([^,()]*), ([^,()]*)\)", _einsum, pattern)
        return Formula(re.sub(r"(~?)\{(z?\d*)\}", put, pattern), tuple(symbols))


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


def _instruction(node: Node) -> str:
    """Return the instruction of an elementwise op that is just one."""
    if isinstance(node.op, ElementwiseOp):
        body = node.op.body(node.attrs)
        if body.instruction is not None and all(a.is_argument for a in body.args):
            return body.instruction.name
    return ""


def literal(node: Node) -> Symbol:
    """Return a folded node as what it stands for: a number, a size, positions."""
    while node.inputs:
        node = node.inputs[0]
    if node.op is CONSTANT:
        value = node.attr("value").reshape(-1)[0]
        shown = str(value) if value.dtype.kind == "b" else f"{value:.5g}"
        return Symbol(shown.replace("-", "−", shown.startswith("-")), literal=True)
    if node.op is DIMENSION:
        return Symbol(repr(node.attr("size")).replace("*", "·"), literal=True)
    assert node.op is IOTA
    return Symbol(f"(0 … {node.shape[0]!r} − 1)".replace("*", "·"), literal=True)


def expression(node: Node) -> str:
    """Return what an op computes, as a pattern over its inputs."""
    names = [atom(i) for i in range(len(node.inputs))]
    op = node.op
    if isinstance(op, ElementwiseOp):
        return elementwise(op, op.body(node.attrs), names)
    if isinstance(op, ContractOp):
        return _contraction(node.attr("spec"), names)
    if isinstance(op, ReduceOp):
        return _reduction(op, node, names[0])
    if isinstance(op, GatherOp) and not op.along:
        return f"{names[0]}[{names[1]}]"
    if op.kind == "view" and node.ndim == 2 and dict(node.attrs).get("axes") == (1, 0):
        return f"{names[0]}ᵀ"
    return f"{op.name}({', '.join(names)})"


def elementwise(op: ElementwiseOp, body: Scalar, names: Sequence[str]) -> str:
    """Return a scalar expression, or a call where the expression says less than the op's name."""
    power = _power(body)
    if power is not None and power > 1:
        return names[0] + str(power).translate(SUPERSCRIPTS)
    single = body.instruction is not None and all(not a.args for a in body.args)
    plain = single and body.instruction is not None and body.instruction.name not in ("max", "min")
    shown = mathtext.tidy(scalar.text(body, names))
    if plain or (op.name.startswith("_") and len(shown) <= LONGEST_EXPRESSION):
        return shown
    return f"{op.name}({', '.join(names)})"


def _power(body: Scalar) -> int | None:
    """Return n if the expression is its one argument multiplied n times."""

    def count(instruction: Instruction, operands: list[int], payload: object) -> int:
        return sum(operands) if instruction.name == "mul" else -10_000

    arguments = {v.payload for v in scalar.walk(body) if v.is_argument}
    if arguments != {0}:
        return None
    of_constant: Callable[[object], int] = lambda value: -10_000  # noqa: E731
    power = scalar.evaluate(body, [1], of_constant, count)
    return power if power > 0 else None


def _einsum(found: re.Match[str]) -> str:
    """Write an einsum of vectors and matrices as a product."""
    return _contraction(f"{found[1]},{found[2]}->{found[3]}", [found[4], found[5]])


def _contraction(spec: str, names: Sequence[str]) -> str:
    left, right, out = split_spec(spec)
    shared = [c for c in left if c in right and c not in out]
    if len(left) == len(right) == 1 and not shared and left != right:
        return f"{names[0]}·{names[1]}ᵀ" if out == left + right else f"{names[1]}·{names[0]}ᵀ"
    if len(shared) == 1 and len(left) <= 2 and len(right) <= 2:
        (k,) = shared
        row, column = left.replace(k, ""), right.replace(k, "")
        first = names[0] + ("ᵀ" if len(left) == 2 and left[0] == k else "")
        second = names[1] + ("ᵀ" if len(right) == 2 and right[1] == k else "")
        if out == row + column:
            return f"{first}·{second}"
    return f"einsum({left},{right}→{out}; {', '.join(names)})"


def _reduction(op: ReduceOp, node: Node, name: str) -> str:
    axes = node.attr("axes")
    everything = len(axes) == node.inputs[0].ndim
    index = "" if everything else ",".join(str(a).translate(SUBSCRIPTS) for a in axes)
    if op.combine == "add":
        return f"Σ{index} {name}"
    return f"{op.name}{index}({name})"
