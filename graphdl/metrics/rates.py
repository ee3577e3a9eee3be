"""Precision, recall and F1 from counts."""

from __future__ import annotations

from graphdl.ir.dtypes import float32
from graphdl.ir.errors import ArgumentError
from graphdl.ir.node import Node, site_text
from graphdl.metrics.counts import Counts
from graphdl.ops.equal import equal
from graphdl.ops.mean import mean
from graphdl.ops.sum import sum
from graphdl.ops.where import where


def _rate(top: Node, below: Node, average: str | None) -> Node:
    """Divide counts; a rate of nothing is 0."""
    if average not in (None, "macro", "micro"):
        raise ArgumentError(
            f"average={average!r}", site=site_text(), remedy="use None, 'macro' or 'micro'"
        )
    if average == "micro":
        top, below = sum(top), sum(below)
    nothing = equal(below, 0)
    rate = where(nothing, 0.0, top.astype(float32) / where(nothing, 1, below).astype(float32))
    return mean(rate) if average == "macro" else rate


def precision(counts: Counts, average: str | None = None) -> Node:
    """Return the share of what was said to be positive that is: ``tp / (tp + fp)``.

    Parameters
    ----------
    counts : Counts
        From :func:`binary_counts` or :func:`class_counts`; sums over batches do too.
    average : str or None
        None for one value a class; ``macro`` for their mean; ``micro`` for the rate of the summed
        counts.

    Returns
    -------
    Node
        float32; 0 where nothing was said to be positive.

    Raises
    ------
    ArgumentError
        If the average is another.

    Examples
    --------
    >>> import graphdl as gd
    >>> counts = gd.metrics.Counts(*map(gd.constant, (3, 1, 3, 5)))
    >>> float(gd.interpret(gd.Graph(gd.metrics.precision(counts)), {})["out"])
    0.75
    """
    tp, fp, _, _ = counts
    return _rate(tp, tp + fp, average)


def recall(counts: Counts, average: str | None = None) -> Node:
    """Return the share of positives that were found: ``tp / (tp + fn)``, 0 where there are none.

    Arguments are those of :func:`precision`.

    Examples
    --------
    >>> import graphdl as gd
    >>> counts = gd.metrics.Counts(*map(gd.constant, (3, 1, 3, 5)))
    >>> float(gd.interpret(gd.Graph(gd.metrics.recall(counts)), {})["out"])
    0.5
    """
    tp, _, fn, _ = counts
    return _rate(tp, tp + fn, average)


def f1(counts: Counts, average: str | None = None) -> Node:
    """Return the harmonic mean of precision and recall: ``2·tp / (2·tp + fp + fn)``.

    It is 0 where there are neither positives nor any said to be. Arguments are those of
    :func:`precision`; ``macro`` is the mean of the classes' values.

    Examples
    --------
    >>> import graphdl as gd
    >>> counts = gd.metrics.Counts(*map(gd.constant, (3, 1, 3, 5)))
    >>> round(float(gd.interpret(gd.Graph(gd.metrics.f1(counts)), {})["out"]), 6)
    0.6
    """
    tp, fp, fn, _ = counts
    return _rate(2 * tp, 2 * tp + fp + fn, average)
