"""Plain math as people type it (``z̄·Wᵀ``), and its translation to LaTeX.

Rules of the chain rule are written once, in plain text. The text that is shown and the LaTeX come
from the same template; names are put in as atoms, so that nothing in a user's name is taken for
math.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
LONGEST_LINE = 72
"""Characters of a line in a box, from which on it is cut."""
LONGEST_RULE = 56
"""Characters up to which a rule writes a partial derivative out."""
LONGEST_NAME = 28
"""Characters of a name that are shown."""


@dataclass(frozen=True)
class Symbol:
    r"""A name as math: a base and an index, or an expression that stands for itself.

    Attributes
    ----------
    base : str
        The letters, as the user wrote them or as derived from the op.
    index : str
        Digits that are set as a subscript.
    literal : bool
        Whether ``base`` is an expression such as ``0.5`` or ``10·N`` rather than a name.
    bar : bool
        Whether this is the adjoint of what has that name.

    Examples
    --------
    >>> symbol("W12").text, symbol("W12").latex, symbol("W12").adjoint.latex
    ('W₁₂', 'W_{12}', '\\bar{W}_{12}')
    """

    base: str
    index: str = ""
    literal: bool = False
    bar: bool = False

    @property
    def text(self) -> str:
        """The symbol in plain text."""
        return (overlined(self.base) if self.bar else self.base) + self.index.translate(SUBSCRIPTS)

    @property
    def latex(self) -> str:
        """The symbol in LaTeX."""
        if self.literal:
            return to_latex(self.base)
        if len(self.base) == 1:
            base = rf"\bar{{{escaped(self.base)}}}" if self.bar else escaped(self.base)
        else:
            inner = rf"\mathrm{{{escaped(self.base)}}}"
            base = rf"\overline{{{inner}}}" if self.bar else inner
        return base + (f"_{{{self.index}}}" if self.index else "")

    @property
    def adjoint(self) -> Symbol:
        """The symbol of the adjoint: a bar over the base, two for an adjoint's adjoint."""
        if self.bar:
            return Symbol(self.text, "", False, True)
        return Symbol(self.base, self.index, False, True)


def symbol(name: str) -> Symbol:
    """Return a user's name as a symbol: digits at its end become the index."""
    shown = printable(name)
    found = re.fullmatch(r"([^\W\d_]+)_?(\d{1,4})", shown)
    return Symbol(found[1], found[2]) if found and found[2].isascii() else Symbol(shown)


def printable(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a name on one line: other characters than printable ones replaced, its length cut."""
    clean = "".join(c if c.isprintable() else "␣" for c in name[: longest + 1])
    return clean if len(name) <= longest else clean[: longest - 1] + "…"


def overlined(base: str) -> str:
    """Put a bar over letters and digits, with combining characters."""
    mark = "\u0304" if len(base) == 1 else "\u0305"
    marked = "".join(c + mark if c.isalnum() else c for c in base)
    return unicodedata.normalize("NFC", marked)  # fonts draw ū better than u and a bar


_SPECIAL = {
    "\\": r"\backslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "#": r"\#", "%": r"\%",
    "&": r"\&", "$": r"\$", "^": r"\hat{}", "~": r"\tilde{}", " ": "~", "…": r"\ldots{}",
}  # fmt: skip
_GREEK = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa",
    "lambda", "mu", "nu", "xi", "omicron", "pi", "rho", "finalsigma", "sigma", "tau", "upsilon",
    "phi", "chi", "psi", "omega",
]  # fmt: skip
_CAPITALS = "ΓΔΘΛΞΠΣΥΦΨΩ"
"""Greek capitals that have a command: the others are Latin letters."""


def escaped(name: str) -> str:
    """Return a name for math mode: nothing in it is taken for a command, and it is ASCII."""
    return "".join(_SPECIAL.get(c) or _character(c) for c in name)


def _character(character: str) -> str:
    """Return one character in ASCII: Greek as commands, accents dropped, others by number."""
    if character.isascii():
        return character if character.isprintable() else "?"
    if "α" <= character <= "ω":
        name = _GREEK[ord(character) - ord("α")]
        return {"omicron": "o", "finalsigma": r"\sigma{}"}.get(name, rf"\{name}{{}}")
    if character in _CAPITALS:
        return rf"\{_GREEK[ord(character.lower()) - ord('α')].capitalize()}{{}}"
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    if plain.isalnum():
        return plain
    return "" if unicodedata.combining(character) else f"u{ord(character):04X}"


_ATOM = 0xF0000  # private-use characters that stand for atoms while the rest is translated
_SIGNS = {
    "·": r" \cdot ", "⊙": r" \odot ", "−": "-", "Σ": r"\sum ", "Π": r"\prod ", "≤": r" \le ",
    "≥": r" \ge ", "≠": r" \ne ", "→": r" \to ", "∧": r" \land ", "∨": r" \lor ", "⊻": r" \veebar ",
    "¬": r"\lnot ", "σ": r"\sigma ", "∂": r"\partial ", "ᵀ": r"^{\top}", "′": "'", "∞": r"\infty ",
    "←": r" \leftarrow ", "×": r" \times ", "π": r"\pi ", "√": r"\sqrt", "…": r"\ldots ",
    "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "_": r"\_", "~": r"\sim ", "ε": r"\varepsilon ",
}  # fmt: skip
# What has been translated already is kept as one character each until the end.
_DONE = {
    "\ue000": r"\begin{cases}", "\ue001": " & ", "\ue002": r"\\",
    "\ue003": r" & \text{else}\end{cases}", "\ue004": r" \mathrel{+}= ", "\ue005": "_",
    "\ue006": r" \cdot 10^{", "\ue007": "}",
}  # fmt: skip
_WORD = r"[A-Za-z_]{2}[A-Za-z_0-9]*"
_OPERAND = re.compile(r"[A-Za-z0-9_.]+|.")  # of a root without brackets
_FUNCTIONS = frozenset(["exp", "log", "tanh", "min", "max", "sin", "cos", "sinh", "cosh"])


def to_latex(text: str, atoms: Sequence[str] = ()) -> str:
    r"""Translate plain math; ``atom(i)`` characters stand for the given LaTeX.

    Examples
    --------
    >>> to_latex("exp(a)·√(b + 1) − c²")
    '\\exp(a) \\cdot \\sqrt{b + 1} - c^{2}'
    """
    text = _brackets(text.replace("+=", "\ue004"))
    text = re.sub(r"(?<=\d)e\+?(-?)0*(\d+)", "\ue006\\1\\2\ue007", text)
    text = re.sub(r"\^([\U000f0000-\U000fffff])", r"^{\1}", text)
    text = re.sub(r"[₀-₉]+", lambda m: f"\ue005{{{_digits(m[0])}}}", text)
    text = re.sub(r"[⁰¹²³⁴-⁹⁻]+", lambda m: f"^{{{_digits(m[0])}}}", text)
    text = re.sub(rf"{_WORD}(?: {_WORD})*", _words, text)
    text = "".join(_SIGNS.get(c, c) for c in text)
    text = "".join(c if c.isascii() or ord(c) >= 0xE000 else _character(c) for c in text)
    text = "".join(_DONE.get(c, c) for c in text)
    text = re.sub(r"(\^\{[^{}]*)\}\^\{", r"\1 ", text)  # TeX takes one superscript, not two
    text = re.sub(r"  +", " ", text).strip()
    return "".join(atoms[ord(c) - _ATOM] if ord(c) >= _ATOM else c for c in text)


def atom(number: int) -> str:
    """Return the character that stands for the atom of that number."""
    return chr(_ATOM + number)


def _digits(text: str) -> str:
    return unicodedata.normalize("NFKD", text).replace("−", "-")


def _words(found: re.Match[str]) -> str:
    """Set words upright: the name of a function, or prose with its spaces."""
    *prose, last = found[0].split(" ")
    after = found.string[found.end() : found.end() + 1]
    called = after == "("
    prose += [] if called or last in _FUNCTIONS else [last]
    apart = found.string[: found.start()].endswith(" ") and found[0] != "None"
    text = " ".join(prose)
    shown = rf"\mathrm{{{text}}}" if prose else ""
    if apart and prose:
        shown = rf"\text{{ {text} }}"
    elif len(prose) > 1:
        shown = rf"\text{{{text}{' ' if after == ' ' else ''}}}"
    if last in _FUNCTIONS:
        return rf"{shown}\{last}"
    return rf"{shown}\operatorname{{{last}}}" if called else shown


def _brackets(text: str) -> str:
    """Translate what depends on a pair of brackets: roots, powers and choices."""
    result: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        if character in "√^" and text[position + 1 : position + 2] == "(":
            end = closing(text, position + 1)
            result.append(f"{character}{{{_brackets(text[position + 2 : end])}}}")
            position = end + 1
        elif character == "√" and (operand := _OPERAND.match(text, position + 1)):
            result.append(f"√{{{operand[0]}}}")
            position = operand.end()
        elif character == "(":
            end = closing(text, position)
            result.append(_choice(text[position + 1 : end]))
            position = end + 1
        else:
            result.append(character)
            position += 1
    return "".join(result)


def _choice(inside: str) -> str:
    parts = choice_parts(inside)
    if parts is None:
        return f"({_brackets(inside)})"
    yes, condition, no = (_brackets(p) for p in parts)
    return f"\ue000{yes}\ue001{condition}\ue002{no}\ue003"


def choice_parts(inside: str) -> tuple[str, str, str] | None:
    """Split ``a if c else b`` at the words that are outside of brackets."""
    depth, first, second = 0, -1, -1
    for position, character in enumerate(inside):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and first < 0 and inside.startswith(" if ", position):
            first = position
        elif depth == 0 and first >= 0 and inside.startswith(" else ", position):
            second = position
            break
    if second < 0:
        return None
    return inside[:first], inside[first + 4 : second], inside[second + 6 :]


def closing(text: str, opening: int) -> int:
    """Return the position of the bracket that closes the one at ``opening``."""
    depth = 0
    for position in range(opening, len(text)):
        depth += (text[position] in "([") - (text[position] in ")]")
        if depth == 0:
            return position
    return len(text)


def tidy(text: str) -> str:
    """Write a choice of 1 and 0 as a bracket, and drop brackets that say nothing.

    Examples
    --------
    >>> tidy("z̄·(1 if (h > 0) else 0)"), tidy("z̄·(y·(1 − y))"), tidy("z̄·(1 / n)")
    ('z̄·[h > 0]', 'z̄·y·(1 − y)', 'z̄ / n')
    >>> tidy("~{z}·(1 − ({z}·{z}))")
    '~{z}·(1 − {z}²)'
    """
    position = 0
    while (position := text.find("(", position)) >= 0:
        end = closing(text, position)
        inside, before = text[position + 1 : end], text[:position].rstrip()[-1:]
        parts = choice_parts(inside)
        if parts is not None and parts[0] == "1" and parts[2] == "0":
            text = f"{text[:position]}[{_bare(parts[1])}]{text[end + 1 :]}"
        elif parts is not None and parts[0] == "0" and parts[2] == "1":
            text = f"{text[:position]}[¬{parts[1]}]{text[end + 1 :]}"
        elif before == "·" and inside.startswith("1 / ") and end == len(text) - 1:
            text = f"{text[: position - 1]} / {inside[4:]}"
        elif before in ("·", "−") and not has_operator(inside):
            text = text[:position] + inside + text[end + 1 :]
            continue
        position += 1
    return re.sub(r"(?<!~)(\{z?\d*\}|[\U000f0000-\U000f00ff])·\1(?![·ᵀ])", r"\1²", text)


def needs_brackets(before: str, expression: str, after: str) -> bool:
    """Whether an expression needs brackets between these texts.

    Examples
    --------
    >>> needs_brackets("2·", "a + b", ""), needs_brackets("2·", "a·b", " + c")
    (True, False)
    >>> needs_brackets("exp(", "a + b", ")"), needs_brackets("", "a·b", "ᵀ")
    (False, True)
    """
    loose = has_operator(expression.removeprefix("−"))
    if not loose and "·" not in expression:
        return False
    alone = before.endswith(("(", "[", ", ")) and after.startswith((")", "]", ","))
    chosen = before.endswith((" if ", " else ", "(")) and after.startswith((" else ", " if ", ")"))
    product = before.endswith(("·", " ", "(", "[", "−")) and not before.endswith("/ ")
    factor = not loose and (product or not before) and not after.startswith(("ᵀ", "[", "²"))
    return not (alone or chosen or factor or not before + after)


def _bare(text: str) -> str:
    """Return text without a pair of brackets round all of it."""
    whole = text.startswith("(") and closing(text, 0) == len(text) - 1
    return text[1:-1] if whole else text


def has_operator(text: str, operators: str = "+−/=<>≤≥≠∧∨⊻ ") -> bool:
    """Whether an operator, by default one weaker than a product, stands outside of brackets."""
    depth = 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in operators:
            return True
    return False
