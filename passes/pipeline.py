"""The pipeline: which passes run on a graph, in which order, and what each of them did."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from graphdl import env
from graphdl.ir.collector import paused
from graphdl.ir.errors import PassError
from graphdl.ir.graph import Graph
from graphdl.ir.text import to_text
from graphdl.passes import fold, simplify, views
from graphdl.passes.canonical import commuted
from graphdl.passes.dce import dce
from graphdl.passes.expand import expand
from graphdl.passes.rewriting import rewritten
from graphdl.passes.stabilise import stabilise

Fired = Counter[str]
Stage = Literal["composites", "algebra", "layout", "clean"]


@dataclass(frozen=True, slots=True)
class Pass:
    """One step of the pipeline.

    Attributes
    ----------
    name : str
        Its name.
    stage : str
        What is worked on: ``composites`` (they are still closed), ``algebra``, ``layout`` (views
        and contractions), ``clean``.
    function : callable
        From a graph and a counter for fired rules to a graph of the same meaning.
    exact : bool
        Whether results stay bit for bit, apart from the order of sums; else other formulas, equal
        over the real numbers, may round differently.
    """

    name: str
    stage: Stage
    function: Callable[[Graph, Fired], Graph]
    exact: bool = True


Check = Callable[[Pass, Graph, Graph], None]
"""Looks at what a pass has made of a graph; raises if it means something else."""


def rewrite(graph: Graph, fired: Fired | None = None) -> Graph:
    """Fold, simplify, bring into canonical form and cancel views, to a joint fixpoint.

    These feed each other, so one walk drives the rules of all of them.
    """
    rules = [*fold.RULES, *simplify.RULES, *views.RULES]
    return rewritten(graph, rules, fired, commuted)


PIPELINE: tuple[Pass, ...] = (
    Pass("stabilise", "composites", stabilise, exact=False),
    Pass("expand", "composites", expand),
    Pass("fold, simplify, canonical, views", "algebra", rewrite),
    Pass("absorb orders", "layout", views.absorb_orders),
    Pass("dce", "clean", dce),
)
"""What :func:`run` does, in this order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one pass did.

    Attributes
    ----------
    name : str
        The pass.
    before, after : int
        Number of nodes.
    fired : dict of str to int
        How often each rule fired.
    """

    name: str
    before: int
    after: int
    fired: dict[str, int]

    def __str__(self) -> str:
        return f"{self.name}: {self.before} → {self.after} nodes"


@dataclass
class Trace:
    """What a run of the pipeline did, pass by pass."""

    entries: list[Entry] = field(default_factory=list)

    def __str__(self) -> str:
        lines: list[str] = []
        for entry in self.entries:
            lines.append(str(entry))
            lines += [f"    {count} × {rule}" for rule, count in entry.fired.items()]
        return "\n".join(lines)


def run(
    graph: Graph,
    passes: Sequence[Pass] = PIPELINE,
    *,
    trace: Trace | None = None,
    dot: Callable[[Graph], str] | None = None,
    check: Check | None = None,
) -> Graph:
    """Return a graph of the same meaning that is cheaper to compute.

    Parameters
    ----------
    graph : Graph
        What was built, gradients and updates included.
    passes : sequence of Pass
        What to do.
    trace : Trace, optional
        Receives an entry a pass.
    dot : callable, optional
        Draws a graph as DOT, for ``GRAPHDL_DUMP``.
    check : callable, optional
        Called after each pass, with the graph before and after: ``GRAPHDL_VALIDATE``.

    Returns
    -------
    Graph
        With the same inputs, outputs, state, shapes and dtypes.

    Raises
    ------
    PassError
        If a pass changes names, shapes or dtypes of results, or ``check`` finds another change.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N", 3))
    >>> trace = Trace()
    >>> g = run(gd.Graph(gd.log(gd.sum(gd.exp(x.T), axis=0))), trace=trace)
    >>> print(trace.entries[0])
    stabilise: 5 → 3 nodes
    """
    _show(graph, 0, None, dot)
    for place, step in enumerate(passes, 1):
        fired: Fired = Counter()
        with paused():
            result = step.function(graph, fired)
        _check_signature(step, graph, result)
        if check is not None:
            check(step, graph, result)
        entry = Entry(step.name, len(graph.nodes), len(result.nodes), dict(fired))
        if trace is not None:
            trace.entries.append(entry)
        graph = result
        _show(graph, place, entry, dot)
    return graph


def _check_signature(step: Pass, before: Graph, after: Graph) -> None:
    """A pass may change how results are computed, never what a caller sees of them."""
    same = before.outputs.keys() == after.outputs.keys() and before.inputs == after.inputs
    for old, new in zip(before.outputs.values(), after.outputs.values(), strict=False):
        same &= old.shape == new.shape and old.dtype is new.dtype
    if not same:
        raise PassError(
            f"{step.name} changed the signature of {before!r} to {after!r}",
            remedy="a pass keeps names, shapes and dtypes of inputs and outputs",
        )


def _show(
    graph: Graph, place: int, entry: Entry | None, dot: Callable[[Graph], str] | None
) -> None:
    """Do what the debug flags ask for."""
    level, folder = env.debug(), env.dump()
    if level >= 1 and entry is not None:
        sys.stderr.write(f"graphdl: {graph.name}: {entry}\n")
    if level >= 2 and entry is not None:
        for rule, count in entry.fired.items():
            sys.stderr.write(f"graphdl:   {count} × {rule}\n")
    if level >= 3:
        sys.stderr.write(to_text(graph))
    if folder is not None:
        name = "built" if entry is None else entry.name.replace(",", "").replace(" ", "-")
        stem = f"{_file_name(graph.name)}.{place}-{name}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{stem}.txt").write_text(to_text(graph), encoding="utf-8")
        if dot is not None:
            (folder / f"{stem}.dot").write_text(dot(graph), encoding="utf-8")


def _file_name(name: str) -> str:
    """Return a graph's name as a harmless file name."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name)[:80] or "graph"
