"""What losses refuse: shapes that would broadcast, hyperparameters out of range."""

from __future__ import annotations

from numbers import Real
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ArgumentError, DTypeError, ShapeError
from graphdl.ir.node import Node, site_text


def check_same_shape(loss: str, prediction: Node, target: Node) -> None:
    """Refuse to broadcast: ``(N, 1)`` against ``(N,)`` would silently compare all with all.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    if prediction.shape != target.shape:
        raise ShapeError(
            f"{loss}: {shape_text(prediction.shape)} against targets {shape_text(target.shape)}",
            site=site_text(),
            remedy="bring both to one shape: prediction[:, 0], or target[:, None]",
        )


def check_labels(loss: str, scores: Node, labels: Node, axis: int) -> None:
    """Check that labels are class numbers, one for each place off the axis of classes.

    Raises
    ------
    DTypeError, ShapeError
        If they are no integers, or do not fit the scores.
    """
    if not labels.dtype.is_integer:
        raise DTypeError(
            f"{loss}: labels must be integers, not {labels.dtype}",
            site=site_text(),
            remedy="pass class numbers; one-hot rows become them by gd.argmax(rows, axis=1)",
        )
    if labels.shape != scores.shape[:axis] + scores.shape[axis + 1 :]:
        raise ShapeError(
            f"{loss}: scores {shape_text(scores.shape)} and labels "
            f"{shape_text(labels.shape)} do not fit",
            site=site_text(),
            remedy="labels have the scores' shape without the axis of classes: labels[:, 0]",
        )


def number(
    loss: str,
    name: str,
    value: Any,
    *,
    low: float | None = None,
    above: float | None = None,
    high: float | None = None,
) -> float:
    """Return a hyperparameter as a float within its bounds.

    Raises
    ------
    ArgumentError
        If it is no number, or out of bounds.
    """
    bounds = {"≥": low, ">": above, "≤": high}
    given = float(value) if isinstance(value, Real) else float("nan")
    if (
        given != given
        or (low is not None and given < low)
        or (above is not None and given <= above)
        or (high is not None and given > high)
    ):
        allowed = ", ".join(
            f"{sign} {bound:g}" for sign, bound in bounds.items() if bound is not None
        )
        raise ArgumentError(
            f"{loss}: {name}={value!r}",
            site=site_text(),
            remedy=f"use a number {allowed}".rstrip(),
        )
    return given
