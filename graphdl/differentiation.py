"""Front doors of differentiation: graphs in, graphs out."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl import env
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import product
from graphdl.ir.errors import GradientError
from graphdl.ir.graph import Graph
from graphdl.ir.leaves import PARAM, constant, input
from graphdl.ir.node import Node, operators, site_text, topological
from graphdl.passes.derivative import reverse
from graphdl.passes.stabilise import stabilised


def grad(loss: Node, wrt: Node | Sequence[Node]) -> list[Node]:
    """Return the gradient of a scalar by each variable, as ordinary nodes.

    Parameters
    ----------
    loss : Node
        A floating scalar.
    wrt : node or sequence of Node
        Variables: inputs, parameters or any node on the way.

    Returns
    -------
    list of Node
        One a variable, of its shape and dtype; zeros, with a warning, where the loss does not
        depend on it.

    Raises
    ------
    GradientError
        If the loss is no scalar, or a variable is no floating node.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> (g,) = gd.grad(gd.sum(x * x), x)
    >>> gd.interpret(gd.Graph(g), {"x": [1.0, 2.0, 3.0]})["out"].tolist()
    [2.0, 4.0, 6.0]
    """
    return value_and_grad(loss, wrt)[1]


def value_and_grad(loss: Node, wrt: Node | Sequence[Node]) -> tuple[Node, list[Node]]:
    """Return the loss and its gradient; see :func:`grad`.

    Both are of the loss in its stable form: ``log(softmax(x))`` is taken as ``log_softmax(x)``.
    """
    if loss.shape != ():
        raise GradientError(
            f"the loss must be a scalar, not {shape_text(loss.shape)}: {loss!r}",
            site=loss.site,
            remedy="reduce it with gd.mean(loss) or gd.sum(loss), or use gd.vjp",
        )
    variables = _listed(wrt)
    (value,) = _stable([loss], variables)
    one = constant(1.0, loss.dtype if loss.dtype.is_float else None)
    return value, reverse([value], [one], variables)


def vjp(
    outputs: Node | Sequence[Node], wrt: Node | Sequence[Node], cotangents: Node | Sequence[Node]
) -> list[Node]:
    """Return ``Jᵀ · cotangent`` for each variable.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, v = gd.input("x", (2,)), gd.input("v", (2,))
    >>> (g,) = gd.vjp(gd.exp(x), x, v)
    >>> gd.interpret(gd.Graph(g), {"x": [0.0, 0.0], "v": [1.0, 5.0]})["out"].tolist()
    [1.0, 5.0]
    """
    variables = _listed(wrt)
    given = _listed(outputs)
    return reverse(_stable(given, variables), _one_each(cotangents, given), variables)


def jvp(
    outputs: Node | Sequence[Node], wrt: Node | Sequence[Node], tangents: Node | Sequence[Node]
) -> list[Node]:
    """Return ``J · tangent`` for each output.

    The pullback is linear in its cotangent; transposing it once more gives the pushforward.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, t = gd.input("x", (2,)), gd.input("t", (2,))
    >>> (d,) = gd.jvp(x * x, x, t)
    >>> gd.interpret(gd.Graph(d), {"x": [3.0, 4.0], "t": [1.0, 0.5]})["out"].tolist()
    [6.0, 4.0]
    """
    variables = _listed(wrt)
    given = _stable(_listed(outputs), variables)
    probes = [input(f"cotangent {k}", o.shape, o.dtype) for k, o in enumerate(given)]
    pulled = reverse(given, probes, variables)
    along = _one_each(tangents, variables)
    reached = [(g, t) for g, t in zip(pulled, along, strict=True) if _depends(g, probes)]
    return reverse([g for g, _ in reached], [t for _, t in reached], probes)


def _one_each(given: Node | Sequence[Node], of: Sequence[Node]) -> list[Node]:
    """Return tangents or cotangents, of which there must be one a node."""
    found = _listed(given)
    if len(found) != len(of):
        raise GradientError(
            f"{len(of)} nodes need as many tangents or cotangents, not {len(found)}",
            site=site_text(),
        )
    return found


def _depends(node: Node, leaves: Sequence[Node]) -> bool:
    return any(n in leaves for n in topological([node]))


def hvp(loss: Node, wrt: Node | Sequence[Node], tangents: Node | Sequence[Node]) -> list[Node]:
    """Return the Hessian of a scalar times a vector: the gradient's derivative along tangents.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, t = gd.input("x", (2,)), gd.input("t", (2,))
    >>> (h,) = gd.hvp(gd.sum(x**3), x, t)
    >>> gd.interpret(gd.Graph(h), {"x": [1.0, 2.0], "t": [1.0, 1.0]})["out"].tolist()
    [6.0, 12.0]
    """
    variables = _listed(wrt)
    along = _one_each(tangents, variables)
    return reverse(grad(loss, variables), along, variables, warn=False)


def hessian(loss: Node, wrt: Node | Sequence[Node]) -> list[list[Node]]:
    """Return the matrix of second derivatives, a block a pair of variables.

    Each block has the shape of its row variable followed by that of its column variable. One copy
    of the backward pass is built an element, so this is for small variables.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> ((h,),) = gd.hessian(x[0] * x[0] * x[1], x)
    >>> gd.interpret(gd.Graph(h), {"x": [1.0, 3.0]})["out"].tolist()
    [[6.0, 2.0], [2.0, 0.0]]
    """
    variables = _listed(wrt)
    rows = []
    for row, gradient in zip(variables, grad(loss, variables), strict=True):
        size = product(row.shape)
        if not isinstance(size, int):
            raise GradientError(
                f"hessian by {row!r} needs a static shape", site=row.site, remedy="use gd.hvp"
            )
        flat = operators["reshape"](gradient, (size,))
        one = constant(1.0, flat.dtype)
        lines = [reverse([flat[k]], [one], variables, warn=False) for k in range(size)]
        rows.append(
            [
                operators["reshape"](
                    operators["stack"]([line[c] for line in lines]), (*row.shape, *column.shape)
                )
                for c, column in enumerate(variables)
            ]
        )
    return rows


def backward_graph(
    loss: Node, wrt: Node | Sequence[Node] | None = None, name: str = "backward"
) -> Graph:
    """Return the graph of a loss and its gradients, adjoint nodes with their provenance.

    Parameters
    ----------
    loss : Node
        A floating scalar.
    wrt : node or sequence of Node, optional
        Variables; by default all parameters that the loss depends on.
    name : str
        Name of the graph.

    Returns
    -------
    Graph
        Outputs ``loss`` and ``grad_<name of variable>``.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.param("w", (3,))
    >>> list(gd.backward_graph(gd.sum(w * w)).outputs)
    ['loss', 'grad_w']
    """
    variables = reached_params(loss) if wrt is None else _listed(wrt)
    value, gradients = value_and_grad(loss, variables)
    names = [v.name or f"wrt{k}" for k, v in enumerate(variables)]
    outputs = {f"grad_{n}": g for n, g in zip(names, gradients, strict=True)}
    return Graph({"loss": value, **outputs}, name=name)


def reached_params(loss: Node) -> list[Node]:
    """Return the parameters that a loss depends on.

    Raises
    ------
    GradientError
        If there is none.
    """
    found = [n for n in topological([loss]) if n.op is PARAM]
    if not found:
        raise GradientError(
            f"{loss!r} depends on no parameter",
            site=loss.site,
            remedy="declare weights with gd.param, or pass wrt=...",
        )
    return found


def _stable(outputs: list[Node], wrt: Sequence[Node]) -> list[Node]:
    """Return what is differentiated; where ``GRAPHDL_VALIDATE`` wants it, compared with before."""
    found = stabilised(outputs, wrt)
    if env.validate():
        from graphdl.validation import Validator

        before = Graph(outputs, name="differentiated")
        Validator(before).replaced(
            "stabilise",
            before,
            Graph(found, inputs=before.inputs),
            lambda fired: Graph(stabilised(outputs, wrt, fired), inputs=before.inputs),
            exact=False,
        )
    return found


def _listed(nodes: Node | Sequence[Node]) -> list[Node]:
    return [nodes] if isinstance(nodes, Node) else list(nodes)
