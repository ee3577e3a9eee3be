"""The checks can fail: planted bugs, generated mutants and corrupted rules are found."""

from __future__ import annotations

from torture.planted import planted
from torture.planted.bug import Bug
from torture.planted.corrupted import corruptions, try_corrupted
from torture.planted.generated import mutant, survives
from torture.planted.scratch import Scratch, shared
from torture.trial import Trial


def tried(scratch: Scratch, kind: str, bug: Bug) -> str | None:
    """Plant one bug; return what is wrong if the tests do not find it."""
    try:
        path = bug.file(scratch.root)
    except LookupError as error:
        return f"{kind}: {error}"
    clean = scratch.clean(bug.tests)
    if not clean.passed:
        return f"{kind}: {bug}: without the bug, too: {clean.first_failure}"
    run = scratch.with_text(path, bug.planted(path.read_text(encoding="utf-8")), bug.tests)
    return f"{kind}: {bug}: survived {' '.join(bug.tests)}" if run.passed else None


def try_planted(units: range) -> list[str]:
    """Plant the bugs of these numbers, one at a time."""
    everything = planted()
    found = (tried(shared(), *everything[number]) for number in units)
    return [line for line in found if line is not None]


def try_generated(units: range) -> list[str]:
    """Try the mutants of these numbers; those known to be equivalent are none."""
    found = []
    for number in units:
        chosen = mutant(number)
        if chosen.equivalent is None:
            found.append(survives(shared(limited=True), chosen))
    return [line for line in found if line is not None]


TRIALS = (
    Trial(
        "planted",
        "A planted bug of every class is found by the tests",
        "bugs",
        len(planted()),
        1,
        try_planted,
    ),
    Trial(
        "mutants",
        "A small change of the code, by chance, is found by the tests",
        "mutants",
        40,
        1,
        try_generated,
    ),
    Trial(
        "corrupted-rules",
        "A derivative rule with one thing wrong is refuted",
        "rules",
        len(corruptions()),
        50,
        try_corrupted,
    ),
)
