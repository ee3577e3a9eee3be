"""A wrong rule of a whole kind of ops: elementwise, contraction, view, assembly ..."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "a kind's derivative"
_RULES = ("tests/verification/test_rules.py", "-k", "test_a_rule_is_proved")
_WALK = ("tests/test_differentiation.py", "-k", "not deep_and_wide")
_DERIVATIVE = "passes/derivative.py"

BUGS = (
    Bug(
        _DERIVATIVE,
        'operators["cast"](operators["sum_to"](product, source.shape), dtype=source.dtype)',
        'operators["cast"](operators["broadcast_to"](product, source.shape), dtype=source.dtype)',
        _WALK,
    ),
    Bug(_DERIVATIVE, 'f"{out},{right}->{left}")', 'f"{out},{left}->{right}")', _WALK),
    Bug(_DERIVATIVE, "cotangent if factor == 1 else", "cotangent if factor else", _RULES),
    Bug(
        _DERIVATIVE,
        'operators["div"](top, below)',
        'operators["mul"](top, below)',
        _RULES,
    ),
    Bug(
        _DERIVATIVE,
        "arrived.setdefault(source, []).append(contribution)",
        "arrived[source] = [contribution]",
        _WALK,
    ),
    Bug(
        "graphdl/ops/concat.py",
        "position = position + part.shape[axis]",
        "position = position + node.inputs[0].shape[axis]",
        ("tests/ops/test_registry.py", "-k", "test_gradient and concat and interp"),
    ),
    Bug(
        "graphdl/ops/transpose.py",
        'back = _inverse(node.attr("axes"))',
        'back = node.attr("axes")',
        ("tests/ops/test_registry.py", "-k", "test_gradient and transpose and interp"),
    ),
    Bug(
        "graphdl/ops/cumsum.py",
        '"reverse": not node.attr("reverse")',
        '"reverse": node.attr("reverse")',
        _RULES,
    ),
    Bug(
        "graphdl/ops/linear_recurrence.py",
        "(sum_to(state, b.shape)",
        "(sum_to(g, b.shape)",
        ("tests/ops/test_registry.py", "-k", "test_gradient and linear_recurrence and interp"),
    ),
    Bug(
        "graphdl/ops/sum.py",
        "*(i + new for i, s in enumerate(shape)",
        "*(i for i, s in enumerate(shape)",
        ("tests/passes/test_broadcast_gradients.py",),
    ),
)
