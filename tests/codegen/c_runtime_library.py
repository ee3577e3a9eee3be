"""Builds the C runtime as a shared library with one array function per runtime function."""

from __future__ import annotations

import ctypes
import platform
import subprocess
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphdl.codegen.c import runtime

BASE = "-march=x86-64" if platform.machine() in ("x86_64", "AMD64") else "-O2"
MODES = {
    "portable": ("-DGRAPHDL_PORTABLE", "-Wpedantic"),
    "native": ("NATIVE", "-ffp-contract=fast"),
    "native32": ("NATIVE", "-ffp-contract=fast", "-DGRAPHDL_VECTOR_BYTES=32"),
    "native16": ("NATIVE", "-ffp-contract=off", "-DGRAPHDL_VECTOR_BYTES=16"),
    "base16": (BASE, "-ffp-contract=off", "-DGRAPHDL_VECTOR_BYTES=16"),
    "plain64": (BASE, "-Wno-psabi", "-DGRAPHDL_VECTOR_BYTES=64"),
}
WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Werror")
SCALARS = {
    "f32v": ("float", np.float32),
    "f64v": ("double", np.float64),
    "i32v": ("int32_t", np.int32),
    "i64v": ("int64_t", np.int64),
    "m32v": ("uint8_t", np.bool_),
    "m64v": ("uint8_t", np.bool_),
}


@dataclass(frozen=True)
class Call:
    """A function of vectors, and the kinds of its arguments and result."""

    name: str
    arguments: tuple[str, ...]
    result: str

    def code(self) -> str:
        """An exported loop over arrays: out, the arguments, the number of elements."""
        loads = ", ".join(
            f"{_access(k, 'load')}((const {SCALARS[k][0]} *)in[{i}] + i)"
            for i, k in enumerate(self.arguments)
        )
        target = f"({SCALARS[self.result][0]} *)out + i"
        return (
            f"void t_{self.name}(void *out, const void *const *in, int64_t count) {{\n"
            f"    for (int64_t i = 0; i < count; i += F{self.result[1:3]}_LANES)\n"
            f"        {_access(self.result, 'store')}({target}, {self.name}({loads}));\n}}\n"
        )

    def needs(self) -> set[str]:
        """Names of the runtime that the code uses."""
        loads = {_access(k, "load") for k in self.arguments}
        return {self.name, _access(self.result, "store"), *loads}


def _access(kind: str, verb: str) -> str:
    """The function that loads or stores a kind's array."""
    return f"{kind}_{verb}_bool" if kind.startswith("m") else f"{kind}_{verb}"


class Library:
    """A compiled library: calls its functions on NumPy arrays."""

    def __init__(self, path: Path, calls: Iterable[Call]) -> None:
        self.c = ctypes.CDLL(str(path))
        self.calls = {call.name: call for call in calls}

    def lanes(self, kind: str) -> int:
        """How many lanes a kind of vector has."""
        return int(getattr(self.c, f"lanes{kind[1:3]}")())

    def __call__(self, name: str, *arrays: np.ndarray) -> np.ndarray:
        """The function on arrays whose common length is a multiple of 16."""
        call = self.calls[name]
        kinds = [SCALARS[k][1] for k in call.arguments]
        inputs = [np.ascontiguousarray(a, t) for a, t in zip(arrays, kinds, strict=True)]
        count = inputs[0].size
        assert count % 16 == 0
        out = np.empty(count, SCALARS[call.result][1])
        pointers = (ctypes.c_void_p * len(inputs))(*(a.ctypes.data for a in inputs))
        function = getattr(self.c, f"t_{name}")
        function(ctypes.c_void_p(out.ctypes.data), pointers, ctypes.c_int64(count))
        return out


def compile_c(command: Sequence[str], text: str, output: Path, options: Sequence[str]) -> None:
    """Compile a C text; a warning or an error fails the test with the compiler's words."""
    code = output.with_suffix(".c")
    code.write_text(text)
    library = [] if "-S" in options else ["-lm"]
    words = [*command, *WARNINGS, *options, str(code), "-o", str(output), *library]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[:4000]
    assert not done.stderr, done.stderr[:4000]


def flags(mode: str, native: str) -> list[str]:
    """Compiler flags of a mode, on a machine whose own CPU has the flag `native`."""
    return [native or BASE if flag == "NATIVE" else flag for flag in MODES[mode]]


def build_all(
    command: Sequence[str], native: str, folder: Path, calls: Sequence[Call], extra: str = ""
) -> dict[str, Library]:
    """Libraries of array functions (and more C) in every mode."""
    names = {name for call in calls for name in call.needs()}
    names |= {name for name in runtime.available() if name in extra}
    text = runtime.source(names) + "".join(call.code() for call in calls) + extra
    text += "int lanes32(void) { return F32_LANES; }\nint lanes64(void) { return F64_LANES; }\n"
    options = ("-O1", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC")

    def one(mode: str) -> Library:
        path = folder / f"{mode}.so"
        compile_c(command, text, path, (*options, *flags(mode, native)))
        return Library(path, calls)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(MODES, pool.map(one, MODES), strict=True))
