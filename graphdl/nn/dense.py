"""Dense: a linear map of the last axis, a bias and an activation."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dtypes import float32
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.leaves import Initializer
from graphdl.ir.node import Node, site_text
from graphdl.nn.activations import Activation, activation
from graphdl.nn.constraints import Constraint
from graphdl.nn.init import xavier, zeros
from graphdl.nn.layer import Layer
from graphdl.nn.regularizers import Regularizer


class Dense(Layer):
    """Return ``activation(x @ w + b)``.

    Parameters
    ----------
    inputs, outputs : int
        Sizes of the last axis before and after.
    activation : str, callable or None
        What is applied last: an op's name such as ``"relu"``, or a function of a node.
    bias : bool
        Whether ``b`` is added.
    init, bias_init : initializer, array or number, optional
        First values of ``w`` of shape ``(inputs, outputs)``, by default ``init.xavier()``, and of
        ``b`` of shape ``(outputs,)``, by default zeros.
    w : node, optional
        A node of shape ``(inputs, outputs)`` instead of weights of its own: those of another layer,
        ``w=encoder["w"].T``, which are then tied.
    constraint, regularizer : callable, optional
        Of ``w``; see ``nn.constraints`` and ``nn.regularizers``.
    dtype : dtype
        Of both.
    name : str, optional
        The layer's name.

    Raises
    ------
    ArgumentError
        If a size is not positive, or ``w`` comes with what only weights of its own can have.
    ShapeError
        If ``w`` has another shape; when called, if the input's last axis is not of size ``inputs``.

    Examples
    --------
    >>> import graphdl as gd
    >>> layer = gd.nn.Dense(64, 10, activation="relu", name="head")
    >>> layer(gd.input("x", ("N", 64)))
    <relu float32(N, 10)>
    >>> layer.params
    [<param 'head/w' float32(64, 10)>, <param 'head/b' float32(10,)>]
    >>> decoder = gd.nn.Dense(10, 64, w=layer["w"].T, name="decoder")
    >>> decoder.params
    [<param 'decoder/b' float32(64,)>]
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        activation: Activation = None,
        *,
        bias: bool = True,
        init: Initializer | Any = None,
        bias_init: Initializer | Any = None,
        w: Node | None = None,
        constraint: Constraint | None = None,
        regularizer: Regularizer | None = None,
        dtype: Any = float32,
        name: str | None = None,
    ) -> None:
        super().__init__(name)
        sizes: tuple[Any, ...] = (inputs, outputs)
        if not all(isinstance(s, int) and s > 0 for s in sizes):
            raise ArgumentError(
                f"{self._title(*sizes)}: sizes are positive whole numbers", site=site_text()
            )
        self.inputs, self.outputs, self.bias = inputs, outputs, bias
        self.activation = _activation(activation)
        self.tied = w
        if w is not None:
            self._check_tied(w, init, constraint, regularizer)
            dtype = w.dtype
        else:
            self.declare(
                "w",
                sizes,
                dtype,
                init=xavier() if init is None else init,
                constraint=constraint,
                regularizer=regularizer,
            )
        if bias:
            first = zeros() if bias_init is None else bias_init
            self.declare("b", (outputs,), dtype, init=first)

    def _title(self, *sizes: Any) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, sizes))})"

    def _check_tied(self, w: Node, *others: Any) -> None:
        if any(o is not None for o in others):
            raise ArgumentError(
                "tied weights have no init, constraint or regularizer here",
                site=site_text(),
                remedy="give them to the layer that owns the weights",
            )
        if w.shape != (self.inputs, self.outputs):
            raise ShapeError(
                f"{self._title(self.inputs, self.outputs)} got weights {shape_text(w.shape)}",
                site=site_text(),
                remedy='pass w=layer["w"], or its transpose w=layer["w"].T',
            )

    def build(self, x: Node) -> Node:
        """Multiply, add, activate."""
        if not x.ndim or x.shape[-1] != self.inputs:
            raise ShapeError(
                f"{self.path}: {self._title(self.inputs, self.outputs)} got "
                f"{shape_text(x.shape)}, whose last axis is not {self.inputs}",
                site=site_text(),
                remedy=f"use {self._title(x.shape[-1] if x.ndim else 1, self.outputs)}, or "
                "nn.Flatten first if x is a batch of images",
            )
        y = x @ (self["w"] if self.tied is None else self.tied)
        return self.activation(y + self["b"] if self.bias else y)


_activation = activation  # the parameter of that name hides it
