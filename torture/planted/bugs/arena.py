"""An arena plan that lets two living buffers meet, or an order of kernels that does."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "the arena plan"
_RANDOM = ("tests/codegen/test_lowering.py", "-k", "order_and_memory or update or swapped or late")
_PLAN = ("tests/codegen/test_memory_plan.py",)
_MEMORY, _SCHEDULE = "codegen/lower/memory.py", "codegen/lower/schedule.py"

BUGS = (
    Bug(
        _MEMORY,
        "return a[0] <= b[1] and b[0] <= a[1]",
        "return a[0] < b[1] and b[0] < a[1]",
        _RANDOM,
    ),
    Bug(
        _MEMORY,
        "return first.size == second.size and in_place(kernel, first, second)",
        "return first.size == second.size",
        _RANDOM,
    ),
    Bug(
        _MEMORY,
        "insort(placed, buffer, key=lambda b: b.offset)",
        "placed.append(buffer)",
        _PLAN,
    ),
    Bug(
        _MEMORY,
        "accesses = [*(s.access for s in kernel_stores(kernel)), *reads(kernel)]",
        "accesses = [s.access for s in kernel_stores(kernel)]",
        _RANDOM,
    ),
    Bug(
        _MEMORY,
        "        if written and any(a.buffer is old for a in found):\n            return False\n",
        "",
        _PLAN,
    ),
    Bug(
        _MEMORY,
        "return max((b.offset + sizes[b] for b in placed), default=0)",
        "return max(sizes.values(), default=0)",
        _RANDOM,
    ),
    Bug(
        _MEMORY,
        "first.dtype.itemsize != second.dtype.itemsize",
        "False",
        _PLAN,
    ),
    Bug(
        _SCHEDULE,
        "needs |= {w for b in stored for w in pieces.get(b, ())}",
        "needs |= set()",
        _RANDOM,
    ),
)
