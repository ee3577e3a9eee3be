"""The boundary: calls of compiled modules with arguments of every kind.

A call is made twice: with strange arguments, and in a twin of the module with plain copies of the
same numbers. Either both give the same bits, in results and in state, or the strange one ends in a
typed error and no bit of the state has changed.
"""

from __future__ import annotations

import importlib.util
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import graphdl as gd
from graphdl.codegen.toolchain.compiler import has_compiler
from graphdl.ir.dims import evaluate, symbol, symbols
from graphdl.ir.errors import GraphdlError
from graphdl.verification.random_graphs import Case, random_case
from tests.codegen.agreement import maxima_of
from tests.codegen.standalone_models import digits
from torture.arguments import CHANGES, REFUSED, SAME
from torture.scratch import scratch
from torture.trial import Trial

TARGETS = ("c", "c by ctypes", "numpy", "interp", "numpy folder")
RANDOM = 24
"""Random graphs that are tried beside those that were made for this."""

PLAIN_ERRORS = (TypeError, ValueError, IndexError, KeyError)
"""What a standalone NumPy module raises: it knows no errors of graphdl's."""

Arrays = dict[str, np.ndarray]
Entry = Callable[..., Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Opened:
    """A compiled module: its entry points and its state."""

    entries: Mapping[str, Entry]
    state: Mapping[str, np.ndarray]
    assign: Callable[[str, Any], None]
    errors: tuple[type[Exception], ...]

    def copy(self) -> Arrays:
        """Return a copy of the state."""
        return {k: self.state[k].copy() for k in self.state}


def cases() -> list[Case]:
    """Return the graphs that are called."""
    trained = [Case(g, {"N": 9}) for g in digits("momentum", target="interp").graphs]
    return [*trained, Case(_mixed(), {"N": 5, "M": 4}), *map(random_case, range(RANDOM))]


def _mixed() -> gd.Graph:
    """Return a graph of all dtypes, checked and computed indices, a size that is a rule, state."""
    x, pairs = gd.input("x", ("N", 3), "float64"), gd.input("pairs", (2 * symbol("N"),))
    ids, mask = gd.input("ids", ("M",), "int64"), gd.input("mask", ("N", 1), "bool")
    bytes_, near = gd.input("bytes", ("M", 2), "uint8"), gd.input("near", ("N",))
    table, calls = gd.param("table", (6, 2), init=0.5), gd.state("calls", (), "int64")
    row = gd.gather(table, ids) * gd.cast(bytes_, "float32")
    picked = gd.gather(table, gd.cast(near * 3.0, "int32"))
    outputs = {
        "chosen": gd.where(mask, x, -x),
        "sum": gd.sum(pairs),
        "row": row,
        "picked": picked,
        "table": table,
    }
    moved = table + gd.sum(row) * 1e-3 + gd.sum(picked) * 1e-3
    return gd.Graph(outputs, updates={table: moved, calls: calls + 1}, name="mixed")


@contextmanager
def _binding(name: str) -> Iterator[None]:
    before = os.environ.get("GRAPHDL_BINDING")
    os.environ["GRAPHDL_BINDING"] = name
    try:
        yield
    finally:
        os.environ.pop("GRAPHDL_BINDING")
        if before is not None:
            os.environ["GRAPHDL_BINDING"] = before


@cache
def _opened(target: str, twin: int) -> Opened:
    """Compile all cases as one module; ``twin`` only tells two of them apart."""
    every = cases()
    graphs = [c.graph for c in every]
    kind = target.split()[0]
    with _binding("ctypes" if "ctypes" in target else "extension"):
        module = gd.compile(graphs, target=kind, name="boundary", dims=maxima_of(every), threads=1)
    if target != "numpy folder":
        return Opened(module.entries, module.state, module.state.__setitem__, (GraphdlError,))
    with scratch() as folder:
        path = module.save(folder / "boundary")
        spec = importlib.util.spec_from_file_location(f"boundary_{twin}", path / "boundary.py")
        assert spec is not None
        assert spec.loader is not None
        source = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(source)
        own = source.Module(str(path / "boundary_params.safetensors"))
    names = zip(graphs, module.module.programs, strict=True)
    entries = {g.name: getattr(own, p.name) for g, p in names}
    return Opened(entries, own.state, own.state.__setitem__, PLAIN_ERRORS)


@dataclass
class Call:
    """A call to be made: what is passed, what that is as plain arrays, and what must come."""

    what: list[str]
    strange: dict[str, Any]
    plain: Arrays
    verdict: str = SAME


def _call(case: Case, opened: Opened, rng: np.random.Generator) -> Call:
    tried = case.dims(int(rng.integers(1 << 31)))
    env = tried[int(rng.integers(len(tried)))]
    arrays = case.inputs(env, int(rng.integers(1 << 31)))
    call = Call([], dict(arrays), arrays)
    names = list(arrays)
    if not names:
        return call
    for _ in range(int(rng.integers(1, 3))):
        name = names[int(rng.integers(len(names)))]
        kind = int(rng.integers(12))
        if kind == 0:
            _grow(call, case, env, name, rng)
        elif kind == 1:
            _out_of_range(call, case, env, name, rng)
        elif kind in (2, 4):
            _alias(call, opened, name, rng)
        elif kind == 3:
            _misname(call, name, rng)
        elif name in call.strange and call.strange[name] is call.plain.get(name):
            fitting = [c for c in CHANGES if c.fits(call.plain[name])]
            change = fitting[int(rng.integers(len(fitting)))]
            value = change.make(rng, call.plain[name])
            call.strange[name] = value
            call.what.append(f"{name}: {change.name}")
            if change.verdict == REFUSED:
                call.verdict = REFUSED
            elif change.name == "broadcast":
                call.plain[name] = np.ascontiguousarray(value)
    return call


def _grow(call: Call, case: Case, env: Mapping[str, int], name: str, rng: Any) -> None:
    """Pass an axis that is one longer than it may be."""
    array = call.plain[name]
    if not array.ndim or call.strange.get(name) is not array or "too long" in str(call.what):
        return
    axis = int(rng.integers(array.ndim))
    (node,) = (n for n in case.graph.inputs if n.name == name)
    size = node.shape[axis]
    if str(size) in env and env[str(size)] < maxima_of(_cases())[str(size)]:
        every = [s for i in case.graph.inputs for s in i.shape if not isinstance(s, int)]
        if sum(str(size) in symbols(s) for s in every) == 1:
            return  # another size, which is allowed
    shape = [n + (k == axis) for k, n in enumerate(array.shape)]
    call.strange[name] = np.resize(array, shape) if array.size else np.zeros(shape, array.dtype)
    call.what.append(f"{name}: axis {axis} too long")
    call.verdict = REFUSED


def _out_of_range(call: Call, case: Case, env: Mapping[str, int], name: str, rng: Any) -> None:
    """Pass an index that is out of its range; whether it is one that is checked shows."""
    array = call.plain[name]
    may = name in case.limits and array.size and array.dtype.kind != "b"
    if not may or call.strange.get(name) is not array:
        return
    limit = evaluate(case.limits[name], env)
    wrong: list[float] = [math.nan, math.inf, -math.inf, 1e30]
    if array.dtype.kind in "iu":
        info = np.iinfo(array.dtype)
        tried = (limit, limit + 7, -1, -limit - 1, info.min, info.max)
        wrong = [v for v in tried if info.min <= v <= info.max]
    changed = array.copy()
    changed.flat[int(rng.integers(array.size))] = wrong[int(rng.integers(len(wrong)))]
    call.plain[name] = call.strange[name] = changed
    call.what.append(f"{name}: an index out of range")


def _alias(call: Call, opened: Opened, name: str, rng: Any) -> None:
    """Pass memory that is also another input's, or the state's."""
    array = call.plain[name]
    if call.strange.get(name) is not array:
        return
    found = [s for s in opened.state.values() if s.dtype == array.dtype and s.size >= array.size]
    if found and math.prod(array.shape) and rng.random() < 0.5:
        state = found[int(rng.integers(len(found)))]
        call.strange[name] = state.reshape(-1)[: array.size].reshape(array.shape)
        call.plain[name] = call.strange[name].copy()
        call.what.append(f"{name}: memory of the state")
        return
    others = [k for k, a in call.plain.items() if k != name and a.dtype == array.dtype]
    others = [k for k in others if call.strange.get(k) is call.plain[k]]
    if others:
        other = others[int(rng.integers(len(others)))]
        size = max(array.size, call.plain[other].size)
        block = np.concatenate([array.ravel(), call.plain[other].ravel()])[:size]
        for key in (name, other):
            shape = call.plain[key].shape
            call.strange[key] = block[size - math.prod(shape) :].reshape(shape)
            call.plain[key] = call.strange[key].copy()
        call.what.append(f"{name}: overlaps {other}")


def _misname(call: Call, name: str, rng: Any) -> None:
    """Leave an argument out, or give one that nobody asked for."""
    if name not in call.strange:
        return
    if rng.random() < 0.5:
        del call.strange[name]
        call.what.append(f"{name}: not given")
    else:
        call.strange[f"{name}?"] = call.plain[name]
        call.what.append(f"{name}?: given")
    call.verdict = REFUSED


def _same(a: Mapping[str, Any], b: Mapping[str, Any]) -> str:
    """Say which arrays differ in any bit, dtype or shape."""
    wrong = []
    for key in a.keys() | b.keys():
        x, y = (np.asarray(m[key]) if key in m else None for m in (a, b))
        if x is None or y is None or x.dtype != y.dtype or x.shape != y.shape:
            wrong.append(f"{key} has another form")
        elif x.tobytes() != y.tobytes():
            wrong.append(f"{key} differs")
    return ", ".join(sorted(wrong))


def _attempt(entry: Entry, given: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, Any]:
    try:
        return {k: np.array(v) for k, v in entry(**given).items()}, None
    except Exception as error:
        return None, error


def attempt(unit: int) -> list[str]:
    """Make the call of a unit; return what is wrong."""
    rng = np.random.default_rng(unit)
    target = TARGETS[unit % len(TARGETS)]
    every = _cases()
    case = every[int(rng.integers(len(every)))]
    opened, twin = _opened(target, 0), _opened(target, 1)
    for label in opened.state:  # what the last call has left there is no part of this one
        drawn = rng.integers(0, 4, opened.state[label].shape).astype(opened.state[label].dtype)
        opened.assign(label, drawn)
        twin.assign(label, drawn)
    found = _assigned(opened, rng)
    call = _call(case, opened, rng)
    before = opened.copy()
    got, error = _attempt(opened.entries[case.graph.name], call.strange)
    where = f"unit {unit}, {target}, {case.graph.name}, {'; '.join(call.what) or 'plain'}"
    if error is not None:
        if not isinstance(error, opened.errors) or not str(error):
            found.append(f"untyped error {type(error).__name__}: {error}")
        if changed := _same(before, opened.state):
            found.append(f"refused, but the state changed: {changed}")
        if call.verdict == SAME:
            _, other = _attempt(twin.entries[case.graph.name], call.plain)
            if other is None:
                found.append(f"refused, though plain arrays are not: {error}")
        return [f"{where}: {line}" for line in found]
    if call.verdict == REFUSED:
        found.append("not refused")
    else:
        wanted, other = _attempt(twin.entries[case.graph.name], call.plain)
        if wanted is None or got is None:
            found.append(f"accepted, though plain arrays are not: {other}")
        else:
            found += [f"result: {d}" for d in [_same(got, wanted)] if d]
            found += [f"state: {d}" for d in [_same(opened.state, twin.state)] if d]
    return [f"{where}: {line}" for line in found]


@cache
def _cases() -> list[Case]:
    return cases()


def _assigned(opened: Opened, rng: np.random.Generator) -> list[str]:
    """Assign something to a state that does not fit it."""
    labels = list(opened.state)
    label = labels[int(rng.integers(len(labels)))]
    before = opened.copy()
    value = before[label]
    wrong = (value[None], value.astype("c16"), "text", None, np.zeros(value.shape, "M8[s]"))
    given = wrong[int(rng.integers(len(wrong)))]
    try:
        opened.assign(label, given)
    except (GraphdlError, *PLAIN_ERRORS):
        changed = _same(before, opened.state)
        return [f"refused to set {label!r}, but changed {changed}"] if changed else []
    return [f"state {label!r} was set to {type(given).__name__}"]


def run(units: range) -> list[str]:
    """Make the calls of these units."""
    return [line for unit in units for line in attempt(unit)]


def missing() -> str | None:
    """Say whether there is no compiler."""
    return None if has_compiler() else "no C compiler was found"


TRIAL = Trial(
    name="boundary",
    promise=(
        "A call with strange arguments gives what plain arrays give, or a typed error with every "
        "bit of the state as it was: C by both bindings, NumPy, interpreter"
    ),
    unit="calls",
    count=20_000,
    batch=500,
    run=run,
    missing=missing,
)
