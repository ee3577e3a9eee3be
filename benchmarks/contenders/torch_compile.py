"""``torch.compile`` of the whole step.

Forward, backward (``torch.func.grad_and_value``) and update are traced as one graph. Measured,
that is quicker than compiling the loss and leaving ``backward`` and the optimizer outside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from benchmarks.contenders.base import load
from benchmarks.contenders.torch_eager import TorchEager
from benchmarks.workloads import Chain, Mlp


class TorchCompile(TorchEager):
    """The same tensors and weights as eager PyTorch, the step compiled."""

    name: ClassVar[str] = "torch-compile"

    def mlp(self, work: Mlp) -> Callable[[], Any]:
        """Return the compiled training step of a dense classifier."""
        torch = load("torch")
        functional = torch.nn.functional
        x, y = (torch.from_numpy(array) for array in work.inputs())
        y = y.long()
        params = tuple(p.requires_grad_(False) for p in self.params)
        self.params = list(params)
        rate = work.rate

        def loss_of(weights: Any, samples: Any, labels: Any) -> Any:
            h = samples
            for i in range(0, len(weights), 2):
                h = functional.linear(h, weights[i], weights[i + 1])
                if i + 2 < len(weights):
                    h = torch.relu(h)
            return functional.cross_entropy(h, labels)

        def whole(weights: Any, samples: Any, labels: Any) -> Any:
            grads, loss = torch.func.grad_and_value(loss_of)(weights, samples, labels)
            for weight, grad in zip(weights, grads, strict=True):
                weight.sub_(grad, alpha=rate)
            return loss

        compiled = torch.compile(whole)
        return lambda: compiled(params, x, y)

    def chain(self, work: Chain) -> Callable[[], Any]:
        """Return the compiled loss and both derivatives."""
        torch = load("torch")
        x = torch.from_numpy(work.inputs()[0])
        a, b = (torch.tensor(v, dtype=torch.float32) for v in work.scalars)

        def loss_of(first: Any, second: Any, xs: Any) -> Any:
            h = torch.nn.functional.gelu(first * xs + second, approximate="tanh")
            return (h * torch.sigmoid(xs) + torch.tanh(h)).sum()

        def whole(first: Any, second: Any, xs: Any) -> Any:
            both = torch.func.grad_and_value(loss_of, argnums=(0, 1))
            (da, db), loss = both(first, second, xs)
            return loss, da, db

        compiled = torch.compile(whole)
        return lambda: compiled(a, b, x)
