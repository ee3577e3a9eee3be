"""graphdl's C target through the public interface."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders.base import OURS_C, Contender
from benchmarks.workloads import Chain, Mlp, Workload


class GraphdlC(Contender):
    """The whole step compiled to C, shapes fixed as for JAX."""

    name: ClassVar[str] = "graphdl-c"
    role: ClassVar[str] = OURS_C
    # SymPy is named so that compile times are those of a process that has imported it.
    modules: ClassVar[tuple[str, ...]] = ("graphdl", "sympy")
    versions: ClassVar[tuple[str, ...]] = ("graphdl", "sympy")
    target: ClassVar[str] = "c"
    symbolic: ClassVar[bool] = False

    def __init__(self) -> None:
        self.work: Workload | None = None
        self.graph: Any = None
        self.params: list[str] = []
        self.module: Any = None
        self.run: Callable[..., Any] = lambda: None
        self.feed: dict[str, NDArray[Any]] = {}

    def build(self, workload: Workload, threads: int) -> None:
        """Build the graph of the step."""
        self.work = workload
        if isinstance(workload, Mlp):
            rows = "N" if self.symbolic else workload.batch
            self.graph, self.params = mlp_graph(workload, rows)
            self.feed = dict(zip(("x", "y"), workload.inputs(), strict=True))
        else:
            self.graph = chain_graph(workload, "N" if self.symbolic else workload.elements)
            a, b = (np.array(v, dtype=np.float32) for v in workload.scalars)
            self.feed = {"x": workload.inputs()[0], "a": a, "b": b}

    def compile(self, threads: int) -> None:
        """Emit, compile and load the step, and set its weights."""
        import graphdl as gd

        options: dict[str, Any] = {"threads": threads} if self.target == "c" else {}
        if self.symbolic:
            options["dims"] = {"N": len(self.feed["x"])}
        # Another name is other source: so the compile cache can be missed on purpose.
        name = os.environ.get("GRAPHDL_BENCH_NAME", "bench")
        self.module = gd.compile([self.graph], target=self.target, name=name, **options)
        self.run = self.module.train
        self.reset()

    def reset(self) -> None:
        """Assign the initial weights."""
        if isinstance(self.work, Mlp):
            arrays = [array for pair in self.work.weights() for array in pair]
            for name, array in zip(self.params, arrays, strict=True):
                self.module.state[name] = array

    def step(self) -> Any:
        """Run one step on NumPy arrays."""
        return self.run(**self.feed)

    def read(self, result: Any) -> Sequence[float]:
        """Return the step's numbers as floats."""
        names = ("loss", "da", "db") if isinstance(self.work, Chain) else ("loss",)
        return [float(result[name]) for name in names]

    def state(self) -> list[NDArray[Any]]:
        """Return copies of all weights."""
        return [np.array(self.module.state[name]) for name in self.params]


class GraphdlCSymbolic(GraphdlC):
    """The same with a batch size that is known only at run time."""

    name: ClassVar[str] = "graphdl-c-N"
    symbolic: ClassVar[bool] = True


def mlp_graph(work: Mlp, rows: int | str) -> tuple[Any, list[str]]:
    """Return the training step and the parameters' names as ``work.weights()`` orders them."""
    import graphdl as gd
    from graphdl import losses, nn, optim

    x = gd.input("x", (rows, work.sizes[0]))
    y = gd.input("y", (rows,), dtype="int32")
    pairs = list(zip(work.sizes, work.sizes[1:], strict=False))
    layers = [nn.Dense(i, o, activation="relu") for i, o in pairs[:-1]]
    net = nn.Sequential(*layers, nn.Dense(*pairs[-1]))
    loss = losses.softmax_cross_entropy(net(x), y)
    graph = gd.train_step(loss, optim.SGD(work.rate), name="train")
    kernels = [p.name for p in net.params if len(p.shape) == 2]
    biases = [p.name for p in net.params if len(p.shape) == 1]
    return graph, [name for pair in zip(kernels, biases, strict=True) for name in pair]


def chain_graph(work: Chain, size: int | str) -> Any:
    """Return the graph of the loss and both derivatives."""
    import graphdl as gd

    x = gd.input("x", (size,))
    a, b = gd.input("a", ()), gd.input("b", ())
    h = gd.gelu(a * x + b, approximate="tanh")
    loss = gd.sum(h * gd.sigmoid(x) + gd.tanh(h))
    da, db = gd.grad(loss, wrt=[a, b])
    return gd.Graph({"loss": loss, "da": da, "db": db}, name="train")
