"""States of reductions and of running combinations: their start, their steps, their end."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.codegen.c.families import Family, neutral
from graphdl.codegen.c.sizes import size_text
from graphdl.codegen.c.values import ValuePrinter
from graphdl.codegen.program import Axis, Reduction, Scan, Value
from graphdl.ir.dtypes import DType

_HORIZONTAL = {
    "add": "hsum", "mul": "hprod", "min": "hmin", "max": "hmax", "and": "hall", "or": "hany",
}  # fmt: skip
"""The functions that bring lanes together."""


class States:
    """Prints statements on the states of one kernel.

    Parameters
    ----------
    family : Family
        How values are held.
    values : ValuePrinter
        Knows the variables of values.
    """

    def __init__(self, family: Family, values: ValuePrinter) -> None:
        self.family, self.values = family, values

    def start(self, state: Reduction | Scan, dtype: DType) -> list[str]:
        """Return the declaration of a state of that dtype."""
        start = f"{self.family.types[dtype]} {state.name} = {self.neutral(state, dtype)};"
        return [start, *([f"int64_t {state.name}_at = 0;"] if state.combine[:3] == "arg" else [])]

    def neutral(self, state: Reduction | Scan, dtype: DType) -> str:
        """Return what a state starts with."""
        return self.family.set(dtype, neutral(state.combine, dtype))

    def take(
        self, state: Reduction | Scan, dtype: DType, value: str, position: str, first: str = ""
    ) -> str:
        """Return the statement that takes in one more value.

        Of equal winners the first is kept, and the first NaN beats everything. ``first`` is a
        condition under which any value wins.
        """
        name, combine = state.name, state.combine
        if combine.startswith("arg"):
            sign = ">" if combine == "argmax" else "<"
            nan = f" || ({value} != {value} && {name} == {name})" if dtype.is_float else ""
            test = f"{first}{value} {sign} {name}{nan}"
            return f"if ({test}) {{ {name} = {value}; {name}_at = {position}; }}"
        if combine in ("add", "mul") and dtype.is_float:
            return f"{name} {'+' if combine == 'add' else '*'}= {value};"
        return f"{name} = {self.family.call(combine, dtype, name, value)};"

    def position(self, axes: Sequence[Axis]) -> str:
        """Return the position along axes taken as one."""
        text = axes[0].name
        for axis in axes[1:]:
            text = f"({text})*{size_text(axis.size)} + {axis.name}"
        return text

    def step(self, value: Value) -> list[str]:
        """Return one step of a running combination; the value is the state after or before it."""
        scan, dtype = value.payload, value.args[0].dtype
        args = [self.values.names[a] for a in value.args]
        name = self.values.names[value] = self.values.fresh()
        ending = "_at" if scan.combine.startswith("arg") else ""
        kept = f"const {self.family.types[value.dtype]} {name} = {scan.name}{ending};"
        if scan.combine == "linear":
            both = f"{args[0]} * {scan.name} + {args[1]}"
            taken = f"if ({scan.axis} > 0) {scan.name} = {both}; else {scan.name} = {args[1]};"
        else:
            taken = self.take(scan, dtype, args[0], args[-1], f"{scan.axis} == 0 || ")
        return [kept, taken] if scan.exclusive else [taken, kept]

    def finish(self, reduction: Reduction, axes: Sequence[Axis]) -> list[str]:
        """Name a reduction's result; bring the lanes together if they ran along its axes."""
        name, dtype = reduction.name, reduction.value.dtype
        if reduction.combine.startswith("arg"):
            self.values.names[reduction] = f"{name}_at"
            return []
        self.values.names[reduction] = name
        if not self.family.is_vector or self.values.vector_axis not in {a.name for a in axes}:
            return []
        whole = self.family.call(_HORIZONTAL[reduction.combine], dtype, name)
        return [f"{name} = {self.family.set(dtype, whole)};"]
