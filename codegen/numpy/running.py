"""Running combinations as ``accumulate`` along an axis."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.codegen.numpy.arithmetic import Emitter
from graphdl.codegen.numpy.combines import UFUNCS, neutral
from graphdl.codegen.numpy.operations import Array, Operation, Render, Use, call
from graphdl.codegen.numpy.views import loops
from graphdl.codegen.program import Scan, Value


def running(t: Emitter, value: Value, operands: Sequence[Array]) -> Array:
    """Emit the states of a running combination along its axis."""
    scan: Scan = value.payload
    args = list(operands)
    place = len(args) - 1 if scan.combine == "linear" else 0
    args[place] = along(t, args[place], scan.axis)
    out = t.result(args, value.dtype)
    axis = out.form.index(scan.axis)
    render, inplace = _render(scan, axis, value), frozenset[int]()
    if scan.combine in UFUNCS and not scan.exclusive:
        inplace = frozenset([0])
    return t.emit(Operation(render, [t.use(a) for a in args], Use(out, out.form), inplace))


def along(t: Emitter, array: Array, axis: str) -> Array:
    """Return the array with a loop present."""
    present = {*loops(array.form), axis}
    if not array.literal and len(present) == len(loops(array.form)):
        return array
    return t.materialised(array, [n for n in t.domain if n in present])


def _render(scan: Scan, axis: int, value: Value) -> Render:
    if scan.combine == "linear":
        return call("_linear_recurrence", f"axis={axis}", f"exclusive={scan.exclusive}")
    if scan.combine.startswith("arg"):
        best = "np.maximum" if scan.combine == "argmax" else "np.minimum"
        return call("_running_winner", best, f"axis={axis}")
    accumulate = call(f"np.{UFUNCS[scan.combine]}.accumulate", f"axis={axis}")
    if not scan.exclusive:
        return accumulate
    start = neutral(scan.combine, value.dtype)

    def shifted(args: list[str], out: str) -> list[str]:
        first, rest, but_last = (f"[{':, ' * axis}{s}]" for s in (":1", "1:", ":-1"))
        later = accumulate([args[0] + but_last], out + rest)
        return [f"{out}{first}.fill({start})", *later]

    return shifted
