"""What became of one derivative rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_RANK = {"refuted": 0, "open": 1, "checked": 2, "proved": 3}


@dataclass(frozen=True)
class Fault:
    """Where a rule is wrong.

    Attributes
    ----------
    input : str
        By which input the derivative is wrong: ``x0`` is the first.
    element, output : tuple of int
        The element of the input, and the element of the op's value.
    values : dict
        The inputs there.
    expected, got : float
        The derivative of the op's expression, and what the rule gives.
    of : str
        What is differentiated: ``y`` is the value of an op.
    """

    input: str
    element: tuple[int, ...]
    output: tuple[int, ...]
    values: dict[str, Any]
    expected: float
    got: float
    of: str = "y"

    def __str__(self) -> str:
        at = ", ".join(f"{k} = {v:.6g}" if isinstance(v, float) else f"{k} = {v}"
                       for k, v in self.values.items())  # fmt: skip
        return (
            f"∂{self.of}/∂{self.input} at {at}: expected {self.expected:.12g}, got {self.got:.12g}"
        )


@dataclass(frozen=True)
class Outcome:
    """How far a rule has been established.

    Attributes
    ----------
    verdict : str
        ``proved``, ``checked``, ``refuted``, or ``open``: nothing was found out.
    how : str
        By what; for ``open`` the reason.
    conditions : tuple of str
        Where the proof holds; nothing is claimed about places where the op has no value.
    remarks : tuple of str
        What was only checked, far out, and which inputs are declared to have no derivative.
    kinks : tuple of str
        Places that it leaves out, where the derivative is a convention.
    points, digits : int
        For ``checked``.
    fault : Fault or None
        For ``refuted``.
    """

    verdict: str
    how: str = ""
    conditions: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    kinks: tuple[str, ...] = ()
    points: int = 0
    digits: int = 0
    fault: Fault | None = None


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what holds if all of these are about parts of one rule: the weakest verdict."""
    if not outcomes:
        return Outcome("open", "it has no value anywhere")
    weakest = min(outcomes, key=lambda o: _RANK[o.verdict])
    checked = [o for o in outcomes if o.verdict == "checked"]
    return Outcome(
        weakest.verdict,
        weakest.how,
        _all(o.conditions for o in outcomes),
        _all(o.remarks for o in outcomes),
        _all(o.kinks for o in outcomes),
        min((o.points for o in checked), default=0),
        min((o.digits for o in checked), default=0),
        weakest.fault,
    )


def _all(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for part in parts for text in part))
