"""What every contender offers to the harness."""

from __future__ import annotations

import importlib
import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from benchmarks.workloads import Workload

PEER = "peer"
PIPELINED = "pipelined"
HAND = "hand"
OURS_C = "ours-c"
OURS_NUMPY = "ours-numpy"


def missing(*modules: str) -> str | None:
    """Return which of *modules* cannot be imported, or None."""
    absent = [name for name in modules if importlib.util.find_spec(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


def load(module: str) -> Any:
    """Import an optional framework; type checkers need not have it."""
    return importlib.import_module(module)


class Contender(ABC):
    """One framework that runs a workload's step.

    The harness calls ``build``, ``compile``, ``reset`` and then ``step`` many times. ``step``
    does one whole training step and hands over what a user of the framework would hold
    afterwards; ``read`` turns that into numbers, outside the timed region.
    """

    name: ClassVar[str]
    role: ClassVar[str] = PEER
    modules: ClassVar[tuple[str, ...]] = ()
    versions: ClassVar[tuple[str, ...]] = ()

    def available(self) -> str | None:
        """Return why this contender cannot run here, or None."""
        return missing(*self.modules)

    def preload(self) -> None:
        """Import the framework, so that compile times don't include it."""
        for module in self.modules:
            load(module)

    def setup(self, workload: Workload, threads: int) -> None:
        """Get ready to run *workload* on *threads* threads."""
        self.build(workload, threads)
        self.compile(threads)
        self.reset()

    @abstractmethod
    def build(self, workload: Workload, threads: int) -> None:
        """Describe the model and hold the inputs; compile nothing."""

    def compile(self, threads: int) -> None:  # noqa: B027  eager frameworks have nothing to do
        """Compile, as far as the framework does so ahead of the first step."""

    @abstractmethod
    def reset(self) -> None:
        """Go back to the initial weights."""

    @abstractmethod
    def step(self) -> Any:
        """Run one step."""

    def finish(self) -> None:  # noqa: B027  only asynchronous contenders have work left
        """Wait for what is still under way; timed once after each run of steps."""

    @abstractmethod
    def read(self, result: Any) -> Sequence[float]:
        """Return a step's numbers: the loss, for chain also both derivatives."""

    @abstractmethod
    def state(self) -> list[NDArray[Any]]:
        """Return copies of kernel, bias, kernel, ... as ``workload.weights()`` orders them."""

    def losses(self, steps: int) -> NDArray[np.float64]:
        """Return the numbers of the first *steps* steps, shape (steps, numbers)."""
        self.reset()
        return np.array([self.read(self.step()) for _ in range(steps)], dtype=np.float64)
