"""``jax.jit`` of the whole step with donated parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders.base import PIPELINED, Contender, load
from benchmarks.workloads import Chain, Mlp, Workload


class JaxJit(Contender):
    """Each step waits for its results, as a loop that looks at every loss does.

    XLA takes its thread count from the process (``benchmarks.machine``), not from ``build``.
    """

    name: ClassVar[str] = "jax"
    modules: ClassVar[tuple[str, ...]] = ("jax",)
    versions: ClassVar[tuple[str, ...]] = ("jax", "jaxlib")

    def __init__(self) -> None:
        self.work: Workload | None = None
        self.params: Any = None
        self.inputs: tuple[Any, ...] = ()
        self.jitted: Callable[..., Any] = lambda: None
        self.last: Any = None
        self.block: Callable[[Any], Any] = lambda value: value

    def build(self, workload: Workload, threads: int) -> None:
        """Put inputs and weights on the device and define the step."""
        jax = load("jax")
        self.work = workload
        self.block = jax.block_until_ready
        self.inputs = tuple(jax.device_put(array) for array in workload.inputs())
        if isinstance(workload, Mlp):
            self.jitted = jax.jit(mlp_step(workload.rate), donate_argnums=0)
        else:
            self.jitted = jax.jit(chain_step())
        self.reset()

    def reset(self) -> None:
        """Put fresh weights on the device; donated ones are gone."""
        jax = load("jax")
        if isinstance(self.work, Mlp):
            self.params = jax.device_put(self.work.weights())
        elif isinstance(self.work, Chain):
            self.params = jax.device_put(tuple(np.float32(v) for v in self.work.scalars))
        self.block(self.params)

    def step(self) -> Any:
        """Run one step and wait for its numbers and, with them, for the weights."""
        self.params, result = self.jitted(self.params, *self.inputs)
        return self.block(result)

    def read(self, result: Any) -> Sequence[float]:
        """Return the step's numbers as floats."""
        return [float(v) for v in result]

    def state(self) -> list[NDArray[Any]]:
        """Return copies of all weights."""
        if isinstance(self.work, Chain):
            return []
        return [np.array(array) for pair in self.params for array in pair]


class JaxPipelined(JaxJit):
    """Steps are only queued; the last one of a timed run is waited for.

    A loop that never looks at a loss runs like this, and hides JAX's dispatch on small steps.
    It is listed on its own: everyone else has the loss in hand after each step.
    """

    name: ClassVar[str] = "jax-pipelined"
    role: ClassVar[str] = PIPELINED

    def step(self) -> Any:
        """Queue one step."""
        self.params, self.last = self.jitted(self.params, *self.inputs)
        return self.last

    def finish(self) -> None:
        """Wait for the queue to run empty."""
        self.block((self.params, self.last))


def mlp_step(rate: float) -> Callable[..., Any]:
    """Return ``(params, x, y) -> (new params, (loss,))``."""
    jax = load("jax")
    jnp = load("jax.numpy")

    def loss_of(params: Any, x: Any, y: Any) -> Any:
        h = x
        for i, (kernel, bias) in enumerate(params):
            h = h @ kernel + bias
            if i < len(params) - 1:
                h = jax.nn.relu(h)
        picked = jnp.take_along_axis(jax.nn.log_softmax(h), y[:, None], axis=1)
        return -jnp.mean(picked)

    def step(params: Any, x: Any, y: Any) -> Any:
        loss, grads = jax.value_and_grad(loss_of)(params, x, y)
        return jax.tree.map(lambda p, g: p - rate * g, params, grads), (loss,)

    return step


def chain_step() -> Callable[..., Any]:
    """Return ``((a, b), x) -> ((a, b), (loss, da, db))``."""
    jax = load("jax")
    jnp = load("jax.numpy")

    def loss_of(scalars: Any, x: Any) -> Any:
        h = jax.nn.gelu(scalars[0] * x + scalars[1], approximate=True)
        return jnp.sum(h * jax.nn.sigmoid(x) + jnp.tanh(h))

    def step(scalars: Any, x: Any) -> Any:
        loss, (da, db) = jax.value_and_grad(loss_of)(scalars, x)
        return scalars, (loss, da, db)

    return step
