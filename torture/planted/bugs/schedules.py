"""A learning rate that is wrong at some step."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "schedules"
_TESTS = ("tests/optim/test_schedules.py",)
_FOLDER = "graphdl/optim/schedules"

BUGS = (
    Bug(
        f"{_FOLDER}/cosine.py",
        "square(sin((1.0 - done) * (math.pi / 2)))",
        "sin((1.0 - done) * (math.pi / 2))",
        _TESTS,
    ),
    Bug(
        f"{_FOLDER}/cosine.py",
        "log(1.0 + (growth - 1.0) * ((step + 0.5) / first))",
        "log(1.0 + (growth - 1.0) * (step / first))",
        _TESTS,
    ),
    Bug(
        f"{_FOLDER}/cosine.py",
        "_fallen(minimum(step / float(steps), 1.0),",
        "_fallen(step / float(steps),",
        _TESTS,
    ),
    Bug(
        f"{_FOLDER}/decay.py",
        "initial / (1.0 + decay * (step / float(every)))",
        "initial / (1.0 + decay * step)",
        _TESTS,
    ),
    Bug(
        f"{_FOLDER}/ramps.py",
        "risen = minimum((step + 1.0) / float(steps), 1.0)",
        "risen = minimum(step / float(steps), 1.0)",
        _TESTS,
    ),
    Bug(
        f"{_FOLDER}/ramps.py", "follows(maximum(step - float(steps), 0.0))", "follows(step)", _TESTS
    ),
    Bug(
        f"{_FOLDER}/stairs.py",
        "where(step < float(boundary), value, result)",
        "where(step <= float(boundary), value, result)",
        _TESTS,
    ),
)
