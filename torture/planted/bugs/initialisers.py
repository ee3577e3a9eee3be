"""First values of the wrong size or distribution."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "initialisers"
_TESTS = ("tests/nn/test_init.py",)
_FOLDER = "graphdl/nn/init"

BUGS = (
    Bug(
        f"{_FOLDER}/scaled.py",
        "return window * shape[-2], window * shape[-1]",
        "return shape[-2], shape[-1]",
        _TESTS,
    ),
    Bug(f"{_FOLDER}/scaled.py", "gain: float = math.sqrt(2.0)", "gain: float = 2.0", _TESTS),
    Bug(f"{_FOLDER}/scaled.py", "-math.sqrt(3.0), math.sqrt(3.0)", "-1.0, 1.0", _TESTS),
    Bug(
        f"{_FOLDER}/scaled.py",
        "truncated(shape, generator) / TRUNCATED_STD",
        "truncated(shape, generator)",
        _TESTS,
    ),
    Bug(f"{_FOLDER}/plain.py", "np.abs(values) > 2.0", "np.abs(values) > 3.0", _TESTS),
    Bug(
        f"{_FOLDER}/matrices.py",
        "q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)",
        "q = q * 1.0",
        _TESTS,
    ),
    Bug(
        f"{_FOLDER}/plain.py",
        "np.random.SeedSequence(seed)",
        "np.random.SeedSequence(0)",
        ("tests/nn/test_init_seeds.py",),
    ),
)
