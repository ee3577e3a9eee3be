"""Families of lanes: how values of each dtype are held and which functions work on them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from graphdl.ir.dtypes import DType, bool_, float32, float64, int32, int64, uint8

SCALAR_TYPES = {
    float32: "float", float64: "double", int32: "int32_t", int64: "int64_t", uint8: "uint8_t",
    bool_: "uint8_t",
}  # fmt: skip
"""How an element lies in memory. Bools are bytes that are 0 or 1."""


@dataclass(frozen=True)
class Family:
    """Types and functions for the values of one kernel.

    Attributes
    ----------
    name : str
        For reports.
    lanes : str
        C expression of the number of lanes.
    types : dict of DType to str
        C type of a value; dtypes that are missing cannot occur in such a kernel.
    prefixes : dict of DType to str
        First part of function names.
    """

    name: str
    lanes: str
    types: dict[DType, str]
    prefixes: dict[DType, str]

    @property
    def is_vector(self) -> bool:
        """Whether values have several lanes."""
        return self.lanes != "1"

    def call(self, function: str, dtype: DType, *args: str) -> str:
        """Return a call of the function for values of that dtype."""
        return f"{self.prefixes[dtype]}_{function}({', '.join(args)})"

    def set(self, dtype: DType, scalar: str) -> str:
        """Return a value whose lanes all hold one scalar."""
        return self.call("set", dtype, scalar) if self.is_vector else f"({scalar})"

    def memory_suffix(self, dtype: DType) -> str:
        """Return the suffix of load and store where memory is narrower than the lanes."""
        if dtype is bool_:
            return "_bool"
        wide = {"i32v": int32, "i64v": int64}.get(self.prefixes[dtype])
        return "" if wide in (None, dtype) else "_u8" if dtype is uint8 else "_i32"

    def load(self, dtype: DType, pointer: str, stride: str | None, count: str | None) -> str:
        """Return a load of neighbouring (stride None) or strided elements."""
        if not self.is_vector:
            return f"(*({pointer}))" if dtype is not bool_ else f"(*({pointer}) != 0)"
        ending = ("_s" if stride else "") + ("n" if count and stride else "_n" if count else "")
        args = [pointer, *([stride] if stride else []), *([count] if count else [])]
        return self.call(f"load{self.memory_suffix(dtype)}{ending}", dtype, *args)

    def store(
        self, dtype: DType, pointer: str, value: str, stride: str | None, count: str | None
    ) -> str:
        """Return the statement that stores a value."""
        if not self.is_vector:
            return f"*({pointer}) = ({SCALAR_TYPES[dtype]}){value};"
        ending = ("_s" if stride else "") + ("n" if count and stride else "_n" if count else "")
        args = [pointer, value, *([stride] if stride else []), *([count] if count else [])]
        return self.call(f"store{self.memory_suffix(dtype)}{ending}", dtype, *args) + ";"

    def cast(self, value: str, source: DType, target: DType) -> str:
        """Return a conversion between two dtypes of the family."""
        if source.is_float and target.is_integer:
            return self._truncated(value, target)
        if not self.is_vector:
            return f"({value} != 0)" if target is bool_ else f"({SCALAR_TYPES[target]}){value}"
        old, new = self.prefixes[source], self.prefixes[target]
        result = value if old == new else f"{new}_from_{old[:-1]}({value})"
        return self.wrapped(result, target) if target.rank < source.rank else result

    def _truncated(self, value: str, target: DType) -> str:
        """Return a float as an integer: the least one (of int32 for uint8) if it does not fit.

        C leaves that open, x86 and with it NumPy do it so.
        """
        if float32 in self.types and self.is_vector:
            return self.wrapped(f"i32v_from_f32({value})", target)
        prefix = "i64v" if self.is_vector else "i64"
        whole = f"{prefix}_from_f64({value})"
        if target is int64:
            return whole
        return self.wrapped(f"{prefix}_narrow_i32({whole})", target)

    def wrapped(self, value: str, dtype: DType) -> str:
        """Return an integer with the bits beyond its width dropped, where lanes are wider."""
        if dtype is uint8:
            return self.call("bitand", uint8, value, self.set(uint8, "255"))
        if dtype is not int32 or self.prefixes[int32] != "i64v":
            return value
        count = self.set(int32, "32")
        return self.call("shr", int32, self.call("shl", int32, value, count), count)


W4 = Family(
    "w4",
    "F32_LANES",
    {float32: "f32v", int32: "i32v", uint8: "i32v", bool_: "m32v"},
    {float32: "f32v", int32: "i32v", uint8: "i32v", bool_: "m32v"},
)
W8 = Family(
    "w8",
    "F64_LANES",
    {float64: "f64v", int64: "i64v", int32: "i64v", uint8: "i64v", bool_: "m64v"},
    {float64: "f64v", int64: "i64v", int32: "i64v", uint8: "i64v", bool_: "m64v"},
)
SCALAR = Family(
    "scalar",
    "1",
    {float32: "float", float64: "double", int32: "int32_t", int64: "int64_t", uint8: "int32_t",
     bool_: "int"},
    {float32: "f32", float64: "f64", int32: "i32", int64: "i64", uint8: "i32", bool_: "m32"},
)  # fmt: skip


def choose_family(dtypes: Iterable[DType]) -> Family:
    """Return the widest family that holds values of all these dtypes."""
    used = set(dtypes)
    for family in (W4, W8):
        if used <= family.types.keys():
            return family
    return SCALAR


_LEAST = {(int32, -(2**31)): "INT32_MIN", (int64, -(2**63)): "INT64_MIN"}
"""Integers that C cannot write with digits: a sign is no part of a literal."""


def literal(value: float | int | bool, dtype: DType) -> str:
    """Return a typed literal that reads back as exactly this number."""
    if not dtype.is_float:
        digits = str(int(value)) if dtype is not int64 else f"INT64_C({int(value)})"
        return _LEAST.get((dtype, int(value)), digits)
    number = float(value)
    if math.isnan(number):
        return "NAN"
    if math.isinf(number):
        return "INFINITY" if number > 0 else "-INFINITY"
    text = f"{number:.9g}" if dtype is float32 else f"{number:.17g}"
    text = text if any(c in text for c in ".e") else f"{text}.0"
    return f"{text}f" if dtype is float32 else text


def neutral(combine: str, dtype: DType) -> str:
    """Return the scalar that a reduction or a running combination starts with."""
    if combine in ("add", "or", "linear"):
        return literal(0, dtype)
    if combine in ("mul", "and"):
        return literal(1, dtype)
    smallest = combine in ("max", "argmax")
    if dtype.is_float:
        return "-INFINITY" if smallest else "INFINITY"
    ranges = {int32: "INT32", int64: "INT64"}
    if dtype in ranges:
        return f"{ranges[dtype]}_{'MIN' if smallest else 'MAX'}"
    return "0" if smallest else "255" if dtype is uint8 else "1"
