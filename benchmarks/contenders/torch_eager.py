"""PyTorch as its users write it: autograd and ``torch.optim.SGD``, no compilation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from numpy.typing import NDArray

from benchmarks.contenders.base import Contender, load
from benchmarks.workloads import Chain, Mlp, Workload


class TorchEager(Contender):
    """``zero_grad``, loss, ``backward``, ``step`` on tensors that stay in torch."""

    name: ClassVar[str] = "torch-eager"
    modules: ClassVar[tuple[str, ...]] = ("torch",)
    versions: ClassVar[tuple[str, ...]] = ("torch",)

    def __init__(self) -> None:
        self.work: Workload | None = None
        self.params: list[Any] = []
        self.run: Callable[[], Any] = lambda: None

    def build(self, workload: Workload, threads: int) -> None:
        """Make the tensors and the step."""
        torch = load("torch")
        torch.set_num_threads(threads)
        self.params = []
        self.work = workload
        if isinstance(workload, Mlp):
            # A (out, in) tensor seen transposed is what nn.Linear holds.
            for kernel, bias in workload.weights():
                self.params.append(torch.tensor(kernel.T.copy(), requires_grad=True))
                self.params.append(torch.tensor(bias, requires_grad=True))
            self.run = self.mlp(workload)
        else:
            self.run = self.chain(workload)

    def mlp(self, work: Mlp) -> Callable[[], Any]:
        """Return the training step of a dense classifier."""
        torch = load("torch")
        functional = torch.nn.functional
        x, y = (torch.from_numpy(array) for array in work.inputs())
        y = y.long()
        params = self.params
        optimizer = torch.optim.SGD(params, lr=work.rate)
        layers = list(zip(params[0::2], params[1::2], strict=True))
        last = len(layers) - 1

        def step() -> Any:
            optimizer.zero_grad()
            h = x
            for i, (kernel, bias) in enumerate(layers):
                h = functional.linear(h, kernel, bias)
                if i < last:
                    h = torch.relu(h)
            loss = functional.cross_entropy(h, y)
            loss.backward()
            optimizer.step()
            return loss

        return step

    def chain(self, work: Chain) -> Callable[[], Any]:
        """Return the loss and both derivatives."""
        torch = load("torch")
        x = torch.from_numpy(work.inputs()[0])
        a, b = (torch.tensor(v, dtype=torch.float32, requires_grad=True) for v in work.scalars)

        def step() -> Any:
            h = torch.nn.functional.gelu(a * x + b, approximate="tanh")
            loss = (h * torch.sigmoid(x) + torch.tanh(h)).sum()
            return (loss, *torch.autograd.grad(loss, (a, b)))

        return step

    def reset(self) -> None:
        """Copy the initial weights back into place."""
        if isinstance(self.work, Mlp):
            torch = load("torch")
            with torch.no_grad():
                pairs = self.work.weights()
                for i, (kernel, bias) in enumerate(pairs):
                    self.params[2 * i].copy_(torch.from_numpy(kernel.T.copy()))
                    self.params[2 * i + 1].copy_(torch.from_numpy(bias))

    def step(self) -> Any:
        """Run one step; work on the CPU is done when it returns."""
        return self.run()

    def read(self, result: Any) -> Sequence[float]:
        """Return the step's numbers as floats."""
        values = result if isinstance(result, tuple) else (result,)
        return [float(v.detach()) for v in values]

    def state(self) -> list[NDArray[Any]]:
        """Return copies of all weights, kernels as (in, out)."""
        return [p.detach().numpy().T.copy() for p in self.params]
