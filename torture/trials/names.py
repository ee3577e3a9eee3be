"""Names are harmless: the same network under hostile names gives the same code and numbers."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import graphdl as gd
from graphdl import optim
from graphdl.codegen.c.module import CSource, emit
from graphdl.codegen.toolchain.compiler import find_compiler, has_compiler
from graphdl.compiler import CompiledModule
from graphdl.ir.errors import GraphdlError
from graphdl.ir.text import parse
from tests.codegen.strict import accepted
from torture import hostile, skeleton
from torture.scratch import scratch
from torture.trial import Trial

_RUN_EVERY, _READ_EVERY, _DRAW_EVERY = 50, 5, 10
_PLACES = ("scope", "x", "i", "w", "t", "b", "y", "z", "predict", "train", "module")
_LONGEST = 400  # names have 1000 characters at most, and some are made of two


@dataclass
class Named:
    """The trial's network under some names."""

    graphs: list[gd.Graph]
    module: CompiledModule
    emitted: CSource

    @functools.cached_property
    def skeletons(self) -> tuple[list[str], list[str]]:
        """The C and the NumPy, without names."""
        return skeleton.of_c(self.emitted.source), skeleton.of_python(self.module.source)


def build(name: Callable[[str], str]) -> list[gd.Graph]:
    """Return a network that has a name in every place; `name` says what stands for a plain one."""
    size = name("N")
    with gd.scope(name("scope")):
        x, i = gd.input(name("x"), (size, 3)), gd.input(name("i"), (size,), "int32")
        w, table = gd.param(name("w"), (3, 2)), gd.param(name("t"), (5, 2))
        shift = gd.state(name("b"), (2,))
        y = gd.tanh(x @ w + shift) + gd.gather(table, i)
    loss = gd.mean(y * y)
    predict = gd.Graph({name("y"): y, name("z"): gd.softmax(y, axis=1)}, name=name("predict"))
    return [predict, gd.train_step(loss, optim.SGD(0.1, momentum=0.9), name=name("train"))]


def named(name: Callable[[str], str]) -> Named:
    """Build and compile the network."""
    graphs = build(name)
    module = gd.compile(graphs, "numpy", name=name("module"), dims={name("N"): 6})
    return Named(graphs, module, emit(module.module))


@functools.cache
def _plain() -> Named:
    return named(str)


@functools.cache
def _words() -> tuple[str, ...]:
    """Return the hostile names, with all that the plain code uses itself."""
    taken = re.findall(r"[A-Za-z_]\w*", _plain().emitted.source + _plain().module.source)
    return hostile.words(sorted(set(taken)))


def _values(module: CompiledModule) -> list[bytes]:
    """Predict, train and predict; return the bytes of all results."""
    return _results([module.entries[g.name] for g in module.graphs], module.state)


def _values_alone(module: CompiledModule) -> list[bytes]:
    """Do the same with the class of the NumPy folder, which is not what `entries` call."""
    namespace: dict[str, Any] = {}
    exec(module.source, namespace)
    alone = namespace["Module"]()
    return _results([getattr(alone, p.name) for p in module.module.programs], alone.state)


def _results(entries: Sequence[Callable[..., Any]], state: Mapping[str, np.ndarray]) -> list[bytes]:
    numbers = np.random.default_rng(0)
    for array in state.values():
        array[...] = numbers.standard_normal(array.shape)
    x = numbers.standard_normal((4, 3)).astype(np.float32)
    i = np.array([0, 4, 2, 2], np.int32)
    predict, train = entries
    found = [*predict(x, i).values(), *train(x, i).values(), *predict(x, i).values()]
    return [np.asarray(array).tobytes() for array in found]


def _wrong(unit: int, chosen: dict[str, str]) -> Iterator[str]:
    plain, other = _plain(), named(chosen.__getitem__)
    for language, one, two in zip(("C", "Python"), plain.skeletons, other.skeletons, strict=True):
        if one != two:
            yield f"the {language} is different"
    expected = _values(plain.module)
    if expected != _values(other.module) or expected != _values_alone(other.module):
        yield "the numbers are different"
    if unit % _DRAW_EVERY == 0:
        for graph in other.graphs:
            text = str(parse(str(graph)))  # it has no comments
            if str(parse(text)) != text:
                yield "the text form is not read back"
            gd.draw(graph).dot.encode()
    if has_compiler():
        yield from _wrong_c(unit, other, chosen)


def _wrong_c(unit: int, other: Named, chosen: dict[str, str]) -> Iterator[str]:
    """Let the C compiler read some of the modules, and run a few."""
    if unit % _RUN_EVERY == 0:
        plain = gd.compile(_plain().graphs, "c", name="module", dims={"N": 6})
        sizes = {chosen["N"]: 6}
        module = gd.compile(other.graphs, "c", name=chosen["module"], dims=sizes)
        if _values(module) != _values(plain):
            yield "the numbers of the C are different"
        with scratch() as folder:
            accepted(module.save(folder / "c"), find_compiler())
            other.module.save(folder / "numpy")
    elif unit % _READ_EVERY == 0:
        with scratch() as folder:
            (folder / f"{other.module.name}.h").write_text(other.emitted.header)
            (folder / f"{other.module.name}.c").write_text(other.emitted.source)
            accepted(folder, find_compiler())


def choose(unit: int) -> dict[str, str]:
    """Return hostile names for all plain ones, or for two; they differ from each other."""
    chance = random.Random(unit)
    everywhere = chance.random() < 0.7
    places = _PLACES if everywhere else tuple(chance.sample(_PLACES, 2))
    chosen = {place: place for place in _PLACES if place not in places}
    for place in places:
        before = [chosen[p] for p in places if p in chosen]
        while (name := hostile.name(chance, _words(), before)) in chosen.values():
            pass
        chosen[place] = name
    return {**chosen, "N": hostile.dim(chance, _words()) if everywhere else "N"}


def _may_be_refused(chosen: dict[str, str]) -> bool:
    """Say whether a name is empty, too long, or holds NUL or half of a character."""
    return any(
        not name or len(name) > _LONGEST or re.search("[\0\ud800-\udfff]", name)
        for name in chosen.values()
    )


def run(units: range) -> list[str]:
    """Build under hostile names; a refusal must be a typed error."""
    found = []
    for unit in units:
        chosen = choose(unit)
        shown = ascii({k: v[:40] for k, v in chosen.items() if k != v})
        try:
            found += [f"unit {unit}: {wrong}: {shown}" for wrong in _wrong(unit, chosen)]
        except GraphdlError as error:
            if not _may_be_refused(chosen):
                found.append(f"unit {unit}: refused: {str(error)[:300]!a}: {shown}")
        except Exception as error:
            found.append(f"unit {unit}: {type(error).__name__}: {str(error)[:300]!a}: {shown}")
    return found


TRIAL = Trial(
    name="names",
    promise="Hostile names give the same code but for the names, and the same numbers",
    unit="networks",
    count=2_000,
    batch=25,
    run=run,
)
