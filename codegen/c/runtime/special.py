"""The gamma function's logarithm and its derivatives: computed in double, lane by lane."""

from __future__ import annotations

from graphdl.codegen.c.runtime.template import FLOATS, Function, Lane

_OPERANDS = {"lgamma": ("x",), "digamma": ("x",), "polygamma": ("n", "x")}


def special_functions() -> list[tuple[Function, Lane]]:
    """Templates of this module, each with its family."""
    found = []
    for name, operands in _OPERANDS.items():
        lanes, alone = (", ".join(f"{o}{at}" for o in operands) for at in ("[k]", ""))
        one = f"($S)f64v_{name}_lane_"
        loop = f"for (int k = 0; k < $L; k++) x[k] = {one}({lanes});\nreturn x;"
        params = ", ".join(f"$T {o}" for o in operands)
        found.append(Function(f"${{T}}_{name}", "$T", params, loop, f"{one}({alone})"))
    return [(f, x) for x in FLOATS for f in found]
