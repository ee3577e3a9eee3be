"""A checker that is too easily satisfied."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "verification"
_FOLDER = "graphdl/verification"
_BY_HAND = ("tests/verification/test_hand_made.py",)

BUGS = (
    Bug(
        f"{_FOLDER}/sizes.py",
        "for factor in _FACTORS if free else ():",
        "for factor in ():",
        ("tests/verification/test_sizes.py",),
    ),
    Bug(
        f"{_FOLDER}/zero.py",
        "return _Normal(region).is_zero(expression)",
        "return True",
        ("tests/verification/test_parts.py", "tests/verification/test_rules.py"),
    ),
    Bug(
        f"{_FOLDER}/regions.py",
        "script[-1] = -1",
        "return",
        ("tests/verification/test_parts.py", "tests/verification/test_wide_regions.py"),
    ),
    Bug(
        f"{_FOLDER}/pieces.py",
        "return (False, True)",
        "return (False,)",
        ("tests/verification/test_parts.py",),
    ),
    Bug(
        f"{_FOLDER}/beside.py",
        "places = order[error.ravel()[order] > 10.0**-needed]",
        "places = order[error.ravel()[order] > 1e-3]",
        _BY_HAND,
    ),
    Bug(
        f"{_FOLDER}/directions.py",
        "difference = abs(claimed - measured)",
        "difference = abs(abs(claimed) - abs(measured))",
        _BY_HAND,
    ),
    Bug(
        f"{_FOLDER}/proof.py",
        "return all(interned[a] is interned[b] for a, b in pairs)",
        "return True",
        _BY_HAND,
    ),
)
