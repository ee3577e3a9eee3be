"""Rules that have been looked at before: in this process, and in the user's cache.

The key on disk is what is compared, written out: the op's expansion and the derivative that its
rule builds, node by node. A rule that changes has another key. Refutations are not kept.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Sequence
from dataclasses import asdict

from graphdl._version import __version__
from graphdl.disk_cache import load_json, store_json
from graphdl.ir.dims import Dim
from graphdl.ir.kinds import ElementwiseOp, PrefixOp, ReduceOp, ScatterOp
from graphdl.ir.node import Node, attr_key
from graphdl.passes.partials import partials, scalar_key
from graphdl.verification.instances import Instance, opened
from graphdl.verification.outcome import Outcome

_FORMAT = 2
_FOLDER = "proofs"

_known: dict[object, Outcome] = {}


def rule_key(node: Node) -> object:
    """Return what makes the rules of two nodes one: op, attributes, and how their sizes compare."""
    keeps_sizes = node.op.kind in ("view", "assembly")
    number: dict[object, int] = {}
    same: dict[Node, int] = {}
    shapes = tuple(
        tuple(s if s in (0, 1) or keeps_sizes else -1 - number.setdefault(s, len(number))
              for s in i.shape)
        for i in node.inputs
    )  # fmt: skip
    equal = tuple(same.setdefault(i, len(same)) for i in node.inputs)
    attrs = tuple((k, attr_key(v)) for k, v in node.attrs)
    floats = tuple(i.dtype.is_float for i in node.inputs)
    return (node.op, attrs, shapes, equal, floats)


def known(key: object) -> Outcome | None:
    """Return what this process knows of a rule."""
    return _known.get(key)


def remember(key: object, outcome: Outcome) -> Outcome:
    """Keep an outcome for this process."""
    _known[key] = outcome
    return outcome


def fingerprint(instances: Sequence[Instance]) -> str:
    """Return a key for everything that a proof of these instances looks at."""
    parts = [str(_FORMAT), __version__, importlib.metadata.version("sympy")]
    for instance in instances:
        graph = opened(instance)
        place = {node: k for k, node in enumerate(graph.nodes)}
        parts += [_text(node, place) for node in graph.nodes]
        parts += [f"{name} {place[node]}" for name, node in graph.outputs.items()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _text(node: Node, place: dict[Node, int]) -> str:
    op = node.op
    inputs = [place[i] for i in node.inputs]
    attrs = [(k, str(v) if isinstance(v, Dim) else attr_key(v)) for k, v in node.attrs]
    text = f"{op.kind} {op.name} {inputs} {attrs} {node.shape} {node.dtype}"
    if isinstance(op, ElementwiseOp):
        declared = partials(op, node.attrs) if node.dtype.is_float else ()
        slopes = [None if p is None else scalar_key(p) for p in declared]
        return f"{text} {scalar_key(op.body(node.attrs))} {slopes}"
    if isinstance(op, (ReduceOp, PrefixOp, ScatterOp)):
        return f"{text} {op.combine}"
    return text


def load(key: str) -> Outcome | None:
    """Return an outcome from the cache; None if there is none that can be read."""
    stored = load_json(_FOLDER, key)
    if stored is None:
        return None
    for name in ("conditions", "remarks", "kinks"):
        stored[name] = tuple(stored[name])
    return Outcome(**stored)


def store(key: str, outcome: Outcome) -> None:
    """Keep what was established on disk, too; a refutation is looked at again each time."""
    if outcome.verdict in ("proved", "checked"):
        store_json(_FOLDER, key, asdict(outcome))
