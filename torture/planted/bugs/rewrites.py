"""A rewrite that changes the meaning."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "a rewrite"
_SIMPLIFY = ("tests/passes/test_simplify.py", "-k", "not long_chain")
_VIEWS = ("tests/passes/test_views.py",)
_STABLE = ("tests/passes/test_stabilise.py",)
_FOLD = ("tests/passes/test_fold.py", "tests/passes/test_canonical.py")

BUGS = (
    Bug(
        "passes",
        "is_number(zero, -0.0):\n            return",
        "is_number(zero, 0.0):\n            return",
        _SIMPLIFY,
    ),
    Bug(
        "passes",
        '"select", condition.inputs[0], b, a)',
        '"select", condition.inputs[0], a, b)',
        _SIMPLIFY,
    ),
    Bug("passes", "like(a if value else b, node)", "like(b, node)", _SIMPLIFY),
    Bug(
        "passes",
        "return source is not int32 or target is int64 or target is float64",
        "return True",
        ("tests/passes/test_casts.py",),
    ),
    Bug(
        "passes",
        'node.op.combine not in ("min", "max")',
        'node.op.combine not in ("min", "max", "add")',
        ("tests/passes/test_casts.py",),
    ),
    Bug(
        "passes/canonical.py",
        '("add", "mul", "eq", "ne", "and", "or", "xor")',
        '("add", "sub", "mul", "eq", "ne", "and", "or", "xor")',
        _FOLD,
    ),
    Bug("passes/canonical.py", '{"gt": "lt", "ge": "le"}', '{"gt": "le", "ge": "lt"}', _FOLD),
    Bug(
        "passes/views.py",
        "same = other.op is view.op and other.attrs == view.attrs and other.shape == view.shape",
        "same = other.op is view.op and other.shape == view.shape",
        ("tests/passes/test_shared_views.py",),
    ),
    Bug(
        "graphdl/ops/slice.py",
        "both = [(s + t * start, t * step)",
        "both = [(s + start, t * step)",
        (*_VIEWS, "tests/ops/test_views_chains.py"),
    ),
    Bug(
        "graphdl/ops/transpose.py",
        'transpose(x.inputs[0], tuple(inner[a] for a in node.attr("axes")))',
        'transpose(x.inputs[0], tuple(node.attr("axes")[a] for a in inner))',
        (*_VIEWS, "tests/ops/test_views_chains.py"),
    ),
    Bug(
        "graphdl/ops/sigmoid.py",
        "sigmoid(minus[0] if minus else -x)",
        "sigmoid(minus[0] if minus else x)",
        _STABLE,
    ),
    Bug(
        "graphdl/ops/softplus.py",
        'return softplus(x.inputs[0]) if is_instruction(x, "exp") else None',
        'return softplus(-x.inputs[0]) if is_instruction(x, "exp") else None',
        _STABLE,
    ),
)
