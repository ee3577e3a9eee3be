"""A small gradient proved as a whole, whatever it is built like.

Loss and gradient are evaluated on symbols, at several small sizes of the symbolic dims; SymPy
differentiates the loss, and each difference must vanish in each region. Integers and bools take all
their values in turn. What bounds the work is counted, not timed: elements, symbols, regions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir import interpreter
from graphdl.ir.graph import Graph, static_shape
from graphdl.ir.node import Node
from graphdl.ir.sampling import index_limits, random_inputs, random_state
from graphdl.passes.expand import expand
from graphdl.verification import evaluator
from graphdl.verification.evaluator import UnsupportedError, Values
from graphdl.verification.limits import time_limit
from graphdl.verification.outcome import Fault, Outcome, joined
from graphdl.verification.pairs import FAILURES, Pair, Place, compared
from graphdl.verification.pieces import all_integers
from graphdl.verification.precise import operations
from graphdl.verification.regions import OutsideDomainError, Region, explore
from graphdl.verification.sizes import small
from graphdl.verification.symbolic import Symbolic, symbols_of
from graphdl.verification.wording import counted

Expression = Any

WORK, LITTLE = 3000, 250
"""Terms of the loss times elements of variables, over all runs: to find a proof, to confirm one."""
_MOST_OPERATIONS = 700
"""Elements that an evaluation may compute."""
_MOST_REGIONS = 64
_SECONDS = 60.0
"""Beyond this nothing more is tried; what the counts let through takes a fraction."""
_POINTS = 10


def proved_whole(
    loss: Node, wrt: Sequence[Node], gradients: Sequence[Node], work: int = WORK
) -> Outcome:
    """Return how far a gradient is established on symbols.

    Parameters
    ----------
    loss : Node
        A floating scalar.
    wrt : sequence of Node
        Inputs and parameters.
    gradients : sequence of Node
        One a variable.
    work : int
        How much may be tried; see ``WORK``.

    Returns
    -------
    Outcome
        ``open`` where it is too large, or SymPy finds nothing.
    """
    if any(v.inputs for v in wrt):
        return Outcome("open", "a variable is computed")
    whole = _Whole(loss, wrt, gradients, work)
    found, sizes = list[Outcome](), list[dict[str, int]]()
    try:
        with time_limit(_SECONDS):
            for env in small(whole.graph.dims):
                if not whole.is_possible(env):
                    continue
                found.append(whole.at(env))
                sizes.append(env)
                if found[-1].verdict != "proved":
                    break
    except FAILURES as error:
        return Outcome("open", f"{type(error).__name__}: {error}")
    outcome = joined(found)
    if outcome.verdict != "proved":
        return outcome
    if not any(max(env.values(), default=2) > 1 for env in sizes):
        return Outcome("open", "no size larger than 1 was possible")
    how = "on symbols" + (f", {_sizes_text(sizes)}" if whole.graph.dims else "")
    return Outcome("proved", how, outcome.conditions, _brief(outcome.remarks), outcome.kinks)


def _brief(remarks: Sequence[str]) -> tuple[str, ...]:
    """Count the regions far out, which are many."""
    count = len(remarks)
    return (f"{counted(count, 'region')} far out: only checked",) if count else ()


def _sizes_text(sizes: Sequence[Mapping[str, int]]) -> str:
    found = {d: sorted({env[d] for env in sizes}) for d in sizes[0]}
    return ", ".join(f"{d} = {' and '.join(map(str, values))}" for d, values in found.items())


class _Whole:
    """A loss and its gradient without composites."""

    def __init__(
        self, loss: Node, wrt: Sequence[Node], gradients: Sequence[Node], work: int
    ) -> None:
        self.work = work
        named = {f"v{k}": v for k, v in enumerate(wrt)} | {
            f"g{k}": g for k, g in enumerate(gradients)
        }
        self.names = [v.name for v in wrt]
        self.graph = expand(Graph({"loss": loss, **named}))
        outputs = self.graph.outputs
        self.loss = outputs["loss"]
        self.wrt = [outputs[f"v{k}"] for k in range(len(wrt))]
        self.gradients = [outputs[f"g{k}"] for k in range(len(wrt))]
        self.leaves = (*self.graph.inputs, *self.graph.state)

    def is_possible(self, env: Mapping[str, int]) -> bool:
        """Whether the interpreter takes these sizes."""
        rng = np.random.default_rng(0)
        drawn = random_inputs(self.graph, rng, env) | random_state(self.graph, rng)
        try:
            values: Values = {n: np.asarray(drawn[n.name]) for n in self.leaves}
            interpreter.run(list(self.graph.outputs.values()), values, env, double=True)
        except (ValueError, LookupError):
            return False
        return True

    def at(self, env: Mapping[str, int]) -> Outcome:
        """Compare at one choice of sizes, for all integers and in all regions."""
        if operations([self.loss, *self.gradients], env) > _MOST_OPERATIONS:
            raise UnsupportedError("too large for symbols")
        self.symbols = {
            n: symbols_of(n.name, static_shape(n.shape, env))
            for n in self.leaves
            if n.dtype.is_float
        }
        flat = [s for n in self.symbols.values() for s in n.ravel()]
        deadline, found = time.process_time() + _SECONDS, list[Outcome]()
        rest = [n for n in self.leaves if not n.dtype.is_float]
        for discrete in all_integers(rest, index_limits(self.graph), env):
            fault = self._fault(discrete)
            for region in explore(_MOST_REGIONS):
                try:
                    pairs = list(self._pairs({**discrete, **self.symbols}, env, region))
                except OutsideDomainError:
                    continue
                found.append(compared(region, pairs, flat, deadline, fault, _POINTS))
                if found[-1].verdict == "refuted":
                    return found[-1]
        return joined(found)

    def _pairs(self, values: Values, env: Mapping[str, int], region: Region) -> Iterator[Pair]:
        """Yield what the gradient gives and SymPy's derivative, element by element."""
        import sympy as sp

        algebra, relaxed = Symbolic(region), Symbolic(region, strict=False)
        evaluator.run([self.loss], values, env, algebra)
        loss = values[self.loss].item()
        self.work -= algebra.size(loss) * sum(self.symbols[v].size for v in self.wrt)
        if self.work < 0:
            raise UnsupportedError("too large for symbols")
        relaxed.given = algebra.given
        evaluator.run(self.gradients, values, env, relaxed)
        for k, (variable, gradient) in enumerate(zip(self.wrt, self.gradients, strict=True)):
            got = values[gradient]
            for place in np.ndindex(*self.symbols[variable].shape):
                slope = sp.diff(loss, self.symbols[variable][place])
                given = sp.sympify(got[place])
                yield algebra.opened(given), algebra.opened(slope), (k, place, ())

    def _fault(self, discrete: Values) -> Any:
        def fault(where: Place, point: dict[Expression, Any], expected: float, got: float) -> Fault:
            values: dict[str, Any] = {str(s): float(v) for s, v in point.items()}
            values.update({n.name: v.tolist() for n, v in discrete.items()})
            k, place, _ = where
            return Fault(self.names[k], place, (), values, expected, got, "loss")

        return fault
