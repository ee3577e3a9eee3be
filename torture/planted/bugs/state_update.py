"""A training step that writes the wrong state, or at the wrong moment."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "the state update"
_LOWERING = ("tests/codegen/test_lowering.py", "-k", "update or swapped or late or order_and")
_TRAINING = ("tests/test_training.py", "tests/nn/test_constraints.py")

BUGS = (
    Bug(
        "codegen/lower/schedule.py",
        "needed[number] |= readers.get(store.access.buffer, set()) - {number}",
        "pass",
        _LOWERING,
    ),
    Bug(
        "codegen/lower/lower.py",
        "unsafe |= {states[b] for b in written & read if not in_place(kernel, b, b)}",
        "pass",
        _LOWERING,
    ),
    Bug(
        "codegen/lower/lower.py",
        "kernels = [*order, *self._late_updates(in_state)]",
        "kernels = [*order]",
        _LOWERING,
    ),
    Bug(
        "codegen/lower/normalise.py",
        'updates[state] = operators["identity"](new) if plain else new',
        "updates[state] = new",
        _LOWERING,
    ),
    Bug("graphdl/training.py", "        updates[state] = value\n", "", _TRAINING),
    Bug(
        "graphdl/training.py",
        "    if projected:\n        updates.update(",
        "    if False:\n        updates.update(",
        _TRAINING,
    ),
    Bug(
        "graphdl/training.py",
        "return list({p.name: p for p in given}.values())",
        "return given[:1]",
        _TRAINING,
    ),
    Bug(
        "graphdl/optim/optimizer.py",
        "{counter: counter + 1}",
        "{counter: counter}",
        ("tests/optim/test_optimizers.py",),
    ),
    Bug(
        "codegen/c/module.py",
        "position += buffer_bytes(buffer, {})",
        "position += buffer_bytes(buffer, {}) // 2",
        ("tests/codegen/test_c_target.py", "-k", "many_sizes or arena_held"),
    ),
)
