"""The confusion matrix."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import int64
from graphdl.ir.errors import ArgumentError, DTypeError
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node, site_text
from graphdl.losses.checks import check_same_shape
from graphdl.ops.greater_equal import greater_equal
from graphdl.ops.less import less
from graphdl.ops.logical_and import logical_and
from graphdl.ops.reshape import reshape
from graphdl.ops.scatter_add import scatter_add


def confusion_matrix(predictions: Any, labels: Any, classes: int) -> Node:
    """Return how often each class (rows) was taken for each class (columns), int64.

    Parameters
    ----------
    predictions, labels : node or array_like
        Class numbers, of one shape. Pairs with one out of ``[0, classes)`` are not counted.
    classes : int
        How many there are.

    Raises
    ------
    ShapeError
        If the shapes differ.
    DTypeError
        If they are no integers.
    ArgumentError
        If classes is below 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ("N", 2)), gd.input("y", ("N",), "int32")
    >>> matrix = gd.metrics.confusion_matrix(gd.argmax(x, axis=1), y, 2)
    >>> data = {"x": [[0, 1], [1, 0], [1, 0]], "y": [1, 1, 0]}
    >>> gd.interpret(gd.Graph(matrix), data)["out"].tolist()
    [[1, 0], [1, 1]]
    """
    if classes < 1:
        raise ArgumentError(
            f"confusion_matrix: classes={classes!r}", site=site_text(), remedy="use an integer ≥ 1"
        )
    said, true = as_node(predictions), as_node(labels)
    check_same_shape("confusion_matrix", said, true)
    for node in (said, true):
        if not node.dtype.is_integer:
            raise DTypeError(
                f"confusion_matrix takes class numbers, not {node.dtype}",
                site=site_text(),
                remedy="gd.argmax(scores, axis=1) gives them",
            )
    said, true = (reshape(node, (-1,)).astype(int64) for node in (said, true))
    counted = logical_and(_is_class(said, classes), _is_class(true, classes))
    cells = scatter_add(counted.astype(int64), true * classes + said, classes * classes)
    return reshape(cells, (classes, classes))


def _is_class(numbers: Node, classes: int) -> Node:
    return logical_and(greater_equal(numbers, 0), less(numbers, classes))  # type: ignore[no-any-return]
