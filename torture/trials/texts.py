"""Texts can't hurt: a garbled text of a graph is refused with a typed error, or is a graph.

A graph that was read is written and read once more, and lowered, as if it were to be compiled.
"""

from __future__ import annotations

import random
import sys
import typing
import warnings
from collections.abc import Iterator
from functools import cache, lru_cache

import graphdl as gd
from graphdl import nn
from graphdl.codegen.lower.lower import Module, lower
from graphdl.ir.errors import GraphdlError
from graphdl.ir.text import parse, to_text
from graphdl.passes.pipeline import run as optimised
from graphdl.verification.random_graphs import random_case
from tests.ops.cases import elementwise_cases
from tests.ops.rows import rows
from torture.garbled import garbled
from torture.limits import Clock, TooLongError, memory_limit
from torture.trial import Trial

SECONDS, MEGABYTES = 2.0, 512
_EACH = 10
"""Garbled texts that are made of one random graph."""
_SHORT = 20_000
"""Characters up to which what was read is lowered, too."""
_LARGEST = 2**63

_CODE = frozenset(("compile", "exec", "import", "open", "os.system", "subprocess.Popen"))
"""What reading a text must not do, as Python's audit hooks call it."""
_TYPING = str(typing.__file__)
"""It compiles the annotations of our own functions."""


@cache
def texts() -> tuple[str, ...]:
    """Return the texts of all ops, as their own tests call them, and one of much else."""
    found = {to_text(_mixture())}
    for case in (*elementwise_cases(), *rows()):
        value = case.call(*case.nodes("float64"))
        found.add(to_text(gd.Graph(value)))
    for text in found:
        parse(text)  # what is imported late is imported now
    return tuple(sorted(found))


def _mixture() -> gd.Graph:
    """Return a graph with scopes, initialisers, strange names, long constants, and updates."""
    x, steps = gd.input("x", ("N", 20)), gd.state("steps done", (), "int64")
    with gd.scope("head"):
        w = gd.param("w", (20, 3), init=nn.init.he())
        value = gd.gelu(x @ w, approximate="tanh") + gd.constant([float(k) for k in range(3)])
    long = gd.constant([k * 0.1 for k in range(20)], "float64")
    outputs = {"y": value, "a strange name\n": gd.sum(long), "last": x[::-2, 1:]}
    return gd.Graph(outputs, updates={steps: steps + 1, w: w * 0.5}, name="mixture")


@lru_cache(maxsize=4)
def _random_text(seed: int) -> str:
    return to_text(random_case(seed).graph)


def garbled_text(unit: int) -> str:
    """Return the text of a unit."""
    chance, known = random.Random(unit), texts()  # all ops are known now, whatever ran before
    text = _random_text(unit // _EACH) if unit % 2 else chance.choice(known)
    return garbled(chance, text)


class _Watch:
    """Notes what Python is made to run; an audit hook cannot be removed, but be told to rest."""

    def __init__(self) -> None:
        self.rests, self.seen = True, list[str]()
        sys.addaudithook(self._hook)

    def _hook(self, event: str, details: tuple[object, ...]) -> None:
        if not self.rests and event in _CODE and sys._getframe(1).f_code.co_filename != _TYPING:
            self.seen.append(f"{event} of {str(details)[:100]}")

    def wake(self) -> None:
        """Begin to watch."""
        self.rests, self.seen = False, []


@cache
def _watch() -> _Watch:
    return _Watch()


def _read(text: str) -> gd.Graph | str | None:
    """Read one text; return the graph, what is wrong about how that went, or None if refused."""
    try:
        graph = parse(text)
    except GraphdlError:
        return None
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    try:
        written = to_text(graph)
        again = to_text(parse(written))
    except Exception as error:
        return f"it was read, then {type(error).__name__}: {str(error)[:200]}"
    return graph if again == written else "what was read is written as something else at last"


def _lowered(graph: gd.Graph) -> str | None:
    """Lower what was read; return what is wrong about how that went."""
    try:
        lower(optimised(graph), Module("texts", dict.fromkeys(graph.dims, 5)))
    except GraphdlError:
        return None
    except Exception as error:
        return f"it was read, but does not lower: {type(error).__name__}: {str(error)[:200]}"
    return None


def tried(units: range) -> Iterator[str]:
    """Read the texts of some units; yield a line a finding."""
    watch = _watch()
    with Clock(SECONDS) as clock:
        for unit in units:
            text = garbled_text(unit)
            try:
                clock.start()
                watch.wake()
                found = _read(text)
                watch.rests = True
                if isinstance(found, gd.Graph):
                    clock.start()
                    found = _unfit(found) or (_lowered(found) if len(text) < _SHORT else None)
            except TooLongError as error:
                found = str(error)
            clock.stop()
            watch.rests = True
            if found or watch.seen:
                yield f"unit {unit}: {found or watch.seen[0]}"


def _unfit(graph: gd.Graph) -> str | None:
    """Return which leaf nobody could have declared."""
    for node in graph.nodes:
        bad = [s for s in node.shape if isinstance(s, int) and not 0 <= s < _LARGEST]
        if bad:
            return f"{node.op.name} has an axis of {str(bad[0])[:40]} elements"
    return None


def run(units: range) -> list[str]:
    """Read garbled texts, each within its limits."""
    texts()
    with memory_limit(MEGABYTES), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # to show one, Python opens the file that gives it
        return list(tried(units))


TRIAL = Trial(
    name="texts",
    promise="A garbled text of a graph is refused with a typed error or read, in 2 s and 512 MB",
    unit="texts",
    count=100_000,
    batch=2_000,
    run=run,
)
